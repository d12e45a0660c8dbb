"""How soon a letter is noticed: arrival in a real Dovecot to stored (IDLE), and to its digest handed to SMTP.

    ./run bench latency --letters 20

Bars: stored within a second (median), handed over within two.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.journey.latency import measure
from tests.servers import dovecot


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--letters", type=int, default=20)
    options = parser.parse_args()
    if reason := dovecot.missing():
        sys.exit(reason)
    with tempfile.TemporaryDirectory() as folder:
        latency = measure(options.letters, Path(folder))
    print(f"{options.letters} letters, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; seconds from arrival: median, largest")
    for name, values in (("stored", latency.stored), ("digest handed to SMTP", latency.sent)):
        print(f"  {name:24}{statistics.median(values):8.2f}{max(values):8.2f}")


if __name__ == "__main__":
    main()
