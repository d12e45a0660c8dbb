"""Room on the disk that is given up when it is full, so that what has begun can still be brought to an end.

On a full disk SQLite can't even delete. A file beside the database keeps a few megabytes; collecting stops long before they are
needed, and when another program fills the disk all the same, they let a posting's state be committed after its final dot.
The file is also the witness that a store was here: without its database the daemon refuses to begin anew (and send all again).
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from service.contracts import Temporary

RESERVE = 8 * 2**20
LOW_WATER = 64 * 2**20


class DiskReserve:
    """The reserve of the database at `path`: `size` octets, and no collecting below `low_water` free octets."""

    def __init__(self, path: Path, size: int = RESERVE, low_water: int = LOW_WATER) -> None:
        self.path = path.with_name(path.name + ".reserve")
        self._size = size
        self._low_water = low_water

    def check(self) -> None:
        """Raise Temporary when the disk is nearly full; else make the reserve whole again."""
        if self._free() < self._low_water:
            raise Temporary(f"the disk is nearly full: nothing is collected until {self._low_water // 2**20} MB are free")
        self.fill()

    def fill(self) -> None:
        """Take the room, where there is enough of it; leaves at least an empty file."""
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            if os.fstat(descriptor).st_size < self._size and self._free() >= self._size + self._low_water:
                os.posix_fallocate(descriptor, 0, self._size)
        finally:
            os.close(descriptor)

    def give_up(self) -> bool:
        """Free the room; False when it has been freed before. The file stays, empty."""
        if not self.path.exists() or self.path.stat().st_size == 0:
            return False
        os.truncate(self.path, 0)
        return True

    def _free(self) -> int:
        return shutil.disk_usage(self.path.parent).free
