"""Properties of what goes over the wire, for any content, any address and any server."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.contracts import Failure, Permanent, Unknown
from service.edges.smtp_courier import Patience, SmtpCourier
from service.edges.smtp_envelope import address, with_crlf, with_dots_doubled
from service.edges.tls import Security
from service.records import Posting
from tests.servers.faulty_smtp import Fault, FaultySmtp, Then

CONTENT = st.lists(st.sampled_from([b".", b"..", b"\r", b"\n", b"\r\n", b"a", b"\xff", b"\0", b"\x0b", b"\x85", b"From "])).map(b"".join)
LATIN_1 = st.text(st.characters(max_codepoint=255), max_size=40)
REPLY = st.one_of(
    LATIN_1, st.tuples(st.integers(100, 699), st.sampled_from([" ", "-", "", "\r\n"]), LATIN_1).map(lambda t: f"{t[0]}{t[1]}{t[2]}")
)
POINTS = ["connect", "EHLO", "MAIL", "RCPT", "DATA", "dot", "QUIT"]


@given(CONTENT)
def test_no_content_can_end_the_message_early(content: bytes) -> None:
    """No lone CR or LF is left for a lenient server to read as a line end, and no line is a single dot."""
    wire = with_dots_doubled(with_crlf(content))
    assert wire.endswith(b"\r\n")
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", wire)
    assert b"." not in wire.split(b"\r\n")


@given(CONTENT)
def test_every_server_gets_back_what_was_meant(content: bytes) -> None:
    """A receiver that takes the first dot of a line away (RFC 5321, 4.5.2) holds the content, its line ends made CRLF."""
    lines = with_dots_doubled(with_crlf(content)).split(b"\r\n")
    assert b"\r\n".join(line.removeprefix(b".") for line in lines) == with_crlf(content)


@given(CONTENT)
def test_line_ends_are_mended_once(content: bytes) -> None:
    """What is right already stays as it is."""
    assert with_crlf(with_crlf(content)) == with_crlf(content)


@given(st.one_of(st.text(), st.emails(), st.from_regex(r"[a-z]+@[a-z]+\.org[\r\n\0<> ,;:\"()]?.{0,3}", fullmatch=True)))
def test_an_address_that_passes_has_nothing_that_smtp_could_read_otherwise(text: str) -> None:
    """One @, ASCII, none of SMTP's own signs."""
    try:
        passed = address(text, "recipient")
    except Permanent:
        return
    assert passed == text
    assert passed.isascii()
    assert passed.count("@") == 1
    assert not set(passed) & set('\r\n\t\0 <>,;:"()[]\\')


@example("QUIT", "250", Then.CLOSE)
@given(st.sampled_from(POINTS), REPLY, st.sampled_from([Then.GO_ON, Then.CLOSE, Then.RESET]))
def test_whatever_a_server_says_the_outcome_is_one_of_ours(point: str, reply: str, then: Then) -> None:
    """Sent, or a Failure; Unknown only behind the dot, and never a message that the server has and we call refused before it."""
    reached, said = list[bool](), list[str]()
    posting = Posting("daily", "s", "digest@example.org", "reader@example.org", "<one@example.org>", b"Subject: x\r\n\r\n")
    with FaultySmtp(Fault(point, reply, then)) as server:
        courier = SmtpCourier(server.host, server.port, Security.PLAIN, patience=Patience(1, 0.3, 0.3, 0.3, 0.2))
        try:
            answer = courier.send(posting, lambda: reached.append(True))
        except Unknown:
            assert reached
        except Failure as failure:
            said.append(str(failure))
        else:
            assert reached
            assert answer[0] == "2"
        assert reached or not server.received
    assert "".join(said).isprintable()


def sent(server: FaultySmtp, recipient: str = "reader@example.org", content: bytes = b"Subject: x\r\n\r\n") -> str:
    """Send a posting and return the answer."""
    posting = Posting("daily", "s", "digest@example.org", recipient, "<one@example.org>", content)
    return SmtpCourier(server.host, server.port, Security.PLAIN).send(posting, lambda: None)


@pytest.mark.parametrize(
    "address",
    [
        "a@b.org>\r\nRCPT TO:<evil@example.org",
        "a@b.org\nDATA",
        "a@b.org> SIZE=1",
        "a b@example.org",
        "a@example.org, b@example.org",
        "Ann <ann@example.org>",
        "ann@exämple.org",
        "änn@example.org",
        "a@example.org\x00",
        '"a b"@example.org',
        "@relay.org:a@example.org",
        "a..b@example.org",
        "no-at-sign",
        "a@b@c.org",
        "",
        "x" * 65 + "@example.org",
        "a@" + "x." * 130 + "org",
    ],
)
def test_fault_66_an_address_that_is_no_single_address_never_reaches_the_wire(address: str) -> None:
    """Envelope injection: refused before a connection is opened."""
    with FaultySmtp() as server, pytest.raises(Permanent, match="no plain e-mail address"):
        sent(server, recipient=address)
    assert server.said == []


def test_eight_bit_content_is_declared_where_the_server_takes_it() -> None:
    """RFC 6152: BODY=8BITMIME, and the octets as they are."""
    with FaultySmtp() as server:
        sent(server, content="Subject: x\r\n\r\nBlöcke\r\n".encode())
    assert "BODY=8BITMIME" in server.received[0].parameters
    assert "Blöcke".encode() in server.received[0].content


def test_eight_bit_content_is_not_forced_on_a_server_of_seven() -> None:
    """Without 8BITMIME it would arrive mangled, or not at all."""
    with FaultySmtp(extensions=()) as server, pytest.raises(Permanent, match="eight-bit"):
        sent(server, content="Subject: ö\r\n\r\n".encode())
