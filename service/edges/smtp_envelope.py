"""What goes over the wire for one posting: checked addresses and bytes in SMTP's own form. Nothing here talks to anyone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from service.contracts import Permanent
from service.records import Posting

# RFC 5321, 4.1.2 without quoted strings and address literals: nobody's newsletter digest needs them, every injection does.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@{_LABEL}(?:\.{_LABEL})*")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Envelope:
    """One transaction: from, to, and `content` with every line ending in CRLF (dots not yet doubled)."""

    sender: str
    recipient: str
    content: bytes = field(repr=False)

    @classmethod
    def around(cls, posting: Posting) -> Envelope:
        """Return the posting's envelope. Raises Permanent when an address is no single ASCII addr-spec."""
        return cls(address(posting.sender, "sender"), address(posting.recipient, "recipient"), with_crlf(posting.content))

    @property
    def is_ascii(self) -> bool:
        """Whether any server at all takes the content (else only one with 8BITMIME, RFC 6152)."""
        return self.content.isascii()


def address(text: str, role: str) -> str:
    """Return `text` when it is exactly one address (RFC 5321, 4.1.2, at most 254 octets). Raises Permanent otherwise."""
    found = _ADDRESS.fullmatch(text)
    if found is None or len(found["local"]) > 64 or len(text) > 254:
        raise Permanent(f"the {role} is no plain e-mail address", "give name@example.org in ASCII, without a display name")
    return text


def with_crlf(content: bytes) -> bytes:
    """Return the content with CRLF alone as line end, and one at its end: a bare LF lets a dot end the message early (smuggling)."""
    lines = _LINE_END.sub(b"\r\n", content)
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"


def with_dots_doubled(content: bytes) -> bytes:
    """Return the content transparent to the final dot (RFC 5321, 4.5.2)."""
    return _LEADING_DOT.sub(b"..", content)
