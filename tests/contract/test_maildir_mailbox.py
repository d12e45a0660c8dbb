"""The mailbox contract over files: a Maildir, and a folder of .eml files."""

from __future__ import annotations

import os
import pwd
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.contracts import Permanent
from service.edges.maildir_mailbox import MaildirLimits, MaildirMailbox
from service.records import Outcome
from tests.contract.mailbox_contract import LONG_AGO, MailboxContract, collect, letter, octets


class FileBed:
    """Letters as files. Each is given a time of its own, well past: two in one clock tick would have no order of arrival."""

    def __init__(self, path: Path, maildir: bool) -> None:
        self.path = path
        self._maildir = maildir
        self._clock = time.time() - 60
        self._number = 0
        for name in ("tmp", "new", "cur") if maildir else ():
            (path / name).mkdir()
        self._listing = self._state()

    def deliver(self, raw: bytes, received: datetime | None = None) -> None:
        """Write a letter and give it its time of arrival."""
        self._number += 1
        self._clock += 0.01
        path = self.path / (f"new/{self._number}.example" if self._maildir else f"{self._number}.eml")
        path.write_bytes(raw)
        moment = received.timestamp() if received else self._clock
        os.utime(path, (moment, moment))
        self._listing = self._state()

    def remove(self, raw: bytes) -> None:
        """Delete the file that holds these octets."""
        (path,) = (path for path in self.path.rglob("*") if path.is_file() and path.read_bytes() == raw)
        path.unlink()

    def touched(self) -> bool:
        """Return whether a file came, went or was written."""
        return self._state() != self._listing

    def mailbox(self, *, letter: int = 25_000_000, batch: int = 8_000_000, letters: int = 100) -> MaildirMailbox:
        """Open the folder."""
        return MaildirMailbox("files", self.path, limits=MaildirLimits(letter=letter, batch=batch, letters=letters))

    def _state(self) -> list[tuple[Path, int]]:
        return sorted((path, path.stat().st_mtime_ns) for path in self.path.rglob("*"))


@pytest.fixture(params=["maildir", "folder of .eml"])
def bed(request: pytest.FixtureRequest, tmp_path: Path) -> FileBed:
    """Return an empty Maildir, then an empty folder."""
    return FileBed(tmp_path, request.param == "maildir")


class TestFiles(MailboxContract):
    """Both kinds of folder keep the contract."""


@pytest.fixture
def maildir(tmp_path: Path) -> FileBed:
    """Return an empty Maildir."""
    return FileBed(tmp_path, maildir=True)


@pytest.fixture
def folder(tmp_path: Path) -> FileBed:
    """Return an empty folder for .eml files."""
    return FileBed(tmp_path, maildir=False)


def test_a_letter_marked_as_read_does_not_come_again(maildir: FileBed) -> None:
    """Moving from new/ to cur/, with flags in the name, is no arrival."""
    maildir.deliver(letter(1))
    cursor = collect(maildir.mailbox())[-1].after
    (maildir.path / "new/1.example").rename(maildir.path / "cur/1.example:2,S")
    assert collect(maildir.mailbox(), cursor) == []


def test_a_file_that_slips_in_behind_the_cursor_is_found(maildir: FileBed) -> None:
    """A letter whose file is older than the last one collected (a copy that kept its time) is collected all the same."""
    maildir.deliver(letter(1))
    cursor = collect(maildir.mailbox())[-1].after
    maildir.deliver(letter(2), received=datetime.now(UTC) - timedelta(days=3))
    assert letter(2) in octets(collect(maildir.mailbox(), cursor))


def test_a_letter_being_delivered_is_left_alone(maildir: FileBed) -> None:
    """What lies in tmp/ is not a letter yet."""
    (maildir.path / "tmp/1.example").write_bytes(letter(1))
    assert octets(collect(maildir.mailbox())) == []


def test_an_eml_file_being_written_is_left_alone(folder: FileBed) -> None:
    """A file that grows while we look is left for the next time; it comes whole then."""
    path = folder.path / "1.eml"
    path.write_bytes(letter(1)[:40])

    def goes_on_writing(_seconds: float) -> None:
        path.write_bytes(letter(1))

    mailbox = MaildirMailbox("files", folder.path, pause=goes_on_writing)
    assert octets(collect(mailbox)) == []
    os.utime(path, (time.time() - 60,) * 2)
    assert octets(collect(mailbox)) == [letter(1)]


def test_links_pipes_and_other_files_are_no_letters(folder: FileBed, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A link out of the folder, a pipe, a hidden file and a file of another kind are passed by."""
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.eml"
    secret.write_bytes(letter(1))
    (folder.path / "link.eml").symlink_to(secret)
    os.mkfifo(folder.path / "pipe.eml")
    (folder.path / ".hidden.eml").write_bytes(letter(2))
    (folder.path / "notes.txt").write_bytes(letter(3))
    assert octets(collect(folder.mailbox())) == []


def test_a_sub_folder_of_a_maildir_is_named_with_a_slash(maildir: FileBed) -> None:
    """The folder a/b of a Maildir lies in .a.b."""
    shutil.copytree(maildir.path / "new", maildir.path / ".News.Daily" / "new")
    (maildir.path / ".News.Daily/new/1.example").write_bytes(letter(1))
    assert octets(maildir.mailbox().collect("News/Daily", None, LONG_AGO)) == [letter(1)]


@pytest.mark.parametrize("name", ["../elsewhere", "/etc", "a/../../b", ""])
def test_a_folder_outside_the_mailbox_is_refused(maildir: FileBed, name: str) -> None:
    """No name of a folder leads out of the mailbox."""
    with pytest.raises(Permanent):
        list(maildir.mailbox().collect(name, None, LONG_AGO))


def test_a_mailbox_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A path that leads nowhere is a person's business."""
    with pytest.raises(Permanent, match="no folder"):
        list(MaildirMailbox("files", tmp_path / "nowhere").collect("INBOX", None, LONG_AGO))


def test_a_file_that_may_not_be_read_is_named(folder: FileBed) -> None:
    """A letter whose file is closed to us is Unfetched, and the rest goes on."""
    folder.deliver(letter(1))
    (folder.path / "1.eml").chmod(0)
    with ordinary_user(folder.path):
        (batch,) = collect(folder.mailbox())
    assert [item.outcome for item in batch.unfetched] == [Outcome.UNREADABLE]


@contextmanager
def ordinary_user(path: Path) -> Iterator[None]:
    """Be somebody who may not read every file; root becomes nobody for a while, and may pass the folders above `path`."""
    if os.geteuid() != 0:
        yield
        return
    path.chmod(0o755)
    for folder in path.parents:
        if not folder.stat().st_mode & 0o001:
            folder.chmod(0o711)
    os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
