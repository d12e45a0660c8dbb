"""The courier against a real mail server: Postfix takes the posting and puts it into a Maildir."""

from __future__ import annotations

import email
from collections.abc import Iterator

import pytest

from service.contracts import Permanent, Stale, Unknown
from service.edges.smtp_courier import Patience, SmtpCourier
from service.edges.tls import Security
from service.records import Posting
from tests.servers import postfix
from tests.servers.fault_proxy import FaultProxy, How
from tests.servers.postfix import DOMAIN, Postfix

pytestmark = pytest.mark.postfix


@pytest.fixture(scope="module")
def server() -> Iterator[Postfix]:
    """Give a Postfix with a few users; a test that counts takes one of its own."""
    if reason := postfix.missing():
        pytest.skip(reason)
    with Postfix(("ann", "bob", "cat", "dan", "eve", "fay", "gus")) as running:
        yield running


@pytest.fixture
def server_with_strangers() -> Iterator[Postfix]:
    """Give a Postfix that takes mail for anybody."""
    if reason := postfix.missing():
        pytest.skip(reason)
    with Postfix(("digest",), strangers=True) as running:
        yield running


def posting(user: str, message_id: str = "<one@example.org>", body: str = "News.\r\n") -> Posting:
    """Return a posting for a user of the server."""
    content = f"From: digest@{DOMAIN}\r\nTo: {user}@{DOMAIN}\r\nSubject: today\r\nMessage-ID: {message_id}\r\n\r\n{body}"
    return Posting("daily", "2026-05-01", f"digest@{DOMAIN}", f"{user}@{DOMAIN}", message_id, content.encode())


def courier(server: Postfix, security: Security = Security.STARTTLS) -> SmtpCourier:
    """Return a courier to the server."""
    return SmtpCourier("localhost", server.port, security, ca_file=server.certificates.ca_file, patience=Patience(dot=30))


@pytest.mark.parametrize(("security", "user"), [(Security.STARTTLS, "ann"), (Security.PLAIN, "bob")])
def test_a_posting_arrives_as_it_was(server: Postfix, security: Security, user: str) -> None:
    """Same Message-ID, same lines, dots included; the answer names the queue's id."""
    body = ".\r\n..two\r\nFrom here on\r\n" + "x" * 900 + "\r\n"
    answer = courier(server, security).send(posting(user, body=body), lambda: None)
    assert answer.startswith("250 2.0.0 Ok: queued as")
    (arrived,) = server.wait_for(user, 1)
    letter = email.message_from_bytes(arrived)
    assert letter["Message-ID"] == "<one@example.org>"
    assert str(letter.get_payload()).replace("\n", "\r\n") == body


def test_a_recipient_that_is_nobody_is_permanent(server: Postfix) -> None:
    """Postfix refuses at RCPT with 550 5.1.1; the dot is never reached."""
    reached: list[bool] = []
    with pytest.raises(Permanent, match=r"550 5\.1\.1"):
        courier(server).send(posting("nobody"), lambda: reached.append(True))
    assert reached == []


def test_fault_73_postfix_s_size_limit_is_seen_before_the_content(server: Postfix) -> None:
    """EHLO says five million."""
    with pytest.raises(Permanent, match="takes 5000000"):
        courier(server).send(posting("cat", body="x" * 70 + "\r\n" * 3_000_000), lambda: None)


def test_fault_57_without_the_dot_postfix_delivers_nothing(server: Postfix) -> None:
    """A worker that is fenced off at the dot leaves nothing behind; the one after it delivers once."""

    def dot() -> None:
        raise Stale

    with pytest.raises(Stale):
        courier(server).send(posting("dan"), dot)
    courier(server).send(posting("dan", "<two@example.org>"), lambda: None)
    assert [email.message_from_bytes(letter)["Message-ID"] for letter in server.wait_for("dan", 1)] == ["<two@example.org>"]


@pytest.mark.parametrize(("how", "user"), [(How.SILENCE, "eve"), (How.RESET, "fay"), (How.CLOSE, "gus")])
def test_fault_56_a_connection_that_breaks_behind_the_dot_is_unknown_and_delivered(server: Postfix, how: How, user: str) -> None:
    """What the probe is for: nobody heard the 250, and the letter is there. To send it again would double it."""
    with FaultProxy(server.port, rb"(^|\r\n)\.\r\n$", how) as proxy:
        impatient = SmtpCourier("127.0.0.1", proxy.port, Security.PLAIN, patience=Patience(dot=1))
        with pytest.raises(Unknown):
            impatient.send(posting(user), lambda: None)
    assert len(server.wait_for(user, 1)) == 1


def test_fault_68_a_bounce_comes_back_to_the_sender(server_with_strangers: Postfix) -> None:
    """A server that takes mail for nobody answers 250, and reports later, to the envelope's sender."""
    assert courier(server_with_strangers).send(posting("nobody"), lambda: None).startswith("250")
    (report,) = server_with_strangers.wait_for("digest", 1)
    assert email.message_from_bytes(report).get_content_type() == "multipart/report"
    assert b"<one@example.org>" in report
