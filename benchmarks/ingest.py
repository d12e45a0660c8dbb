"""How fast letters come in: from Dovecot through our mailbox into the store, and judged; beside mbsync and getmail6.

    ./run bench ingest --letters 10000          # fetch, store, peers
    ./run bench ingest --letters 2000 --judge 500

Fetching alone is compared with a bare socket that asks for the same letters in the same batches and only counts the octets, and with
one that takes their SHA-256 as well, as whoever knows a letter by its fingerprint must; runs are interleaved, and the median of five
is given. Each measured run is a process of its own, so that its peak memory is its own: it should be the same for a quarter of the
letters. Letters are generated here: no two alike, about 70 kB each on average.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import random
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from service.edges.imap_connection import ImapAccount
from service.edges.imap_mailbox import ImapMailbox
from service.edges.tls import Security
from tests.servers import dovecot
from tests.servers.dovecot import PASSWORD, Dovecot

WORDS = ("harbour", "market", "letter", "garden", "winter", "science", "council", "bridge", "student", "engine", "river", "festival")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
ROUNDS = 5


def letters(number: int, seed: int = 7) -> Iterator[bytes]:
    """Yield newsletters of 5 to 300 kB: a plain text and an HTML part, each sentence of its own."""
    chance = random.Random(seed)  # noqa: S311
    for index in range(number):
        items = int(chance.lognormvariate(3.2, 0.8)) + 3
        texts = [" ".join(chance.choices(WORDS, k=60)).capitalize() + "." for _ in range(items)]
        html = "".join(
            f'<tr><td style="font:16px/1.5 Arial;padding:12px 24px"><h2>{t[:40]}</h2><p>{t * 3}</p></td></tr>\r\n' for t in texts
        )
        yield (
            f"From: The Bench {index % 40} <news@bench{index % 40}.example>\r\nTo: reader@home.example\r\n"
            f"Subject: Issue {index}\r\nDate: Sun, 22 Nov 2026 08:00:00 +0000\r\nMessage-ID: <{index}@bench.example>\r\n"
            f"List-Id: <bench{index % 40}.example>\r\nMIME-Version: 1.0\r\n"
            'Content-Type: multipart/alternative; boundary="b"\r\n\r\n'
            f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{chr(13) + chr(10).join(texts)}\r\n"
            f"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<table>{html}</table>\r\n--b--\r\n"
        ).encode()


# -- what is measured, each in a process of its own --------------------------------------------------------------------


def fetch(account: ImapAccount) -> tuple[int, int]:
    """Collect everything and forget it; return letters and octets."""
    mailbox, found = ImapMailbox("bench", account), (0, 0)
    for batch in mailbox.collect("INBOX", None, LONG_AGO):
        found = (found[0] + len(batch.letters), found[1] + sum(letter.size for letter in batch.letters))
    mailbox.close()
    return found


def bare_socket(account: ImapAccount, look: Callable[[bytes], object] = len) -> tuple[int, int]:
    """Read the same letters, sizes first, 100 at a time, and count; nothing is parsed, nothing is kept, but `look` sees it all."""
    with socket.create_connection((account.host, account.port), timeout=60) as server:
        server.recv(4096)
        _ask(server, f"LOGIN {account.user} {PASSWORD}")
        total = int(_ask(server, "EXAMINE INBOX")[1].split(b" EXISTS")[0].split()[-1])
        octets = 0
        for first in range(1, total + 1, 500):
            _ask(server, f"FETCH {first}:{min(total, first + 499)} (UID RFC822.SIZE INTERNALDATE)")
        for first in range(1, total + 1, 100):
            octets += _ask(server, f"FETCH {first}:{min(total, first + 99)} (UID BODY.PEEK[])", look)[0]
    return total, octets


def _ask(server: socket.socket, command: str, look: Callable[[bytes], object] = len) -> tuple[int, bytes]:
    """Give a command; return the number of octets of its answer, and the end of it."""
    server.sendall(f"a {command}\r\n".encode())
    count, end = 0, b""
    while b"\na OK" not in b"\n" + end:
        octets = server.recv(262_144)
        count += len(octets)
        look(octets)
        end = (end + octets)[-2000:]
    return count, end


def store(account: ImapAccount) -> tuple[int, int]:
    """Collect everything into a new SQLite store, through the daemon's own step."""
    from service import steps
    from service.edges.sql_store import open_store

    with tempfile.TemporaryDirectory() as folder:
        kept, mailbox = open_store(f"sqlite:///{folder}/bench.db"), ImapMailbox("bench", account)
        found = steps.collect(mailbox, "INBOX", kept, lambda: datetime.now(UTC), timedelta(days=36500))
        mailbox.close()
        kept.close()
        return found, sum(file.stat().st_size for file in Path(folder).iterdir())


