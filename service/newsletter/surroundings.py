"""What can be counted around a piece: its place in the letter, its containers, what is built like it, what came before and follows."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

from service.newsletter.blocks import Piece, Shape
from service.newsletter.features import EXIT, Evidence, Table, build, running
from service.newsletter.phrases import ADVERTS, WRAPPING

FAR = 6  # how many pieces a stretch before or after a piece has
GROUPS = {"wrapping": frozenset(WRAPPING), "exit": EXIT - {"view-online"}, "advert": frozenset(ADVERTS)}
LETTER = ("offers", "begs", "button", "prices", "whole_link", "you", "we", "trade")
SECTION = ("trade", "you")
SUMMED = ("pieces", "chars", *GROUPS)
CARD = 0.5  # a container with more than this share of the pieces is the letter, not a card in it


def add_surroundings(columns: Table, pieces: Sequence[Piece], evidences: Sequence[Evidence], all_pieces: Sequence[Piece]) -> None:
    """Add the columns that speak of a piece's surroundings."""
    marks = {name: [not found.said.isdisjoint(group) for found in evidences] for name, group in GROUPS.items()}
    _add_letter(columns, pieces)
    _add_place(columns, pieces)
    _add_distances(columns, marks)
    _add_alike(columns, pieces)
    _add_containers(columns, pieces, marks)
    _add_dividers(columns, pieces, all_pieces)
    _add_sections(columns, pieces, marks)
    _add_stretches(columns)


def _add_letter(columns: Table, pieces: Sequence[Piece]) -> None:
    """Add how much of the whole letter sells or asks, and how much of it is running text: the same for every piece."""
    count = max(1, len(pieces))
    total = sum(len(piece.text) for piece in pieces)
    long = [len(piece.text) for piece in pieces if running(piece)]
    shares = {f"letter_{name}": sum(min(1.0, value) for value in columns[name]) / count for name in LETTER}
    shares["letter_linked"] = sum(share * len(piece.text) for share, piece in zip(columns["linked"], pieces, strict=True)) / max(1, total)
    shares |= {"letter_pieces": math.log1p(len(pieces)), "letter_chars": math.log1p(total)}
    shares["letter_running"] = math.log1p(sum(long))
    columns.update({name: [value] * len(pieces) for name, value in shares.items()})


def _add_place(columns: Table, pieces: Sequence[Piece]) -> None:
    count = len(pieces)
    sizes = [len(piece.text) for piece in pieces]
    long = [size if running(piece) else 0 for size, piece in zip(sizes, pieces, strict=True)]
    before, long_before = _sums(sizes), _sums(long)
    columns["at"] = [index / count for index in range(count)]
    columns["last"] = [float(min(count - 1 - index, 25)) for index in range(count)]
    columns["chars_before"] = [before[index] / max(1.0, before[-1]) for index in range(count)]
    columns["running_before"] = [math.log1p(long_before[index]) for index in range(count)]
    columns["running_after"] = [math.log1p(long_before[-1] - long_before[index + 1]) for index in range(count)]


def _sums(values: Sequence[float]) -> list[float]:
    """Return the sums of the first 0, 1, 2, ... values."""
    sums = [0.0]
    for value in values:
        sums.append(sums[-1] + value)
    return sums


def _add_distances(columns: Table, marks: dict[str, list[bool]]) -> None:
    """Add how many pieces away the nearest piece of each group is, before and after, at most 20."""
    for group, flags in marks.items():
        columns[f"since_{group}"] = _distances(flags)
        columns[f"until_{group}"] = _distances(flags[::-1])[::-1]


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
    names = ("alike", "alike_first", "alike_last", "alike_chars", "alike_covered")
    columns.update({name: [0.0] * len(pieces) for name in names})
    chars, covered = columns["chars"], columns["covered"]
    for indices in groups.values():
        count = len(indices)
        values = (
            math.log1p(count),
            indices[0] / len(pieces),
            indices[-1] / len(pieces),
            sum(chars[i] for i in indices) / count,
            sum(covered[i] for i in indices) / count,
        )
        for name, value in zip(names, values, strict=True):
            column = columns[name]
            for index in indices:
                column[index] = value


