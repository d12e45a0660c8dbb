"""`nutgraf health` tells the truth: what waits, and who has fallen silent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.__main__ import main
from service.edges.heartbeat import Heartbeat
from service.edges.sql_opening import hold as hold_outbox
from service.edges.sql_store import SqlStore, open_store
from tests.contract.store_examples import digest, letter, put, ready

NOW = datetime.now(UTC)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqlStore]:
    """Give the store that `nutgraf health` will look at."""
    settings = {"DATA_DIR": str(tmp_path), "MAILDIR": str(tmp_path), "OUTBOX": str(tmp_path), "TO": "a@b.example", "FROM": "n@b.example"}
    for name, value in settings.items():
        monkeypatch.setenv(f"NUTGRAF_{name}", value)
    opened = open_store(f"sqlite:///{tmp_path}/nutgraf.db")
    yield opened
    opened.close()


def health() -> tuple[int, str]:
    """Return the exit code of `nutgraf health`, and what it says."""
    result = CliRunner().invoke(main, ["health"])
    return result.exit_code, result.output


def beat(folder: Path, ago: timedelta = timedelta()) -> None:
    """Have a worker's last sign of life so long ago."""
    Heartbeat(folder).begin({"read": timedelta(seconds=15)}, datetime.now(UTC) - ago)


def test_health_of_a_daemon_that_never_ran(store: SqlStore) -> None:  # noqa: ARG001
    """Nobody has worked here: not healthy."""
    code, said = health()
    assert (code, "never run" in said) == (1, True)


def test_health_of_a_daemon_at_work(store: SqlStore, tmp_path: Path) -> None:
    """A letter that has just come is no trouble."""
    put(store, letter("one", NOW), now=NOW)
    beat(tmp_path)
    code, said = health()
    assert (code, said) == (0, "healthy: 1 letters, 0 stories, 0 postings at hand\n")


def test_health_of_a_daemon_that_was_stopped(store: SqlStore, tmp_path: Path) -> None:  # noqa: ARG001
    """Its last signs of life are young, and it is not there all the same."""
    heartbeat = Heartbeat(tmp_path)
    heartbeat.begin({"read": timedelta(seconds=15)}, datetime.now(UTC))
    heartbeat.end()
    assert health() == (1, "the daemon was stopped\n")


def test_health_names_a_silent_worker(store: SqlStore, tmp_path: Path) -> None:  # noqa: ARG001
    """A worker that has finished nothing for an hour is not well, whatever the process looks like."""
    beat(tmp_path, timedelta(hours=1))
    code, said = health()
    assert (code, "read: nothing finished since" in said) == (1, True)


def test_fault_84_health_does_not_believe_a_beat_that_lies_ahead(store: SqlStore, tmp_path: Path) -> None:  # noqa: ARG001
    """It was written while the clock was ahead; the worker may be gone long since."""
    beat(tmp_path, timedelta(days=-400))
    assert health()[0] == 1


def test_health_names_an_overdue_letter(store: SqlStore, tmp_path: Path) -> None:
    """All workers beat, and yet a letter has been waiting for an hour."""
    an_hour_ago = NOW - timedelta(hours=1)
    put(store, letter("one", an_hour_ago), now=an_hour_ago)
    beat(tmp_path)
    code, said = health()
    assert (code, "an unread letter has been waiting" in said) == (1, True)


def test_health_names_a_posting_that_waits(store: SqlStore, tmp_path: Path) -> None:
    """A digest that has not gone out for a long time is told."""
    store.add_digest(digest(ready(store)))
    beat(tmp_path)
    code, said = health()
    assert (code, "a posting has been waiting" in said) == (1, True)


def test_health_names_a_held_outbox(store: SqlStore, tmp_path: Path) -> None:
    """A restored store sends nothing before a person has said so; health says so until then."""
    store.database.write(lambda db: hold_outbox(db, "restored from a backup", NOW))
    beat(tmp_path)
    code, said = health()
    assert (code, "nutgraf store release" in said) == (1, True)
    store.release()
    assert health()[0] == 0


def test_health_does_not_trust_a_damaged_heartbeat(store: SqlStore, tmp_path: Path) -> None:  # noqa: ARG001
    """A file that can't be read is trouble, not health."""
    (tmp_path / "heartbeat.json").write_text(json.dumps({"read": "yesterday"}))
    assert health()[0] == 1
