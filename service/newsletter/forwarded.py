"""The letter inside a letter that a person forwarded: attached whole, or inline under the header fields that mail programs put there.

A letter is a forward when a person sent it, and either its subject or a line in its body says so. `Fwd:` in the subject of a mailing to
many is a trick of campaigns: those letters are read as they are.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from html import unescape
from typing import NamedTuple

from service import bundled
from service.newsletter import dates, mime
from service.newsletter.headers import Headers, addresses
from service.newsletter.kinds import automatic
from service.newsletter.mime import Mail
from service.newsletter.sanitise import unseen

# How deep a chain of forwards is followed, and how far from the top of a letter the forwarded fields may begin.
ROUNDS = 3
NOTE = 6000
# The header fields of an inline forward stand within this many lines.
BLOCK = 16
# A note of one's own above an attached letter; a longer one makes the letter the person's own.
_OWN_WORDS = 2000

_BREAKS = re.compile(r"<(?:br|/?p|/?div|/?tr|/?table|/?li|hr|/?blockquote|/?h[1-6]|/?pre|/?header)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_QUOTE = re.compile(r"^(?:[ \t]*[>|])+ ?", re.MULTILINE)
_LABEL = re.compile(r"^\W{0,3}([^\W\d_][\w' -]{0,24}?)\s{0,2}\*?\s?[:：]\s*\*?\s*(.*)$")
_MAILTO = re.compile(r"\[(?:mailto|smtp):([^\]\s]+)\]", re.IGNORECASE)
_PREFIX = re.compile(r"^\s*([^\W\d_]{1,14})\s*[:：]\s*")


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of `config/forwarding.toml`, all languages together; `fields` maps a field's name to its standard one."""

    prefixes: frozenset[str]
    marks: tuple[str, ...]
    fields: dict[str, str]


class _Line(NamedTuple):
    """A line of text and where it ends in the body it was taken from."""

    text: str
    end: int


def unwrap(mail: Mail) -> Mail:
    """Return the letter that was forwarded, with the original From, Subject and Date; `mail` itself where nobody forwarded it."""
    for _ in range(ROUNDS):
        inner = None if mail.bare or _to_many(mail) else _attached(mail) or _inline(mail)
        if inner is None:
            break
        mail = inner
    return mail


def may_be_forward(headers: Headers) -> bool:
    """Whether the header fields leave open that this is a forward; a cheap question before the body is looked at."""
    content = headers.get("content-type").lower()
    return bool(headers.fields) and not automatic(headers) and (_announced(headers) or "multipart/mixed" in content or _human(headers))


def _human(headers: Headers) -> bool:
    return "x-mailer" not in headers or bool(headers.get("user-agent"))


def _to_many(mail: Mail) -> bool:
    return automatic(mail.headers) or "multipart/report" in mail.types


def _announced(headers: Headers) -> bool:
    """Whether the subject says that the letter is a forward."""
    prefix = _PREFIX.match(headers.text("subject"))
    return bool(prefix and prefix[1].casefold() in _words().prefixes)


# -- attached ----------------------------------------------------------------------------------------------------------


def _attached(mail: Mail) -> Mail | None:
    """Return a letter attached whole (message/rfc822), where there is not much beside it."""
    own = mime.visible(mail.html) if mail.html else mail.text
    if not mail.attached or (len(own) > _OWN_WORDS and not _announced(mail.headers)):
        return None
    inner = mime.open_mail(mail.attached)
    return None if inner.bare or not (inner.html or inner.text or inner.attached) else inner


# -- inline ------------------------------------------------------------------------------------------------------------


def _inline(mail: Mail) -> Mail | None:
    """Return the letter under the first block of header fields, where a mark or the subject says that it was forwarded."""
    body = mail.html or mail.text
    most = NOTE * (4 if mail.html else 1)
    lines = list(_top(_html_lines(body) if mail.html else _text_lines(body), most))
    announced = _announced(mail.headers)
    for start, line in enumerate(lines):
        if line.end > most:
            break
        name = _label(line.text)[0]
        if name not in {"from", "subject", "sent"}:
            continue
        found, end = _block(lines, start)
        if "from" in found and len(found) >= 3 and (announced or any(_marks(above.text) for above in lines[max(0, start - 3) : start])):
            return _opened(mail, found, body[end:])
    return None


def _top(lines: Iterator[_Line], most: int) -> Iterator[_Line]:
    """Yield the lines that end within so many characters, and a block's more."""
    below = 0
    for line in lines:
        yield line
        below += line.end > most
        if below > BLOCK:
            return


