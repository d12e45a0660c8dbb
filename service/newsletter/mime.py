"""Octets -> Mail: the header fields and the best body of a letter, a page or a running text (RFC 2045 to 2049, read leniently).

The structure is cut up here and not by the standard library's parser, so that depth, number of parts and size of headers are bounded
before anything is parsed. No attachment is ever decoded, let alone decompressed.
"""

from __future__ import annotations

import base64
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape, unescape

from service.newsletter import headers
from service.newsletter.charsets import decode
from service.newsletter.headers import BLOCK_LIMIT, Headers, parameter
from service.newsletter.sanitise import seen

DEPTH = 12
PARTS = 200
BODY = 2 * 1024 * 1024
NO_TEXT = "application/octet-stream"
# Controls that no text has (UTF-16 has NULs, old terminals escapes): bytes of chance hold one in ten, letters none.
_NO_TEXT = bytes(octet for octet in range(1, 32) if octet not in b"\t\n\v\f\r\x1b")
_ENCODED_BODY = 4 * BODY
_NO_BASE64 = bytes(octet for octet in range(256) if not (chr(octet).isascii() and (chr(octet).isalnum() or octet in b"+/")))

_KNOWN_NAMES = (
    "from to cc subject date message-id received return-path mime-version content-type content-transfer-encoding reply-to sender "
    "list-id list-unsubscribe delivered-to x-mailer dkim-signature authentication-results in-reply-to references precedence x-original-to "
    "arc-seal x-received envelope-to resent-from"
)
_KNOWN = frozenset(_KNOWN_NAMES.split())
_PAGE = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,2000}?-->\s*)?<(?:!doctype|html|head|body|div|table|p|h1|meta|center)\b",
    re.IGNORECASE | re.DOTALL,
)
_BLANKS = re.compile(r"&(?:nbsp|zwnj|shy|#\d{1,7}|#x[0-9a-f]{1,6});", re.IGNORECASE)
_DELIMITER = re.compile(rb"^--(\S[^\n]{0,70}?)[ \t]*\ncontent-", re.IGNORECASE | re.MULTILINE)
_TITLE = re.compile(r"<[Tt][Ii][Tt][Ll][Ee][^<>]{0,200}>([^<]{1,500})</[Tt][Ii][Tt][Ll][Ee]")  # four times as fast as ignoring the case
_CHARSET = re.compile(rb"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
# "This letter needs HTML, view it in a browser": an alternative that says only this is not the body.
_STUB = 300
_FEW_WORDS = 10


@dataclass(frozen=True, slots=True)
class Mail:
    """A letter taken apart. `html` and `text` are bodies ("" where there is none), `types` every part's content type, in order.

    `attached` is the first letter attached whole (message/rfc822); `bare` says that there were no header fields: a page or a text.
    """

    headers: Headers
    html: str = ""
    text: str = ""
    types: tuple[str, ...] = ()
    attached: bytes = field(default=b"", repr=False)
    bare: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    headers: Headers
    body: bytes
    type: str
    children: tuple[_Part, ...] = ()


def open_mail(raw: bytes) -> Mail:
    """Return the letter, page or running text in `raw` taken apart; never raises, whatever the octets."""
    if raw.startswith(b"<"):
        return _bare(raw)
    lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in raw else raw
    lines = lines[3:] if lines.startswith(b"\xef\xbb\xbf") else lines
    start = lines[: BLOCK_LIMIT + 1].lstrip(b"\n \t") if lines[:1] in {b"\n", b" ", b"\t"} else lines
    if start.startswith((b"From ", b">From ")):
        lines = start[: start.find(b"\n") + 1] and lines[lines.find(b"\n", lines.find(b"From ")) + 1 :]
    part = _part(lines, depth=0, budget=[PARTS])
    if not _KNOWN.intersection(name for name, _ in part.headers.fields):
        return _bare(raw)
    html, text = _bodies(part)
    every = tuple(_walk(part))
    attached = next((p.body for p in every if p.type == "message/rfc822"), b"")
    return Mail(part.headers, html[:BODY], text[:BODY], tuple(p.type for p in every), attached)


def fields(raw: bytes) -> Headers:
    """Return the header fields of `raw` alone, cheaply: none for a page or a running text."""
    block = raw[: BLOCK_LIMIT * 2].replace(b"\r\n", b"\n").replace(b"\r", b"\n").lstrip(b"\n\xef\xbb\xbf")
    if block.startswith((b"From ", b">From ")):
        block = block[block.find(b"\n") + 1 :]
    found = headers.parse(_split(block)[0], _likely_charset(block))
    return found if _KNOWN.intersection(name for name, _ in found.fields) else Headers()


def _bare(raw: bytes) -> Mail:
    """A page or a running text: what has no header field that we know. A page's title is its subject."""
    sample = raw[:4096]
    if len(sample) - len(sample.translate(None, _NO_TEXT)) > len(sample) // 20:
        return Mail(Headers(), types=(NO_TEXT,), bare=True)
    html = bool(_PAGE.match(raw[:4096].replace(b"\x00", b"").removeprefix(b"\xef\xbb\xbf")))
    body = decode(raw[: 2 * BODY], html=html)[:BODY]
    found = _TITLE.search(body[:BLOCK_LIMIT]) if html else None
    known = Headers((("subject", unescape(found[1])),)) if found and found[1].strip() else Headers()
    return Mail(known, html=body if html else "", text="" if html else body, types=("text/html" if html else "text/plain",), bare=True)


def unreadable(mail: Mail) -> str:
    """Return why nobody can read the letter here, in words for people; "" for one that can be read."""
    types = set(mail.types)
    if mail.bare and NO_TEXT in types:
        return "the bytes are no text"
    body = (mail.html or mail.text)[:2000]
    if types & {"multipart/encrypted", "application/pgp-encrypted"} or "-----BEGIN PGP MESSAGE-----" in body:
        return "the letter is encrypted (PGP)"
    if types & {"application/pkcs7-mime", "application/x-pkcs7-mime"} and not body.strip():
        return "the letter is encrypted or sealed (S/MIME)"
    if body.strip():
        return ""
    if types & {"application/ms-tnef", "application/vnd.ms-tnef"}:
        return "the letter is in Outlook's own format (winmail.dat)"
    if any(kind.startswith("image/") for kind in types):
        return "the letter holds pictures only, no text"
    if any(not kind.startswith(("text/", "multipart/")) for kind in types):
        return "the letter holds attachments only, no text"
    return "the letter is empty" if mail.headers.fields else "there is nothing in it"


# -- structure ---------------------------------------------------------------------------------------------------------


def _part(octets: bytes, depth: int, budget: list[int], default: str = "text/plain") -> _Part:
    """Take one entity apart; `budget` holds how many parts the whole letter may still have."""
    block, body = _split(octets)
    found = headers.parse(block, _likely_charset(octets) if block else None)
    kind = found.get("content-type").partition(";")[0].strip().lower()
    kind = kind if kind.count("/") == 1 else default
    budget[0] -= 1
    if not kind.startswith("multipart/") or depth >= DEPTH:
        return _Part(found, body, kind)
    inner = "message/rfc822" if kind == "multipart/digest" else "text/plain"
    pieces = _pieces(body, parameter(found.get("content-type"), "boundary"))
    if not pieces:
        return _Part(found, body, "text/html" if _PAGE.match(body[:4096]) else "text/plain")
    children = []
    for piece in pieces:
        if budget[0] <= 0:
            break
        children.append(_part(piece, depth + 1, budget, inner))
    return _Part(found, b"", kind, tuple(children))


def _likely_charset(octets: bytes) -> str | None:
    """Return the first charset that the entity declares: raw 8-bit header values (RFC 6532 apart) are written in it too."""
    declared = _CHARSET.search(octets[:BLOCK_LIMIT])
    return declared[1].decode("ascii") if declared else None


def _split(octets: bytes) -> tuple[bytes, bytes]:
    """Split an entity into header block and body; a first line that is no field means that there is no header block."""
    if octets.startswith(b"\n"):
        return b"", octets[1:]
    end = octets.find(b"\n\n")
    block = octets if end < 0 else octets[:end]
    first = block.partition(b"\n")[0]
    if b":" not in first or b" " in first.partition(b":")[0].rstrip() or first.startswith(b"<"):
        return b"", octets
    return block, b"" if end < 0 else octets[end + 2 :]


def _pieces(body: bytes, boundary: str) -> list[bytes]:
    """Cut a multipart body at its delimiter lines (RFC 2046, 5.1.1); a delimiter that was not declared is guessed."""
    mark = boundary.encode("utf-8", "replace").rstrip()
    if not mark or not (body.startswith(b"--" + mark) or b"\n--" + mark in body):
        guess = _DELIMITER.search(body[:BLOCK_LIMIT])
        if not guess:
            return []
        mark = guess[1]
    pieces = []
    lines = re.split(rb"\n--" + re.escape(mark) + rb"(--)?[ \t]*(?=\n|\Z)", b"\n" + body, maxsplit=PARTS)
    for closing, piece in zip(lines[1::2], lines[2::2], strict=True):
        if closing:
            break
        pieces.append(piece.removeprefix(b"\n"))
    return pieces


def _walk(part: _Part) -> Iterator[_Part]:
    yield part
    for child in part.children:
        yield from _walk(child)


# -- body --------------------------------------------------------------------------------------------------------------


def _bodies(part: _Part) -> tuple[str, str]:
    """Return the part's body as HTML or as plain text, the other one ""; both "" where it holds neither."""
    if part.children:
        return _alternative(part) if part.type == "multipart/alternative" else _sequence(part)
    if _attached(part) or part.type not in {"text/html", "text/plain", "text/enriched", "application/xhtml+xml", "message/delivery-status"}:
        return "", ""
    text = _text(part)
    if part.type in {"text/html", "application/xhtml+xml"} or (part.type == "text/plain" and _PAGE.match(text[:4096].encode())):
        return text, ""
    return "", text


def _alternative(part: _Part) -> tuple[str, str]:
    """Choose among alternatives: HTML that says something, else the plain text, else whatever there is."""
    found = [_bodies(child) for child in part.children[:20]]
    html = max((html for html, _ in found), key=lambda h: len(visible(h)), default="")
    text = max((text for _, text in found), key=len, default="")
    shown = len(visible(html))
    if html and (shown > _STUB or not text.strip() or 6 * shown > len(text) or len(text.split()) < _FEW_WORDS):
        return html, ""
    return ("", text) if text.strip() else (html, "")


def _sequence(part: _Part) -> tuple[str, str]:
    """Join what the inline parts say, in order: a list's footer or a picture between two texts cuts a letter into several."""
    children = part.children[:1] if part.type in {"multipart/report", "multipart/signed"} and part.children else part.children
    found = [body for body in map(_bodies, children) if any(body)]
    if part.type == "multipart/related" and any(html for html, _ in found):
        found = [next(body for body in found if body[0])]
    if any(html for html, _ in found):
        return "\n".join(html or f"<div>{escape(text).replace(chr(10), '<br>')}</div>" for html, text in found)[:BODY], ""
    return "", "\n\n".join(text for _, text in found)[:BODY]


def _attached(part: _Part) -> bool:
    disposition = part.headers.get("content-disposition").partition(";")[0].strip().lower()
    return disposition == "attachment" or (
        disposition == "inline"
        and bool(parameter(part.headers.get("content-disposition"), "filename"))
        and part.type == "text/plain"
        and len(part.body) > BODY
    )


def _text(part: _Part) -> str:
    """Return a leaf's text, its transfer encoding undone as far as it is intact."""
    octets = _octets(part.body[:_ENCODED_BODY], part.headers.get("content-transfer-encoding").strip().lower())
    return decode(octets[: 2 * BODY], parameter(part.headers.get("content-type"), "charset"), html=part.type != "text/plain")[:BODY]


def _octets(body: bytes, encoding: str) -> bytes:
    """Undo a transfer encoding (RFC 2045, 6); what is damaged or cut off costs no more than itself."""
    if encoding == "base64":
        signs = body.partition(b"=")[0].translate(None, _NO_BASE64)
        signs = signs[: len(signs) - (len(signs) % 4 == 1)]
        return base64.b64decode(signs + b"=" * (-len(signs) % 4))
    return quopri.decodestring(body) if encoding == "quoted-printable" else body


@lru_cache(maxsize=2)  # asked for to choose among alternatives, and again to tell the letter's kind
def visible(html: str) -> str:
    """A cheap look at what a reader would see of HTML; entities but the commonest are left as they are."""
    before, *tags = seen(html[:500_000]).split("<")
    rest = [f" {after}" if end else f"<{inside}" for inside, end, after in [tag.partition(">") for tag in tags]]
    return " ".join(_BLANKS.sub(" ", before + "".join(rest)).split())
