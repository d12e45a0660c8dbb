"""A rendered digest as the bytes of a mail: the same input gives the same bytes, and no value can add a header.

Every header value is cleaned, then written by hand: `email` re-folds decoded words and lets a line break through on Python 3.11.7 and
3.12.1 (the class of CVE-2024-6923). What was written is read back, and refused when its header names are not the expected ones.
"""

from __future__ import annotations

import quopri
import re
import unicodedata
from base64 import encodebytes
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.errors import MultipartInvariantViolationDefect
from email.parser import BytesHeaderParser
from email.utils import format_datetime
from hashlib import sha256

SUBJECT = 200
REFERENCES = 10
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>\s]+)>")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")
_PLAIN_PHRASE = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*")


@dataclass(frozen=True, slots=True)
class Address:
    """A mail address in ASCII and the name shown with it (may be empty)."""

    spec: str
    name: str = ""

    @property
    def domain(self) -> str:
        """The part after the @."""
        return self.spec.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Part:
    """A MIME part: its header lines and its encoded body, with CRLF line ends."""

    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """What the header of a digest says. `answers` is the Message-ID replied to, `references` the thread before it."""

    sender: Address
    recipient: Address
    subject: str
    created: datetime
    message_id: str
    list_name: str = ""
    answers: str | None = None
    references: tuple[str, ...] = ()
    is_answer: bool = False


def address(text: str) -> Address:
    """Read `user@example.org` or `Name <user@example.org>`. Raises ValueError for anything else, several addresses included."""
    named = _NAMED.fullmatch(text.strip())
    name, spec = (clean(named["name"]).strip('" '), named["address"]) if named else ("", text.strip())
    if not _ADDRESS.fullmatch(spec) or ".." in spec:
        raise ValueError("not one mail address; write user@example.org or Name <user@example.org>")
    return Address(spec, name)


def token(edition: str, slot: str, recipient: str, sender: str, key: str = "") -> str:
    """Return the posting's identity: the same edition, slot, recipient and sender give the same, on any machine.

    Without the operator's `key` anybody could work it out, and have a digest held back by a mail that pretends to be it.
    """
    parts = (edition, slot, recipient.lower(), sender.lower(), *([key] if key else []))
    return sha256("\0".join(parts).encode(errors="replace")).hexdigest()[:40]


def seal(head: Head, body: Part) -> bytes:
    """Return the whole mail. Raises ValueError when its header does not read back as written."""
    headers = [*_head(head), ("MIME-Version", "1.0"), *body.headers]
    written = b"".join(_line(name, value) for name, value in headers)
    read = BytesHeaderParser().parsebytes(written + b"\r\n")
    # Some releases (3.11.2, that of Debian 12) miss the body, though told to look at the header alone.
    defects = [defect for defect in read.defects if not isinstance(defect, MultipartInvariantViolationDefect)]
    if [name for name, _ in headers] != read.keys() or defects:
        raise ValueError("the header does not read back as it was written")
    return written + b"\r\n" + body.body


def alternative(text: str, html: str, seed: str) -> Part:
    """Return plain text and HTML as multipart/alternative, the better one last (RFC 2046, 5.1.4)."""
    return _multipart("alternative", (_text("plain", text), _text("html", html)), seed)


def with_letter(text: str, raw: bytes | None, seed: str) -> Part:
    """Return a short text with a letter attached as it came; the text alone when the letter's bytes are gone."""
    return _text("plain", text) if raw is None else _multipart("mixed", (_text("plain", text), _attached(raw)), seed)


def clean(text: str, limit: int | None = None) -> str:
    """Return `text` on one line, with no control, direction or surrogate character, and no start of an encoded word."""
    shown = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp", "Zs"} else c for c in text if not _unseen(c))
    line = " ".join(shown.split())
    if limit is not None and len(line) > limit:
        line = line[: limit - 1].rstrip() + "…"
    return re.sub(r"=(?=\?)", "= ", line)


def _unseen(character: str) -> bool:
    return character in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff" or unicodedata.category(character) == "Cs"


