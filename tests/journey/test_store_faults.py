"""What goes wrong with a disk or a file: the store stays whole, says so, and never begins anew by itself."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from service.contracts import Permanent, Temporary
from service.edges.sql_store import SqlStore, open_store
from service.records import Kind, PostingState
from tests.contract.store_examples import NOW, claimed, digest, letter, newsletter, put, read_one, ready
from tests.servers.small_disk import mounted

BUSY = timedelta(seconds=0.2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the store is."""
    return tmp_path / "nutgraf.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqlStore]:
    """Return a store with a small reserve that does not wait long for others."""
    opened = open_store(f"sqlite:///{path}", reserve=2**16, low_water=0, busy=BUSY)
    yield opened
    opened.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk of 4 MB."""
    with mounted(tmp_path / "small", "4m") as folder:
        yield folder


def limit_pages(store: SqlStore, pages: int) -> Callable[[], None]:
    """Let the database file grow no further than `pages`; return what lifts the limit."""

    def limit(connection: Any, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(store.database.engine, "connect", limit)
    store.database.close()

    def lift() -> None:
        event.remove(store.database.engine, "connect", limit)
        store.database.close()

    return lift


def test_fault_76_full_database_changes_nothing(store: SqlStore) -> None:
    """A batch that does not fit is stored not at all, and the cursor stays; with room again it is stored."""
    put(store, letter("one"))
    lift = limit_pages(store, 1)
    with pytest.raises(Temporary, match="disk is full"):
        put(store, letter("two" * 100_000))
    assert store.statistics()["letters"] == 1
    lift()
    assert put(store, letter("two" * 100_000)) == 1


def test_fault_76_full_disk_still_lets_a_posting_be_settled(small_disk: Path) -> None:
    """When something else fills the disk after the final dot, the answer is committed from the reserve."""
    store = open_store(f"sqlite:///{small_disk}/nutgraf.db", reserve=2**19, low_water=0)
    try:
        store.add_digest(digest(ready(store)))
        posting = claimed(store)
        _fill(small_disk / "other")
        store.reach_dot(posting, NOW)
        store.settle(posting, PostingState.SENT, NOW)
        assert store.statistics()["postings sent"] == 1
        assert (small_disk / "nutgraf.db.reserve").stat().st_size == 32
    finally:
        store.close()


def test_fault_76_full_disk_does_not_keep_the_daemon_from_starting(small_disk: Path) -> None:
    """Started again on a full disk, what had begun can still be brought to an end."""
    url = f"sqlite:///{small_disk}/nutgraf.db"
    store = open_store(url, reserve=2**19, low_water=0)
    store.add_digest(digest(ready(store)))
    store.close()
    _fill(small_disk / "other")
    store = open_store(url, reserve=2**19, low_water=0)
    try:
        store.settle(claimed(store), PostingState.SENT, NOW)
        assert store.statistics()["postings sent"] == 1
    finally:
        store.close()


def test_fault_76_full_disk_without_reserve_is_temporary(small_disk: Path) -> None:
    """A store that can't write says so, still answers, and goes on when there is room."""
    store = open_store(f"sqlite:///{small_disk}/nutgraf.db", reserve=0, low_water=0)
    try:
        put(store, letter("one"))
        _fill(small_disk / "other")
        with pytest.raises(Temporary, match="disk is full"):
            put(store, letter("two" * 1000))
        assert store.backlog().unread == 1
        (small_disk / "other").unlink()
        assert put(store, letter("two" * 1000)) == 1
    finally:
        store.close()


def test_fault_76_nothing_is_collected_below_the_low_water_mark(path: Path) -> None:
    """Long before the disk is full, collecting stops; everything else goes on."""
    open_store(f"sqlite:///{path}", reserve=0, low_water=0).close()
    store = open_store(f"sqlite:///{path}", reserve=0, low_water=2**60)
    try:
        with pytest.raises(Temporary, match="nearly full"):
            put(store, letter("one"))
        assert store.add_digest(digest(to=()))
    finally:
        store.close()


