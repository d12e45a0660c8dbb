"""Every way in which handing over a digest can fail, and what is known about the digest afterwards."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from service.contracts import Permanent, Stale, Temporary, Unauthorised, Unknown
from service.edges.smtp_courier import Patience, SmtpCourier
from service.edges.tls import Security
from service.records import Posting
from tests.servers.faulty_smtp import Fault, FaultySmtp, Then

BEFORE_THE_DOT = ["connect", "EHLO", "MAIL", "RCPT", "DATA"]
ABOUT_THE_POSTING = ["MAIL", "RCPT", "DATA"]
LONG = b"Subject: long\r\n\r\n" + (b"word " * 190 + b"\r\n") * 10_000  # more than any socket buffers: it can't all be sent before the fault
PATIENT = Patience(connect=5, command=5, content=10, dot=5, farewell=0.4)
SHORT_AT_THE_DOT = replace(PATIENT, dot=0.4)
SHORT = Patience(connect=1, command=0.4, content=5, dot=0.4, farewell=0.4)


def posting(recipient: str = "reader@example.org", content: bytes = b"Subject: today\r\n\r\nNews.\r\n") -> Posting:
    """Return a small posting."""
    return Posting("daily", "2026-05-01", "digest@example.org", recipient, "<one@example.org>", content)


class Dot:
    """A `dot` that counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> None:
        """Count."""
        self.calls += 1


@pytest.fixture
def server() -> Iterator[FaultySmtp]:
    """Give a server that is told its fault by the test."""
    with FaultySmtp() as running:
        yield running


def courier(server: FaultySmtp, patience: Patience = PATIENT, user: str = "", password: str = "") -> SmtpCourier:
    """Return a courier to the server; short of patience only where the server is to be waited for in vain."""
    return SmtpCourier(server.host, server.port, Security.PLAIN, user=user, password=password, patience=patience)


@pytest.mark.parametrize("point", BEFORE_THE_DOT)
def test_fault_58_a_4xx_before_the_dot_is_temporary(server: FaultySmtp, point: str) -> None:
    """A 4xx answer at any phase before the dot: later again, and the dot was never reached."""
    server.fault, dot = Fault(point, "451 4.3.0 not now"), Dot()
    with pytest.raises(Temporary, match="not now"):
        courier(server).send(posting(), dot)
    assert (dot.calls, server.received) == (0, [])


@pytest.mark.parametrize("point", ABOUT_THE_POSTING)
def test_fault_58_a_5xx_before_the_dot_is_permanent(server: FaultySmtp, point: str) -> None:
    """A 5xx answer to the transaction: given up, with the server's own words and what to do."""
    server.fault, dot = Fault(point, "550 5.1.1 nobody here"), Dot()
    with pytest.raises(Permanent, match="nobody here") as refused:
        courier(server).send(posting(), dot)
    assert refused.value.fix
    assert not isinstance(refused.value, Unauthorised)
    assert (dot.calls, server.received) == (0, [])


@pytest.mark.parametrize(("reply", "failure"), [("452 4.3.1 full", Temporary), ("552 5.3.4 too big", Permanent), ("what?", Temporary)])
def test_fault_58_a_refusal_in_the_middle_of_the_content_keeps_the_dot_back(
    server: FaultySmtp, reply: str, failure: type[Exception]
) -> None:
    """A server that speaks before the dot has been sent is heard while the outcome is still definite."""
    server.fault, dot = Fault("content", reply), Dot()
    with pytest.raises(failure):
        courier(server).send(posting(content=LONG), dot)
    assert (dot.calls, server.received) == (0, [])


@pytest.mark.parametrize("point", ["connect", "EHLO"])
def test_fault_58_a_5xx_to_everyone_is_not_held_against_the_posting(server: FaultySmtp, point: str) -> None:
    """A server that turns everybody away today may take the digest tomorrow."""
    server.fault = Fault(point, "554 5.3.2 no service")
    with pytest.raises(Temporary, match="554"):
        courier(server).send(posting(), Dot())


@pytest.mark.parametrize(("reply", "failure"), [("452 4.3.1 full", Temporary), ("554 5.6.0 no", Permanent)])
def test_fault_58_a_refusal_after_the_dot_is_definite(server: FaultySmtp, reply: str, failure: type[Exception]) -> None:
    """The answer to the dot decides, also when it is no."""
    server.fault, dot = Fault("dot", reply), Dot()
    with pytest.raises(failure, match=reply):
        courier(server).send(posting(), dot)
    assert (dot.calls, server.received) == (1, [])


