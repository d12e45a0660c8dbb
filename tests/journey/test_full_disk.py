"""The daemon on a disk that fills up: it lives, says so, and goes on when there is room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journey.beds import Daemon, loopback_bed
from tests.journey.invented import newsletter
from tests.servers.small_disk import mounted
from tests.servers.waiting import wait_until

PATIENCE = 60.0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a folder on a disk of 90 MB: a little more than the daemon wants free."""
    with mounted(tmp_path / "small", "90m") as folder:
        yield folder


@pytest.mark.slow
def test_fault_76_the_daemon_outlives_a_full_disk(small_disk: Path, tmp_path: Path) -> None:
    """What has come is digested or waits, the log says why, and with room again the rest comes in."""
    with loopback_bed() as bed:
        environment = {**bed.environment(), "NUTGRAF_DATA_DIR": str(small_disk / "data")}
        bed.deliver(newsletter(1))
        with Daemon(environment, tmp_path / "log") as daemon:
            wait_until(lambda: len(bed.sent()) == 1, "the first digest", PATIENCE)
            fill(small_disk / "other")
            bed.deliver(newsletter(2))
            wait_until(lambda: "full" in daemon.log.read_text(), "the daemon says that the disk is full", PATIENCE)
            assert len(bed.sent()) == 1
            (small_disk / "other").unlink()
            wait_until(lambda: len(bed.sent()) == 2, "the second digest", PATIENCE)
            assert daemon.stop() == 0
    assert "action=crashed" not in daemon.log.read_text()
    assert "worker ended" not in daemon.log.read_text()


def fill(path: Path) -> None:
    """Write until the disk is full, to the last octet."""
    with path.open("wb", buffering=0) as file:
        for size in (2**20, 2**12, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
