"""How what is built alike fared in earlier issues: a place that held wrapping each time holds wrapping, whatever it says today.

A build is a look and the nearest containers: small and grey in `td.latest-posts`. Of each issue memory keeps, hashed, which builds it
had and how much of their text was dropped.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from service.newsletter.blocks import HIDDEN, IMAGE, KEPT, Judged, Piece
from service.newsletter.features import build
from service.newsletter.memory import LEAST, SEVERAL, TENTHS, fate_keys
from service.newsletter.reasons import SELLS, SHUNNED
from service.newsletter.surroundings import held
from service.records import Memory

NEARLY_ALL, A_PART, HARDLY_ANY = 0.6, 0.2, 0.05  # of the text so built: what makes a place shunned, suspected, or trusted
FRAME = 1 / 3  # a container with more than this share of the pieces is no frame in the letter
LOOK = 4  # the parts of a build that come before the containers
DIGITS = re.compile(r"\d+")


class Past(NamedTuple):
    """How what is built like a piece fared: in how many issues there was such, and the sum of the shares of its text they dropped."""

    issues: int = 0
    gone: float = 0.0

    @property
    def shunned(self) -> bool:
        """Whether nearly all of it was dropped, even if one issue more had kept it."""
        return self.issues >= LEAST and self.gone >= NEARLY_ALL * (self.issues + 1)

    @property
    def suspected(self) -> bool:
        """Whether a good part of it was dropped."""
        return self.issues >= LEAST and self.gone >= A_PART * self.issues

    @property
    def trusted(self) -> bool:
        """Whether hardly any of it ever was dropped."""
        return self.issues >= SEVERAL and self.gone <= HARDLY_ANY * self.issues


def fates(judged: Sequence[Judged]) -> tuple[tuple[str, float], ...]:
    """Return the builds of a letter, each with the share of its text that was dropped, 0 to 1; none of a letter that sells as a whole.

    What was dropped for its build alone does not count: a verdict must not prove itself right.
    """
    if any(one.reason == SELLS for one in judged):
        return ()
    sizes: dict[str, int] = defaultdict(int)
    dropped: dict[str, int] = defaultdict(int)
    for one in judged:
        piece, verdict = one.piece, one.verdict
        if piece.text and piece.shape is not IMAGE and verdict is not HIDDEN and one.reason != SHUNNED and (name := _build(piece)):
            sizes[name] += len(piece.text)
            dropped[name] += len(piece.text) * (verdict is not KEPT)
    return tuple((name, dropped[name] / size) for name, size in sizes.items())


def pasts(memory: Memory, pieces: Sequence[Piece]) -> list[Past]:
    """Return how what is built like each piece fared in the remembered issues."""
    if not memory.issues:
        return [Past()] * len(pieces)
    counts = dict(memory.seen)
    known: dict[str, Past] = {"": Past()}
    names = list(map(_build, pieces))
    for name in set(names) - {""}:
        held, gone = fate_keys(name, memory.salt)
        known[name] = Past(counts.get(held, 0), counts.get(gone, 0) / TENTHS)
    return [known[name] for name in names]


def framed(pieces: Sequence[Piece], opening: Sequence[bool]) -> set[int]:
    """Return the places of what stands in a frame, a small container, behind an opening piece: what is under "Keep reading"."""
    most = max(3, FRAME * len(pieces))
    frames = (inside for inside in held(pieces).values() if 1 < len(inside) <= most and opening[inside[0]]) if any(opening) else ()
    return {index for inside in frames for index in inside[1:]}


def _build(piece: Piece) -> str:
    """Return what tells the build of a piece from others; "" in plain text, all of which is built alike."""
    return _name(build(piece)) if piece.boxes and piece.boxes[0].tag != "section" else ""


@lru_cache(maxsize=1024)
def _name(built: tuple[object, ...]) -> str:
    """Return the name of a build, without the numbers that containers are given anew in every issue."""
    return f"{built[:LOOK]} {DIGITS.sub('', repr(built[LOOK:]))}"
