"""The daemon as a process: how it ends, what ends it, who may run beside it, and whether its health tells the truth."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.__main__ import main
from service.contracts import Unauthorised
from service.edges.apscheduler_clock import Clock, Ending, Orders, Pace, listen
from service.edges.heartbeat import Heartbeat
from service.edges.sql_opening import hold as hold_outbox
from service.edges.sql_store import SqlStore, open_store
from service.edges.workers import Job, Worker
from tests.contract.store_examples import digest, letter, put, ready
from tests.journey.beds import ROOT, Daemon, LoopbackBed, loopback_bed
from tests.journey.invented import newsletter
from tests.servers.fault_proxy import FaultProxy
from tests.servers.faulty_smtp import Fault, FaultySmtp, Then
from tests.servers.waiting import wait_until

NOW = datetime.now(UTC)
SECOND = timedelta(seconds=1)
PATIENCE = 40.0
NOT_FOR = timedelta(seconds=4)
QUICK = Pace(drain=timedelta(seconds=0.2), look=timedelta(seconds=0.05))


@pytest.fixture
def bed() -> Iterator[LoopbackBed]:
    """Give a bed with a letter in it."""
    with loopback_bed() as made:
        made.deliver(newsletter(1))
        yield made


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


def since_collected(folder: Path) -> timedelta:
    """Return how long ago collecting came to an end."""
    return datetime.now(UTC) - datetime.fromisoformat(json.loads((folder / "heartbeat.json").read_text())["collect main"]["at"])


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


# -- how it ends -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_fault_88_sigterm_ends_it_in_ten_seconds_while_the_server_is_silent_after_the_dot(bed: LoopbackBed, tmp_path: Path) -> None:
    """The answer to the dot may take ten minutes; who must end does not wait for it. The posting's outcome is looked for later."""
    with FaultySmtp(Fault("dot", then=Then.HANG, stored=True)) as smtp:
        environment = {**bed.environment(), "NUTGRAF_SMTP_PORT": str(smtp.port)}
        with Daemon(environment, tmp_path) as daemon:
            wait_until(lambda: bool(smtp.received), "the digest hangs at its dot", PATIENCE)
            assert daemon.stop(patience=10) == 0
        assert "not drained in time: deliver" in daemon.log.read_text()
    store = open_store(f"sqlite:///{tmp_path}/nutgraf.db")
    assert store.statistics()["postings dot"] == 1
    store.close()


@pytest.mark.slow
def test_fault_88_sigterm_ends_it_in_ten_seconds_while_the_mailbox_is_silent(bed: LoopbackBed, tmp_path: Path) -> None:
    """Collecting and idling hang on a connection from which nothing comes any more."""
    with FaultProxy(bed.servers.imap_port) as proxy:
        environment = {**bed.environment(), "NUTGRAF_IMAP_PORT": str(proxy.port)}
        with Daemon(environment, tmp_path) as daemon:
            wait_until(lambda: bool(bed.sent()), "the first digest", PATIENCE)
            proxy.break_now()
            wait_until(lambda: since_collected(tmp_path) > NOT_FOR, "collecting hangs", PATIENCE)
            assert daemon.stop(patience=10) == 0


def test_fault_88_sigterm_ends_an_idle_daemon_at_once(bed: LoopbackBed, tmp_path: Path) -> None:
    """Nobody waits for anything when there is nothing to finish."""
    with Daemon(bed.environment(), tmp_path) as daemon:
        wait_until(lambda: bool(bed.sent()), "a digest", PATIENCE)
        assert daemon.stop(patience=4) == 0


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="a process namespace of one's own needs root")
def test_fault_88_sigterm_ends_it_as_process_1(bed: LoopbackBed, tmp_path: Path) -> None:
    """In a container without an init the kernel ignores SIGTERM for process 1 unless it is handled."""
    settings = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "NUTGRAF_DATA_DIR": str(tmp_path), **bed.environment()}
    command = ["unshare", "--pid", "--fork", "--kill-child", sys.executable, "-m", "service", "run"]
    with subprocess.Popen(command, env=settings, stderr=subprocess.DEVNULL, cwd=tmp_path) as outer:  # noqa: S603
        wait_until(lambda: bool(bed.sent()), "a digest", PATIENCE)
        inner = int(Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text())
        assert "\t1\n" in Path(f"/proc/{inner}/status").read_text()
        os.kill(inner, signal.SIGTERM)
        assert outer.wait(10) == 0


# -- what ends it ------------------------------------------------------------------------------------------------------


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


def test_a_broken_daemon_exits_with_1(bed: LoopbackBed, tmp_path: Path) -> None:
    """The supervisor is told to start it anew."""
    program = (
        "import sys\n"
        "from dataclasses import replace\n"
        "from service import settings\n"
        "from service.commands import daemon\n"
        "from service.edges import assembly\n"
        "whole = assembly.assemble\n"
        "def broken(*given, **named):\n"
        "    service = whole(*given, **named)\n"
        "    return replace(service, now=lambda: sys.exit())\n"
        "assembly.assemble = broken\n"
        "sys.exit(daemon.run(None, None))\n"
    )
    settings = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "NUTGRAF_DATA_DIR": str(tmp_path), **bed.environment()}
    ended = subprocess.run([sys.executable, "-c", program], env=settings, capture_output=True, timeout=30, check=False)  # noqa: S603
    assert ended.returncode == 1, ended.stderr.decode()


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


# -- who may run beside it ---------------------------------------------------------------------------------------------


def test_fault_81_the_second_daemon_on_a_data_folder_is_refused(bed: LoopbackBed, tmp_path: Path) -> None:
    """It is told who the first one is, and the first one goes on."""
    with Daemon(bed.environment(), tmp_path) as first:
        wait_until(lambda: "action=started" in first.log.read_text(), "the first has started", PATIENCE)
        with Daemon(bed.environment(), tmp_path) as second:
            assert second.process.wait(10) == 1
        assert f"another Nutgraf works in {tmp_path} (process {first.process.pid})" in first.log.read_text()
        wait_until(lambda: bool(bed.sent()), "the first one's digest", PATIENCE)


def test_fault_82_two_stores_on_one_mailbox_send_a_slot_once(bed: LoopbackBed, tmp_path: Path) -> None:
    """The second finds the first one's digest in the mailbox, under the Message-ID that its own would have."""
    for name in ("one", "two"):
        ended = run_once(bed, tmp_path / name)
        assert ended.returncode == 0, ended.stdout
    assert [mail["subject"] for mail in bed.sent()] == [bed.sent()[0]["subject"]]
    store = open_store(f"sqlite:///{tmp_path}/two/nutgraf.db")
    assert store.statistics()["postings sent"] == 1
    store.close()


def run_once(bed: LoopbackBed, data_dir: Path) -> subprocess.CompletedProcess[str]:
    """Run `nutgraf once` with a data folder of its own."""
    settings = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "NUTGRAF_DATA_DIR": str(data_dir), **bed.environment()}
    command = [sys.executable, "-m", "service", "once"]
    return subprocess.run(command, env=settings, cwd=data_dir.parent, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603


# -- health ------------------------------------------------------------------------------------------------------------


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


def test_health_names_a_silent_worker(store: SqlStore, tmp_path: Path) -> None:  # noqa: ARG001
    """A worker that has finished nothing for an hour is not well, whatever the process looks like."""
    beat(tmp_path, timedelta(hours=1))
    code, said = health()
    assert (code, "read: nothing finished since" in said) == (1, True)


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
