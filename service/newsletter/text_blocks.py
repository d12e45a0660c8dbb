"""Plain text -> pieces: wrapped lines are joined again, drawn lines are rules, footnotes are links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from service.newsletter.blocks import Box, Link, Piece, Shape
from service.newsletter.invisible import clean

DRAWN = re.compile(r"[-=_*~#+.·•—–<>|:/\\\u2500-\u259f\u25a0-\u25ff☆★ ]{3,}")
FRAMED = re.compile(r"[-=_*~#+:|<>/\\]{3,}[-=_*~#+:|<>/\\ ]*([^\W_].*?)[-=_*~#+:|<>/\\ ]*[-=_*~#+:|<>/\\]{2,}")
BULLET = re.compile(r"([-*•+·»>]|\(?\d{1,3}[.)]|\[\d{1,3}\])\s+(?=\S)")
FOOTNOTE = re.compile(r"\[(\d{1,3})\]:?\s{0,5}<?(https?://[^\s<>]{1,2000})>?")
URL = re.compile(r"https?://[^\s<>\"\]]{1,2000}|www\.[^\s<>\"\]]{1,2000}", re.IGNORECASE)
REFERENCE = re.compile(r"\[(\d{1,3})\]")
ENDING = ".!?:…"
TRAILING = ".,;:!?)'’”"
NARROWEST, WIDEST = 40, 110
LONGEST_HEAD = 70


def pieces(text: str) -> tuple[Piece, ...]:
    """Return the pieces of a plain text body. Total; linear in the length of `text`."""
    lines = [" ".join(clean(line.expandtabs(4)).split()) for line in text.splitlines()]
    indents = [len(line) - len(line.lstrip()) for line in (line.expandtabs(4) for line in text.splitlines())]
    notes = dict(FOOTNOTE.findall(text))
    found = list(_headed(_paragraphs(lines, indents, _width(lines))))
    parts = _parts(found)
    return tuple(
        replace(piece, links=_links(piece.text, notes), place=place, boxes=box)
        for place, (piece, box) in enumerate(zip(found, parts, strict=True))
    )


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
    for line, indent, fullest in zip(lines, indents, _fullest(lines), strict=True):
        drawn = bool(DRAWN.fullmatch(line)) and not any(map(str.isalnum, line))
        framed = None if drawn or len(line) > 2 * LONGEST_HEAD else FRAMED.fullmatch(line)
        bullet = None if drawn or framed else BULLET.match(line)
        goes_on = bool(line and parts) and not (drawn or framed or bullet) and _continues(parts[-1], line, width, fullest)
        if parts and (not goes_on or (indent > last_indent + 3 and not marker)):
            yield _piece(parts, marker, soft)
            soft, parts, marker = bool(line) and not drawn, [], ""
        if drawn:
            yield Piece(line if any(map(str.isalnum, line)) else "", Shape.RULE)
        elif framed:
            yield Piece(framed[1], Shape.HEADING, level=2)
        elif line:
            if bullet and not parts:
                marker = _marker(bullet[1])
                line = line[bullet.end() :] if marker == "- " else line  # noqa: PLW2901
            parts.append(line)
        if not line or drawn or framed:
            soft = False
        last_indent = indent if line else 0
    if parts:
        yield _piece(parts, marker, soft)


def _fullest(lines: list[str]) -> list[int]:
    """Return for each line the length of the longest one of its paragraph where that reads as running text, else 0."""
    found = [0] * len(lines)
    start = 0
    for end in range(len(lines) + 1):
        if end < len(lines) and lines[end] and not DRAWN.fullmatch(lines[end]):
            continue
        lengths = [len(line) for line in lines[start:end] if not URL.search(line)]
        lower = sum(line[0].islower() for line in lines[start + 1 : end])
        if lengths and NARROWEST <= max(lengths) <= WIDEST and 3 * lower >= end - start - 1 > 0:
            found[start:end] = [max(lengths)] * (end - start)
        start = end + 1
    return found


def _marker(bullet: str) -> str:
    return "" if any(map(str.isalnum, bullet)) else "- "


def _continues(before: str, line: str, width: int, fullest: int) -> bool:
    """Tell whether `line` goes on with the sentence before: its first word would not have fitted there, or is none to begin with.

    `width` is where the letter's lines are wrapped, `fullest` the longest line of this paragraph; 0 where there is none.
    """
    if before[-1] in ":：" and URL.fullmatch(line):
        return True
    if len(before) < NARROWEST:
        return False
    needed = len(before) + 1 + len(line.partition(" ")[0])
    if width and needed > width - max(4, width // 12):
        return True
    if URL.match(line):
        return False
    return (bool(width) and line[0].islower() and before[-1] not in ENDING) or (0 < fullest < needed and before[-1] != ":")


def _parts(found: list[Piece]) -> list[tuple[Box, ...]]:
    """Return the part of the letter that each piece lies in: rules divide it, and a title between two rules belongs to what follows."""
    ends = {place for place, piece in enumerate(found) if piece.shape is Shape.RULE and not _underlines(found, place)}
    boxes: list[tuple[Box, ...]] = []
    number, size = 1, 0
    for place, piece in enumerate(found):
        if place in ends and size > 1:
            number, size = number + 1, 0
        elif piece.text:
            if piece.shape is Shape.HEADING and place + 1 < len(found) and _underlines(found, place + 1) and size > 1:
                number, size = number + 1, 0
            size += 1 if len(piece.text) <= LONGEST_HEAD else 2
        boxes.append((Box(number, "section", ""),))
    return boxes if number > 1 else [()] * len(found)


def _underlines(found: list[Piece], place: int) -> bool:
    return place > 0 and found[place].shape is Shape.RULE and found[place - 1].shape is Shape.HEADING and found[place - 1].level == 3


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