def _opened(mail: Mail, found: dict[str, str], rest: str) -> Mail:
    """Make a letter of the fields and the body found in another one."""
    name, address = _author(found["from"])
    sent = dates.sent(found.get("sent", "")) or dates.anywhere(found.get("sent", ""))
    author = f'"{name.replace(chr(34), "")}" <{address}>' if address else name
    fields = [("from", author), ("subject", found.get("subject", "")), ("date", sent.strftime("%a, %d %b %Y %H:%M:%S %z") if sent else "")]
    inner = replace(mail, headers=Headers(tuple((k, v) for k, v in fields if v)), attached=b"")
    if mail.html:
        above = mail.html[: len(mail.html) - len(rest)]
        return replace(inner, html="".join(above[start:end] for start, end, name in unseen(above) if name == "style") + rest)
    quoted = sum(line.lstrip().startswith(">") for line in rest.splitlines() if line.strip())
    lines = max(1, sum(bool(line.strip()) for line in rest.splitlines()))
    return replace(inner, text=_QUOTE.sub("", rest) if quoted > 0.7 * lines else rest)


def _author(value: str) -> tuple[str, str]:
    """Return name and address of a From line as programs print it: `Name <a@b>`, `Name [mailto:a@b]`, `a@b`, `Name`."""
    value = _MAILTO.sub(r"<\1>", re.sub(r"<\s*mailto:[^<>]*>", "", value, flags=re.IGNORECASE))
    name, address = next(iter(addresses(value)), ("", ""))
    return (name.strip(" *'\""), address.lower()) if "@" in address else (re.sub(r"[<>\"]", " ", value).strip(" *'"), "")


def field(line: str) -> str:
    """Return the standard name of the header field that a line shows, in any of the languages; "" where it shows none."""
    return _label(line)[0]


def _block(lines: list[_Line], start: int) -> tuple[dict[str, str], int]:
    """Return the header fields from line `start` on and where they end in the body; a value may go on on the next line."""
    found: dict[str, str] = {}
    last, end, waiting = "", lines[start].end, 0
    for line in lines[start : start + BLOCK]:
        name, value = _label(line.text)
        if _marks(line.text) or (name in found and name != "more"):  # a forward within the forward begins
            break
        if name:
            found.setdefault(name, value)
            last, end, waiting = name, line.end, 0
        elif line.text and last and not found[last]:
            found[last], end = line.text, line.end
        elif line.text:
            waiting += 1
            if waiting > 1:
                break
    return found, end


def _label(text: str) -> tuple[str, str]:
    """Return the standard name and the value of a line that is a header field in any of the languages, else two empty strings."""
    match = _LABEL.match(text[:1000]) if ":" in text or "：" in text else None
    return (_words().fields.get(match[1].strip().casefold(), ""), match[2].strip(" *")) if match else ("", "")


def _marks(text: str) -> bool:
    folded = text.casefold().strip(" -–—_*=>:：\u3000")
    return len(folded) < 120 and any(folded.startswith(mark) or folded.endswith(mark) for mark in _words().marks)


def _text_lines(body: str) -> Iterator[_Line]:
    end = 0
    for line in body[: 2 * NOTE].splitlines(keepends=True):
        end += len(line)
        yield _Line(_QUOTE.sub("", line).strip(), end)


def _html_lines(body: str) -> Iterator[_Line]:
    """Yield the lines that a reader sees at the top of an HTML body, with the offsets where they end in it."""
    start = 0
    head = body[: 12 * NOTE]
    for begin, end, _ in unseen(head):  # blanked, so that offsets stay
        head = f"{head[:begin]}{' ' * (end - begin)}{head[end:]}"
    for match in _BREAKS.finditer(head):
        between = head[start : match.start()].strip()
        yield _Line(" ".join(unescape(_TAG.sub("", between)).split()) if between else "", match.end())
        start = match.end()


@lru_cache(maxsize=1)
def _words() -> _Words:
    tables = tomllib.loads(bundled.config().joinpath("forwarding.toml").read_text(encoding="utf-8"))
    fields = {name: field for table in tables.values() for field in ("from", "sent", "to", "subject", "more") for name in table[field]}
    prefixes = frozenset(prefix for table in tables.values() for prefix in table["prefixes"])
    return _Words(prefixes, tuple(sorted({mark for table in tables.values() for mark in table["marks"]})), fields)
