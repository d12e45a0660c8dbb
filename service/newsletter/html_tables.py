"""Tables: those that hold data are told from those that lay out the page, and bullets from the text in the next cell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from service.newsletter.blocks import IMAGE, PARAGRAPH, Piece, Shape
from service.newsletter.tags import CELLS, NOT_IN_DATA, Tag

MARKER = re.compile(r"(?:[•·●○▪■►▶▸➤→✓✔★◆»–—*-]|\(?\d{1,3}[.):]?)")
LONGEST_MARKER = 5
DATA_NODES = 2000


def holds_data(table: Sequence[Tag]) -> bool:
    """Tell a table of data from one that only lays out the page: two rows or more of two short cells or more, nothing nested."""
    if len(table) > 2 * DATA_NODES or (table[0][2] or {}).get("role") in ("presentation", "none"):
        return False
    rows: list[list[list[str]]] = []
    texts: list[str] = []  # of the last cell
    for text, tag, attributes in table[1:]:
        if text:
            texts.append(text)
        if attributes is None:
            continue
        if tag in NOT_IN_DATA:
            return False
        if tag == "tr":
            rows.append([])
        elif tag in CELLS and rows:
            rows[-1].append(texts := [])
    return _short([[size for cell in row if (size := len(" ".join(cell).strip()))] for row in rows])


def _short(rows: Sequence[Sequence[int]]) -> bool:
    """Tell whether most rows, two at least, have two cells or more, and these are short; a row is the lengths of its filled cells."""
    many = [row for row in rows if len(row) >= 2]
    cells = [cell for row in many for cell in row]
    return len(many) >= 2 and 2 * len(many) > len([row for row in rows if row]) and max(cells) <= 120 and sum(cells) <= 45 * len(cells)


def joined(found: list[Piece]) -> list[Piece]:
    """Put a bullet or number that has a table cell of its own before the text in the next cell of its row."""
    rows: list[Piece] = []
    for piece in found:
        before = rows[-1] if rows else None
        marker = before and len(before.text) <= LONGEST_MARKER and MARKER.fullmatch(before.text)
        if before and marker and piece.text and piece.shape is not IMAGE and _same_row(before, piece):
            rows[-1] = _with_marker(before.text, piece)
        else:
            rows.append(piece)
    return rows


def _same_row(one: Piece, other: Piece) -> bool:
    row = next((box for box in reversed(one.boxes) if box.tag == "tr"), None)
    return row is not None and row in other.boxes and one.hidden == other.hidden


def _with_marker(marker: str, piece: Piece) -> Piece:
    if not any(map(str.isalnum, marker)):
        return replace(piece, marker=f"{marker} ", shape=Shape.ITEM if piece.shape is PARAGRAPH else piece.shape)
    shift = len(marker) + 1
    links = tuple(replace(link, start=link.start + shift) for link in piece.links)
    return replace(piece, text=f"{marker} {piece.text}", links=links)
