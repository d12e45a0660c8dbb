"""What ends the daemon, and what does not: each of its workers is watched."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from service.contracts import Unauthorised
from service.edges.apscheduler_clock import Clock, Ending, Orders, Pace, listen
from service.edges.heartbeat import Heartbeat
from service.edges.workers import Job, Worker
from tests.servers.waiting import wait_until

SECOND = timedelta(seconds=1)
QUICK = Pace(drain=timedelta(seconds=0.2), look=timedelta(seconds=0.05))


def clock(folder: Path, *jobs: Job, orders: Orders | None = None) -> Clock:
    """Return a clock that loses no time."""
    return Clock(jobs, (), Heartbeat(folder), QUICK, orders)


@pytest.fixture
def orders() -> Iterator[Orders]:
    """Listen to signals for one test."""
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield listen()
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def raising(error: BaseException) -> Callable[[], int]:
    """Return a step that raises."""

    def step() -> int:
        raise error

    return step


def counting(calls: list[int]) -> Callable[[], int]:
    """Return a step that notes that it was called, and has nothing to do."""

    def step() -> int:
        calls.append(1)
        return 0

    return step


def test_a_worker_that_ends_ends_the_daemon(tmp_path: Path) -> None:
    """No half-life: a thread that is gone is a daemon that is gone, to be started anew."""
    assert clock(tmp_path, Job("read", raising(SystemExit()), SECOND)).run() is Ending.BROKEN


def test_three_errors_nobody_foresaw_end_the_daemon(tmp_path: Path) -> None:
    """One may be chance; three in a row are a state that only a new process gets out of."""
    calls: list[int] = []

    def step() -> int:
        calls.append(1)
        raise ZeroDivisionError

    assert clock(tmp_path, Job("read", step, SECOND / 20)).run() is Ending.BROKEN
    assert len(calls) >= 3


def test_a_step_that_does_not_come_back_ends_the_daemon(tmp_path: Path) -> None:
    """The watchdog knows how long a step may take, and does not wait for the one that hangs."""
    never = threading.Event()

    def step() -> int:
        return int(never.wait(20))

    try:
        assert clock(tmp_path, Job("deliver", step, SECOND, limit=SECOND / 20)).run() is Ending.BROKEN
    finally:
        never.set()


def test_sigterm_is_heard_whatever_the_main_thread_is_at(tmp_path: Path, orders: Orders) -> None:
    """A signal that comes while the last one is handled does no harm either."""
    calls: list[int] = []

    def step() -> int:
        calls.append(1)
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
        return 0

    assert clock(tmp_path, Job("read", step, SECOND), orders=orders).run() is Ending.STOPPED


def test_three_refused_logins_end_the_trying(tmp_path: Path) -> None:
    """Servers lock accounts that go on knocking; the others work on."""
    refused: list[int] = []

    def step() -> int:
        refused.append(1)
        raise Unauthorised("refused")

    worker = Worker(Job("collect", step, SECOND / 100), Heartbeat(tmp_path), lambda _: None, lambda _: None)
    others: list[int] = []
    other = Worker(Job("read", counting(others), SECOND / 100), Heartbeat(tmp_path), lambda _: None, lambda _: None)
    for each in (worker, other):
        each.start()
    wait_until(lambda: len(others) > 8, "the other one works on")
    for each in (worker, other):
        each.stop()
        each.join(5)
    assert len(refused) == 3


def test_fault_84_a_clock_set_back_does_not_stop_the_polling(tmp_path: Path) -> None:
    """The scheduler's ticks wait for the wall clock; a worker that gets none looks by itself, by a clock that nobody sets."""
    looked: list[int] = []
    worker = Worker(Job("collect", counting(looked), SECOND / 50), Heartbeat(tmp_path), lambda _: None, lambda _: None)
    worker.start()
    wait_until(lambda: len(looked) >= 3, "it looks without any tick")
    worker.stop()
    worker.join(5)
