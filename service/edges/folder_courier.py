"""Postings as .eml files in a folder: the embedded default, which needs no mail server."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from service.contracts import Temporary
from service.records import Posting


@dataclass(frozen=True, slots=True)
class FolderCourier:
    """Writes each posting to `folder` under a name made of its Message-ID, so that the same posting twice is one file.

    The file appears whole or not at all: written beside, synchronised, then renamed. Only its owner may read it.
    """

    folder: Path

    def send(self, posting: Posting, dot: Callable[[], None]) -> str:
        """Write the posting, calling `dot` just before it appears, and return its path. Raises Temporary (disk, permissions)."""
        place = self.folder / file_name(posting.message_id)
        draft = place.with_name(f".{place.name}.{os.getpid()}")
        try:
            with _temporary(self.folder):
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                _write_durably(draft, posting.content)
            dot()
            with _temporary(place):  # definite even after the dot: a second try ends in the very same file
                draft.replace(place)
                _synchronise(self.folder)
        finally:
            with contextlib.suppress(OSError):
                draft.unlink()
        return str(place)


@dataclass(frozen=True, slots=True)
class FolderProbe:
    """Looks whether a posting's file lies in the folder: as long as nobody takes files out, the answer is certain."""

    folder: Path

    def find(self, posting: Posting) -> bool:
        """Return whether it is there; see `contracts.Probe`."""
        return (self.folder / file_name(posting.message_id)).exists()


def file_name(message_id: str) -> str:
    """Return a file name that tells one Message-ID from any other on every file system."""
    readable = re.sub(r"[^A-Za-z0-9@_-]+", "-", message_id.partition("@")[0]).strip("-")[:60]
    return f"{readable or 'posting'}-{hashlib.sha256(message_id.encode()).hexdigest()[:12]}.eml"


@contextlib.contextmanager
def _temporary(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Temporary(f"{path} can't be written: {error.strerror}") from error


def _write_durably(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _synchronise(folder: Path) -> None:
    """Make the rename itself durable (the name lives in the folder, not in the file)."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
