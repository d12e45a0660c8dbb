"""Learns the weights of `service.summary.importance`: which words of a text a person puts in a summary of it.

    ./run bench word_weights FOLDER

FOLDER is that of `summaries`. Logistic regression with a ridge, by Newton's method; a word's target is the share of
references that hold it. The score is cross-validated: each fifth of the documents is summarised with weights learned from the others.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.summaries import Article, compare, ours, read
from service.summary import importance
from service.summary.importance import Floats
from service.summary.languages import stemmer, stop_words, words
from service.summary.sentences import split

RIDGE = 10.0
FOLDS = 5
NAMES = tuple(importance.WEIGHTS)


def main() -> None:
    """Print the cross-validated scores, then the weights learned from every document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    articles = read(parser.parse_args().folder)
    order = list(range(len(articles)))
    random.Random(1).shuffle(order)  # noqa: S311
    examples = [_example(one) for one in articles]
    learned: dict[int, Floats] = {}
    for fold in range(FOLDS):
        left_out = set(order[fold::FOLDS])
        weights = _learn([examples[number] for number in order if number not in left_out])
        learned.update((id(articles[number]), weights) for number in left_out)

    def cross_validated(article: Article, count: int) -> str:
        _use(learned[id(article)])
        return ours(article, count)

    compare(articles, {"not learned from": cross_validated}, 3)
    final = _learn(examples)
    print(f"\nBIAS = {final[0]:.3f}")
    print("WEIGHTS =", {name: round(float(value), 3) for name, value in zip(NAMES, final[1:], strict=True)})


def _use(weights: Floats) -> None:
    importance.BIAS = float(weights[0])
    importance.WEIGHTS.update(zip(NAMES, map(float, weights[1:]), strict=True))


def _example(article: Article) -> tuple[Floats, Floats]:
    """Return a document's words as rows of features, and the share of references that hold each."""
    stem, stops = stemmer(article.language), stop_words(article.language)
    said = [words(sentence) for sentence in split(article.text, article.language)]
    vocabulary = importance.number(said, stem, stops)[0]
    held = [{form for word in words(reference) for form in (word, stem(word))} for reference in article.references]
    target = [sum(word in one or (word not in stops and stem(word) in one) for one in held) / len(held) for word in vocabulary]
    measured = importance.features(importance.tally(said, stem, stops))
    return np.column_stack([np.ones(len(vocabulary)), *(measured[name] for name in NAMES)]), np.array(target)


def _learn(examples: Sequence[tuple[Floats, Floats]]) -> Floats:
    rows = np.vstack([one for one, _ in examples])
    target = np.concatenate([one for _, one in examples])
    middle, spread = rows.mean(0), rows.std(0)
    middle[0], spread[0] = 0, 1
    scaled = (rows - middle) / spread
    weights = np.zeros(scaled.shape[1])
    ridge = RIDGE * np.eye(len(weights))
    ridge[0, 0] = 0
    for _ in range(8):
        chance = 1 / (1 + np.exp(-scaled @ weights))
        slope = scaled.T @ (target - chance) - ridge @ weights
        bend = (scaled * (chance * (1 - chance))[:, None]).T @ scaled + ridge
        weights += np.linalg.solve(bend, slope)
    plain = weights / spread
    plain[0] -= float((weights[1:] * middle[1:] / spread[1:]).sum())
    return np.asarray(plain)


if __name__ == "__main__":
    main()
