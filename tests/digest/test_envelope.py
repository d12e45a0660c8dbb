"""A digest as the bytes of a mail: readable by any reader, and closed to whatever a letter's text tries."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.digest.envelope import Address, Head, Part, address, alternative, clean, seal, token, with_letter
from tests.digest.letters import NOW, decoded

SENDER = Address("nutgraf@example.org", "Nutgraf")
NAMES = [
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Precedence", "List-Id",
    "X-Auto-Response-Suppress", "X-Nutgraf-Digest", "MIME-Version", "Content-Type",
]  # fmt: skip
BREAKS = "\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\x00"
HOSTILE = st.text(st.sampled_from(BREAKS + '=?utf-8qb_0A:<>@"\\, \tBcév日\ud800\u202e') | st.characters(), max_size=300)
TRICKS = (
    "x\r\nBcc: evil@example.com",
    "=?utf-8?q?x=0D=0ABcc=3A_evil?=",
    "=?utf-8?b?eA0KQmNjOiBldmls?=",
    "==?utf-8?q?x=0D=0ABcc=3A_evil?=",
    "a\x0bBcc: evil",
    "a\u2028Bcc: evil",
    "é" * 300,
)


def _head(subject: str = "Morning", sender: Address = SENDER, **changes: object) -> Head:
    facts = {"list_name": "daily", **changes}
    return Head(sender, Address("anna@example.org"), subject, NOW, "<0123@example.org>", **facts)  # type: ignore[arg-type]


def _mail(head: Head | None = None, text: str = "Text.\n", html: str = "<p>Text.</p>\n") -> bytes:
    return seal(head or _head(), alternative(text, html, "seed"))


def _read(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


@given(HOSTILE, HOSTILE)
@example(TRICKS[0], TRICKS[1])
@example(TRICKS[2], TRICKS[3])
@example(TRICKS[4], TRICKS[5])
@example(TRICKS[6], "")
def test_no_header_can_be_added(subject: str, name: str) -> None:
    """Whatever the subject and the names say, the header holds the expected fields and no other, in ASCII lines of sane length."""
    raw = _mail(_head(subject, Address("nutgraf@example.org", name)))
    head = raw.partition(b"\r\n\r\n")[0]
    fields = [line.partition(b":")[0].decode() for line in head.split(b"\r\n") if not line.startswith(b" ")]
    assert fields == NAMES
    assert head.isascii()
    assert all(len(line) <= 300 for line in head.split(b"\r\n"))


@given(HOSTILE)
@example(TRICKS[1])
def test_a_subject_survives_decoding(subject: str) -> None:
    """A mail reader shows the cleaned subject, on one line, and nothing that was smuggled in."""
    shown = str(_read(_mail(_head(subject)))["Subject"])
    assert shown.split() == clean(subject, 200).split()


@given(HOSTILE)
def test_a_mail_written_again_has_the_same_headers(subject: str) -> None:
    """A program that decodes and writes the mail anew (with the fault of Python 3.11.7) has nothing to let through."""
    again = _read(_read(_mail(_head(subject))).as_bytes())
    assert again.keys() == NAMES


def test_text_comes_before_html() -> None:
    """The better alternative stands last."""
    assert [part.get_content_type() for part in _read(_mail()).iter_parts()] == ["text/plain", "text/html"]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_text_arrives_as_written(text: str) -> None:
    """Any text comes out of the mail as it went in, but for its line ends."""
    _, part, _ = email.message_from_bytes(_mail(text=text)).walk()
    sent = text.replace("\r\n", "\n").replace("\r", "\n")
    assert decoded(part).decode().replace("\r\n", "\n").rstrip("\n") == sent.rstrip("\n")


@given(st.text())
def test_lines_are_what_smtp_takes(text: str) -> None:
    """Every line ends in CRLF, has at most 998 octets and is ASCII, whatever the text."""
    raw = _mail(text=text, html=text)
    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_the_digest_is_marked_as_written_by_a_machine() -> None:
    """Nobody's auto-responder answers it, and we know it again."""
    mail = _read(_mail())
    marks = [mail[name] for name in ("Auto-Submitted", "Precedence", "X-Auto-Response-Suppress", "List-Id", "X-Nutgraf-Digest")]
    assert marks == ["auto-generated", "bulk", "All", "<daily.nutgraf.example.org>", "0123"]


def test_a_thread_is_kept() -> None:
    """An answer refers to the letter it answers and the ones before it; what is no Message-ID is left out."""
    mail = _read(_mail(_head(answers="<b@x.example>", references=("<a@x.example>", "nonsense", "<x\r\nBcc: y>"), is_answer=True)))
    assert (mail["In-Reply-To"], mail["References"]) == ("<b@x.example>", "<a@x.example> <b@x.example>")


def test_an_answer_to_nothing_known_starts_a_thread() -> None:
    """Without a Message-ID to refer to, there is no reference."""
    assert _read(_mail(_head(answers="broken", references=("<a@x.example>",), is_answer=True)))["In-Reply-To"] is None


def test_an_edition_named_in_any_script_has_a_list_id() -> None:
    """A List-Id is ASCII, whatever the name."""
    assert _read(_mail(_head(list_name="Утро")))["List-Id"].endswith(".nutgraf.example.org>")


@pytest.mark.parametrize(
    "raw", [b"Subject: \xff\r\n\r\n\x80\r\n", b"Subject: x\n\n" + b"a" * 2000, b"\0", b"", b"a: b\r\n\r\n--=_x\r\nbare\rcr\r\n"]
)
def test_any_letter_can_be_passed_on(raw: bytes) -> None:
    """A letter that SMTP could not carry as it is travels as a file."""
    *_, attached = email.message_from_bytes(seal(_head(), with_letter("See below.", raw, "seed"))).walk()
    content = decoded(attached) if attached.get_filename() else attached.as_bytes()
    assert content.split() == raw.split()


def test_a_header_that_reads_back_differently_is_refused() -> None:
    """The last line of defence: what was written is read again before it leaves."""
    with pytest.raises(ValueError, match="read back"):
        seal(_head(), Part((("Content-Type", "text/plain\r\nBcc: evil@example.com"),), b""))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "anna",
        "a@b@c",
        "a@x.example, b@y.example",
        "boss@our.example <evil@x.example> <a@b.example>",
        "a@x\r\nBcc: b@y",
        "é@x.example",
        "a b@x.example",
    ],
)
def test_what_is_not_one_address_is_refused(text: str) -> None:
    """Nothing but one ASCII address gets into an envelope."""
    with pytest.raises(ValueError, match="one mail address"):
        address(text)


def test_an_address_may_have_a_name() -> None:
    """The name is shown, the address is used."""
    assert address('"Doe, Anna" <anna@example.org>') == Address("anna@example.org", "Doe, Anna")


def test_a_token_follows_from_what_is_sent_to_whom() -> None:
    """It is the same on any machine, and another for another recipient, slot, edition or sender."""
    same = token("daily", "2026-11-22", "Anna@example.org", "n@example.org")
    others = {
        token("daily", "2026-11-22", "bo@example.org", "n@example.org"),
        token("daily", "2026-11-23", "anna@example.org", "n@example.org"),
    }
    assert same == token("daily", "2026-11-22", "anna@example.org", "n@example.org")
    assert same not in others
