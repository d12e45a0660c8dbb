"""What a server sees when all goes well: the order of things, the envelope, the bytes, the name we give ourselves."""

from __future__ import annotations

import pytest

from service.contracts import Courier, Permanent
from service.edges.loopback_servers import LoopbackServers
from service.edges.smtp_courier import SmtpCourier
from service.edges.tls import Security
from service.records import Posting
from tests.servers.faulty_smtp import FaultySmtp

DOTS = b"Subject: dots\r\n\r\n.\r\n..two\r\n.one\r\nend\r\n"


def posting(content: bytes = DOTS) -> Posting:
    """Return a posting with awkward lines."""
    return Posting("daily", "2026-05-01", "digest@example.org", "reader@example.org", "<one@example.org>", content)


def test_the_dot_is_announced_when_all_but_the_dot_is_sent() -> None:
    """At that moment the server has the whole content and nothing is stored yet."""
    with FaultySmtp() as server:
        stored_at_the_dot: list[int] = []
        answer = SmtpCourier(server.host, server.port, Security.PLAIN).send(
            posting(), lambda: stored_at_the_dot.append(len(server.received))
        )
    assert (stored_at_the_dot, answer) == ([0], "250 2.0.0 queued")
    assert len(server.received) == 1


def test_the_bytes_arrive_as_they_were_frozen() -> None:
    """Dot stuffing is undone by the server; nothing else changes."""
    with FaultySmtp() as server:
        SmtpCourier(server.host, server.port, Security.PLAIN).send(posting(), lambda: None)
    assert server.received[0].content == DOTS
    assert b"\r\n..\r\n...two\r\n..one\r\n" in server.received[0].wire


def test_line_ends_are_made_crlf_and_the_last_line_is_ended() -> None:
    """A posting written with bare line feeds goes out in SMTP's form."""
    with FaultySmtp() as server:
        SmtpCourier(server.host, server.port, Security.PLAIN).send(posting(b"Subject: x\n\n.\nlast"), lambda: None)
    assert server.received[0].content == b"Subject: x\r\n\r\n.\r\nlast\r\n"


def test_the_size_is_announced() -> None:
    """RFC 1870: a server that has no room says so before the content."""
    with FaultySmtp() as server:
        SmtpCourier(server.host, server.port, Security.PLAIN).send(posting(), lambda: None)
    assert server.received[0].parameters == f"SIZE={len(DOTS)}"


@pytest.mark.parametrize(("hello", "seen"), [("", "[127.0.0.1]"), ("digest.example.org", "digest.example.org")])
def test_ehlo_names_this_end_truthfully(hello: str, seen: str) -> None:
    """The name given, else the address of this end of the connection; never a container's made-up host name."""
    with FaultySmtp() as server:
        SmtpCourier(server.host, server.port, Security.PLAIN, hello=hello).send(posting(), lambda: None)
    assert server.received[0].hello == seen


def test_an_impossible_ehlo_name_is_refused_at_once() -> None:
    """A line break in the settings must not become a command."""
    with pytest.raises(Permanent, match="no host name"):
        SmtpCourier("localhost", 25, Security.PLAIN, hello="me\r\nMAIL FROM:<>")


@pytest.mark.parametrize("host", ["mail.example.org", "10.0.0.5", "localhost.example.org", "127.0.0.1.example.org"])
def test_clear_text_to_another_machine_is_refused_at_once(host: str) -> None:
    """Letters and passwords stay on this machine, or are encrypted."""
    with pytest.raises(Permanent, match="another machine") as refused:
        SmtpCourier(host, 25, Security.PLAIN)
    assert "starttls" in refused.value.fix


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "127.0.0.1", "127.1.2.3", "::1", "[::1]"])
def test_clear_text_on_this_machine_is_allowed(host: str) -> None:
    """A mail server beside us needs no certificate."""
    assert SmtpCourier(host, 25, Security.PLAIN).host == host


def test_the_password_is_not_in_the_representation() -> None:
    """A courier that ends up in a traceback tells no secret."""
    assert "canary" not in repr(SmtpCourier("localhost", 25, Security.PLAIN, user="me", password="canary"))


def test_another_server_takes_it_too() -> None:
    """The same against aiosmtpd, which we did not write."""
    with LoopbackServers({"reader@example.org": "secret"}) as servers:
        courier: Courier = SmtpCourier(servers.host, servers.smtp_port, Security.PLAIN)
        assert courier.send(posting(), lambda: None).startswith("250")
    assert (servers.sent[0].recipients, servers.sent[0].content) == (("reader@example.org",), DOTS)
