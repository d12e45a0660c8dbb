"""A mail server to collect from, an SMTP server to send to, and the daemon as a process between them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

from service.edges.loopback_servers import LoopbackServers
from tests.servers.dovecot import PASSWORD, Dovecot

READER = "reader@demo.example"
ROOT = Path(__file__).parent.parent.parent


class Bed(Protocol):
    """Where a letter can be put and a digest looked for."""

    def deliver(self, raw: bytes) -> None:
        """Put a letter into the watched mailbox."""

    def sent(self) -> list[EmailMessage]:
        """Return what the SMTP server was handed, in order."""

    def environment(self) -> dict[str, str]:
        """Return the settings that lead to both servers."""


class LoopbackBed:
    """pymap and aiosmtpd in this process; `sent_comes_back` lays what is sent to the reader into the watched mailbox too."""

    def __init__(self, servers: LoopbackServers) -> None:
        self.servers = servers

    def deliver(self, raw: bytes) -> None:
        """Put a letter into the reader's INBOX."""
        self.servers.deliver(raw)

    def sent(self) -> list[EmailMessage]:
        """Return what was sent."""
        return [_parsed(mail.content) for mail in list(self.servers.sent)]

    def environment(self) -> dict[str, str]:
        """Return the settings."""
        return {
            **_common(self.servers),
            "NUTGRAF_IMAP_HOST": self.servers.host,
            "NUTGRAF_IMAP_PORT": str(self.servers.imap_port),
            "NUTGRAF_IMAP_USER": READER,
            "NUTGRAF_IMAP_PASSWORD": "pw",
            "NUTGRAF_IMAP_SECURITY": "plain",
        }


class DovecotBed(LoopbackBed):
    """A real Dovecot to collect from, by TLS; aiosmtpd to send to."""

    def __init__(self, servers: LoopbackServers, dovecot: Dovecot) -> None:
        super().__init__(servers)
        self.dovecot = dovecot

    def deliver(self, raw: bytes) -> None:
        """Put a letter into the reader's Maildir, as a mail server does."""
        self.dovecot.deliver(raw)

    def environment(self) -> dict[str, str]:
        """Return the settings."""
        return {
            **_common(self.servers),
            "NUTGRAF_IMAP_HOST": self.dovecot.host,
            "NUTGRAF_IMAP_PORT": str(self.dovecot.imaps_port),
            "NUTGRAF_IMAP_USER": "reader",
            "NUTGRAF_IMAP_PASSWORD": PASSWORD,
            "NUTGRAF_CA_FILE": str(self.dovecot.certificates.ca_file),
        }


@contextmanager
def loopback_bed() -> Iterator[LoopbackBed]:
    """Give a bed that needs nothing installed."""
    with LoopbackServers({READER: "pw"}) as servers:
        yield LoopbackBed(servers)


@contextmanager
def dovecot_bed() -> Iterator[DovecotBed]:
    """Give a bed around a real Dovecot."""
    with LoopbackServers({READER: "pw"}) as servers, Dovecot() as dovecot:
        yield DovecotBed(servers, dovecot)


def _common(servers: LoopbackServers) -> dict[str, str]:
    return {
        "NUTGRAF_SMTP_HOST": servers.host,
        "NUTGRAF_SMTP_PORT": str(servers.smtp_port),
        "NUTGRAF_SMTP_SECURITY": "plain",
        "NUTGRAF_TO": READER,
        "NUTGRAF_FROM": "Nutgraf <nutgraf@demo.example>",
        "NUTGRAF_SCHEDULE": "each letter",
        "NUTGRAF_POLL": "1s",
    }


def _parsed(content: bytes) -> EmailMessage:
    mail = message_from_bytes(content, policy=policy.SMTP)
    assert isinstance(mail, EmailMessage)
    return mail


def text_of(mail: EmailMessage) -> str:
    """Return a digest's plain text."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


class Daemon:
    """`nutgraf run` (or another `program`: the interpreter's words) as a process; what it logs stands in `log`."""

    def __init__(self, environment: Mapping[str, str], data_dir: Path, program: tuple[str, ...] = ("-m", "service", "run")) -> None:
        self.log = data_dir / "daemon.log"
        data_dir.mkdir(parents=True, exist_ok=True)
        settings = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "NUTGRAF_DATA_DIR": str(data_dir), **environment}
        with self.log.open("ab") as log:
            command = [sys.executable, *program]
            self.process = subprocess.Popen(command, env=settings, stdout=log, stderr=log, cwd=data_dir)  # noqa: S603

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self, patience: float = 12) -> int:
        """Ask it to end; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(patience)

    def __enter__(self) -> Daemon:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.kill()
