"""Manuscripts of invented letters: what each piece says, what it is, and roughly how it looks; `press` sets them as mail.

Header lines (publisher, sender, subject, language, shape, platform), an empty line, then one line a piece in reading order:
`B0 footer| You get this because ... [Unsubscribe](https://...)`: label, story, role, text. Lines of structure are `--` (a rule),
`[[` and `]]` (a card around what stands between). In a text, `[anchor](url)` is a link, `*italic*` and `**bold**` are what they say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from benchmarks.gold import Line

PIECE = re.compile(r"([TCAB?])(\d+) (\w+)\|(.*)")
BOLD, ITALIC = re.compile(r"\*\*(?=\S)([^*]+)\*\*|<b>(.+?)</b>"), re.compile(r"(?<![*\w])\*(?=\S)([^*]+)(?<=\S)\*(?![*\w])")
LINK = re.compile(r"\[([^\[\]]+)\]\(([^()\s]+)\)")
RULE, OPEN, CLOSE = "--", "[[", "]]"
UNSEEN = ("preheader", "image", RULE, OPEN, CLOSE)


class Scrap(NamedTuple):
    """A line of a manuscript. Lines of structure have their sign as role, and no label."""

    role: str
    text: str = ""
    label: str = ""
    story: int = 0


class Manuscript(NamedTuple):
    """A letter before it is set."""

    headers: Mapping[str, str]
    scraps: tuple[Scrap, ...]


def parse(text: str) -> Manuscript:
    """Return a manuscript read. Raises ValueError at a line that is none."""
    head, _, body = text.partition("\n\n")
    headers = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in head.splitlines())}
    return Manuscript(headers, tuple(_scrap(line.strip()) for line in body.splitlines() if line.strip()))


def _scrap(line: str) -> Scrap:
    if line in (RULE, OPEN, CLOSE):
        return Scrap(line)
    found = PIECE.fullmatch(line)
    if found is None:
        raise ValueError(f"not a line of a manuscript: {line[:60]}")
    return Scrap(found[3], found[4].strip(), found[1], int(found[2]))


def lines(manuscript: Manuscript) -> list[Line]:
    """Return what a reader sees, a labelled line a piece, in order; links are their anchors."""
    seen = (scrap for scrap in manuscript.scraps if scrap.text and scrap.role not in UNSEEN)
    return [Line(bare(LINK.sub(r"\1", scrap.text)), scrap.label, scrap.story) for scrap in seen]


def bare(text: str) -> str:
    """Return a text without its marks of emphasis."""
    return ITALIC.sub(r"\1", BOLD.sub(r"\1\2", text))