def judge(account: ImapAccount, number: int) -> tuple[int, int]:
    """Collect, then read `number` letters as the daemon does, by as many workers with a child process each; only the reading is timed."""
    from service import steps
    from service.edges.assembly import CHILDREN, READERS, utc_now
    from service.edges.child_reader import ChildReader
    from service.edges.sql_store import open_store
    from service.edges.turns import Turns

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(len(READERS)) as workers:
        kept, mailbox = open_store(f"sqlite:///{folder}/bench.db"), ImapMailbox("bench", account)
        reader, turns, places = ChildReader(children=CHILDREN), Turns(), iter(range(number))
        steps.collect(mailbox, "INBOX", kept, utc_now, timedelta(days=36500))
        mailbox.close()
        began = time.perf_counter()
        done = sum(workers.map(lambda _: sum(steps.read(reader, kept, utc_now, turns.alone) for _ in places), READERS))
        speed = done / (time.perf_counter() - began)
        reader.close()
        kept.close()
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"      {speed:,.0f} letters/s judged ({done:,}) by {CHILDREN} children of at most {peak:.0f} MB", file=sys.stderr)
        return done, 0


def mbsync(account: ImapAccount, folder: Path) -> None:
    """Pull the mailbox with mbsync, with FSync as it comes."""
    config = folder / "mbsyncrc"
    config.write_text(
        f"IMAPAccount b\nHost {account.host}\nPort {account.port}\nUser {account.user}\nPass {PASSWORD}\nSSLType None\nAuthMechs LOGIN\n\n"
        f"IMAPStore far\nAccount b\n\nMaildirStore near\nPath {folder}/\nInbox {folder}/INBOX\n\n"
        "Channel c\nFar :far:\nNear :near:\nCreate Near\nSync PullNew\nSyncState *\n"
    )
    subprocess.run(["mbsync", "-q", "-c", str(config), "c"], check=True, timeout=900, stderr=subprocess.DEVNULL)  # noqa: S607


def getmail(account: ImapAccount, folder: Path) -> None:
    """Pull the mailbox with getmail6 into a Maildir."""
    folder.chmod(0o755)
    for part in ("", "cur", "new", "tmp"):
        (folder / "INBOX" / part).mkdir(parents=True)
        if os.geteuid() == 0:  # getmail delivers nothing as root
            shutil.chown(folder / "INBOX" / part, "mail")
    user = "user = mail\n" if os.geteuid() == 0 else ""
    (folder / "getmailrc").write_text(
        f"[retriever]\ntype = SimpleIMAPRetriever\nserver = {account.host}\nport = {account.port}\nusername = {account.user}\n"
        f"password = {PASSWORD}\n[destination]\ntype = Maildir\npath = {folder}/INBOX/\n{user}[options]\nread_all = true\ndelete = false\n"
    )
    command = ["getmail", "--quiet", "--getmaildir", str(folder), "--rcfile", "getmailrc"]
    subprocess.run(command, check=True, timeout=900, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


# -- running and telling -----------------------------------------------------------------------------------------------


def measured(what: str, port: int, user: str, judged: int = 0) -> dict[str, float]:
    """Run one of the above in a new process; return letters, octets, seconds and peak memory in MB."""
    command = [sys.executable, __file__, "--worker", what, "--port", str(port), "--user", user, "--judge", str(judged)]
    result: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=1800).stdout)
    return result


