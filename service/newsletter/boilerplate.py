"""Judges the pieces of a letter: kept, advert, boilerplate or hidden, each with a reason that a person understands.

The algorithm in prose is in docs/judging.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from service.newsletter.blocks import Judged, Letterhead, Piece
from service.records import Memory, Verdict


def judge(pieces: Sequence[Piece], rules: Any, memory: Memory, letterhead: Letterhead) -> tuple[Judged, ...]:
    """Return every piece with its verdict, in the same order."""
    return tuple(Judged(piece, Verdict.HIDDEN if piece.hidden else Verdict.KEPT, piece.hidden) for piece in pieces)
