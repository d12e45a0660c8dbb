"""Trains the trees of `config/judge.json` on labelled letters, or tells how well they do on publishers that they have not seen.

    python -m benchmarks.train_judge FOLDER...              writes config/judge.json
    python -m benchmarks.train_judge --unseen FOLDER...     leaves each publisher out in turn, and prints F1 and leak of its letters

FOLDER is in the format of `benchmarks/gold.py`. Of each letter two shortened copies are learned from, too.
A publisher is what stands before the first date or number in the name of a file.
Needs scikit-learn and inscriptis, which the product does not.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier

from benchmarks.gold import DROPPED, KEPT, Line, Score, letters, measure, words
from service.newsletter import DEFAULT_RULES, mime, sanitise, source
from service.newsletter import forwarded as forwards
from service.newsletter.blocks import Letterhead, Piece, Shape, from_html, from_text
from service.newsletter.features import Evidence, table, visible
from service.newsletter.forest import Forest, column
from service.newsletter.sections import evidence_of, governed
from service.newsletter.verdicts import dropped, sells

TARGET = Path(__file__).parent.parent / "config" / "judge.json"
BESIDE = ("chars", "linked", "size", "look_share", "contrast", "covered", "whole_link", "exit", "colon", "is_heading", "ends")
SHIFTS = ("-2", "-1", "+1", "+2")
RATE = 0.06
WRAPPING: dict[str, Any] = {
    "n_estimators": 350,
    "max_depth": 3,
    "learning_rate": RATE,
    "subsample": 0.4,
    "max_features": 0.1,
    "min_samples_leaf": 15,
}
ADVERT: dict[str, Any] = WRAPPING | {"n_estimators": 60, "max_depth": 2}
SHORTENED = 0.5  # the weight of a shortened letter
FOLDS = 10


class Example(NamedTuple):
    """A labelled letter as the judge sees it; `marked` are the pieces that a label governs, whatever the trees say."""

    name: str
    head: Letterhead
    gold: list[Line]
    pieces: list[Piece]
    labels: list[str]
    evidences: list[Evidence]
    columns: dict[str, list[float]]
    marked: frozenset[int]

    @property
    def publisher(self) -> str:
        """Who published the letter, by the name of its file."""
        name = re.split(r"\.?(?:19|20)\d\d[-.]|[-_. ]#?\d", self.name)[0]
        return name.partition(".")[2] or name  # without the collection that it was found in

    @property
    def rows(self) -> np.ndarray:
        """The features, one row a piece."""
        return np.array(list(self.columns.values())).T


def example(path: Path, gold: list[Line]) -> Example:
    """Return a letter with its features and the label of each piece."""
    mail = forwards.unwrap(mime.open_mail(path.read_bytes()))
    every = from_html(sanitise.tame(mail.html)) if mail.html else from_text(mail.text)
    head = Letterhead(source.subject(mail.headers), source.publisher(mail.headers) or "")
    return counted(path.name, head, gold, every, labels(visible(every), gold))


def counted(name: str, head: Letterhead, gold: list[Line], every: Sequence[Piece], given: list[str]) -> Example:
    """Return an example with its features, and those of the neighbours of each piece."""
    shown = visible(every)
    evidences = evidence_of(shown, DEFAULT_RULES)
    columns = table(shown, evidences, head, every)
    columns |= {f"{name}{shift}": list(column(columns, f"{name}{shift}", len(shown))) for name in BESIDE for shift in SHIFTS}
    marks = {piece.place: piece.shape for piece in every if piece.shape in (Shape.RULE, Shape.IMAGE)}
    return Example(name, head, gold, shown, given, evidences, columns, frozenset(governed(shown, evidences, marks)))


def shortened(one: Example, plain: bool) -> Example | None:
    """Return a letter of a few pieces, some of the first and last among them, so that short ones are known too; `plain`: without looks."""
    count = len(one.pieces)
    kept = [i for i, label in enumerate(one.labels) if label and label in KEPT] or list(range(count // 4, 3 * count // 4))
    if not kept:
        return None
    chosen = random.Random(f"{one.name} {plain}")  # noqa: S311 (the same choice each time)
    first = chosen.randrange(len(kept))
    run = kept[first : first + chosen.randint(1, 6)]
    above, below = range(kept[0])[-chosen.randint(1, 4) :], range(kept[-1] + 1, len(one.pieces))
    places = [*above, *range(run[0], run[-1] + 1), *below[: chosen.randint(0, 2)], *below[2:][-chosen.randint(1, 4) :]]
    pieces = [replace(one.pieces[i], place=place) for place, i in enumerate(places)]
    if plain:
        pieces = [Piece(piece.text, piece.shape, piece.level, piece.marker, piece.links, place=piece.place) for piece in pieces]
    return counted(one.name, one.head, [], pieces, [one.labels[i] for i in places])


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
            weights.append(share if one.gold else SHORTENED * share)
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
    short = [found for one in examples for plain in (False, True) if (found := shortened(one, plain))]
    forests = {}
    for name, options, (rows, marks, weights) in (
        ("wrapping", WRAPPING, wrapping_set([*examples, *short])),
        ("advert", ADVERT, advert_set(examples)),
    ):
        model = GradientBoostingClassifier(random_state=0, **options).fit(rows, marks, sample_weight=weights)
        prior = np.average(marks, weights=weights)
        bias = round(float(np.log(prior / (1 - prior))), 4)
        forests[name] = {"bias": bias, "trees": [_tree(stage[0].tree_, 0, names) for stage in model.estimators_]}
    return forests


def _tree(tree: Any, node: int, names: Sequence[str]) -> float | list[Any]:
    if tree.children_left[node] < 0:
        return round(float(tree.value[node][0][0]) * RATE, 4)
    branches = (_tree(tree, child[node], names) for child in (tree.children_left, tree.children_right))
    return [names[tree.feature[node]], float(f"{tree.threshold[node]:.6g}"), *branches]


def unseen(examples: Sequence[Example]) -> list[Score]:
    """Return the scores of the letters, each judged by trees that have not seen its publisher."""
    publishers = sorted({one.publisher for one in examples})
    scores = []
    for fold in range(FOLDS):
        held = set(publishers[fold::FOLDS])
        forest = Forest(grown([one for one in examples if one.publisher not in held])["wrapping"])
        scores += [measure(one.gold, _kept(one, forest)) for one in examples if one.publisher in held]
    return scores


def _kept(one: Example, forest: Forest) -> str:
    chances = forest.scores(one.columns, len(one.pieces), range(len(one.pieces)))
    gone = dropped(chances, one.pieces, one.evidences, one.columns)
    if sells(chances, one.pieces, one.columns, one.marked):
        return ""
    return "\n".join(piece.text for index, piece in enumerate(one.pieces) if not gone[index] and index not in one.marked)


def _written(forests: dict[str, Any]) -> str:
    """Return the forests as JSON, one tree a line."""
    parts = []
    for name, forest in forests.items():
        trees = ",\n".join(json.dumps(tree) for tree in forest["trees"])
        parts.append(f'"{name}": {{"bias": {forest["bias"]}, "trees": [\n{trees}\n]}}')
    return '{"forests": {\n' + ",\n".join(parts) + "\n}}\n"


def main() -> None:
    """Train, or measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--unseen", action="store_true")
    options = parser.parse_args()
    examples = [example(*letter) for folder in options.folders for letter in letters(folder)]
    if options.unseen:
        f1, leak, crumbs = (fmean(figures) for figures in zip(*unseen(examples), strict=True))
        print(f"{len(examples)} letters   F1 {f1:.3f}   leak {leak:.3f}   crumbs {crumbs:.3f}")
    else:
        TARGET.write_text(_written(grown(examples)), encoding="utf-8")


if __name__ == "__main__":
    main()
