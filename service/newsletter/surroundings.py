"""What can be counted around a piece: its place in the letter, its containers, what is built like it, what came before and follows."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from service.newsletter.blocks import Piece, Shape
from service.newsletter.features import EXIT, Evidence, Table, build, running
from service.newsletter.phrases import ADVERTS, WRAPPING

FAR = 6  # how many pieces a stretch before or after a piece has
LABELS = {
    "label_wrapping": re.compile(
        r"foot|preheader|preview|unsub|social|share|legal|address|browser|utility|disclaimer|copyright|menu|nav\b|post-meta|cta|button|btn"
    ),
    "label_advert": re.compile(r"sponsor|advert|\bads?\b|promo|partner|banner|affiliate"),
    "label_body": re.compile(r"body|content|article|story|entry|markup|post\b|main|text"),
}
GROUPS = {"wrapping": frozenset(WRAPPING), "exit": EXIT - {"view-online"}, "advert": frozenset(ADVERTS)}
LETTER = ("offers", "begs", "leaves", "said_sponsor", "button", "prices", "to_sale", "whole_link", "is_heading", "you", "we", "trade")
LINE, RARE, AGAIN = 120, 12, 0.6  # characters of a short line; places of a word that says something; the share that must come again
LONG_WORD = re.compile(r"[^\W\d_]{3,}")
SECTION = ("offers", "prices", "button", "to_sale", "trade", "you")
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
    _add_foretold(columns, pieces)
    _add_stretches(columns)


def _add_letter(columns: Table, pieces: Sequence[Piece]) -> None:
    """Add how much of the whole letter sells or asks, and how much of it is running text: the same for every piece."""
    count = max(1, len(pieces))
    total = sum(len(piece.text) for piece in pieces)
    long = [len(piece.text) for piece in pieces if running(piece)]
    shares = {f"letter_{name}": sum(min(1.0, value) for value in columns[name]) / count for name in LETTER}
    shares["letter_linked"] = sum(share * len(piece.text) for share, piece in zip(columns["linked"], pieces, strict=True)) / max(1, total)
    shares |= {"letter_pieces": math.log1p(len(pieces)), "letter_chars": math.log1p(total)}
    shares |= {"letter_running": math.log1p(sum(long)), "letter_paragraphs": math.log1p(len(long))}
    columns.update({name: [value] * len(pieces) for name, value in shares.items()})


def _add_place(columns: Table, pieces: Sequence[Piece]) -> None:
    count = len(pieces)
    sizes = [len(piece.text) for piece in pieces]
    long = [size if running(piece) else 0 for size, piece in zip(sizes, pieces, strict=True)]
    before, long_before = _sums(sizes), _sums(long)
    columns["at"] = [index / count for index in range(count)]
    columns["first"] = [float(min(index, 12)) for index in range(count)]
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
    """Add what the containers are called, and what is said in the nearest and in the outermost one that is a part of the letter."""
    inside = held(pieces)
    labels: dict[str, tuple[float, ...]] = {}
    sums: dict[int, tuple[float, ...]] = {}
    rows: list[tuple[float, ...]] = []
    most = max(3, CARD * len(pieces))
    for piece in pieces:
        label = " ".join([box[2] for box in piece.boxes[-6:] if box[2]])
        if label not in labels:
            labels[label] = tuple(float(bool(finder.search(label))) for finder in LABELS.values())
        cards = [box[0] for box in piece.boxes if 2 <= len(inside[box[0]]) <= most]
        ends = (cards[-1], cards[0]) if cards else (-1, -1)
        for number in ends:
            if number not in sums:
                sums[number] = _summed(inside.get(number, []), pieces, columns["linked"], marks)
        rows.append((*labels[label], float(len(piece.boxes)), *sums[ends[0]], *sums[ends[1]]))
    kinds = ("pieces", "chars", "linked", *GROUPS)
    names = [*LABELS, "depth", *(f"card_{kind}" for kind in kinds), *(f"part_{kind}" for kind in kinds)]
    columns.update({name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)} if rows else {})


def held(pieces: Sequence[Piece]) -> dict[int, list[int]]:
    """Return which pieces each container holds, by its number."""
    inside: dict[int, list[int]] = defaultdict(list)
    for index, piece in enumerate(pieces):
        for number, _, _ in piece.boxes:
            inside[number].append(index)
    return inside


def _summed(indices: Sequence[int], pieces: Sequence[Piece], linked: Sequence[float], marks: dict[str, list[bool]]) -> tuple[float, ...]:
    count = max(1, len(indices))
    chars = sum(len(pieces[i].text) for i in indices)
    links = sum(len(pieces[i].text) * linked[i] for i in indices) / max(1, chars)
    return (math.log1p(len(indices)), math.log1p(chars), links, *(sum(flags[i] for i in indices) / count for flags in marks.values()))


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
        rows += [(*_summed(inside, pieces, columns["linked"], marks), *extra)] * len(inside)
    names = [f"section_{name}" for name in ("pieces", "chars", "linked", *GROUPS, *SECTION)]
    columns.update({name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)} if rows else {})


def _add_foretold(columns: Table, pieces: Sequence[Piece]) -> None:
    """Add how much of a short line comes again in one below (a table of contents) and in one above (what that foretold), 0 to 1."""
    below, above = [0.0] * len(pieces), [0.0] * len(pieces)
    lines = [frozenset(LONG_WORD.findall(piece.text.casefold())) if len(piece.text) <= LINE else frozenset() for piece in pieces]
    places: dict[str, list[int]] = defaultdict(list)
    for index, line in enumerate(lines):
        shared = Counter(place for word in line if len(places[word]) <= RARE for place in places[word])
        for place, count in shared.items():
            alike = count / len(lines[place])
            if count > 1 and alike >= AGAIN:
                below[place], above[index] = max(below[place], alike), max(above[index], alike)
        for word in line:
            places[word].append(index)
    columns["foretells"], columns["foretold"] = below, above


def _add_stretches(columns: Table) -> None:
    """Add the means of the few pieces before and after; single neighbours are looked up by the trees."""
    for name in ("covered", "linked", "chars", "exit", "you", "trade"):
        sums = _sums(columns[name])
        count = len(sums) - 1
        starts = [max(0, index - FAR) for index in range(count)]
        ends = [min(count, index + 1 + FAR) for index in range(count)]
        columns[f"{name}_behind"] = [(sums[i] - sums[s]) / (i - s) if i else -1.0 for i, s in enumerate(starts)]
        columns[f"{name}_ahead"] = [(sums[e] - sums[i + 1]) / (e - i - 1) if e > i + 1 else -1.0 for i, e in enumerate(ends)]
