"""The first look at a mailbox of 100,000 letters in a real Dovecot, most of them older than the look-back, with a SIGKILL half way.

    ./run bench first_sync --letters 100000 --recent 1000

Time is from the first daemon's start to the last letter stored; the daemon's memory early on and at its peak should be the same.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.journey.first_sync import sync
from tests.servers import dovecot


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--letters", type=int, default=100_000)
    parser.add_argument("--recent", type=int, default=1000)
    options = parser.parse_args()
    if reason := dovecot.missing():
        sys.exit(reason)
    with tempfile.TemporaryDirectory() as folder:
        found = sync(options.letters, options.recent, Path(folder))
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}: {found.letters:,} letters known, {found.skipped:,} of them too old,")
    speed = found.letters / found.seconds
    print(f"in {found.seconds:.0f} s ({speed:,.0f} a second); killed at {found.killed:,}, begun anew: {found.restarted}")
    print(f"memory of the daemon: early {found.early:.0f} MB, peak {found.peak:.0f} MB")


if __name__ == "__main__":
    main()
