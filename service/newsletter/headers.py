"""The header fields of a letter: unfolded, capped, decoded; none of them can take long or much memory."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header

from service.newsletter.charsets import codec, decode

FIELD_LIMIT = 64 * 1024
BLOCK_LIMIT = 256 * 1024
# A decoded field is read by people: beyond this it is an attack on the decoder (20,000 encoded words cost 2.8 GB elsewhere).
_DECODED_LIMIT = 8 * 1024
_PARAMETER_LIMIT = 4 * 1024
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:[ \t]*(.*)", re.DOTALL)
_SPACE = re.compile(r"\s+")
_PARAMETER = re.compile(r""";\s*([\w.-]{1,60})(?:\*(\d{0,3})\*?)?\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)""")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.){0,300}"|\([^()]{0,300}\)|<[^<>]*>?|[,;]|[^"(<,;]+|.', re.DOTALL)
_ADDRESS = re.compile(r"[^\s<>()\[\]\\,;:\"@]+@[^\s<>()\[\]\\,;:\"@]+")


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields in order: lower-case name and unfolded value, encoded words not decoded yet."""

    fields: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str:
        """Return the first field of that name as it stands, "" without one."""
        return next((value for key, value in self.fields if key == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Return every field of that name, topmost first."""
        return tuple(value for key, value in self.fields if key == name)

    def text(self, name: str) -> str:
        """Return the first field of that name for people: encoded words decoded, white space folded."""
        return decoded(self.get(name))

    def __contains__(self, name: object) -> bool:
        return any(key == name for key, _ in self.fields)


def parse(block: bytes, charset: str | None = None) -> Headers:
    """Return the fields of a header block (lines end in LF); what is over the limits or is no field is left out.

    `charset` is what 8-bit values are likely to be written in: the body's.
    """
    fields: list[bytearray] = []
    for line in block[:BLOCK_LIMIT].split(b"\n"):
        if line[:1] in {b" ", b"\t"} and fields:
            fields[-1] += (b" " + line.strip())[: max(0, FIELD_LIMIT - len(fields[-1]))]
        else:
            fields.append(bytearray(line[:FIELD_LIMIT]))
    matches = (_FIELD.match(bytes(field)) for field in fields)
    return Headers(tuple((m[1].decode("ascii").lower(), decode(m[2], charset).strip()) for m in matches if m))


def decoded(value: str) -> str:
    """Return a field's value with its encoded words (RFC 2047) decoded and its white space folded."""
    value = value[:_DECODED_LIMIT]
    if "=?" in value:
        # Some senders put a Q-encoded word's own blanks in; the rest of the field is kept as it stands when it can't be decoded.
        try:
            parts = decode_header(value)
        except (HeaderParseError, binascii.Error, ValueError):
            parts = [(value, None)]
        value = "".join(_word(part, charset) for part, charset in parts)
    return _SPACE.sub(" ", value).strip()


def _word(part: bytes | str, charset: str | None) -> str:
    if isinstance(part, str):
        return part
    return decode(part, charset if codec(charset) else None)


def parameter(value: str, name: str) -> str:
    """Return a parameter of a structured field ("boundary" of Content-Type), "" without it; RFC 2231 pieces are joined."""
    found = [
        (int(m[2] or 0), m[3].strip().strip('"').replace('\\"', '"'))
        for m in _PARAMETER.finditer(value[:_PARAMETER_LIMIT])
        if m[1].lower() == name
    ]
    return "".join(piece for _, piece in sorted(found[:20])) if len(found) > 1 else "".join(piece for _, piece in found)


def addresses(value: str) -> tuple[tuple[str, str], ...]:
    """Return the (display name, address) pairs of an address field; the address is what stands in the angle brackets.

    Written for this: the standard library's parser took the display name `boss@our.example` for the address before 3.13.
    """
    found, name, address, bare, comment = [], "", "", "", ""
    for token in (*_TOKEN.findall(value[:_DECODED_LIMIT]), ","):
        if token in {",", ";"}:
            if plain := address.strip() or next(iter(_ADDRESS.findall(bare)), ""):
                found.append((decoded((name if address else "") or comment), plain))
            name, address, bare, comment = "", "", "", ""
        elif token.startswith("<"):
            address = token.strip("<> \t") or address
        elif token.startswith('"'):
            name += token.strip('"').replace('\\"', '"').replace("\\\\", "\\")
        elif token.startswith("(") and token.endswith(")"):
            comment = token[1:-1]
        else:
            name, bare = name + token, bare + token
    return tuple(found)
