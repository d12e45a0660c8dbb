"""Plain text -> pieces: wrapped lines are joined again, drawn lines are rules, footnotes are links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from service.newsletter.blocks import Link, Piece, Shape
from service.newsletter.invisible import clean

DRAWN = re.compile(r"[-=_*~#+.·•—–<>|:/\\\u2500-\u259f\u25a0-\u25ff☆★ ]{3,}")
BULLET = re.compile(r"([-*•+·»>]|\(?\d{1,3}[.)]|\[\d{1,3}\])\s+(?=\S)")
FOOTNOTE = re.compile(r"\[(\d{1,3})\]:?\s{0,5}<?(https?://[^\s<>]{1,2000})>?")
URL = re.compile(r"https?://[^\s<>\"\]]{1,2000}|www\.[^\s<>\"\]]{1,2000}", re.IGNORECASE)
REFERENCE = re.compile(r"\[(\d{1,3})\]")
TRAILING = ".,;:!?)'’”"
NARROWEST, WIDEST = 40, 110
LONGEST_HEAD = 70


def pieces(text: str) -> tuple[Piece, ...]:
    """Return the pieces of a plain text body. Total; linear in the length of `text`."""
    lines = [" ".join(clean(line.expandtabs(4)).split()) for line in text.splitlines()]
    indents = [len(line) - len(line.lstrip()) for line in (line.expandtabs(4) for line in text.splitlines())]
    notes = dict(FOOTNOTE.findall(text))
    found = _headed(_paragraphs(lines, indents, _width(lines)))
    return tuple(replace(piece, links=_links(piece.text, notes), place=place) for place, piece in enumerate(found))


def _width(lines: list[str]) -> int:
    """Return the column at which the letter's lines are wrapped; 0 when they aren't."""
    lengths = sorted(len(line) for line in lines if len(line) > NARROWEST and not DRAWN.fullmatch(line) and not URL.search(line))
    if len(lengths) < 3:
        return 0
    width = lengths[int(0.95 * (len(lengths) - 1))]
    return width if width <= WIDEST else 0


def _paragraphs(lines: list[str], indents: list[int], width: int) -> Iterator[Piece]:
    parts: list[str] = []
    marker, soft, last_indent = "", False, 0
    for line, indent in zip(lines, indents, strict=True):
        drawn = bool(DRAWN.fullmatch(line)) and not any(map(str.isalnum, line))
        bullet = None if drawn else BULLET.match(line)
        starts = not line or drawn or bullet is not None or not _continues(parts, line, width) or (indent > last_indent + 3 and not marker)
        if starts and parts:
            yield _piece(parts, marker, soft)
            soft, parts, marker = bool(line) and not drawn, [], ""
        if drawn:
            yield Piece(line if any(map(str.isalnum, line)) else "", Shape.RULE)
        elif line:
            if bullet and not parts:
                marker = _marker(bullet[1])
                line = line[bullet.end() :] if marker == "- " else line  # noqa: PLW2901
            parts.append(line)
        if not line or drawn:
            soft = False
        last_indent = indent if line else 0
    if parts:
        yield _piece(parts, marker, soft)


def _marker(bullet: str) -> str:
    return "" if any(map(str.isalnum, bullet)) else "- "


def _continues(parts: list[str], line: str, width: int) -> bool:
    """Tell whether `line` goes on with the sentence before: its first word would not have fitted there any more."""
    if not parts or not width:
        return False
    before = parts[-1]
    return len(before) + 1 + len(line.partition(" ")[0]) > width - max(4, width // 12) and len(before) >= NARROWEST


def _piece(parts: list[str], marker: str, soft: bool) -> Piece:
    return Piece(" ".join(parts), Shape.ITEM if marker else Shape.PARAGRAPH, marker=marker, soft=soft)


def _headed(found: Iterator[Piece]) -> Iterator[Piece]:
    """Yield the pieces with their headings known: short lines in capitals, or underlined ones."""
    before: Piece | None = None
    for piece in found:
        if before is not None:
            underlined = piece.shape is Shape.RULE and before.shape is Shape.PARAGRAPH and not before.soft
            yield _as_heading(before, underlined)
        before = piece
    if before is not None:
        yield _as_heading(before, underlined=False)


def _as_heading(piece: Piece, underlined: bool) -> Piece:
    text = piece.text
    if piece.shape is not Shape.PARAGRAPH or not 3 <= len(text) <= LONGEST_HEAD or text[-1] in ".,;" or URL.search(text):
        return piece
    if text.isupper() and sum(map(str.isalpha, text)) >= 3:
        return replace(piece, shape=Shape.HEADING, level=2)
    return replace(piece, shape=Shape.HEADING, level=3) if underlined and len(text) <= 60 else piece


def _links(text: str, notes: dict[str, str]) -> tuple[Link, ...]:
    written = [
        Link(url := found[0].rstrip(TRAILING), url if "://" in url else f"http://{url}", found.start()) for found in URL.finditer(text)
    ]
    noted = [Link(found[0], notes[found[1]], found.start()) for found in REFERENCE.finditer(text) if found[1] in notes]
    return tuple(sorted(written + noted, key=lambda link: link.start))