def test_fault_59_a_451_after_storing_is_temporary_and_the_same_bytes_go_again(server: FaultySmtp) -> None:
    """A server that keeps the message and says 451 is believed; its double carries the same Message-ID and bytes."""
    server.fault = Fault("dot", "451 4.3.0 lying", stored=True)
    with pytest.raises(Temporary):
        courier(server).send(posting(), Dot())
    server.fault = None
    courier(server).send(posting(), Dot())
    assert server.received[0].content == server.received[1].content


@pytest.mark.parametrize("then", [Then.CLOSE, Then.RESET])
@pytest.mark.parametrize("point", [*BEFORE_THE_DOT, "content"])
def test_fault_57_a_connection_lost_before_the_dot_is_temporary(server: FaultySmtp, point: str, then: Then) -> None:
    """FIN or RST before the dot: surely not delivered."""
    server.fault = Fault(point, then=then)
    with pytest.raises(Temporary):
        courier(server).send(posting(content=LONG), Dot())
    assert server.received == []


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("then", [Then.CLOSE, Then.RESET])
def test_fault_56_a_connection_lost_after_the_dot_is_unknown(server: FaultySmtp, then: Then, stored: bool) -> None:
    """The server stored the digest or did not; nobody can tell from here."""
    server.fault, dot = Fault("dot", then=then, stored=stored), Dot()
    with pytest.raises(Unknown):
        courier(server).send(posting(), dot)
    assert dot.calls == 1


def test_fault_56_silence_after_the_dot_is_unknown(server: FaultySmtp) -> None:
    """No answer within the dot's patience."""
    server.fault = Fault("dot", then=Then.HANG, stored=True)
    with pytest.raises(Unknown, match=r"within 0\.4 s"):
        courier(server, SHORT_AT_THE_DOT).send(posting(), Dot())


def test_fault_62_the_dot_is_given_ten_minutes() -> None:
    """RFC 5321, 4.5.3.2.6: whoever waits less sends twice."""
    assert Patience().dot == 600


@pytest.mark.parametrize("then", [Then.HANG, Then.DRIP])
@pytest.mark.parametrize("point", ["connect", "EHLO", "MAIL", "RCPT", "DATA"])
def test_fault_62_a_server_that_never_finishes_its_answer_is_left(server: FaultySmtp, point: str, then: Then) -> None:
    """Silence, and an octet at a time for ever, both end at the deadline of the whole answer."""
    server.fault, began = Fault(point, then=then), time.monotonic()
    with pytest.raises(Temporary, match=r"within 0\.4 s"):
        courier(server, SHORT).send(posting(), Dot())
    assert time.monotonic() - began < 3


def test_fault_62_a_drip_after_the_dot_is_unknown(server: FaultySmtp) -> None:
    """An answer to the dot that never ends is none."""
    server.fault = Fault("dot", then=Then.DRIP, stored=True)
    with pytest.raises(Unknown):
        courier(server, SHORT_AT_THE_DOT).send(posting(), Dot())


@pytest.mark.parametrize("point", BEFORE_THE_DOT)
def test_fault_61_a_421_is_temporary_and_the_next_try_connects_anew(server: FaultySmtp, point: str) -> None:
    """421 closes the session; the next sending has one of its own."""
    server.fault = Fault(point, "421 4.3.2 shutting down", Then.CLOSE)
    with pytest.raises(Temporary, match="421"):
        courier(server).send(posting(), Dot())
    server.fault = None
    assert courier(server).send(posting(), Dot()).startswith("250")


def test_fault_61_a_421_after_the_dot_is_definite(server: FaultySmtp) -> None:
    """The server has answered the dot: it did not take the message."""
    server.fault = Fault("dot", "421 4.3.2 shutting down", Then.CLOSE)
    with pytest.raises(Temporary, match="421"):
        courier(server).send(posting(), Dot())


ENDLESS = "250-still here\r\n" * 10_000 + "250 ok"
"""A server that is never done; how would one know that the end comes?"""


@pytest.mark.parametrize("garbage", ["hello there", "2x0 ok", "\xff\xfe\x00", "25", "999 9.9.9 what", "x" * 20_000, ENDLESS])
@pytest.mark.parametrize("point", ["connect", "MAIL", "RCPT", "DATA"])
def test_garbage_before_the_dot_is_temporary(server: FaultySmtp, point: str, garbage: str) -> None:
    """An answer that is no SMTP proves nothing."""
    server.fault = Fault(point, garbage)
    with pytest.raises(Temporary):
        courier(server).send(posting(), Dot())
    assert server.received == []


