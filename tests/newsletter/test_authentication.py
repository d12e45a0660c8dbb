"""Whom to answer: only an author that a trusted server vouches for."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.newsletter.authentication import answer_to
from service.newsletter.headers import parse

TRUSTED = ("mx.home.example",)
PASS = "Authentication-Results: mx.home.example; dkim=pass header.d=friend.example; spf=pass smtp.mailfrom=friend.example"


AUTHOR = "From: ann@friend.example"


def asked(*lines: str) -> str | None:
    """Return the address that a letter with these fields may be answered to."""
    return answer_to(parse("\n".join(lines).encode()), TRUSTED)


def test_an_author_who_passes_may_be_answered() -> None:
    """DKIM or SPF of the From's own domain, by our own server."""
    assert asked(PASS, "From: Ann <Ann@friend.example>") == "ann@friend.example"


@pytest.mark.parametrize(
    "lines",
    [
        ("From: ann@friend.example",),
        (PASS.replace("mx.home", "mx.evil"), "From: ann@friend.example"),
        ("Authentication-Results: mx.home.example; dkim=fail header.d=friend.example", PASS, "From: ann@friend.example"),
        (PASS.replace("friend", "other"), "From: ann@friend.example"),
        (PASS, "From: ann@friend.example, evil@friend.example"),
        (PASS, "From: ann@friend.example", "From: evil@friend.example"),
        (PASS, "From: ann@friend.example evil@friend.example"),
        (PASS, "From: an\u212a@friend.example"),  # the sign of kelvin is a k in lower case
        (PASS.replace("pass", "pass-not"), "From: ann@friend.example"),
        (PASS, "From: boss@our.example <ann@friend.example>"),
        (PASS, 'From: "boss@our.example" <ann@friend.example>'),
        (PASS, "From: <boss@our.example> <ann@friend.example>"),
        (PASS, "From: ann@friend.example", "List-Id: <x.friend.example>"),
        (PASS, "From: ann@friend.example", "Auto-Submitted: auto-replied"),
        (PASS, "From: ann@friend.example", "Return-Path: <>"),
        (PASS, "From: ann@friend.example", "Precedence: bulk"),
        (PASS, "From: ann@friend.example", "X-Nutgraf-Digest: daily/1"),
        (PASS, "From: mailer-daemon@friend.example"),
        ("Authentication-Results: mx.home.example; none (a (b) ; dkim=pass header.d=friend.example )", "From: ann@friend.example"),
        ('Authentication-Results: mx.home.example; spf=fail reason="; dkim=pass header.d=friend.example"', "From: ann@friend.example"),
        ("Authentication-Results: mx.home.example; dkim=pass header.d=example", "From: ann@friend.example"),
    ],
)
def test_nobody_else_may(lines: tuple[str, ...]) -> None:
    """Untrusted or lower results, other domains, several authors, names that lie, machines, words smuggled into comments."""
    assert asked(*lines) is None


def test_nobody_is_answered_without_a_trusted_server() -> None:
    """The default trusts no one."""
    assert answer_to(parse(f"{PASS}\nFrom: ann@friend.example".encode()), ()) is None


PARTS = ('"', "(", ")", "\\", ";", " ", "a", "@", "dkim=pass header.d=friend.example", "; spf=pass smtp.mailfrom=friend.example ;")
a_strangers_words = st.lists(st.sampled_from(PARTS), max_size=8).map("".join)


@given(a_strangers_words, a_strangers_words, a_strangers_words)
def test_a_strangers_words_in_the_results_vouch_for_nobody(first: str, second: str, third: str) -> None:
    """A server quotes what it was told: as a quoted string, or in a comment (RFC 5322, 3.2.2 and 3.2.4)."""
    quoted = re.sub(r'(["\\])', r"\\\1", first)
    comments = [re.sub(r"([()\\])", r"\\\1", words) for words in (second, third)]
    results = (
        f'mx.home.example; spf=fail ({comments[0]}) smtp.mailfrom="{quoted}"@evil.example; dkim=fail ({comments[1]}) header.d=evil.example'
    )
    assert asked(f"Authentication-Results: {results}", "From: ann@friend.example") is None


def test_results_that_nest_for_ever_are_not_believed() -> None:
    """Taking the comments out one by one would take the worker's time; a server's own results are short."""
    began = time.process_time()
    assert asked(f"Authentication-Results: mx.home.example {'(' * 30_000}{')' * 30_000}; dkim=pass header.d=friend.example", AUTHOR) is None
    assert time.process_time() - began < 1
