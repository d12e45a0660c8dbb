"""Broken letters through the running daemon: the golden letters of tests/letters cut, flipped, flooded, nested, mislabelled, and noise.

    ./run bench hostile --letters 10000        # about 20 letters a second on two free cores

Exits with 1 when the daemon ended, a step crashed, or a letter is not accounted for.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.journey.hostile import hostile
from tests.journey.test_hostile_letters import through_the_daemon


def main() -> None:
    """Break and tell."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--letters", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    letters = list(hostile(options.letters, options.seed))
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        outcome = through_the_daemon(letters, Path(folder), 60 + 2.0 * options.letters)
    seconds = time.monotonic() - began
    crashes = outcome.log.count("action=crashed")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}: {len(set(letters)):,} letters in {seconds:,.0f} s")
    print(f"collected {outcome.collected:,}; letters by state {outcome.states}; outcomes {outcome.outcomes}; {crashes} steps crashed")
    print(f"memory of the daemon after a quarter {outcome.early:.0f} MB, peak {outcome.peak:.0f} MB")
    sys.exit(bool(crashes or outcome.collected != len(set(letters)) or sum(outcome.outcomes.values()) != outcome.collected))


if __name__ == "__main__":
    main()
