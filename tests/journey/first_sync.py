"""The first look at a large mailbox: most letters are older than the look-back; the daemon is killed half way and goes on where it was."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.journey.beds import Daemon, dovecot_bed
from tests.journey.siege import letter
from tests.journey.test_hostile_letters import resident
from tests.servers.waiting import wait_until

OLD = timedelta(days=300)
QUIET = {"NUTGRAF_SCHEDULE": "weekly mon 00:00", "NUTGRAF_POLL": "10s"}


@dataclass(frozen=True, slots=True)
class FirstSync:
    """Seconds and MB. `killed` is how many letters were stored at the kill; `restarted`, whether the next daemon began anew."""

    letters: int
    skipped: int
    killed: int
    seconds: float
    early: float
    peak: float
    restarted: bool


def sync(letters: int, recent: int, folder: Path) -> FirstSync:
    """Fill a mailbox with `letters`, the last `recent` of them of today, and have the daemon look at it for the first time."""
    data, database, memory = folder / "data", folder / "data" / "nutgraf.db", list[float]()
    with dovecot_bed() as bed:
        for number in range(letters):
            old = number < letters - recent
            path = bed.dovecot.deliver(letter(number))
            if old:
                # Old letters are known by their moment and size alone, so each has a moment of its own.
                moment = (datetime.now(UTC) - OLD).timestamp() + number
                os.utime(path, (moment, moment))
        bed.dovecot.administer("index", "-u", "reader", "INBOX")
        began = time.monotonic()
        with Daemon({**bed.environment(), **QUIET}, data) as first:
            wait_until(_stored(database, letters // 2, first, memory), "half of the letters are stored", 600)
            first.kill()
        killed = count(database)
        with Daemon({**bed.environment(), **QUIET}, data) as second:
            wait_until(_stored(database, letters, second, memory), "all letters are stored", 600)
            seconds = time.monotonic() - began
            again = "from the start" in second.log.read_text()
    with closing(sqlite3.connect(database)) as db:
        skipped = int(db.execute("SELECT count(*) FROM letter WHERE reason = 'before the start'").fetchone()[0])
    return FirstSync(count(database), skipped, killed, seconds, memory[len(memory) // 10], max(memory), again)


def _stored(database: Path, number: int, daemon: Daemon, memory: list[float]) -> Callable[[], bool]:
    """Return a condition: so many letters are stored. The daemon's memory is noted at each look."""

    def looked() -> bool:
        with suppress(OSError, StopIteration):
            memory.append(resident(daemon.process.pid))
        return count(database) >= number

    return looked


def count(database: Path) -> int:
    """Return how many letters the store knows of."""
    if not database.exists():
        return 0
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        try:
            return int(db.execute("SELECT count(*) FROM letter").fetchone()[0])
        except sqlite3.OperationalError:
            return 0
