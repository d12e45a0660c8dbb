"""A siege: letters arrive all along, the daemon's processes die by SIGKILL, Dovecot forgets its UIDs; in the end everything is counted.

Counted is what lies on the server, in the one Maildir into which Postfix delivers the digests and from which Dovecot serves the letters.
Each letter carries a mark of its own in its title. The edition `hourly` is made of all letters, `flash` gives those of some sources a
digest each. A mark that stands in no mail of an edition is a letter lost; one in two mails, or a Message-ID twice, is doubled.
"""

from __future__ import annotations

import email
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from pathlib import Path

from tests.journey.beds import ROOT
from tests.journey.shifted_daemon import ShiftedClock
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.postfix import DOMAIN, Postfix

READER = f"reader@{DOMAIN}"
MARK = re.compile(r"K\d{6}")
TRACEBACK = re.compile(r"^Traceback \(most recent call last\):\n(?:(?!\d{4}-).*\n)*", re.MULTILINE)
BETWEEN = timedelta(minutes=40)
"""What passes after a kill: leases and rests end in it."""

EDITIONS = f"""
[[edition]]
name = "hourly"
recipients = ["{READER}"]
timetable = "every 1h"
entries = 1000
[[edition]]
name = "flash"
recipients = ["{READER}"]
timetable = "each letter"
sources = ["flash*"]
"""


@dataclass(frozen=True, slots=True)
class Siege:
    """How hard it is. `database` is a PostgreSQL store's URL, needed for more than one process. Every fifth letter is for `flash`."""

    letters: int
    kills: int
    wipes: int
    processes: int = 1
    database: str = ""
    longest: float = 4.0  # seconds that pass at most between two kills
    seed: int = 1
    patience: float = 600.0  # seconds from the last kill until everything is there


@dataclass(slots=True)
class Count:
    """What was done, and what lay on the server in the end."""

    letters: int = 0
    kills: int = 0
    wipes: int = 0
    digests: int = 0
    probed: int = 0  # postings whose outcome was unknown after a kill, and that were found in the mailbox
    absent: int = 0  # postings that were looked for twice in vain, and sent again
    crashes: list[str] = field(default_factory=list)  # the tracebacks in the logs
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)


def letter(number: int) -> bytes:
    """Return the newsletter of this number; no two share a noun."""
    chance = random.Random(number)  # noqa: S311
    nouns = ["".join(chance.choices("bdfgklmnprst", k=1)[0] + chance.choice("aeiou") for _ in range(4)) for _ in range(12)]
    source = f"{'flash' if number % 5 == 0 else 'news'}{number % 40}"
    text = (
        f"The {nouns[0]} of {nouns[1]} was sold to the {nouns[2]} on Monday for {number + 17} crowns. Its owner, {nouns[3].title()}"
        f" {nouns[4].title()}, said that the {nouns[5]} will stay where it is. In {nouns[6].title()} the {nouns[7]} had waited for this"
        f" since the {nouns[8]} burnt down. Nobody knows what becomes of the {nouns[9]} and the {nouns[10]} behind the {nouns[11]}."
    )
    return f"""\
From: {source.title()} <{source}@{source}.example>
To: {READER}
Subject: K{number:06} and the {nouns[0]}
Message-ID: <letter-{number}@{source}.example>
List-Id: <{source}.example>
List-Unsubscribe: <https://{source}.example/unsubscribe>
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<html><body><h1>K{number:06} and the {nouns[0]}</h1><p>{text}</p>
<p style="font-size:10px"><a href="https://{source}.example/unsubscribe">Unsubscribe</a></p></body></html>
""".replace("\n", "\r\n").encode()


def besiege(siege: Siege, folder: Path, say: bool = False) -> Count:
    """Run the siege in `folder`; return the count. AssertionError when a daemon ends by itself."""
    with Dovecot(extra="auth_username_format = %Ln") as imap, Postfix(("reader",), mail=imap.directory / "mail") as smtp:
        field_ = _Field(siege, folder, imap, smtp, say)
        with field_.daemons():
            field_.fire()
            field_.wait_for_all()
        return field_.count()


@dataclass(frozen=True, slots=True)
class Digest:
    """A mail on the server: its Message-ID, and the edition with each letter's mark in it."""

    message_id: str
    shown: frozenset[tuple[str, str]]


