"""How long it takes from a letter's arrival in a real Dovecot until it is stored, and until its digest is handed to SMTP."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.journey.beds import Daemon, dovecot_bed
from tests.journey.siege import letter
from tests.servers.waiting import wait_until


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from arrival, a letter each."""

    stored: tuple[float, ...]
    sent: tuple[float, ...]


def measure(letters: int, folder: Path) -> Latency:
    """Deliver letters one after the other to a daemon that idles, and would poll once an hour."""
    stored, sent = [], []
    with dovecot_bed() as bed, Daemon({**bed.environment(), "NUTGRAF_POLL": "1h"}, folder / "data") as daemon:
        bed.deliver(letter(0))
        wait_until(lambda: len(bed.sent()) == 1, "the first digest", 60)
        for number in range(1, letters + 1):
            began = time.monotonic()
            bed.deliver(letter(number))
            wait_until(lambda number=number: in_store(folder / "data" / "nutgraf.db") > number, "the letter is stored", 30)  # type: ignore[misc]
            stored.append(time.monotonic() - began)
            wait_until(lambda number=number: len(bed.sent()) > number, "its digest is sent", 30)  # type: ignore[misc]
            sent.append(time.monotonic() - began)
        assert daemon.stop() == 0
    return Latency(tuple(stored), tuple(sent))


def in_store(database: Path) -> int:
    """Return how many letters are stored."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        return int(db.execute("SELECT count(*) FROM letter").fetchone()[0])
