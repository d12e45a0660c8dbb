"""What a label governs: "Sponsored" or "Jobs" stands above or beside a block, and the whole block is what the label says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from service.newsletter.blocks import Box, Piece, Shape
from service.newsletter.features import Evidence, build, evidence
from service.newsletter.forwarded import field
from service.newsletter.phrasebook import Hit
from service.newsletter.phrases import Rules
from service.newsletter.surroundings import held

LONGEST_LABEL = 70
LONGEST_TAIL = 45
SCOPE = 14
CARD = 5  # the most pieces of a card that one label governs whole
FIELDS, LONGEST_FIELD = 3, 300
REPORT = "SPAM: "  # with which SpamAssassin began each line that it wrote above a letter
GOVERNING = ("sponsor", "jobs")


def governed(pieces: Sequence[Piece], evidences: Sequence[Evidence], marks: Mapping[int, Shape]) -> dict[int, tuple[str, str]]:
    """Return index -> (category, label) of the pieces that a label governs, the labels included.

    `marks` are the places of drawn lines and pictures.
    """
    found: dict[int, tuple[str, str]] = {}
    labels = [(index, *label) for index, piece in enumerate(pieces) for label in _labels(piece, evidences[index])]
    inside = held(pieces) if labels else {}
    for index, category, side in labels:
        for below in (index, *_scope(index, side, pieces, inside, marks)):
            found.setdefault(below, (category, pieces[index].text))
    return found


def evidence_of(pieces: Sequence[Piece], rules: Rules) -> list[Evidence]:
    """Return the evidence of each piece; the header fields of a forwarded letter, and a filter's report, are housekeeping."""
    found = [evidence(piece, rules) for piece in pieces]
    for index in quoted(pieces):
        found[index] = replace(found[index], whole=found[index].whole | {"housekeeping"}, said=found[index].said | {"housekeeping"})
    return found


def quoted(pieces: Sequence[Piece]) -> set[int]:
    """Return the places of the header fields of a forwarded letter (three lines in a row, of three kinds) and of a filter's report."""
    found = {index for index, piece in enumerate(pieces) if piece.text.startswith(REPORT)}
    run: list[int] = []
    kinds = [field(piece.text) if len(piece.text) <= LONGEST_FIELD else "" for piece in pieces]
    for index, kind in enumerate([*kinds, ""]):
        if kind:
            run.append(index)
            continue
        if len({kinds[i] for i in run}) >= FIELDS:
            found.update(run)
        run = []
    return found


def _labels(piece: Piece, seen: Evidence) -> Iterator[tuple[str, str]]:
    """Yield (category, side) of what a piece is a label of: "below", "before" for a tail such as "Acme sponsor", or "beside"."""
    size = len(piece.text)
    if not seen.hits or size > LONGEST_LABEL:
        return
    for hit in seen.hits:
        if hit.category not in GOVERNING:
            continue
        if (
            hit.whole
            or piece.text.endswith(":")
            or (_leads(hit, piece.text) and piece.text[hit.end : hit.end + 1] == ":")
            or (hit.category == "sponsor" and (piece.shape is Shape.HEADING or _leads(hit, piece.text)))
        ):
            yield hit.category, "below"
        elif hit.category == "sponsor" and size <= LONGEST_TAIL and hit.end >= len(piece.text.rstrip(" .)")):
            yield hit.category, "before"


def _leads(hit: Hit, text: str) -> bool:
    return not any(map(str.isalnum, text[: hit.start]))


def _scope(index: int, side: str, pieces: Sequence[Piece], inside: dict[int, list[int]], marks: Mapping[int, Shape]) -> Iterator[int]:
    card = next((held for box in reversed(pieces[index].boxes) if len(held := inside[box.number]) > 1), [])
    if 2 <= len(card) <= CARD and len(card) <= len(pieces) // 3:
        yield from (other for other in card if other != index)
    elif side == "before" and not _stands_first(index, pieces):
        if index:
            yield index - 1
    else:
        yield from _below(index, pieces, inside, marks)


def _stands_first(index: int, pieces: Sequence[Piece]) -> bool:
    """Tell whether a tail such as "Acme sponsored" stands above its item: the lines built like it do so from the first item on."""
    if index + 1 >= len(pieces):
        return False
    own, below = _frame(pieces[index]), _frame(pieces[index + 1])
    firsts = [next(i for i, piece in enumerate(pieces) if _frame(piece) == wanted) for wanted in (own, below)]
    return own != below and firsts[0] < firsts[1]


def _frame(piece: Piece) -> tuple[object, ...]:
    return (piece.size, piece.shape, *(box.tag for box in piece.boxes[-3:]))


def _below(index: int, pieces: Sequence[Piece], inside: dict[int, list[int]], marks: Mapping[int, Shape]) -> Iterator[int]:
    """Yield the pieces below a label up to the next rule, heading of its rank, line built like it, or the end of its container."""
    label = pieces[index]
    container = _container(index, pieces, inside)
    level = label.level or 6
    distinct = build(label) not in {build(piece) for piece in pieces[index + 1 : index + 2]}
    for below in range(index + 1, min(len(pieces), index + 1 + SCOPE)):
        piece = pieces[below]
        if container is not None and container not in piece.boxes:
            return
        between = {marks[place] for place in range(pieces[below - 1].place + 1, piece.place) if place in marks}
        if Shape.RULE in between or (distinct and build(piece) == build(label)):
            return
        if piece.level and below == index + 1 and Shape.IMAGE in between:
            return  # "together with" a logo, and then the first story
        if 0 < piece.level <= level and (below > index + 1 or label.shape is Shape.HEADING):
            return
        yield below


def _container(index: int, pieces: Sequence[Piece], inside: dict[int, list[int]]) -> Box | None:
    """Return the nearest container that a label shares with the piece below it."""
    if index + 1 >= len(pieces):
        return None
    after = set(pieces[index + 1].boxes)
    return next((box for box in reversed(pieces[index].boxes) if box in after and len(inside[box.number]) < len(pieces)), None)
