"""Looking for a digest whose sending ended in the dark: in the recipient's mailbox, then in the sender's Sent folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from service.contracts import Temporary
from service.edges.imap_connection import ImapAccount
from service.edges.imap_probe import ImapProbe
from service.edges.loopback_servers import LoopbackServers
from service.edges.tls import Security
from service.records import Posting
from tests.servers.dovecot import Dovecot
from tests.servers.scripted_imap import ScriptedImap

READER, SENDER = "reader@home.example", "digest@home.example"
CONTENT = b"Subject: Digest\r\nMessage-ID: <one@home.example>\r\nX-Nutgraf-Digest: one\r\n\r\nText.\r\n"
POSTING = Posting("daily", "2026-11-22", f"Nutgraf <{SENDER}>", READER, "<one@home.example>", CONTENT)


@pytest.fixture
def servers() -> Iterator[LoopbackServers]:
    """Start a server on which both the reader and the sender have a mailbox."""
    with LoopbackServers({READER: "secret", SENDER: "secret"}) as running:
        yield running


def probe(servers: LoopbackServers, *addresses: str) -> ImapProbe:
    """Return a probe that can look into these mailboxes."""
    account = ImapAccount(servers.host, "", "secret", servers.imap_port, Security.PLAIN)
    return ImapProbe({address: replace(account, user=address) for address in addresses})


def test_a_digest_in_the_inbox_has_arrived(servers: LoopbackServers) -> None:
    """By its Message-ID."""
    servers.deliver(CONTENT, user=READER)
    assert probe(servers, READER).find(POSTING) is True


def test_a_digest_moved_by_a_rule_has_arrived(servers: LoopbackServers) -> None:
    """Every folder is looked at."""
    servers.deliver(CONTENT, user=READER, folder="News/Digests")
    assert probe(servers, READER).find(POSTING) is True


def test_fault_74_a_digest_with_another_message_id_has_arrived(servers: LoopbackServers) -> None:
    """74: a provider that writes a Message-ID of its own leaves our mark alone."""
    servers.deliver(CONTENT.replace(b"<one@home.example>", b"<0100@ses.example>"), user=READER)
    assert probe(servers, READER).find(POSTING) is True


def test_another_digest_proves_nothing(servers: LoopbackServers) -> None:
    """Only this posting's marks count, and in the recipient's own mailbox their absence does."""
    servers.deliver(CONTENT.replace(b"one", b"two"), user=READER)
    assert probe(servers, READER).find(POSTING) is False


def test_the_recipient_is_found_by_address_alone(servers: LoopbackServers) -> None:
    """Neither a display name nor capitals matter."""
    servers.deliver(CONTENT, user=READER)
    assert probe(servers, READER).find(replace(POSTING, recipient=f"A Reader <{READER.upper()}>")) is True


def test_a_copy_in_sent_proves_that_it_was_sent(servers: LoopbackServers) -> None:
    """Where the recipient's mailbox is not ours, the sender's may be."""
    servers.deliver(CONTENT, user=SENDER, folder="Sent")
    assert probe(servers, SENDER).find(POSTING) is True


def test_no_copy_in_sent_proves_nothing(servers: LoopbackServers) -> None:
    """Many servers keep no copy of what SMTP takes."""
    servers.add_folder("Sent", user=SENDER)
    assert probe(servers, SENDER).find(POSTING) is None


def test_without_any_mailbox_we_cannot_look(servers: LoopbackServers) -> None:
    """None, and no connection is made."""
    assert probe(servers).find(POSTING) is None


def test_a_server_that_is_down_is_asked_again() -> None:
    """A failure is no answer."""
    with ScriptedImap() as server:
        account = server.account()
    with pytest.raises(Temporary):
        ImapProbe({READER: account}).find(POSTING)


@pytest.mark.dovecot
def test_dovecot_finds_it_in_the_folder_marked_as_sent(dovecot_server: Dovecot) -> None:
    """By the special use of RFC 6154."""
    dovecot_server.deliver(CONTENT, user="sender", folder="Sent")
    assert ImapProbe({SENDER: dovecot_server.account("sender")}).find(POSTING) is True
