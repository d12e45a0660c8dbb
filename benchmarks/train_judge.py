"""Trains `config/judge.json` (the weights of words, and the trees) on labelled letters, or tells how well that does on unseen publishers.

    ./run bench train_judge FOLDER...              writes config/judge.json
    ./run bench train_judge --unseen FOLDER...     leaves a tenth of the publishers out in turn, and prints how well theirs are read

FOLDER holds real letters in the format of `benchmarks/gold.py`, or manuscripts (`benchmarks/manuscripts.py`) such as those in
`benchmarks/letters`, which `press` sets as mail: nothing is measured on them. A real letter is learned from without the phrases that no
other publisher says (`benchmarks/unheard.py`), and with words weighed as other publishers use them, so that trees lean on either no more
than they can with letters to come. It is learned from once more with all phrases, for half as much, and either way in two shortened
copies, for a tenth as much each; of several letters of a publisher each counts less. `--unseen` reads it without and with those phrases. A
publisher is the first word of a file's name after its collection, unless `--publishers FILE` says otherwise: lines of a publisher, a tab,
and a regular expression.
Needs scikit-learn and inscriptis, which the product does not.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import groupby
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from benchmarks import manuscripts, press
from benchmarks.extraction import nutgraf
from benchmarks.gold import DROPPED, KEPT, Line, Score, letters, measure, words
from benchmarks.unheard import Fewer, unheard
from benchmarks.vocabulary import Said, said, unseen_weights, weights
from service.newsletter import DEFAULT_RULES, Rules, mime, sanitise, source
from service.newsletter import forwarded as forwards
from service.newsletter.blocks import Letterhead, Piece, from_html, from_text
from service.newsletter.features import table, visible
from service.newsletter.forest import Forest, Learned, column
from service.newsletter.sections import evidence_of

TARGET = Path(__file__).parent.parent / "config" / "judge.json"
BESIDE = ("chars", "linked", "size", "look_share", "wording")
SHIFTS = ("-1", "+1", "+2")
WRAPPING: dict[str, Any] = {
    "max_iter": 330,
    "max_depth": 3,
    "learning_rate": 0.1,
    "max_features": 0.2,
    "min_samples_leaf": 30,
    "l2_regularization": 5.0,
    "early_stopping": False,
    "random_state": 0,
}
ADVERT: dict[str, Any] = WRAPPING | {"max_iter": 60, "max_depth": 2}
KNOWN, SHORTENED, INVENTED = 0.5, 0.1, 0.35  # the weights of a letter with all phrases, of a shortened one, and of one that we made up
FOLDS = 10


class Letter(NamedTuple):
    """A labelled letter as it was read; `labels` are those of the pieces that are judged."""

    source: Path
    publisher: str
    head: Letterhead
    gold: list[Line]
    pieces: tuple[Piece, ...]
    labels: list[str]
    invented: bool


class Example(NamedTuple):
    """A letter, or part of one, as the judge sees it."""

    letter: Letter
    rules: Rules
    words: Mapping[str, float]
    pieces: list[Piece]
    labels: list[str]
    columns: dict[str, list[float]]
    weight: float = 1.0

    @property
    def rows(self) -> np.ndarray:
        """The features, one row a piece."""
        return np.array(list(self.columns.values())).T


def read(folder: Path, publishers: Mapping[str, str]) -> Iterator[Letter]:
    """Yield the letters of a folder, real ones and manuscripts."""
    for path, gold in letters(folder):
        yield letter(path, path.read_bytes(), gold, publisher(path.name, publishers))
    for path in sorted(folder.rglob("*.txt")):
        if not path.with_name(f"{path.name}.labels.tsv").exists():
            manuscript = manuscripts.parse(path.read_text(encoding="utf-8"))
            yield letter(path, press.set_letter(manuscript, 0), manuscripts.lines(manuscript), str(path.relative_to(folder)), invented=True)


def letter(path: Path, octets: bytes, gold: list[Line], publisher: str, *, invented: bool = False) -> Letter:
    """Return a letter read, with the label of each piece."""
    mail = forwards.unwrap(mime.open_mail(octets))
    pieces = from_html(sanitise.tame(mail.html)) if mail.html else from_text(mail.text)
    head = Letterhead(source.subject(mail.headers), source.publisher(mail.headers) or "")
    return Letter(path, publisher, head, gold, pieces, labels(visible(pieces), gold), invented)


def publisher(name: str, publishers: Mapping[str, str]) -> str:
    """Return who published a letter, by the name of its file. `publishers` are regular expressions for such names."""
    known = next((one for one, names in publishers.items() if re.search(names, name)), "")
    return known or re.findall(r"[^\W\d_]+", name.partition(".")[2])[0].casefold()


def examples_of(every: Sequence[Letter]) -> list[Example]:
    """Return the letters as the judge sees them, with the phrases and the words that are known without their publishers."""
    rules = unheard((one.publisher, [piece.text for piece in visible(one.pieces)]) for one in every if not one.invented)
    group = groups(every)
    learned = unseen_weights(_said(every), group)
    often = Counter(one.publisher for one in every)
    return [
        counted(one, rules.get(one.publisher, DEFAULT_RULES), learned[group[one.publisher]], one.pieces, one.labels)._replace(
            weight=INVENTED if one.invented else often[one.publisher] ** -0.5
        )
        for one in every
    ]


def groups(every: Iterable[Letter]) -> dict[str, int]:
    """Return publisher -> number of the tenth of them that it is learned without."""
    return {one: place % FOLDS for place, one in enumerate(sorted({one.publisher for one in every}))}


def _said(every: Iterable[Letter]) -> list[Said]:
    return [one for mail in every for one in said(mail.publisher, [piece.text for piece in visible(mail.pieces)], mail.labels)]


def counted(one: Letter, rules: Rules, weights: Mapping[str, float], pieces: Sequence[Piece], given: list[str]) -> Example:
    """Return an example with its features, and those of the neighbours of each piece."""
    shown = visible(pieces)
    columns = table(shown, evidence_of(shown, rules), one.head, pieces, weights)
    columns |= {f"{name}{shift}": list(column(columns, f"{name}{shift}", len(shown))) for name in BESIDE for shift in SHIFTS}
    return Example(one, rules, weights, shown, given, columns)


def shortened(one: Example, plain: bool) -> Example | None:
    """Return a letter of a few pieces, some of the first and last among them, so that short ones are known too; `plain`: without looks."""
    count = len(one.pieces)
    kept = [i for i, label in enumerate(one.labels) if label and label in KEPT] or list(range(count // 4, 3 * count // 4))
    if not kept:
        return None
    chosen = random.Random(f"{one.letter.source.name} {plain}")  # noqa: S311 (the same choice each time)
    first = chosen.randrange(len(kept))
    run = kept[first : first + chosen.randint(1, 6)]
    above, below = range(kept[0])[-chosen.randint(1, 4) :], range(kept[-1] + 1, len(one.pieces))
    places = [*above, *range(run[0], run[-1] + 1), *below[: chosen.randint(0, 2)], *below[2:][-chosen.randint(1, 4) :]]
    pieces = [replace(one.pieces[i], place=place) for place, i in enumerate(places)]
    if plain:
        pieces = [Piece(piece.text, piece.shape, piece.level, piece.marker, piece.links, place=piece.place) for piece in pieces]
    return counted(one.letter, one.rules, one.words, pieces, [one.labels[i] for i in places])._replace(weight=SHORTENED * one.weight)


def labels(pieces: Sequence[Piece], gold: Sequence[Line]) -> list[str]:
    """Return the label of the line that each piece stands in, "" where it stands in none: both are lined up word by word."""
    ours = [(word, index) for index, piece in enumerate(pieces) for word in words(piece.text)]
    theirs = [(word, line.label) for line in gold for word in words(line.text)]
    votes: dict[int, Counter[str]] = defaultdict(Counter)
    matcher = SequenceMatcher(None, [word for word, _ in theirs], [word for word, _ in ours], autojunk=False)
    for here, there, size in matcher.get_matching_blocks():
        for step in range(size):
            votes[ours[there + step][1]][theirs[here + step][1]] += 1
    sizes = Counter(index for _, index in ours)
    return [votes[i].most_common(1)[0][0] if 2 * votes[i].total() >= sizes[i] > 0 else "" for i in range(len(pieces))]


def wrapping_set(examples: Iterable[Example]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rows, whether they are dropped, and weights: each letter's kept half and dropped half count the same."""
    rows, marks, weights = [], [], []
    for one in examples:
        sizes, features = [len(words(piece.text)) for piece in one.pieces], one.rows
        kept = [i for i, label in enumerate(one.labels) if label and label in KEPT]
        dropped = [i for i, label in enumerate(one.labels) if label and label in DROPPED]
        total = sum(sizes[i] for i in kept) or 1
        for index in (*kept, *dropped):
            rows.append(features[index])
            marks.append(one.labels[index] in DROPPED)
            share = 1 / len(dropped) if marks[-1] else 0.5 / len(kept) + 0.5 * sizes[index] / total
            weights.append(one.weight * share)
    return np.array(rows), np.array(marks), np.array(weights) / np.mean(weights)


