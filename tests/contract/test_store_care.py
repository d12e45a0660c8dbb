"""Backup, restore, check; the lock."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from service.contracts import Permanent
from service.edges import sql_care
from service.edges.disk_reserve import DiskReserve
from service.edges.heartbeat import Heartbeat
from service.edges.sql_store import SqlStore, open_store
from service.edges.state_lock import hold
from service.records import PostingState, Slot
from tests.contract.store_examples import DAY, LEASE, NOW, claimed, digest, letter, put, ready


class TestBackup:
    """A copy that is whole, and what happens when it comes back."""

    def test_fault_79_backup_holds_what_was_committed_last(self, store: SqlStore, url: str, tmp_path: Path) -> None:
        """A backup of a running store holds every commit, in one file, for its owner alone."""
        put(store, letter("one"))
        sql_care.backup(url, tmp_path / "copy")
        copy = open_store(f"sqlite:///{tmp_path}/copy")
        assert copy.statistics()["letters"] == 1
        copy.close()
        assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o600

    def test_backup_of_nothing_is_refused(self, url: str, tmp_path: Path) -> None:
        """Where no store is, none is made."""
        with pytest.raises(Permanent, match="no store"):
            sql_care.backup(url, tmp_path / "copy")
        assert not list(tmp_path.iterdir())

    def test_backup_into_nowhere_is_refused(self, store: SqlStore, url: str, tmp_path: Path) -> None:
        """A folder that does not exist is named."""
        put(store, letter("one"))
        with pytest.raises(Permanent, match="can't be written"):
            sql_care.backup(url, tmp_path / "no" / "copy")

    def test_fault_80_restored_store_holds_its_outbox(self, store: SqlStore, url: str, tmp_path: Path) -> None:
        """What the backup had still to send may have been sent since: nothing goes out, and the backlog says why."""
        store.add_digest(digest(ready(store)))
        restored = _restored(store, url, tmp_path)
        assert restored.claim_posting(NOW + DAY, LEASE) is None
        assert "restored from a backup on 2026-03-03 07:30" in restored.backlog().held
        restored.close()

    def test_held_store_still_collects_and_composes(self, store: SqlStore, url: str, tmp_path: Path) -> None:
        """Only sending waits for a person."""
        restored = _restored(store, url, tmp_path)
        assert restored.add_digest(digest(ready(restored, "new")))
        restored.close()

    def test_fault_80_released_store_looks_before_it_sends(self, store: SqlStore, url: str, tmp_path: Path) -> None:
        """A posting that may have gone out in the lost time is looked for under its Message-ID, not sent blindly."""
        store.add_digest(digest(ready(store)))
        restored = _restored(store, url, tmp_path)
        restored.release()
        assert restored.backlog().held == ""
        assert claimed(restored, NOW + DAY).state is PostingState.UNKNOWN
        restored.close()

    def test_fault_80_a_slot_of_the_lost_time_is_looked_for_whenever_it_is_composed(
        self, store: SqlStore, url: str, tmp_path: Path
    ) -> None:
        """Released before the daemon has run again, the store still knows that the slot may have been served."""
        restored = _restored(store, url, tmp_path)
        restored.release()
        restored.add_digest(replace(digest(ready(restored)), created=NOW + 2 * DAY))
        assert claimed(restored, NOW + 2 * DAY).state is PostingState.UNKNOWN
        restored.close()

    def test_released_store_sends_what_came_after(self, store: SqlStore, url: str, tmp_path: Path) -> None:
        """A digest of a slot after the restore can't have been sent before."""
        restored = _restored(store, url, tmp_path)
        restored.add_digest(replace(digest(), slot=Slot("2026-03-04", NOW + 2 * DAY), created=NOW + 2 * DAY))
        restored.release()
        assert claimed(restored, NOW + 3 * DAY).state is PostingState.CLAIMED
        restored.close()

    def test_fault_80_older_copy_put_back_by_hand_is_noticed(self, store: SqlStore, url: str, tmp_path: Path) -> None:
        """A database that knows fewer digests than were made here holds its outbox, whoever put it there."""
        sql_care.backup(url, tmp_path / "copy")
        store.add_digest(digest(ready(store)))
        store.close()
        (tmp_path / "copy").replace(tmp_path / "nutgraf.db")
        again = open_store(url, reserve=0, low_water=0)
        assert "replaced by an older one" in again.backlog().held
        assert again.claim_posting(NOW + DAY, LEASE) is None
        _stays_released(again, url)

    def test_released_store_stays_released(self, store: SqlStore, url: str, tmp_path: Path) -> None:
        """What a person has settled is not asked again at the next start, though digests were lost."""
        sql_care.backup(url, tmp_path / "copy")
        store.add_digest(digest(ready(store)))
        store.close()
        sql_care.restore(url, tmp_path / "copy", NOW + DAY)
        restored = open_store(url, reserve=0, low_water=0)
        assert "restored from a backup" in restored.backlog().held
        _stays_released(restored, url)

    def test_old_store_is_set_aside(self, store: SqlStore, url: str, tmp_path: Path) -> None:
        """The store that a backup replaces is kept under another name."""
        put(store, letter("one"))
        sql_care.backup(url, tmp_path / "copy")
        put(store, letter("two"))
        store.close()
        aside = sql_care.restore(url, tmp_path / "copy", NOW)
        assert aside is not None
        kept = open_store(f"sqlite:///{aside}")
        assert kept.statistics()["letters"] == 2
        kept.close()

    def test_restore_over_a_damaged_store(self, store: SqlStore, url: str, tmp_path: Path) -> None:
        """A damaged store is the reason to restore, not an obstacle."""
        put(store, letter("one"))
        sql_care.backup(url, tmp_path / "copy")
        store.close()
        (tmp_path / "nutgraf.db").write_bytes(b"rubbish" * 1000)
        sql_care.restore(url, tmp_path / "copy", NOW)
        restored = open_store(url)
        assert restored.statistics()["letters"] == 1
        restored.close()

    @pytest.mark.parametrize("content", [b"", b"rubbish" * 1000], ids=["empty", "rubbish"])
    def test_restore_of_something_else_is_refused(self, store: SqlStore, url: str, tmp_path: Path, content: bytes) -> None:
        """A file that is no store leaves the store as it is."""
        put(store, letter("one"))
        (tmp_path / "copy").write_bytes(content)
        with pytest.raises(Permanent):
            sql_care.restore(url, tmp_path / "copy", NOW)
        assert store.statistics()["letters"] == 1
        assert {file.name for file in tmp_path.iterdir()} == {"copy", *(f"nutgraf.db{end}" for end in ("", "-wal", "-shm", ".reserve"))}

    def test_restore_of_a_store_that_acts_by_itself_is_refused(self, store: SqlStore, url: str, tmp_path: Path) -> None:
        """A trigger in a backup of a stranger's would work in our name, whenever the store is used."""
        sql_care.backup(url, tmp_path / "copy.db")
        with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
            copy.execute("CREATE TRIGGER forget AFTER INSERT ON letter BEGIN DELETE FROM posting; END")
            copy.commit()
        store.close()
        with pytest.raises(Permanent, match="no backup"):
            sql_care.restore(url, tmp_path / "copy.db")

    def test_check_passes_a_sound_store(self, store: SqlStore, url: str) -> None:
        """Nothing is said of a sound store."""
        store.add_digest(digest(ready(store)))
        sql_care.check(url)

    def test_check_reads_the_bytes_too(self, store: SqlStore, url: str, tmp_path: Path) -> None:
        """Damage that the short check at the start does not look for is found by the long one."""
        put(store, *(letter(f"{number} " * 3000) for number in range(20)))
        store.close()
        path = tmp_path / "nutgraf.db"
        content = bytearray(path.read_bytes())
        place = content.index(b"19 19 19 ")
        page = place - place % 4096
        content[page : page + 4] = b"\xff\xff\xff\x7f"
        path.write_bytes(content)
        with pytest.raises(Permanent, match="damaged"):
            sql_care.check(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "canary",
        "mysql://nutgraf:canary@host/name",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://nutgraf:pass@canary/name@host/name",
        "postgresql://nutgraf:pass@canary:word@host/name",
        "postgresql://nutgraf:password@host:canary/name",
    ],
)
def test_url_of_no_store_is_refused(url: str) -> None:
    """A URL that names no database of ours is refused with examples, and is not repeated: it may hold a password."""
    with pytest.raises(Permanent) as refusal:
        open_store(url)
    assert "canary" not in str(refusal.value)
    assert "postgresql://" in refusal.value.fix


