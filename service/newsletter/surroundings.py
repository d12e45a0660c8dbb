"""What can be counted around a piece: its place in the letter, its containers, what is built like it, what came before and follows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import accumulate
from math import log1p

from service.newsletter.blocks import RULE, Box, Piece
from service.newsletter.features import EXIT, RUNNING, RUNNING_LINKS, Evidence, Table, build, extent, turned
from service.newsletter.phrases import ADVERTS, WRAPPING

FAR = 6  # how many pieces a stretch before or after a piece has
GROUPS = {"wrapping": frozenset(WRAPPING), "advert": frozenset(ADVERTS)}
LEAVING = EXIT - {"view-online"}
LETTER = ("offers", "begs", "button", "whole_link", "you", "we", "trade")
SECTION = ("trade", "you")
SUMMED = ("chars", *GROUPS)
CARD = 0.5  # a container with more than this share of the pieces is the letter, not a card in it


class Letter:
    """The visible pieces of a letter with what several of the figures need: sizes, running text, marks, and sums of these."""

    def __init__(self, pieces: Sequence[Piece], evidences: Sequence[Evidence], linked: Sequence[float]) -> None:
        self.pieces = pieces
        self.sizes = [len(piece.text) for piece in pieces]
        self.long = [
            size if share < RUNNING_LINKS and extent(piece.text) > RUNNING else 0
            for piece, size, share in zip(pieces, self.sizes, linked, strict=True)
        ]
        self.chars_before = _sums(self.sizes)
        self._marks_before = [_sums([not found.said.isdisjoint(group) for found in evidences]) for group in GROUPS.values()]

    def summed(self, start: int, end: int) -> tuple[float, ...]:
        """Return what is said in a run of pieces."""
        count, chars = end - start, self.chars_before
        return (log1p(chars[end] - chars[start]), *[(flags[end] - flags[start]) / (count or 1) for flags in self._marks_before])


def add_surroundings(columns: Table, pieces: Sequence[Piece], evidences: Sequence[Evidence], all_pieces: Sequence[Piece]) -> None:
    """Add the columns that speak of a piece's surroundings."""
    letter = Letter(pieces, evidences, columns["linked"])
    _add_letter(columns, letter)
    _add_place(columns, letter)
    _add_distances(columns, evidences)
    _add_alike(columns, pieces)
    _add_containers(columns, letter)
    _add_dividers(columns, pieces, all_pieces)
    _add_sections(columns, letter)
    _add_stretches(columns)


def _add_letter(columns: Table, letter: Letter) -> None:
    """Add how much of the whole letter sells or asks, and how much of it is running text: the same for every piece."""
    count, total = len(letter.pieces), sum(letter.sizes)
    shares = {f"letter_{name}": sum(columns[name]) / max(1, count) for name in LETTER}
    shares["letter_prices"] = sum([min(1.0, value) for value in columns["prices"]]) / max(1, count)
    shares["letter_linked"] = sum([share * size for share, size in zip(columns["linked"], letter.sizes, strict=True)]) / max(1, total)
    shares["letter_wording"] = sum([said * size for said, size in zip(columns["wording"], letter.sizes, strict=True)]) / max(1, total)
    shares |= {"letter_pieces": log1p(count), "letter_chars": log1p(total), "letter_running": log1p(sum(letter.long))}
    columns.update({name: [value] * count for name, value in shares.items()})


def _add_place(columns: Table, letter: Letter) -> None:
    count = len(letter.pieces)
    before, long_before = letter.chars_before, _sums(letter.long)
    total, total_long = max(1.0, before[-1]), long_before[-1]
    columns["at"] = [index / count for index in range(count)]
    columns["last"] = [float(min(count - 1 - index, 25)) for index in range(count)]
    columns["chars_before"] = [chars / total for chars in before[:count]]
    columns["running_before"] = [log1p(long) for long in long_before[:count]]
    columns["running_after"] = [log1p(total_long - long) for long in long_before[1:]]


def _sums(values: Sequence[float]) -> list[float]:
    """Return the sums of the first 0, 1, 2, ... values."""
    return list(accumulate(values, initial=0.0))


def _add_distances(columns: Table, evidences: Sequence[Evidence]) -> None:
    """Add how many pieces away the nearest leave-taking is, before and after, at most 20."""
    leaving = [not found.said.isdisjoint(LEAVING) for found in evidences]
    columns["since_exit"] = _distances(leaving)
    columns["until_exit"] = _distances(leaving[::-1])[::-1]


def _distances(flags: Sequence[bool]) -> list[float]:
    away, distances = 20, []
    for flag in flags:
        distances.append(float(away))
        away = 1 if flag else min(20, away + 1)
    return distances


