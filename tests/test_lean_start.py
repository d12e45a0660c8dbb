"""The command line starts fast and the idle daemon stays small: shown by what is imported, which is the same on every machine.

The seconds and megabytes themselves: `./run bench startup`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkout import ROOT
from tests.journey.beds import loopback_bed
from tests.journey.invented import newsletter
from tests.servers.waiting import wait_until

HEAVY = {"alembic", "authlib", "cryptography", "httpx", "lxml", "nltk", "numpy", "psycopg", "pycountry", "requests", "rich", "sumy"}
"""What reading, summarising, migrating, logging in and showing take; none of it belongs in a daemon that waits."""

SCRIPT = """
import pathlib, sys
before = set(sys.modules)
from service.__main__ import main
try:
    main(sys.argv[2:])
except SystemExit:
    pass
pathlib.Path(sys.argv[1]).write_text(" ".join({name.partition(".")[0] for name in set(sys.modules) - before}))
"""


def start(folder: Path, *words: str, **settings: str) -> subprocess.Popen[bytes]:
    """Start the command line; it writes what it has imported into `imported` in the folder when it ends."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **settings}
    command = [sys.executable, "-c", SCRIPT, str(folder / "imported"), *words]
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603


def imported(folder: Path) -> set[str]:
    """Return the packages from outside the standard library that the process imported."""
    return set((folder / "imported").read_text().split()) - sys.stdlib_module_names - {"service"}


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("run", "--help")], ids=" ".join)
def test_help_imports_click_alone(words: tuple[str, ...], tmp_path: Path) -> None:
    """Whoever asks for help waits for nothing that help does not need."""
    assert start(tmp_path, *words).wait(30) == 0
    assert imported(tmp_path) == {"click"}


def test_the_daemon_carries_nothing_that_only_its_child_needs(tmp_path: Path) -> None:
    """After a whole round, from the mailbox to the digest, the daemon itself has imported none of the heavy libraries."""
    with loopback_bed() as bed:
        bed.deliver(newsletter(1))
        daemon = start(tmp_path, "run", **bed.environment(), NUTGRAF_DATA_DIR=str(tmp_path / "data"))
        try:
            wait_until(lambda: bool(bed.sent()), "the digest", 60)
            daemon.send_signal(signal.SIGTERM)
            assert daemon.wait(15) == 0
        finally:
            daemon.kill()
            daemon.wait()
    assert imported(tmp_path) & HEAVY == set()
    assert {"sqlalchemy", "imapclient", "apscheduler"} <= imported(tmp_path)
