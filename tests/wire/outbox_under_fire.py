"""A program for a test: the delivering half of the daemon, killed with SIGKILL at random moments and started again until all is sent.

A life is a forked child, so that it starts in milliseconds. Between two lives the clock is put forward (leases and rests end), and
what the server still has to do is waited for: in the world those minutes pass by themselves.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from service import steps
from service.edges.imap_connection import ImapAccount
from service.edges.imap_probe import ImapProbe
from service.edges.smtp_courier import SmtpCourier
from service.edges.sql_store import open_store
from service.edges.tls import Security

BETWEEN = timedelta(minutes=25)
LONGEST = 0.12  # seconds that a life lasts at most, while we kill


@dataclass(frozen=True, slots=True)
class Bed:
    """Where everything is. `kills` is how often a life is cut short before one is left to finish."""

    store: str
    smtp_port: int
    imap_port: int
    reader: str
    password: str
    server: str
    kills: int
    seed: int

    def to_text(self) -> str:
        """Return the bed for the program's command line."""
        return json.dumps(asdict(self))


def live(bed: Bed, passed: timedelta) -> None:
    """Deliver, as the daemon does, until nothing is due."""
    store = open_store(bed.store, reserve=0, low_water=0)
    account = ImapAccount(
        host="127.0.0.1", port=bed.imap_port, user=bed.reader.partition("@")[0], password=bed.password, security=Security.PLAIN
    )
    probe, courier = ImapProbe({bed.reader: account}), SmtpCourier("127.0.0.1", bed.smtp_port, Security.PLAIN)

    def now() -> datetime:
        return datetime.now(UTC) + passed

    store.take_over(now())
    while steps.deliver(courier, probe, store, now):
        pass
    store.close()


def killed(child: int, after: float | None) -> bool:
    """Wait for a life to end, or end it after a while; return whether it was ended."""
    if after is not None:
        time.sleep(after)
        if os.waitpid(child, os.WNOHANG) == (0, 0):
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return True
        return False
    _, status = os.waitpid(child, 0)
    assert status == 0, f"a life ended with {status}"
    return False


def settled(server: Path) -> bool:
    """Whether Postfix has finished with every connection and every message."""
    said = (server / "maillog").read_text(errors="replace")
    talking = len(re.findall(r"]: connect from", said)) - len(re.findall(r"]: disconnect from", said))
    queue = [path for place in ("incoming", "active", "deferred") for path in (server / "spool" / place).rglob("*") if path.is_file()]
    return talking == 0 and not queue


def unsent(bed: Bed) -> int:
    """Return how many postings are not settled."""
    store = open_store(bed.store, reserve=0, low_water=0)
    try:
        return store.backlog().unsent
    finally:
        store.close()


def main() -> None:
    """Live, die and live again; print the number of lives and of kills."""
    bed = Bed(**json.loads(sys.argv[1]))
    chance, lives, kills = random.Random(bed.seed), 0, 0  # noqa: S311
    while unsent(bed):
        lives += 1
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            live(bed, BETWEEN * lives)
            os._exit(0)
        kills += killed(child, chance.uniform(0, LONGEST) if kills < bed.kills else None)
        end = time.monotonic() + 30
        while not settled(Path(bed.server)):
            assert time.monotonic() < end, "Postfix never settled"
            time.sleep(0.01)
    print(json.dumps({"lives": lives, "kills": kills}))  # noqa: T201


if __name__ == "__main__":
    main()
