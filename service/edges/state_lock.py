"""One daemon at a time on a data folder.

The operating system lets go of the lock when the process ends, however it ends. A store in PostgreSQL needs none: its rows are claimed,
and any number of workers may share it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.contracts import Permanent

NAME = "nutgraf.lock"


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Be the only one who works in `folder` (made where missing) until the block ends. Raises Permanent when nobody or another can."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(folder / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        fix = "give a folder that Nutgraf may write as NUTGRAF_DATA_DIR"
        raise Permanent(f"the data folder {folder} can't be used: {error.strerror}", fix) from None
    try:
        _take(descriptor, folder)
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, b"%d\n" % os.getpid(), 0)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip() or "unknown"
        fix = "stop it first, or give this one a NUTGRAF_DATA_DIR of its own"
        raise Permanent(f"another Nutgraf works in {folder} (process {owner})", fix) from None
