"""The command line as people and scripts meet it: one process each, an empty folder, no settings but those given."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

ROOT = Path(__file__).parent.parent.parent


def nutgraf(
    folder: Path, *words: str, settings: Mapping[str, str] = MappingProxyType({}), stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run the command in `folder` with nothing in its environment but `settings`."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(folder), **settings}
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "service", *words], cwd=folder, env=environment, input=stdin, capture_output=True, check=False, timeout=100
    )


def objects(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    """Return the JSON objects on standard output, one a line and nothing else."""
    return [json.loads(line) for line in done.stdout.decode().split("\n") if line]


def folders(tmp_path: Path, **more: str) -> dict[str, str]:
    """Return the settings of a mailbox that is a folder, and of an outbox that is one."""
    return {
        "NUTGRAF_MAILDIR": str(tmp_path),
        "NUTGRAF_OUTBOX": str(tmp_path / "out"),
        "NUTGRAF_TO": "ann@example.org",
        "NUTGRAF_DATA_DIR": str(tmp_path / "data"),
        **more,
    }
