"""The daemon: APScheduler ticks, workers work, signals stop.

The scheduler only ticks: what is due stands in the store's rows, so a missed, late or doubled tick changes nothing. A worker is woken
at once by the one before it, and by a mailbox that says something came.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from queue import Empty, SimpleQueue

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from service.contracts import Failure, Mailbox, Unauthorised
from service.edges.heartbeat import Heartbeat
from service.edges.workers import KNOCK_AGAIN, Job, Worker

log = logging.getLogger("nutgraf")


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the workers get to finish their item (containers are killed after ten seconds), and how often we look for one that hangs."""

    drain: timedelta = timedelta(seconds=6)
    look: timedelta = timedelta(seconds=5)


RECONNECT = (1.0, 2.0, 5.0, 15.0, 30.0)
"""Seconds between attempts to watch a mailbox again; polling goes on beside it."""


class Ending(Enum):
    """Why the daemon came back from its work."""

    STOPPED = 0
    RELOAD = 1
    BROKEN = 2


Orders = SimpleQueue[Ending]
"""What the daemon is told. Unlike an Event's set(), its put() may come in a signal handler, whatever the main thread is at."""


def listen() -> Orders:
    """Have SIGTERM and SIGINT (STOPPED) and SIGHUP (RELOAD) put into a queue, from now to the end of the process.

    Before any clock runs and between two of them as well: by default SIGHUP would end the daemon, and process 1 would miss SIGTERM.
    """
    orders: Orders = SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: orders.put(Ending.STOPPED))
    signal.signal(signal.SIGHUP, lambda *_: orders.put(Ending.RELOAD))
    return orders


class Clock:
    """Runs jobs and watches mailboxes until it is told to end or a worker breaks."""

    def __init__(
        self,
        jobs: Iterable[Job],
        mailboxes: Iterable[tuple[Mailbox, str]],
        heartbeat: Heartbeat,
        pace: Pace | None = None,
        orders: Orders | None = None,
    ) -> None:
        """`mailboxes` are watched; each is paired with the name of the job that collects from it. `orders` come from `listen`."""
        self._heartbeat = heartbeat
        self._pace = pace or Pace()
        self._workers = {job.name: Worker(job, heartbeat, self.wake, self._broken) for job in jobs}
        self._mailboxes = tuple(mailboxes)
        self._ended = threading.Event()
        self._orders: Orders = orders or SimpleQueue()

    def wake(self, name: str) -> None:
        """Have a worker look for work now; a name nobody has is passed over."""
        if worker := self._workers.get(name):
            worker.wake()

    def end(self, ending: Ending) -> None:
        """Have `run` come back."""
        self._orders.put(ending)

    def run(self) -> Ending:
        """Work until an order comes, or a worker broke or hangs (BROKEN)."""
        self._heartbeat.begin({name: worker.job.every for name, worker in self._workers.items()}, datetime.now(UTC))
        scheduler = self._scheduler()
        for thread in (*self._workers.values(), *self._watchers()):
            thread.start()
        scheduler.start()
        try:
            return self._wait_for_orders()
        finally:
            self._ended.set()
            scheduler.shutdown(wait=False)
            self._drain()
            self._heartbeat.end()

    def _wait_for_orders(self) -> Ending:
        while True:
            try:
                return self._orders.get(timeout=self._pace.look.total_seconds())
            except Empty:
                self._look_for_hanging()

    def _scheduler(self) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(timezone=UTC)
        for worker in self._workers.values():
            scheduler.add_job(
                worker.wake,
                IntervalTrigger(seconds=worker.job.every.total_seconds(), timezone=UTC),
                next_run_time=datetime.now(UTC),
                coalesce=True,  # ticks missed in sleep are one tick
                max_instances=1,
                misfire_grace_time=None,  # the default of one second loses the tick of a busy or sleeping machine
            )
        return scheduler

    def _watchers(self) -> Iterable[threading.Thread]:
        for mailbox, name in self._mailboxes:
            yield threading.Thread(target=self._watch, args=(mailbox, name), name=f"watch {mailbox.name}", daemon=True)

    def _watch(self, mailbox: Mailbox, name: str) -> None:
        """Keep watching while letters can be collected, with pauses that grow while it fails; without a watch, polling is enough."""
        failures = 0
        while not self._ended.is_set():
            if not self._workers[name].well.wait(1):  # a login that is refused there is not tried here as well
                continue
            began = time.monotonic()
            pause = self._watch_once(mailbox, name)
            if pause is None:
                return
            failures = 0 if time.monotonic() - began > 60 else min(failures + 1, len(RECONNECT) - 1)
            self._ended.wait(max(pause, RECONNECT[failures]))

    def _watch_once(self, mailbox: Mailbox, name: str) -> float | None:
        """Watch until it fails; return the seconds to pause at least, None when there is nothing more to watch."""
        extra = {"action": "watch interrupted", "mailbox": mailbox.name}
        try:
            mailbox.watch(lambda: self.wake(name), self._ended.is_set)
        except Unauthorised as failure:
            log.warning("watching is refused: %s", failure, extra=extra)
            return KNOCK_AGAIN.total_seconds()
        except Failure as failure:
            log.info("watching is interrupted: %s", failure, extra=extra)
        except Exception:
            log.exception("watching failed", extra=extra)
        else:
            return None
        return 0.0

    def _look_for_hanging(self) -> None:
        for name, worker in self._workers.items():
            if worker.hangs():
                log.critical("%s has not come back for %s: ending, to be started anew", name, worker.job.limit, extra={"action": "hung"})
                self._broken(name)

    def _broken(self, _name: str) -> None:
        self.end(Ending.BROKEN)

    def _drain(self) -> None:
        """Let each worker finish the item it is at, within the time there is; what is cut off is taken up again from its row."""
        deadline = time.monotonic() + self._pace.drain.total_seconds()
        for worker in self._workers.values():
            worker.stop()
        for worker in self._workers.values():
            worker.join(max(0.0, deadline - time.monotonic()))
        left = [name for name, worker in self._workers.items() if worker.is_alive()]
        if left:
            log.warning("not drained in time: %s", ", ".join(left), extra={"action": "not drained"})


def repeat(step: Callable[[], int]) -> int:
    """Call a step until it answers 0; return the sum."""
    total = 0
    while done := step():
        total += done
    return total
