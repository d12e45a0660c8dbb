"""A thread a step: woken by a tick or by the step before it, it works until nothing is left to do."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from service.contracts import Failure, Permanent, Unauthorised
from service.edges.heartbeat import Heartbeat

log = logging.getLogger("nutgraf")

LOGINS = 3
"""Refused logins in a row before a worker waits for a person: servers lock accounts that go on knocking."""

KNOCK_AGAIN = timedelta(hours=1)
"""After that a login is tried so seldom; the person may have mended it elsewhere (`nutgraf login`, an account unlocked)."""

BEAT = timedelta(minutes=1)
"""How often a worker that is busy says that it gets on: thousands of letters may wait, and each is work done."""

CRASHES = 3
"""Errors nobody foresaw, in a row, before the daemon ends and its supervisor starts it anew."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker does: `step` answers how much it did, and whoever is in `wakes` may then have work. `limit` is when it hangs."""

    name: str
    step: Callable[[], int]
    every: timedelta
    wakes: tuple[str, ...] = ()
    limit: timedelta = timedelta(minutes=15)


class Worker(threading.Thread):
    """Runs one job until it is told to stop. `well` is set while its last round succeeded.

    `broken` is called when it has ended, or should have: then the daemon must end too.
    """

    def __init__(self, job: Job, heartbeat: Heartbeat, wake: Callable[[str], None], broken: Callable[[str], None]) -> None:
        super().__init__(name=job.name, daemon=True)
        self.job = job
        self._heartbeat = heartbeat
        self._wake_others = wake
        self._broken = broken
        self._wanted = threading.Event()
        self._stopping = threading.Event()
        self._since: float | None = None
        self._refused = 0
        self._knock = 0.0
        self._crashed = 0
        self._beaten = float("-inf")
        self.well = threading.Event()

    def wake(self) -> None:
        """Have it look for work now, or once more when it is at work."""
        self._wanted.set()

    def stop(self) -> None:
        """Have it end after the item it is at."""
        self._stopping.set()
        self._wanted.set()

    def hangs(self) -> bool:
        """Return whether one step has taken longer than any step may."""
        since = self._since
        return since is not None and time.monotonic() - since > self.job.limit.total_seconds()

    def run(self) -> None:
        """Work until stopped. Without a tick for three of its intervals (the wall clock was set back) it looks by itself."""
        try:
            while not self._stopping.is_set():
                self._wanted.wait(3 * self.job.every.total_seconds())
                self._wanted.clear()
                if self._refused < LOGINS or time.monotonic() >= self._knock:
                    self._work()
        except BaseException:
            log.exception("the worker %s ended", self.job.name, extra={"action": "worker ended"})
            self._broken(self.job.name)

    def _work(self) -> None:
        """Run the step until it answers 0, and say how that went."""
        well = False
        try:
            while not self._stopping.is_set() and self._step():
                if time.monotonic() - self._beaten > BEAT.total_seconds():
                    self._beat()
                for name in self.job.wakes:
                    self._wake_others(name)
        except Unauthorised as failure:
            self._refused += 1
            self._knock = time.monotonic() + KNOCK_AGAIN.total_seconds()
            last = "; not tried again for an hour, or before SIGHUP" if self._refused >= LOGINS else ""
            log.error("%s: %s%s", self.job.name, failure.told, last, extra={"action": "login refused"})  # noqa: TRY400
        except Permanent as failure:
            log.error("%s: %s", self.job.name, failure.told, extra={"action": "failed"})  # noqa: TRY400
        except Failure as failure:
            log.warning("%s: %s", self.job.name, failure, extra={"action": "postponed"})
        except Exception:
            self._crashed += 1
            log.exception("%s: an error nobody foresaw", self.job.name, extra={"action": "crashed"})
            if self._crashed >= CRASHES:
                self._broken(self.job.name)
        else:
            self._refused = self._crashed = 0
            well = True
            self._beat()
        self.well.set() if well else self.well.clear()

    def _beat(self) -> None:
        self._beaten = time.monotonic()
        self._heartbeat.beat(self.job.name, datetime.now(UTC), self.job.every)

    def _step(self) -> int:
        self._since = time.monotonic()
        try:
            return self.job.step()
        finally:
            self._since = None
