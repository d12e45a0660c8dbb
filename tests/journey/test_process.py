"""The daemon as a process: how it ends, and who may run beside it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.edges.sql_store import open_store
from tests.journey.beds import ROOT, Daemon, LoopbackBed, loopback_bed
from tests.journey.invented import newsletter
from tests.servers.fault_proxy import FaultProxy
from tests.servers.faulty_smtp import Fault, FaultySmtp, Then
from tests.servers.waiting import wait_until

PATIENCE = 40.0
NOT_FOR = timedelta(seconds=4)


@pytest.fixture
def bed() -> Iterator[LoopbackBed]:
    """Give a bed with a letter in it."""
    with loopback_bed() as made:
        made.deliver(newsletter(1))
        yield made


def since_collected(folder: Path) -> timedelta:
    """Return how long ago collecting came to an end."""
    return datetime.now(UTC) - datetime.fromisoformat(json.loads((folder / "heartbeat.json").read_text())["collect main"]["at"])


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