HOLDING = """
import signal, sys
from pathlib import Path
from service.edges.state_lock import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    signal.pause()
"""


class TestLock:
    """One daemon on a data folder."""

    def test_fault_81_second_holder_is_refused(self, tmp_path: Path) -> None:
        """The second is told who the first is."""
        with hold(tmp_path), pytest.raises(Permanent, match=f"process {os.getpid()}"), hold(tmp_path):
            pass

    def test_lock_behind_a_link_is_refused(self, tmp_path: Path) -> None:
        """Whoever may write into the folder could have us empty any file of our user's."""
        precious = tmp_path / "precious"
        precious.write_text("mine")
        (tmp_path / "nutgraf.lock").symlink_to(precious)
        with pytest.raises(Permanent, match="can't be used"), hold(tmp_path):
            pass
        assert precious.read_text() == "mine"

    def test_reserve_and_heartbeat_follow_no_link(self, tmp_path: Path) -> None:
        """They are written in the same folder."""
        precious = tmp_path / "precious"
        precious.write_text("mine")
        for name in ("nutgraf.db.reserve", "heartbeat.part"):
            (tmp_path / name).symlink_to(precious)
        DiskReserve(tmp_path / "nutgraf.db").remember(7)
        Heartbeat(tmp_path).beat("read", NOW, LEASE)
        assert precious.read_text() == "mine"

    def test_lock_is_free_afterwards(self, tmp_path: Path) -> None:
        """When the block ends the folder is free."""
        for _ in range(2):
            with hold(tmp_path):
                pass

    def test_killed_holder_lets_go(self, tmp_path: Path) -> None:
        """A killed process holds nothing."""
        with subprocess.Popen([sys.executable, "-c", HOLDING, tmp_path], stdout=subprocess.PIPE, text=True) as child:  # noqa: S603
            assert child.stdout is not None
            child.stdout.readline()
            with pytest.raises(Permanent, match=f"process {child.pid}"), hold(tmp_path):
                pass
            child.kill()
        with hold(tmp_path):
            pass


def _restored(store: SqlStore, url: str, folder: Path) -> SqlStore:
    """Back the store up, restore it a day later, open it."""
    sql_care.backup(url, folder / "copy")
    store.close()
    sql_care.restore(url, folder / "copy", NOW + DAY)
    return open_store(url, reserve=0, low_water=0)


def _stays_released(store: SqlStore, url: str) -> None:
    """Release the store, close it, and see that it is not held when it is opened again."""
    store.release()
    store.close()
    again = open_store(url, reserve=0, low_water=0)
    assert again.backlog().held == ""
    again.close()
