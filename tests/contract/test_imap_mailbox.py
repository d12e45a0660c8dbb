"""The mailbox contract over IMAP: pymap in this process, and a real Dovecot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from imapclient import IMAPClient

from service.edges.imap_connection import ImapAccount
from service.edges.imap_mailbox import ImapLimits, ImapMailbox
from service.edges.loopback_servers import LoopbackServers
from service.edges.tls import Security
from tests.contract.mailbox_contract import MailboxContract
from tests.servers import dovecot
from tests.servers.dovecot import Dovecot

USER = "reader@home.example"


@dataclass
class ImapBed:
    """An account on a server; mailboxes opened on it are closed at the end."""

    account: ImapAccount
    deliver_there: object
    opened: list[ImapMailbox] = field(default_factory=list)

    def deliver(self, raw: bytes, received: datetime | None = None) -> None:
        """Have the server deliver a letter."""
        assert callable(self.deliver_there)
        self.deliver_there(raw, user=self.account.user, received=received)

    def remove(self, raw: bytes) -> None:
        """Delete and expunge a letter over IMAP, as another mail program does."""
        with self._other_program() as client:
            client.select_folder("INBOX")
            (uid,) = (uid for uid, facts in client.fetch(client.search(), ["BODY.PEEK[]"]).items() if facts[b"BODY[]"] == raw)
            client.delete_messages([uid])
            client.expunge()

    def touched(self) -> bool:
        """Return whether any letter has a flag."""
        with self._other_program() as client:
            client.select_folder("INBOX", readonly=True)
            return any(set(flags) - {b"\\Recent"} for flags in client.get_flags(client.search()).values())

    def mailbox(self, *, letter: int = 25_000_000, batch: int = 8_000_000, letters: int = 100) -> ImapMailbox:
        """Open the mailbox."""
        self.opened.append(ImapMailbox("imap", self.account, limits=ImapLimits(letter=letter, batch=batch, letters=letters)))
        return self.opened[-1]

    def close(self) -> None:
        """Close every mailbox that was opened."""
        for mailbox in self.opened:
            mailbox.close()

    def _other_program(self) -> IMAPClient:
        client = IMAPClient(self.account.host, self.account.port, ssl=False, timeout=10)
        client.login(self.account.user, self.account.password)
        return client


class TestPymap(MailboxContract):
    """pymap, in memory, in this process."""

    @pytest.fixture
    def bed(self) -> Iterator[ImapBed]:
        """Return an account on a server of its own."""
        with LoopbackServers({USER: "secret"}) as servers:
            bed = ImapBed(ImapAccount(servers.host, USER, "secret", servers.imap_port, Security.PLAIN), servers.deliver)
            yield bed
            bed.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    """Start one Dovecot for all the tests here."""
    with Dovecot() as running:
        yield running


@pytest.mark.dovecot
@pytest.mark.skipif(bool(dovecot.missing()), reason=dovecot.missing())
class TestDovecot(MailboxContract):
    """Dovecot over loopback; each test is a user of its own."""

    @pytest.fixture
    def bed(self, server: Dovecot, request: pytest.FixtureRequest) -> Iterator[ImapBed]:
        """Return an account of a user who has no mail yet."""
        bed = ImapBed(server.account(request.node.name), server.deliver)
        yield bed
        bed.close()