@pytest.mark.parametrize("garbage", ["hello there", "354 more?", "x" * 20_000, ENDLESS])
def test_garbage_after_the_dot_is_unknown(server: FaultySmtp, garbage: str) -> None:
    """Neither yes nor no: the message may have been taken."""
    server.fault = Fault("dot", garbage, stored=True)
    with pytest.raises(Unknown):
        courier(server).send(posting(), Dot())


@pytest.mark.parametrize("then", [Then.CLOSE, Then.RESET, Then.HANG])
def test_a_failing_quit_does_not_undo_the_answer(server: FaultySmtp, then: Then) -> None:
    """Once the server has said 250 the posting is sent, whatever becomes of the farewell."""
    server.fault = Fault("QUIT", then=then)
    assert courier(server).send(posting(), Dot()) == "250 2.0.0 queued"


def test_a_dot_that_raises_leaves_the_message_incomplete(server: FaultySmtp) -> None:
    """A fenced-off worker (fault 83) must not complete what another one has taken over."""

    def dot() -> None:
        raise Stale

    with pytest.raises(Stale):
        courier(server).send(posting(), dot)
    assert courier(server).send(posting(), Dot()).startswith("250")
    assert len(server.received) == 1


def test_fault_60_each_recipient_has_a_transaction_of_its_own(server: FaultySmtp) -> None:
    """With one recipient a transaction no half-refusal can be overlooked."""
    for name in ("ann@example.org", "bob@example.org"):
        courier(server).send(posting(name), Dot())
    assert [mail.recipients for mail in server.received] == [("ann@example.org",), ("bob@example.org",)]


def test_fault_73_a_digest_over_the_announced_size_is_permanent_with_the_fix() -> None:
    """EHLO's SIZE is looked at before a single octet is sent."""
    with FaultySmtp(extensions=("SIZE 100",)) as server, pytest.raises(Permanent, match="takes 100") as refused:
        courier(server).send(posting(content=b"x" * 200), Dot())
    assert "fewer entries" in refused.value.fix
    assert server.count("MAIL") == 0


@pytest.mark.parametrize("extension", ["SIZE", "SIZE 0", "SIZE lots"])
def test_fault_73_a_size_without_a_limit_limits_nothing(extension: str) -> None:
    """RFC 1870, 4: zero or none means no fixed limit; nonsense means no more than that."""
    with FaultySmtp(extensions=(extension,)) as server:
        assert courier(server).send(posting(), Dot()).startswith("250")


def test_fault_67_a_bare_line_feed_can_not_smuggle_a_second_message(server: FaultySmtp) -> None:
    """SMTP smuggling: every way to write a lone dot is doubled or made part of the text, and all line ends are CRLF."""
    smuggled = b"Subject: s\n\nbefore\n.\nMAIL FROM:<evil@example.org>\r\n.\r\r\n.\rafter\r.\n"
    courier(server).send(posting(content=smuggled), Dot())
    (mail,) = server.received
    assert b"\r\n" not in mail.wire.replace(b"\r\n", b"")
    assert mail.wire.count(b"\r") == mail.wire.count(b"\n") == mail.wire.count(b"\r\n")
    assert b"\r\n.\r\n" not in mail.wire
    assert b"MAIL FROM:<evil@example.org>" in mail.content


def test_nobody_listening_is_temporary() -> None:
    """A server that is down may come up again."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Temporary, match="nothing answers at that port"):
        SmtpCourier("127.0.0.1", port, Security.PLAIN).send(posting(), Dot())


def test_an_unknown_host_is_temporary() -> None:
    """A name that can't be resolved now may resolve later."""
    with pytest.raises(Temporary):
        SmtpCourier("smtp.nowhere.invalid", 465, patience=SHORT).send(posting(), Dot())


@pytest.mark.parametrize("point", ["RCPT", "dot"])
def test_no_address_is_in_what_is_said_of_a_refusal(server: FaultySmtp, point: str) -> None:
    """Servers repeat the recipient, and what a failure says is logged."""
    server.fault = Fault(point, "550 5.1.1 <reader@example.org>: Recipient address rejected, ask postmaster@example.org")
    with pytest.raises(Permanent, match=r"550 5\.1\.1 <\(address\)>: Recipient address rejected") as refused:
        courier(server).send(posting(), Dot())
    assert "@" not in str(refused.value)


def test_a_terminal_is_not_steered_by_a_server(server: FaultySmtp) -> None:
    """Escape sequences and line breaks of an answer stay out of logs and notices."""
    server.fault = Fault("RCPT", "550-5.1.1 red \x1b[31m\r\n550 5.1.1 and\x07 more")
    with pytest.raises(Permanent) as refused:
        courier(server).send(posting(), Dot())
    assert str(refused.value).isprintable()
