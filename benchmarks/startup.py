"""How fast and how small: `nutgraf --help`, the daemon's first poll, the memory of the idle daemon with its children.

    ./run bench startup [RUNS]

Prints each figure as minimum, median and maximum of RUNS (5), with the machine; for comparison what importing sumy's stock LexRank
with NLTK costs in the same run. Targets: help under 0.2 s, first poll under 1.5 s, resident under 80 MB.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from service.edges.loopback_servers import LoopbackServers
from tests.journey.beds import Daemon, LoopbackBed
from tests.journey.invented import newsletter
from tests.servers.waiting import wait_until

STOCK = """
import resource
import nltk
from sumy.summarizers.lex_rank import LexRankSummarizer
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def resident(pid: int) -> float:
    """Return the proportional resident memory of a process and its children, in MB."""
    children = _children(pid)
    own = next(line for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines() if line.startswith("Pss:"))
    return int(own.split()[1]) / 1000 + sum(resident(int(child)) for child in children)


def help_seconds() -> float:
    """Return how long `nutgraf --help` takes as a process."""
    return _timed([sys.executable, "-m", "service", "--help"])


def bare_seconds() -> float:
    """Return how long the interpreter alone takes."""
    return _timed([sys.executable, "-c", ""])


def stock_seconds() -> float:
    """Return how long a process takes that only imports stock sumy's LexRank."""
    return _timed([sys.executable, "-c", STOCK])


def _timed(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def daemon_figures() -> tuple[float, float, float]:
    """Return seconds from start to the first letter stored, MB while reading it, and MB once idle."""
    with LoopbackServers({"reader@demo.example": "pw"}) as servers, tempfile.TemporaryDirectory() as folder:
        bed = LoopbackBed(servers)
        bed.deliver(newsletter(1))
        began = time.perf_counter()
        with Daemon(bed.environment(), Path(folder)) as daemon:
            wait_until(lambda: "action=collected" in daemon.log.read_text(), "the first letter is stored", 30)
            polled = time.perf_counter() - began
            busy = [0.0]

            def delivered() -> bool:
                with suppress(OSError):  # a child may end while it is looked at
                    busy[0] = max(busy[0], resident(daemon.process.pid))
                return bool(bed.sent())

            wait_until(delivered, "its digest is sent", 60)
            wait_until(lambda: not _children(daemon.process.pid), "the reading child has ended", 60)
            return polled, busy[0], resident(daemon.process.pid)


def _children(pid: int) -> list[str]:
    """Return the living processes that any of its threads has started."""
    started = [child for file in Path(f"/proc/{pid}/task").glob("*/children") for child in file.read_text().split()]
    return [child for child in started if ") Z " not in Path(f"/proc/{child}/stat").read_text()]


def line(name: str, values: list[float], unit: str, target: str) -> None:
    """Print one figure."""
    low, middle, high = min(values), statistics.median(values), max(values)
    print(f"{name:34} {low:8.3f} {middle:8.3f} {high:8.3f} {unit:3}  {target}")


def main(runs: int) -> None:
    """Measure and print."""
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}; minimum, median, maximum of {runs}")
    measured: Callable[[Callable[[], float]], list[float]] = lambda work: [work() for _ in range(runs)]  # noqa: E731
    line("the interpreter alone", measured(bare_seconds), "s", "")
    line("nutgraf --help", measured(help_seconds), "s", "target 0.2")
    line("stock sumy imported", measured(stock_seconds), "s", "")
    stock = subprocess.run([sys.executable, "-c", STOCK], check=True, capture_output=True, text=True).stdout
    figures = [daemon_figures() for _ in range(runs)]
    line("daemon: start to first letter stored", [f[0] for f in figures], "s", "target 1.5")
    line("daemon and child at work", [f[1] for f in figures], "MB", "")
    line("daemon idle, with children", [f[2] for f in figures], "MB", "target 80")
    print(f"stock sumy imported, alone: {int(stock) / 1000:.0f} MB")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