def _add_containers(columns: Table, pieces: Sequence[Piece], marks: dict[str, list[bool]]) -> None:
    """Add what is said in the nearest and in the outermost container that is a part of the letter."""
    inside = held(pieces)
    sums: dict[int, tuple[float, ...]] = {-1: _summed([], pieces, marks)}
    rows: list[tuple[float, ...]] = []
    most = max(3, CARD * len(pieces))
    for piece in pieces:
        cards = [box[0] for box in piece.boxes if 2 <= len(inside[box[0]]) <= most] or [-1]
        for number in (cards[-1], cards[0]):
            if number not in sums:
                sums[number] = _summed(inside[number], pieces, marks)
        rows.append((*sums[cards[-1]], *sums[cards[0]]))
    names = [*(f"card_{name}" for name in SUMMED), *(f"part_{name}" for name in SUMMED)]
    columns.update({name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)} if rows else {})


def held(pieces: Sequence[Piece]) -> dict[int, list[int]]:
    """Return which pieces each container holds, by its number."""
    inside: dict[int, list[int]] = defaultdict(list)
    for index, piece in enumerate(pieces):
        for number, _, _ in piece.boxes:
            inside[number].append(index)
    return inside


def _summed(indices: Sequence[int], pieces: Sequence[Piece], marks: dict[str, list[bool]]) -> tuple[float, ...]:
    count = max(1, len(indices))
    chars = sum([len(pieces[i].text) for i in indices])
    return (math.log1p(len(indices)), math.log1p(chars), *[sum([flags[i] for i in indices]) / count for flags in marks.values()])


def _add_dividers(columns: Table, pieces: Sequence[Piece], all_pieces: Sequence[Piece]) -> None:
    """Add the distance from the last rule and heading."""
    rules = [piece.place for piece in all_pieces if piece.shape is Shape.RULE]
    since_rule: list[float] = []
    last, next_rule = 20, 0
    for piece in pieces:
        last = min(20, last + 1)
        while next_rule < len(rules) and rules[next_rule] < piece.place:
            last, next_rule = 0, next_rule + 1
        since_rule.append(float(last))
    columns["since_rule"] = since_rule
    columns["since_heading"] = _distances([piece.level > 0 for piece in pieces])


def _add_sections(columns: Table, pieces: Sequence[Piece], marks: dict[str, list[bool]]) -> None:
    """Add what the section that a piece stands in holds: all from a heading or rule down to the next."""
    starts = [i for i, piece in enumerate(pieces) if i == 0 or piece.level or columns["since_rule"][i] == 0]
    rows: list[tuple[float, ...]] = []
    for start, end in zip(starts, [*starts[1:], len(pieces)], strict=True):
        inside = range(start, end)
        extra = (max(columns[name][i] for i in inside) for name in SECTION)
        rows += [(*_summed(inside, pieces, marks), *extra)] * len(inside)
    names = [f"section_{name}" for name in (*SUMMED, *SECTION)]
    columns.update({name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)} if rows else {})


def _add_stretches(columns: Table) -> None:
    """Add the means of the few pieces before and after; single neighbours are looked up by the trees."""
    for name in ("covered", "linked", "chars", "trade"):
        sums = _sums(columns[name])
        count = len(sums) - 1
        starts = [max(0, index - FAR) for index in range(count)]
        ends = [min(count, index + 1 + FAR) for index in range(count)]
        columns[f"{name}_behind"] = [(sums[i] - sums[s]) / (i - s) if i else -1.0 for i, s in enumerate(starts)]
        columns[f"{name}_ahead"] = [(sums[e] - sums[i + 1]) / (e - i - 1) if e > i + 1 else -1.0 for i, e in enumerate(ends)]