def work(options: argparse.Namespace) -> None:
    """Be the process that is measured."""
    account = ImapAccount("127.0.0.1", options.user, PASSWORD, options.port, Security.PLAIN)
    tasks: dict[str, Callable[[ImapAccount], tuple[int, int]]] = {
        "fetch": fetch,
        "bare socket": bare_socket,
        "hashing socket": partial(bare_socket, look=hashlib.sha256().update),
        "store": store,
        "judge": partial(judge, number=options.judge),
    }
    began = time.perf_counter()
    number, octets = tasks[options.worker](account)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"letters": number, "octets": octets, "seconds": seconds, "peak": peak}))


def tell(name: str, number: int, seconds: float, megabytes: float, peak: float | None = None) -> None:
    """Print one line of the table."""
    memory = "" if peak is None else f"   peak {peak:4.0f} MB"
    print(f"  {name:<36}{number / seconds:8,.0f} letters/s {megabytes / seconds:7,.0f} MB/s {seconds:7.2f} s{memory}", flush=True)


def compare(server: Dovecot, number: int, megabytes: float, few: str, many: str, judged: int) -> None:
    """Measure everything and tell it."""
    rounds = [[measured(what, server.imap_port, many) for what in ("bare socket", "hashing socket", "fetch")] for _ in range(ROUNDS)]
    bare, hashing, fetched = zip(*rounds, strict=True)
    named = {"bare socket, counting only": bare, "bare socket, with SHA-256 of it all": hashing, "our mailbox, fetching only": fetched}
    for name, runs in named.items():
        tell(name, number, statistics.median(run["seconds"] for run in runs), megabytes, max(run["peak"] for run in runs))
    ratios = [
        statistics.median(ours["seconds"] / run["seconds"] for run, ours in zip(runs, fetched, strict=True)) for runs in (bare, hashing)
    ]
    print(f"      fetching takes {ratios[0]:.2f} times as long as the bare socket (bar: 1.3), {ratios[1]:.2f} times with SHA-256")
    stored = measured("store", server.imap_port, many)
    tell("our mailbox, into the store", number, stored["seconds"], megabytes, stored["peak"])
    quarter = measured("store", server.imap_port, few)
    print(f"      with a quarter of the letters the peak is {quarter['peak']:.0f} MB")
    for name, program, pull in (("mbsync (FSync as it comes)", "mbsync", mbsync), ("getmail6", "getmail", getmail)):
        if shutil.which(program) is None:
            print(f"  {name:<36}not installed")
            continue
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            try:
                pull(server.account(many), Path(folder))
            except subprocess.SubprocessError as failure:
                print(f"  {name:<36}gave up after {time.perf_counter() - began:.0f} s: {type(failure).__name__}")
                continue
            tell(name, number, time.perf_counter() - began, megabytes)
    if judged:
        peak = measured("judge", server.imap_port, many, judged)["peak"]
        print(f"      and by the process that stores them, of at most {peak:.0f} MB")


def main() -> None:
    """Measure, or be measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--letters", type=int, default=10_000)
    parser.add_argument("--judge", type=int, default=200, help="how many letters to judge")
    for hidden in ("--worker", "--user"):
        parser.add_argument(hidden, default="", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options)
        return
    if reason := dovecot.missing():
        sys.exit(reason)
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}; plain IMAP on loopback")
    with Dovecot() as server:
        octets = 0
        for index, raw in enumerate(letters(options.letters)):
            server.deliver(raw, user="many")
            if index % 4 == 0:
                server.deliver(raw, user="few")
            octets += len(raw)
        for user in ("many", "few"):
            server.administer("index", "-u", user, "INBOX")
        print(f"{options.letters:,} letters, {octets / 1e6:,.0f} MB")
        compare(server, options.letters, octets / 1e6, "few", "many", min(options.judge, options.letters))


if __name__ == "__main__":
    main()
