"""Sets manuscripts of invented letters (`manuscripts`) as the mail that a reader would get, in the many looks of mailing platforms.

The judge is trained on them. What a manuscript says comes out whole and in order; how it looks is drawn anew for each seed.
"""

from __future__ import annotations

import random
import re
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from benchmarks.manuscripts import CLOSE, LINK, OPEN, RULE, Manuscript, Scrap, bare, lines, parse
from benchmarks.press_html import page
from benchmarks.press_looks import family_for, look_for

__all__ = ["Manuscript", "lines", "parse", "set_letter"]

FIRST_DAY = datetime(2019, 1, 7, 6, tzinfo=UTC)
DAYS = 2500
SENDER = re.compile(r"\s*\"?(.*?)\"?\s*<\s*([^<>@\s]+)@([^<>\s]+)\s*>\s*")
MARKS = ("*", "-", "-", "•", "–", "+")
PLATFORM_LINES = ("X-Mailer", "X-Campaign-ID", "X-Report-Abuse", "Feedback-ID", "X-MC-User", "X-Mailgun-Tag")


def set_letter(manuscript: Manuscript, seed: int, family: str = "") -> bytes:
    """Return the letter as mail (RFC 5322), the same for the same seed; `family` (of `press_looks.FAMILIES`) if it is not to be drawn."""
    rng = random.Random(f"{manuscript.headers.get('publisher')} {manuscript.headers.get('subject')} {seed}")  # noqa: S311 (no secret)
    drawn = family_for(manuscript.headers.get("platform", ""), rng)
    family = family or drawn
    message = _envelope(manuscript, rng)
    encoding = rng.choice(("quoted-printable", "quoted-printable", "base64"))
    if family == "plaintext":
        message.set_content(_Typist(rng).letter(manuscript), cte=encoding)
    else:
        message.set_content(page(manuscript, look_for(family, rng), rng), subtype="html", cte=encoding)
    return message.as_bytes()


def _envelope(manuscript: Manuscript, rng: random.Random) -> EmailMessage:
    message, headers = EmailMessage(), manuscript.headers
    found = SENDER.fullmatch(headers.get("sender", ""))
    name, local, host = found.groups() if found else (headers.get("publisher", "News"), "news", "mail.example")
    token = f"{rng.getrandbits(80):020x}"
    message["From"] = Address(name, local, host)
    message["To"] = "reader@home.example"
    message["Subject"] = headers.get("subject", "")
    message["Date"] = format_datetime(FIRST_DAY + timedelta(days=rng.randrange(DAYS), minutes=rng.randrange(900)))
    message["Message-ID"] = f"<{token}@{host}>"
    message["List-Unsubscribe"] = f"<https://{host}/u/{token}>, <mailto:leave+{token}@{host}>"
    if rng.random() < 0.7:
        message["List-ID"] = f"<{local}.{host}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message[rng.choice(PLATFORM_LINES)] = token
    return message


class _Typist:
    """Types a letter as plain text, in habits of its own."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._width = rng.choice((0, 65, 68, 70, 72, 76))
        self._links = rng.choice(("angle", "round", "footnotes", "below"))
        self._heading = rng.choice(("capitals", "underlined", "framed", "plain", "hashes"))
        self._rule = rng.choice("-=*_~") * rng.choice((3, 20, 40, 65, 72))
        self._mark = rng.choice(MARKS)
        self._starred = rng.random() < 0.5
        self._notes: list[str] = []

    def letter(self, manuscript: Manuscript) -> str:
        """Return the whole letter."""
        parts, before = [], ""
        for scrap in manuscript.scraps:
            for text in self._typed(scrap):
                close = scrap.role == before and scrap.role in ("item", "num", "row", "signature", "footer")
                parts += ["\n" if close else "\n\n", text]
            before = scrap.role
        notes = [f"[{number}] {url}" for number, url in enumerate(self._notes, 1)]
        return "".join([*parts[1:], "\n\n", *(f"{note}\n" for note in notes)])

    def _typed(self, scrap: Scrap) -> Iterator[str]:
        role, text = scrap.role, LINK.sub(self._linked, scrap.text if self._starred else bare(scrap.text))
        if role in (RULE, OPEN, CLOSE):
            yield self._rule
        elif text and role not in ("preheader", "image"):
            if role in ("h1", "h2", "h3", "logo"):
                yield self._head(text)
            elif role in ("item", "num"):
                yield self._wrapped(f"{self._mark} {text}", "  ")
            else:
                yield self._wrapped(text, "> " if role == "quote" and self._mark == "*" else "")

    def _linked(self, found: re.Match[str]) -> str:
        anchor, url = found.groups()
        if not url.startswith("http"):
            return anchor
        if self._links == "footnotes":
            self._notes.append(url)
            return f"{anchor} [{len(self._notes)}]"
        after = found.string[found.end() :][:1]
        gap = "" if after.isascii() else " "  # Japanese would go on as if it were part of the address
        return {"angle": f"{anchor} <{url}>", "round": f"{anchor} ( {url} )"}.get(self._links, f"{anchor}: {url}{gap}")

    def _head(self, text: str) -> str:
        capitals = text.upper()
        if "http" in text or capitals.casefold() != text.casefold():
            return self._wrapped(text, "")
        return {
            "capitals": capitals,
            "underlined": f"{text}\n{self._rule[0] * len(text)}",
            "framed": f"*** {text} ***",
            "hashes": f"## {text}",
        }.get(self._heading, text)

    def _wrapped(self, text: str, indent: str) -> str:
        if not self._width:
            return text
        first = indent if indent.strip() else ""
        return textwrap.fill(
            text, self._width, initial_indent=first, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )
