"""A Maildir, or a folder of .eml files, as a mailbox: read-only, without a server.

Files have no UIDs, so they are put in the order of (modification time, name), neither of which changes when a letter is marked as
read or moved from new/ to cur/, and the cursor is a number of files in that order. A file may still turn up among those (a slow
delivery, a copy that kept its time, a clock set back). So the anchor holds a digest of them; when it no longer fits (a letter was
deleted, too), the folder is read from the start, and the store knows by their fingerprints the letters that it has.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from service.contracts import Permanent
from service.edges.fingerprints import letter_fingerprint, place_fingerprint
from service.records import Anchor, Batch, Cursor, Letter, Outcome, Unfetched

SETTLED = 1.0  # seconds that an .eml file must have been left alone: whoever writes it has no tmp/ to write it in


@dataclass(frozen=True, slots=True)
class MaildirLimits:
    """How much is read at once, in octets and letters."""

    letter: int = 25_000_000
    part: int = 2_097_152
    batch: int = 8_000_000
    letters: int = 100


@dataclass(frozen=True, slots=True, order=True)
class _File:
    changed: int  # ns since the epoch
    key: str  # the name without its flags
    path: Path
    size: int

    @property
    def received(self) -> datetime:
        return datetime.fromtimestamp(self.changed / 1e9, UTC)


class MaildirMailbox:
    """The letters under `path`: a Maildir when it holds new/ or cur/ (its sub-folders are named as Maildir++ does), else *.eml."""

    def __init__(
        self,
        name: str,
        path: Path,
        folders: tuple[str, ...] = ("INBOX",),
        limits: MaildirLimits | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = name
        self._path = path
        self._folders = folders
        self._limits = limits or MaildirLimits()
        self._pause = pause

    def folders(self) -> tuple[str, ...]:
        """Return the folders to collect from, as configured."""
        return self._folders

    def collect(self, folder: str, cursor: Cursor | None, since: datetime) -> Iterator[Batch]:
        """Yield what came after `cursor`; see `contracts.Mailbox`. A letter came when its file was last changed."""
        files = sorted({file.key: file for file in self._files(self._home(folder))}.values())
        if cursor is None and not files:
            yield Batch(self.name, folder, None, Cursor(1, 1))
        done, digest = self._resume(files, cursor)
        before = cursor
        while done < len(files):
            end = self._end_of_batch(files, done)
            found = [item for file in files[done:end] if (item := self._take(folder, file, since)) is not None]
            letters = tuple(item for item in found if isinstance(item, Letter))
            unfetched = tuple(item for item in found if isinstance(item, Unfetched))
            _add(digest, files[done:end])
            after = Cursor(1, end + 1, Anchor(end, files[end - 1].size, files[end - 1].received, digest.hexdigest()))
            yield Batch(self.name, folder, before, after, letters, unfetched)
            before, done = after, end

    def watch(self, changed: Callable[[], None], stopping: Callable[[], bool]) -> None:
        """Return: a folder does not say when something comes."""

    def close(self) -> None:
        """Nothing is held open."""

    def _home(self, folder: str) -> Path:
        if not self._path.is_dir():
            raise Permanent(f"there is no folder {self._path}", "give the path of a Maildir, or of a folder with .eml files")
        parts = folder.split("/")
        if any(part in {"", ".", ".."} or "\0" in part for part in parts):
            raise Permanent(f"{folder!r} is no name of a folder", "name a folder inside the mailbox")
        if folder.upper() == "INBOX":
            return self._path
        home = self._path / f".{'.'.join(parts)}" if _is_maildir(self._path) else self._path.joinpath(*parts)
        if not home.is_dir():
            raise Permanent(f"there is no folder {folder!r} in {self._path}", "name a folder that is there")
        return home

    def _files(self, home: Path) -> Iterator[_File]:
        """Yield the regular files that hold letters; links, pipes and hidden files are none."""
        if _is_maildir(home):
            for part in ("new", "cur"):
                yield from _scan(home / part, "")
            return
        found = list(_scan(home, ".eml"))
        youngest = max((file.changed for file in found), default=0)
        if 0 <= (age := time.time() - youngest / 1e9) < SETTLED:
            self._pause(SETTLED - age)
            found = [file for file in found if _regular(file.path) == file]
        yield from found

    def _resume(self, files: list[_File], cursor: Cursor | None) -> tuple[int, hashlib._Hash]:
        """Return how many files are done with, and their digest: none of them when they are not the cursor's files any more."""
        digest = hashlib.sha256()
        done = 0 if cursor is None else cursor.next_uid - 1
        if cursor is not None and cursor.anchor is not None:
            _add(digest, files[:done])
            if digest.hexdigest() == cursor.anchor.message_id:
                return done, digest
        return 0, hashlib.sha256()

    def _end_of_batch(self, files: list[_File], start: int) -> int:
        octets, end = 0, start
        while end < len(files) and end - start < self._limits.letters:
            octets += self._octets(files[end])
            if octets > self._limits.batch and end > start:
                break
            end += 1
        return end

    def _octets(self, file: _File) -> int:
        return file.size if file.size <= self._limits.letter else self._limits.part

    def _take(self, folder: str, file: _File, since: datetime) -> Letter | Unfetched | None:
        """Return the letter in a file, Unfetched when it is old or may not be read; None when it has vanished."""
        if file.received < since:
            return self._unfetched(folder, file, Outcome.SKIPPED, "before the start")
        try:
            raw = _read(file.path, self._octets(file))
        except FileNotFoundError:
            return self._take_moved(folder, file, since)
        except OSError as error:
            return self._unfetched(folder, file, Outcome.UNREADABLE, f"its file can't be read: {error.strerror}")
        size = file.size if file.size > self._limits.letter else len(raw)
        return Letter(letter_fingerprint(raw), self.name, folder, file.received, size, raw)

    def _take_moved(self, folder: str, file: _File, since: datetime) -> Letter | Unfetched | None:
        """Look once more for a letter that another program has just marked as read: its name has other flags now."""
        home = file.path.parent.parent
        for there in self._files(home) if file.path.parent.name in {"new", "cur"} else ():
            if there.key == file.key and there.path != file.path:
                return self._take(folder, there, since)
        return None

    def _unfetched(self, folder: str, file: _File, outcome: Outcome, reason: str) -> Unfetched:
        fingerprint = place_fingerprint(self.name, file.received, file.size)
        return Unfetched(fingerprint, self.name, folder, file.received, file.size, outcome, reason)


def _add(digest: hashlib._Hash, files: list[_File]) -> None:
    for file in files:
        digest.update(f"{file.changed} {file.size} {file.key}\0".encode("utf-8", "surrogateescape"))


def _is_maildir(path: Path) -> bool:
    return (path / "new").is_dir() or (path / "cur").is_dir()


def _scan(directory: Path, ending: str) -> Iterator[_File]:
    if not directory.is_dir():
        return
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                if not entry.name.startswith(".") and entry.name.lower().endswith(ending) and (file := _regular(Path(entry.path))):
                    yield file
    except PermissionError:
        raise Permanent(f"{directory} may not be read", "let the user that runs nutgraf read it") from None


def _regular(path: Path) -> _File | None:
    try:
        facts = path.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(facts.st_mode):
        return None
    return _File(facts.st_mtime_ns, path.name.partition(":2,")[0], path, facts.st_size)


def _read(path: Path, octets: int) -> bytes:
    """Return the first octets of a file, which must still be a plain one when it is opened."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(handle, "rb") as stream:  # noqa: PTH123
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(0, "it is no plain file")
        return stream.read(octets)
