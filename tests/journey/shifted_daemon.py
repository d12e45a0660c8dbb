"""`nutgraf run` as a program whose clock a file puts forward: hours pass in a second, and all else is real.

The file named by the first argument holds seconds. The daemons that share it share their time.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from service import settings as configuration
from service.commands.daemon import serve
from service.edges import log_lines
from service.edges.apscheduler_clock import Ending, listen
from service.edges.assembly import assemble
from service.edges.state_lock import hold


class ShiftedClock:
    """The present, put forward by the seconds in a file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __call__(self) -> datetime:
        """Return the moment, aware, UTC."""
        shift = 0.0
        with suppress(FileNotFoundError):
            shift = float(self._file.read_text())
        return datetime.now(UTC) + timedelta(seconds=shift)

    def pass_time(self, time: timedelta) -> None:
        """Put the clock forward for everybody."""
        shift = (self() - datetime.now(UTC) + time).total_seconds()
        part = self._file.with_suffix(".part")
        part.write_text(str(shift))
        part.replace(self._file)


def main() -> int:
    """Run the daemon; return its exit code."""
    settings = configuration.load(None)
    log_lines.configure(settings.log_level, settings.log_format)
    with hold(settings.data_dir):
        service = replace(assemble(settings, alone=True), now=ShiftedClock(Path(sys.argv[1])))
        return int(serve(service, listen()) is not Ending.STOPPED)


if __name__ == "__main__":
    sys.exit(main())
