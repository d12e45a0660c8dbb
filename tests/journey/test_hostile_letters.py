"""Letters broken on purpose through the running daemon: it lives, its memory stays flat, and each of them is accounted for."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.journey.beds import READER, Daemon
from tests.journey.hostile import hostile
from tests.servers.waiting import wait_until


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the letters: how many were collected, by state, and by outcome in the edition; memory in MB, early and at its peak."""

    collected: int
    states: dict[str, int]
    outcomes: dict[str, int]
    early: float
    peak: float
    log: str


def through_the_daemon(letters: Sequence[bytes], folder: Path, patience: float) -> Outcome:
    """Lay letters into a folder, run the daemon on it until all are accounted for, and stop it."""
    inbox, data = folder / "letters", folder / "data"
    for part in ("tmp", "new", "cur"):
        (inbox / part).mkdir(parents=True)
    for number, raw in enumerate(letters):
        (inbox / "new" / f"{number:06}.example").write_bytes(raw)
    settings = {
        "NUTGRAF_DATA_DIR": str(data),
        "NUTGRAF_MAILDIR": str(inbox),
        "NUTGRAF_OUTBOX": str(folder / "sent"),
        "NUTGRAF_TO": READER,
        "NUTGRAF_FROM": "Nutgraf <nutgraf@demo.example>",
        "NUTGRAF_SCHEDULE": "each letter",
        "NUTGRAF_POLL": "5s",
    }
    memory: list[float] = []
    with Daemon(settings, folder / "log") as daemon:

        def accounted() -> bool:
            with suppress(OSError):
                memory.append(resident(daemon.process.pid))
            assert daemon.process.poll() is None, daemon.log.read_text()[-3000:]
            return (data / "nutgraf.db").exists() and waiting(data / "nutgraf.db") == 0

        wait_until(accounted, "every letter is accounted for", patience)
        assert daemon.stop() == 0
    log = daemon.log.read_text()
    quarter = memory[len(memory) // 4]
    with closing(sqlite3.connect(data / "nutgraf.db")) as db:
        states = dict(db.execute("SELECT state, count(*) FROM letter GROUP BY 1").fetchall())
        outcomes = dict(db.execute("SELECT outcome, count(*) FROM coverage WHERE edition = 'digest' GROUP BY 1").fetchall())
    return Outcome(sum(states.values()), states, outcomes, quarter, max(memory), log)


def waiting(database: Path) -> int:
    """Return how many letters are not accounted for in the edition, or 1 while nothing can be known."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        try:
            letters = db.execute("SELECT count(*) FROM letter").fetchone()[0]
            covered = db.execute("SELECT count(DISTINCT letter) FROM coverage WHERE edition = 'digest'").fetchone()[0]
        except sqlite3.OperationalError:
            return 1
    return int(letters - covered) if letters else 1


def resident(pid: int) -> float:
    """Return the resident memory of one process, in MB."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1000


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_two_hundred_broken_letters_are_each_accounted_for(tmp_path: Path) -> None:
    """The daemon is alive afterwards, nothing crashed a step, and no letter is in two states or none. More: benchmarks/hostile.py."""
    letters = list(hostile(200))
    outcome = through_the_daemon(letters, tmp_path, 200)
    assert outcome.collected == len(set(letters))
    assert set(outcome.states) <= {"read", "unreadable"}
    assert sum(outcome.outcomes.values()) == outcome.collected
    assert "action=crashed" not in outcome.log
    assert outcome.peak < outcome.early + 60
