"""Several processes on one store, and processes that are killed: each letter once, the cursor where the letters end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from service.edges.sql_store import open_store
from tests.contract.store_examples import letter, put


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the store is."""
    return tmp_path / "nutgraf.db"


COLLECTING = """
import sys
from service.edges.sql_store import open_store
from tests.contract.store_examples import letter, put
store = open_store(sys.argv[1], reserve=0, low_water=0)
for number in range(100_000):
    put(store, letter(f"{number} " * 5000))
    print(number, flush=True)
"""


@pytest.mark.parametrize("after", [0, 1, 3, 9])
def test_fault_75_killed_collector_leaves_cursor_and_letters_agreed(path: Path, after: int) -> None:
    """A process killed while it collects has stored what it said it stored, and the cursor is where the letters end."""
    with _run(COLLECTING, f"sqlite:///{path}") as child:
        assert child.stdout is not None
        said = [child.stdout.readline() for _ in range(after + 1)]
        child.send_signal(signal.SIGKILL)
    store = open_store(f"sqlite:///{path}", reserve=0, low_water=0)
    try:
        letters = store.statistics()["letters"]
        cursor = store.cursor("home", "INBOX")
        assert cursor is not None
        assert cursor.next_uid == letters + 1
        assert letters >= len(said)
    finally:
        store.close()


READING = """
import sys
from service.edges.sql_store import open_store
from service.records import Memory
from tests.contract.store_examples import LEASE, NOW, newsletter
store = open_store(sys.argv[1], reserve=0, low_water=0)
while item := store.claim_letter(NOW, LEASE):
    store.add_reading(item, newsletter("Rain"), Memory(), NOW)
    print(item.fingerprint, flush=True)
store.close()
"""


def test_processes_share_the_letters(path: Path) -> None:
    """Three processes read sixty letters: each letter once."""
    store = open_store(f"sqlite:///{path}", reserve=0, low_water=0)
    put(store, *(letter(str(number)) for number in range(60)))
    store.close()
    children = [_run(READING, f"sqlite:///{path}") for _ in range(3)]
    outputs = [child.communicate(timeout=60)[0].split() for child in children]
    read = [line for output in outputs for line in output]
    assert [child.returncode for child in children] == [0, 0, 0]
    assert len(read) == len(set(read)) == 60


def test_processes_make_a_new_store_together(path: Path) -> None:
    """Three processes that start at the same time on nothing find one store."""
    children = [_run(READING, f"sqlite:///{path}") for _ in range(3)]
    assert [child.wait(60) for child in children] == [0, 0, 0]
    for child in children:
        child.communicate()


def _run(script: str, url: str) -> subprocess.Popen[str]:
    root = str(Path(__file__).parents[2])
    return subprocess.Popen(  # noqa: S603 -- our own interpreter
        [sys.executable, "-c", script, url], cwd=root, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": root}
    )