def _add_alike(columns: Table, pieces: Sequence[Piece]) -> None:
    """Add what pieces of the same build have in common: the items that a letter is made of are built alike."""
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for index, piece in enumerate(pieces):
        groups[build(piece)].append(index)
    chars, covered, total = columns["chars"], columns["covered"], len(pieces)
    rows: list[tuple[float, ...]] = [()] * total
    for indices in groups.values():
        count = len(indices)
        row = (
            log1p(count),
            indices[0] / total,
            indices[-1] / total,
            sum([chars[i] for i in indices]) / count,
            sum([covered[i] for i in indices]) / count,
        )
        for index in indices:
            rows[index] = row
    columns.update(turned(("alike", "alike_first", "alike_last", "alike_chars", "alike_covered"), rows))


def _add_containers(columns: Table, letter: Letter) -> None:
    """Add what is said in the card that a piece lies in: the nearest container of several pieces that is not the letter."""
    pieces = letter.pieces
    inside = runs(pieces)
    most = max(3, CARD * len(pieces))
    known: dict[tuple[int, int], tuple[float, ...]] = {}
    rows: list[tuple[float, ...]] = []
    boxes, row = None, letter.summed(0, 0)
    for piece in pieces:
        if piece.boxes is not boxes:
            boxes = piece.boxes
            card = _card(boxes, inside, most)
            if card not in known:
                known[card] = letter.summed(*card)
            row = known[card]
        rows.append(row)
    columns.update(turned([f"card_{name}" for name in SUMMED], rows))


def _card(boxes: Sequence[Box], inside: Mapping[int, tuple[int, int]], most: float) -> tuple[int, int]:
    """Return which pieces the nearest container of several holds; none where that is the letter."""
    sizes = ((run[1] - run[0], run) for run in (inside[box[0]] for box in reversed(boxes)))
    return next((run if size <= most else (0, 0) for size, run in sizes if size > 1), (0, 0))


def runs(pieces: Sequence[Piece]) -> dict[int, tuple[int, int]]:
    """Return which pieces each container holds, by its number: the first, and the one after the last."""
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    boxes: tuple[Box, ...] = ()
    for index, piece in enumerate(pieces):
        if piece.boxes is not boxes:
            shared = min(len(boxes), len(piece.boxes))
            while shared and boxes[shared - 1] is not piece.boxes[shared - 1]:
                shared -= 1
            for box in boxes[shared:]:
                ends[box[0]] = index
            boxes = piece.boxes
            for box in boxes[shared:]:
                starts.setdefault(box[0], index)
    for box in boxes:
        ends[box[0]] = len(pieces)
    return {number: (start, ends[number]) for number, start in starts.items()}


def held(pieces: Sequence[Piece]) -> dict[int, list[int]]:
    """Return which pieces each container holds, by its number."""
    inside: dict[int, list[int]] = defaultdict(list)
    for index, piece in enumerate(pieces):
        for number, _, _ in piece.boxes:
            inside[number].append(index)
    return inside


def _add_dividers(columns: Table, pieces: Sequence[Piece], all_pieces: Sequence[Piece]) -> None:
    """Add the distance from the last rule and heading."""
    rules = [piece.place for piece in all_pieces if piece.shape is RULE]
    since_rule: list[float] = []
    last, next_rule = 20, 0
    for piece in pieces:
        last = min(20, last + 1)
        while next_rule < len(rules) and rules[next_rule] < piece.place:
            last, next_rule = 0, next_rule + 1
        since_rule.append(float(last))
    columns["since_rule"] = since_rule
    columns["since_heading"] = _distances([piece.level > 0 for piece in pieces])


def _add_sections(columns: Table, letter: Letter) -> None:
    """Add what the section that a piece stands in holds: all from a heading or rule down to the next."""
    pieces, since_rule, extras = letter.pieces, columns["since_rule"], [columns[name] for name in SECTION]
    starts = [i for i, piece in enumerate(pieces) if i == 0 or piece.level or since_rule[i] == 0]
    rows: list[tuple[float, ...]] = []
    for start, end in zip(starts, [*starts[1:], len(pieces)], strict=True):
        rows += [(*letter.summed(start, end), *[max(extra[start:end]) for extra in extras])] * (end - start)
    columns.update(turned([f"section_{name}" for name in (*SUMMED, *SECTION)], rows))


def _add_stretches(columns: Table) -> None:
    """Add how much the few pieces before and after are worded like wrapping; single neighbours are looked up by the trees."""
    sums = _sums(columns["wording"])
    count = len(sums) - 1
    starts = [max(0, index - FAR) for index in range(count)]
    ends = [min(count, index + 1 + FAR) for index in range(count)]
    columns["wording_behind"] = [(sums[i] - sums[s]) / (i - s) if i else -1.0 for i, s in enumerate(starts)]
    columns["wording_ahead"] = [(sums[e] - sums[i]) / (e - i) if e > i else -1.0 for i, e in enumerate(ends, 1)]