def test_reserve_is_made_whole_when_there_is_room(store: SqlStore, path: Path) -> None:
    """A reserve given up comes back with the next batch."""
    reserve = path.with_name("nutgraf.db.reserve")
    os.truncate(reserve, 0)
    put(store, letter("one"))
    assert reserve.stat().st_size == 2**16


def test_fault_77_locked_database_is_temporary(store: SqlStore, path: Path) -> None:
    """While another program holds the write lock, writing fails for now and changes nothing; reading goes on."""
    put(store, letter("one"))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Temporary, match="locked"):
            put(store, letter("two"))
        assert store.statistics()["letters"] == 1
        other.execute("ROLLBACK")
    assert put(store, letter("two")) == 1


@pytest.mark.parametrize("place", [0, 100, 4096], ids=["header", "first page", "second page"])
def test_fault_78_damaged_store_is_refused_and_kept(path: Path, place: int) -> None:
    """A store with a page overwritten is not opened, not repaired, not replaced; the fix is named."""
    _fill_store(path)
    damaged = bytearray(path.read_bytes())
    damaged[place : place + 900] = b"\xa5" * 900
    path.write_bytes(damaged)
    with pytest.raises(Permanent, match="damaged") as refusal:
        open_store(f"sqlite:///{path}").close()
    assert "restore" in refusal.value.fix
    assert path.read_bytes() == damaged


def test_fault_78_truncated_store_is_refused(path: Path) -> None:
    """A store that lost its end is damaged."""
    _fill_store(path)
    os.truncate(path, 8192)
    with pytest.raises(Permanent, match="damaged"):
        open_store(f"sqlite:///{path}").close()


@pytest.mark.parametrize("lose", [Path.unlink, lambda path: os.truncate(path, 0)], ids=["deleted", "emptied"])
def test_fault_80_lost_store_is_not_begun_anew(path: Path, lose: Callable[[Path], None]) -> None:
    """A store that was there and is gone is refused: to begin anew would digest everything a second time."""
    _fill_store(path)
    lose(path)
    for _ in range(2):
        with pytest.raises(Permanent, match="empty although it was in use"):
            open_store(f"sqlite:///{path}").close()


def test_fault_92_store_is_for_its_owner_alone(path: Path) -> None:
    """The database and what SQLite puts beside it can be read by nobody else, even where the file could before."""
    _fill_store(path)
    path.chmod(0o644)
    store = open_store(f"sqlite:///{path}")
    try:
        put(store, letter("two"))
        assert {file.name: oct(file.stat().st_mode & 0o777) for file in path.parent.iterdir()} == dict.fromkeys(
            ("nutgraf.db", "nutgraf.db-wal", "nutgraf.db-shm", "nutgraf.db.reserve"), "0o600"
        )
    finally:
        store.close()


def test_folder_that_cannot_be_made(path: Path) -> None:
    """A place where no file can be is named, with the fix."""
    path.write_text("a file")
    with pytest.raises(Permanent, match="can't be opened") as refusal:
        open_store(f"sqlite:///{path}/nutgraf.db")
    assert refusal.value.fix


def test_fault_91_failures_hold_no_address(store: SqlStore) -> None:
    """What a constraint refused is not repeated in the failure, nor in anything it was raised from."""
    material = ready(store)
    store.add_digest(digest(material))
    with pytest.raises(Temporary) as refusal:
        store.add_digest(digest(material, slot="2026-03-03"))
    assert "example.org" not in str(refusal.value)
    assert (refusal.value.__cause__, refusal.value.__context__) == (None, None)


def test_private_bytes_leave_the_file(store: SqlStore, path: Path) -> None:
    """The bytes of a personal letter are overwritten, not only forgotten."""
    put(store, letter("a very private matter " * 500))
    read_one(store, newsletter(kind=Kind.PERSONAL))
    store.close()
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"very private matter" not in path.read_bytes()


def _fill(path: Path) -> None:
    """Write until the disk is full, to the last octet."""
    with path.open("wb", buffering=0) as file:
        for size in (2**16, 2**12, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue


def _fill_store(path: Path) -> None:
    """Leave a store with a digest at `path`, with nothing outside its one file."""
    store = open_store(f"sqlite:///{path}", reserve=2**16, low_water=0)
    store.add_digest(digest(ready(store)))
    store.close()
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