def advert_set(examples: Iterable[Example]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the rows of what is dropped, whether they are adverts, and weights."""
    rows, marks, weights = [], [], []
    for one in examples:
        dropped = [i for i, label in enumerate(one.labels) if label and label in DROPPED]
        rows += [one.rows[i] for i in dropped]
        marks += [one.labels[i] == "A" for i in dropped]
        weights += [max(1, len(dropped)) ** -0.5] * len(dropped)
    return np.array(rows), np.array(marks), np.array(weights) / np.mean(weights)


def grown(examples: Sequence[Example]) -> dict[str, Any]:
    """Return the forests as they are stored."""
    names = list(examples[0].columns)
    real = [one for one in examples if not one.letter.invented]
    known = [
        counted(one.letter, DEFAULT_RULES, one.words, one.letter.pieces, one.labels)._replace(weight=KNOWN * one.weight) for one in real
    ]
    every = [*examples, *known]
    every += [short for one in every for plain in (False, True) if (short := shortened(one, plain))]
    forests = {}
    for name, options, (rows, marks, sizes) in (
        ("wrapping", WRAPPING, wrapping_set(every)),
        ("advert", ADVERT, advert_set(examples)),
    ):
        model = HistGradientBoostingClassifier(**options).fit(rows, marks, sample_weight=sizes)
        bias, stages = model._baseline_prediction, model._predictors  # noqa: SLF001 (there is no public way to the trees)
        trees = [_tree(stage[0].nodes, 0, names) for stage in stages]
        forests[name] = {"bias": round(float(np.ravel(bias)[0]), 4), "trees": trees}
    return forests


def _tree(nodes: Any, place: int, names: Sequence[str]) -> float | list[Any]:
    node = nodes[place]
    if node["is_leaf"]:
        return round(float(node["value"]), 3)
    branches = (_tree(nodes, node[side], names) for side in ("left", "right"))
    return [names[node["feature_idx"]], float(f"{node['num_threshold']:.3g}"), *branches]


def unseen(examples: Sequence[Example]) -> Iterator[tuple[Path, Score, Score]]:
    """Yield the real letters, each with how the product does on it with trees and words that have not seen its publisher: with all
    phrases, and without those that no other publisher says.
    """
    group = groups(one.letter for one in examples)
    for fold in range(FOLDS):
        trees = grown([one for one in examples if group[one.letter.publisher] != fold])
        forests = {name: Forest(forest) for name, forest in trees.items()}
        for one in examples:
            if group[one.letter.publisher] == fold and isinstance(one.rules, Fewer):
                path, taught = one.letter.source, Learned(one.words, forests)
                known, unknown = (nutgraf(path, replace(rules, taught=taught)) for rules in (Fewer(), one.rules))
                yield path, measure(one.letter.gold, known), measure(one.letter.gold, unknown)


def report(scores: Sequence[tuple[Path, Score, Score]], folders: Sequence[Path]) -> None:
    """Print means over the letters of the first folder with real ones, of the first two, and so on."""
    real = [folder for folder in folders if any(folder in path.parents for path, _, _ in scores)]
    for count in range(1, len(real) + 1):
        rows = [row for row in scores if not set(real[:count]).isdisjoint(row[0].parents)]
        for which, place in (("their publishers not seen", 1), ("nor phrases that only they say", 2)):
            f1, leak, crumbs = (fmean(figures) for figures in zip(*[row[place] for row in rows], strict=True))
            print(f"{len(rows)} letters, {which:32}  F1 {f1:.3f}   leak {leak:.3f}   crumbs {crumbs:.3f}")


def _written(known: Mapping[str, float], forests: dict[str, Any]) -> str:
    """Return what was learned as JSON: one letter of the alphabet of words a line, one tree a line."""
    initials = [dict(words) for _, words in groupby(sorted(known.items()), key=lambda item: item[0][0])]
    rows = ",\n".join(json.dumps(words, ensure_ascii=False)[1:-1] for words in initials)
    parts = []
    for name, forest in forests.items():
        trees = ",\n".join(json.dumps(tree) for tree in forest["trees"])
        parts.append(f'"{name}": {{"bias": {forest["bias"]}, "trees": [\n{trees}\n]}}')
    return f'{{"words": {{\n{rows}\n}},\n"forests": {{\n' + ",\n".join(parts) + "\n}}\n"


def main() -> None:
    """Train, or measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--unseen", action="store_true")
    parser.add_argument("--publishers", type=Path)
    options = parser.parse_args()
    rows = options.publishers.read_text(encoding="utf-8").splitlines() if options.publishers else []
    publishers = dict(row.split("\t") for row in rows)
    every = [one for folder in options.folders for one in read(folder, publishers)]
    examples = examples_of(every)
    if options.unseen and all(one.invented for one in every):
        parser.error("nothing is measured on invented letters: name a folder of real ones too")
    if options.unseen:
        report(list(unseen(examples)), options.folders)
    else:
        TARGET.write_text(_written(weights(_said(every)), grown(examples)), encoding="utf-8")


if __name__ == "__main__":
    main()
