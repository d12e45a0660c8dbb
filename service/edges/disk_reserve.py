"""Room on the disk that is given up when it is full, so that what has begun can still be brought to an end; and a witness.

On a full disk SQLite can't even delete. A file beside the database keeps a few megabytes; collecting stops long before they are
needed, and when another program fills the disk all the same, they let a posting's state be committed after its final dot.

The file's first line is the number of the newest digest. Without the database beside it, or with one that knows fewer digests (a copy
put back by hand), the daemon does not go on as if nothing had been sent.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from service.contracts import Temporary

RESERVE = 8 * 2**20
LOW_WATER = 64 * 2**20
LINE = 32


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
        """Take the room, where there is enough of it; leaves at least a small file."""
        with suppress(OSError):
            self._fill()

    def _fill(self) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            if os.fstat(descriptor).st_size < self._size and self._free() >= self._size + self._low_water:
                os.posix_fallocate(descriptor, 0, self._size)
        finally:
            os.close(descriptor)

    def give_up(self) -> bool:
        """Free the room; False when it has been freed before. The file stays, with its first line."""
        if not self.path.exists() or self.path.stat().st_size <= LINE:
            return False
        os.truncate(self.path, LINE)
        return True

    def remember(self, digests: int) -> None:
        """Write down the number of the newest digest, on the disk when this returns; a full disk is no fault here."""
        with suppress(OSError):
            self._remember(digests)

    def _remember(self, digests: int) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            os.pwrite(descriptor, b"%*d\n" % (LINE - 1, digests), 0)
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)

    def remembered(self) -> int | None:
        """Return the number written down last, 0 for none; None where no store ever was."""
        if not self.path.exists():
            return None
        with self.path.open("rb") as file:
            digits = file.read(LINE).strip(b"\0 \n")
        return int(digits) if digits.isdigit() else 0

    def _free(self) -> int:
        return shutil.disk_usage(self.path.parent).free