class _Field:
    """Everything that stands on the field while a siege lasts."""

    def __init__(self, siege: Siege, folder: Path, imap: Dovecot, smtp: Postfix, say: bool) -> None:
        self.siege, self.folder, self.imap, self.smtp, self.say = siege, folder, imap, smtp, say
        self.clock = ShiftedClock(folder / "clock")
        self.chance = random.Random(siege.seed)  # noqa: S311
        self.running: list[subprocess.Popen[bytes]] = []
        self.done = Count()
        self._read = self._connected = 0
        (folder / "config").mkdir()
        (folder / "config" / "editions.toml").write_text(EDITIONS)

    @contextmanager
    def daemons(self) -> Iterator[None]:
        """Run the daemons until the block ends."""
        self.running = [self._start(place) for place in range(self.siege.processes)]
        try:
            yield
        finally:
            for daemon in self.running:
                daemon.kill()
                daemon.wait()

    def fire(self) -> None:
        """Deliver and kill until enough of both was done."""
        siege, done = self.siege, self.done
        while done.kills < siege.kills:
            self._deliver(siege.letters * (done.kills + 1) // siege.kills - done.letters)
            self._wait_for_the_moment()
            self._kill(self.chance.randrange(siege.processes))
            if done.kills % max(1, siege.kills // max(1, siege.wipes)) == 0 and done.wipes < siege.wipes:
                self.imap.forget_uids("reader")
                done.wipes += 1
            self._settle()
            self.clock.pass_time(BETWEEN)
            if self.say and done.kills % 20 == 0:
                print(f"{done.letters} letters, {done.kills} kills, {len(self._mails())} digests", flush=True)  # noqa: T201

    def wait_for_all(self) -> None:
        """Let time pass until every letter stands in its digests, and then once more, in which nothing may be added."""
        end = time.monotonic() + self.siege.patience
        while self._missing() and time.monotonic() < end:
            self._pass_an_hour()
        for _ in range(3):
            self._pass_an_hour()

    def _pass_an_hour(self) -> None:
        time.sleep(2)
        self._settle()
        self.clock.pass_time(timedelta(hours=1))

    def count(self) -> Count:
        """Return what was done and what lies on the server."""
        done, mails = self.done, self._mails()
        done.digests = len(mails)
        done.lost = sorted(f"{edition} {mark}" for edition, mark in self._missing())
        shown = Counter(pair for mail in mails for pair in mail.shown)
        identities = Counter(mail.message_id for mail in mails)
        done.twice = [f"{edition} {mark}" for (edition, mark), times in shown.items() if times > 1]
        done.twice += [identity for identity, times in identities.items() if times > 1]
        logs = "".join(log.read_text(errors="replace") for log in self.folder.glob("daemon*.log"))
        done.probed = logs.count("found in the mailbox") + logs.count("it has arrived already")
        done.absent = logs.count("looked for twice and not found")
        done.crashes = TRACEBACK.findall(logs)
        return done

    def _start(self, place: int) -> subprocess.Popen[bytes]:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "NUTGRAF_DATA_DIR": str(self.folder / f"data{place}"),
            "NUTGRAF_CONFIG_DIR": str(self.folder / "config"),
            "NUTGRAF_IMAP_HOST": self.imap.host,
            "NUTGRAF_IMAP_PORT": str(self.imap.imaps_port),
            "NUTGRAF_IMAP_USER": READER,
            "NUTGRAF_IMAP_PASSWORD": PASSWORD,
            "NUTGRAF_CA_FILE": str(self.imap.certificates.ca_file),
            "NUTGRAF_SMTP_HOST": self.smtp.host,
            "NUTGRAF_SMTP_PORT": str(self.smtp.port),
            "NUTGRAF_SMTP_SECURITY": "plain",
            "NUTGRAF_FROM": f"Nutgraf <nutgraf@{DOMAIN}>",
            "NUTGRAF_TO": READER,
            "NUTGRAF_POLL": "1s",
            **({"NUTGRAF_DATABASE_URL": self.siege.database} if self.siege.database else {}),
        }
        command = [sys.executable, "-m", "tests.journey.shifted_daemon", str(self.folder / "clock")]
        with (self.folder / f"daemon{place}.log").open("ab") as log:
            return subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=self.folder)  # noqa: S603

    def _deliver(self, number: int) -> None:
        for _ in range(number):
            self.imap.deliver(letter(self.done.letters), received=self.clock())
            self.done.letters += 1

    def _wait_for_the_moment(self) -> None:
        """Wait any time, or (every second time) until a digest is on its way: the instants about the final dot are short."""
        if self.chance.random() < 0.5:
            time.sleep(self.chance.uniform(0.1, self.siege.longest))
            return
        end, before = time.monotonic() + self.siege.longest, self._connections()
        while self._connections() == before and time.monotonic() < end:
            time.sleep(0.005)
        time.sleep(self.chance.uniform(0, 0.06))

    def _connections(self) -> int:
        with (self.smtp.directory / "maillog").open("rb") as log:
            log.seek(self._read)
            lines = log.read()
        self._read += len(lines)
        self._connected += lines.count(b"]: connect from")
        return self._connected

    def _kill(self, place: int) -> None:
        daemon = self.running[place]
        assert daemon.poll() is None, f"daemon {place} ended by itself with {daemon.returncode}"
        daemon.send_signal(signal.SIGKILL)
        daemon.wait()
        self.done.kills += 1
        self.running[place] = self._start(place)

    def _settle(self) -> None:
        """Wait until Postfix has nothing left in its queue: in the world the minutes that pass now do that."""
        end = time.monotonic() + 30
        while self.smtp.queued() and time.monotonic() < end:
            time.sleep(0.02)

    def _mails(self) -> list[Digest]:
        return [_parsed(raw) for raw in self.smtp.letters("reader") if b"\nX-Nutgraf-Digest:" in raw[:4000]]

    def _missing(self) -> set[tuple[str, str]]:
        owed = {("hourly", f"K{number:06}") for number in range(self.done.letters)}
        owed |= {("flash", f"K{number:06}") for number in range(0, self.done.letters, 5)}
        return owed - {pair for mail in self._mails() for pair in mail.shown}


@cache
def _parsed(raw: bytes) -> Digest:
    """Return what matters of a digest; the same bytes are parsed once, however often the Maildir is looked through."""
    mail = email.message_from_bytes(raw, EmailMessage, policy=SMTP)
    edition = str(mail["List-Id"]).strip("<").partition(".")[0]
    body = mail.get_body(("plain",))
    assert body is not None
    return Digest(str(mail["Message-ID"]), frozenset((edition, mark) for mark in MARK.findall(body.get_content())))