def _head(head: Head) -> Iterator[tuple[str, str]]:
    """Yield the header's names and values, ready to be written."""
    yield "From", _mailbox(head.sender)
    yield "To", _mailbox(head.recipient)
    yield "Subject", _unstructured(clean(head.subject, SUBJECT))
    yield "Date", format_datetime(head.created)
    yield "Message-ID", head.message_id
    for answered in _identifiers([head.answers or ""]):
        yield "In-Reply-To", answered
        yield "References", " ".join([*_identifiers(head.references), answered][-REFERENCES:])
    yield "Auto-Submitted", "auto-replied" if head.is_answer else "auto-generated"
    if not head.is_answer:
        yield "Precedence", "bulk"
        yield "List-Id", f"<{_label(head.list_name)}.nutgraf.{head.sender.domain}>"
    yield "X-Auto-Response-Suppress", "All"
    yield "X-Nutgraf-Digest", head.message_id.strip("<>").partition("@")[0]


def _identifiers(texts: Iterable[str]) -> list[str]:
    return [text.strip() for text in texts if _MESSAGE_ID.fullmatch(text.strip())]


def _label(name: str) -> str:
    """Return an edition's name as a part of a domain name."""
    label = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return label[:60] or sha256(name.encode(errors="replace")).hexdigest()[:12]


def _mailbox(who: Address) -> str:
    return f"{_phrase(who.name)} <{who.spec}>" if who.name else who.spec


def _phrase(name: str) -> str:
    name = clean(name, 80)
    if not name.isascii() or _PLAIN_PHRASE.fullmatch(name):
        return _unstructured(name)
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _unstructured(text: str) -> str:
    """Return cleaned text as a header may hold it: ASCII as it is, anything else in encoded words (RFC 2047)."""
    if text.isascii():
        return text
    return " ".join(f"=?utf-8?b?{_base64(piece)}?=" for piece in _pieces(text, 45))


def _pieces(text: str, octets: int) -> Iterator[bytes]:
    """Yield `text` in UTF-8 in pieces of at most `octets`, no character cut."""
    piece = b""
    for character in text:
        encoded = character.encode()
        if len(piece) + len(encoded) > octets:
            yield piece
            piece = b""
        piece += encoded
    yield piece


def _base64(data: bytes) -> str:
    return encodebytes(data).decode().replace("\n", "")


def _line(name: str, value: str) -> bytes:
    """Return a header field folded at spaces, 78 columns wide where it can be (RFC 5322, 2.1.1)."""
    lines, line = [], f"{name}:"
    for word in value.split(" "):
        if len(line) + 1 + len(word) > 78 and line != f"{name}:":
            lines.append(line)
            line = ""
        line += f" {word}"
    return "\r\n".join([*lines, line, ""]).encode("ascii")


def _text(subtype: str, text: str) -> Part:
    """Return text in UTF-8, in whichever transfer encoding is shorter."""
    data = text.replace("\r\n", "\n").replace("\r", "\n").encode(errors="replace")
    quoted, base = quopri.encodestring(data), encodebytes(data.replace(b"\n", b"\r\n"))
    encoding, body = ("quoted-printable", quoted) if len(quoted) <= len(base) else ("base64", base)
    headers = (("Content-Type", f"text/{subtype}; charset=utf-8"), ("Content-Transfer-Encoding", encoding))
    return Part(headers, body.replace(b"\n", b"\r\n"))


def _attached(raw: bytes) -> Part:
    """Return a letter as message/rfc822; as a file where it can't travel unencoded, which RFC 2046, 5.2.1 would demand."""
    lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    if raw.isascii() and b"\0" not in raw and max(map(len, lines)) <= 998:
        return Part((("Content-Type", "message/rfc822"), ("Content-Disposition", "attachment; filename=letter.eml")), b"\r\n".join(lines))
    headers = (
        ("Content-Type", "application/octet-stream; name=letter.eml"),
        ("Content-Disposition", "attachment; filename=letter.eml"),
        ("Content-Transfer-Encoding", "base64"),
    )
    return Part(headers, encodebytes(raw).replace(b"\n", b"\r\n"))


def _multipart(subtype: str, parts: tuple[Part, ...], seed: str) -> Part:
    """Join parts with a boundary that follows from `seed`, so that the same digest has the same bytes."""
    boundary = f"=_{sha256(seed.encode(errors='replace')).hexdigest()[:32]}"
    opening = f"--{boundary}\r\n".encode()
    body = b"".join(opening + b"".join(_line(*header) for header in part.headers) + b"\r\n" + part.body + b"\r\n" for part in parts)
    return Part((("Content-Type", f'multipart/{subtype}; boundary="{boundary}"'),), body + f"--{boundary}--\r\n".encode())
