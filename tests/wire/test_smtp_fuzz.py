"""SMTP replies that no server should give: the digest is handed over, or a failure of ours says what is known of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.contracts import Failure, Unknown
from service.edges.smtp_courier import Patience, SmtpCourier
from service.edges.tls import Security
from service.records import Posting
from tests.servers.faulty_smtp import Fault, FaultySmtp, Then

POINTS = ("connect", "EHLO", "MAIL", "RCPT", "DATA", "dot", "QUIT")
POSTING = Posting(
    "daily", "2026-05-01", "digest@example.org", "reader@example.org", "<one@example.org>", b"Subject: today\r\n\r\nNews.\r\n"
)
codes = st.sampled_from(("250", "354", "250-", "421", "451", "550", "2", "999", "")) | st.text(max_size=5)
words = st.sampled_from(("ok", "SIZE 0", "SIZE x", "8BITMIME", "AUTH", "STARTTLS", "5.7.1 no")) | st.text(max_size=30)
replies = st.lists(st.tuples(codes, words), max_size=4).map(lambda lines: "\r\n".join(" ".join(line) for line in lines))


@pytest.fixture(scope="module")
def server() -> Iterator[FaultySmtp]:
    """Give one server for all examples."""
    with FaultySmtp() as running:
        yield running


@given(point=st.sampled_from(POINTS), reply=replies, stored=st.booleans())
def test_a_strange_reply_never_hides_what_became_of_a_digest(server: FaultySmtp, point: str, reply: str, stored: bool) -> None:
    """Nothing is unknown before the dot, and nothing that the server has went there without it."""
    server.received.clear()
    server.fault, dots, unknown = Fault(point, reply, Then.CLOSE, stored), list[None](), False
    courier = SmtpCourier(server.host, server.port, Security.PLAIN, patience=Patience(2, 2, 2, 2, 0.2))
    with suppress(Failure):
        try:
            courier.send(POSTING, lambda: dots.append(None))
        except Unknown:
            unknown = True
    assert len(dots) <= 1
    assert dots or not (unknown or server.received)
