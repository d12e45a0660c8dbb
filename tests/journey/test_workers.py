"""A worker of the daemon: when it is well, and how that is known outside."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from service.edges.heartbeat import Heartbeat, silent
from service.edges.workers import Job, Worker


def test_a_worker_with_a_long_list_of_work_shows_that_it_gets_on(tmp_path: Path) -> None:
    """Thousands of letters take longer than `nutgraf health` has patience; the first of them is a sign of life."""
    heartbeat = Heartbeat(tmp_path)
    heartbeat.begin({"read": timedelta(seconds=15)}, datetime.now(UTC) - timedelta(hours=1))
    health: list[list[str]] = []
    ended = threading.Event()

    def step() -> int:
        health.append(silent(tmp_path, datetime.now(UTC)))
        if len(health) == 2:
            ended.set()
        return len(health) < 2

    worker = Worker(Job("read", step, timedelta(seconds=15)), heartbeat, lambda _name: None, lambda _name: None)
    worker.start()
    worker.wake()
    assert ended.wait(10)
    worker.stop()
    worker.join(10)

    assert [bool(troubles) for troubles in health] == [True, False]
