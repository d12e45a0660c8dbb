"""Headings as a reader sees them: many letters write them as large or bold paragraphs, some write paragraphs as headings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from service.newsletter.blocks import HEADING, IMAGE, PARAGRAPH, Piece

LONGEST = 140
LONGEST_TAGGED = 250
LARGER = 1.15
LEVELS = ((1.8, 1), (1.4, 2), (LARGER, 3))
BOLD_LEVEL = 4
CAPITALS_LEVEL = 5


def with_headings(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Yield the pieces, their shape and level put right where style and tag disagree."""
    body = body_size(pieces)
    tags_lie = _tags_lie(pieces)
    for piece in pieces:
        shape, level = piece.shape, piece.level
        if shape is HEADING and (tags_lie or len(piece.text) > LONGEST_TAGGED):
            shape, level = PARAGRAPH, 0
        if shape is PARAGRAPH and (found := style_level(piece, body)):
            shape, level = HEADING, found
        yield piece if level == piece.level else replace(piece, shape=shape, level=level)


def body_size(pieces: Sequence[Piece]) -> float:
    """Return the size, in pixels, in which the middle character of the visible text is set."""
    sizes: dict[float, int] = {}
    for piece in pieces:
        if not piece.hidden and piece.shape is not IMAGE:
            sizes[piece.size] = sizes.get(piece.size, 0) + len(piece.text)
    half = sum(sizes.values()) / 2
    for size in sorted(sizes):
        half -= sizes[size]
        if half <= 0:
            return size
    return 16.0


def style_level(piece: Piece, body: float) -> int:
    """Return the heading level that a piece's look gives it; 0 for running text."""
    text = piece.text
    level = next((level for ratio, level in LEVELS if piece.size >= ratio * body), 0) if piece.size >= LARGER * body else 0
    if not level and piece.bold >= 0.95:
        level = BOLD_LEVEL
    if not level and len(text) <= 60 and text.isupper() and len(text) >= 4 and " " in text and not piece.links:
        level = CAPITALS_LEVEL
    if not level or not 2 <= len(text) <= LONGEST or piece.hidden or text[-1] in ".,;" or any(link.button for link in piece.links):
        return 0
    return level if any(map(str.isalpha, text)) else 0


def _tags_lie(pieces: Sequence[Piece]) -> bool:
    """Tell whether a letter sets its running text in heading tags."""
    tagged = [len(piece.text) for piece in pieces if piece.shape is HEADING and not piece.hidden]
    if len(tagged) <= 3 or max(tagged) <= LONGEST:
        return False
    return 2 * sum(tagged) > sum(len(piece.text) for piece in pieces if not piece.hidden and piece.shape is not IMAGE)
