"""Which words wrapping says more than articles do: logistic regression with a ridge on the distinct words of labelled pieces."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from service.newsletter.features import worded

SAID_BY = 4  # publishers that a word must be said by
RIDGE = 3.0  # the inverse of its strength
LEAST = 0.2  # smaller weights are left out

Said = tuple[str, frozenset[str], bool, float]  # a piece: its publisher, its words, whether it is wrapping, its weight


def weights(pieces: Sequence[Said]) -> dict[str, float]:
    """Return the weight of each word that several publishers say, more than nought where wrapping says it more."""
    who: dict[str, set[str]] = defaultdict(set)
    for publisher, words, *_ in pieces:
        for word in words:
            who[word].add(publisher)
    known = sorted(word for word, found in who.items() if len(found) >= SAID_BY and any(map(str.isalpha, word)))
    places = {word: place for place, word in enumerate(known)}
    rows, columns, values = [], [], []
    for row, (_, words, *_) in enumerate(pieces):
        here = [places[word] for word in sorted(words) if word in places]
        rows += [row] * len(here)
        columns += here
        values += [len(words) ** -0.5] * len(here)
    table = csr_matrix((values, (rows, columns)), shape=(len(pieces), len(known)))
    marks, sizes = [wrapping for *_, wrapping, _ in pieces], np.array([size for *_, size in pieces])
    model = LogisticRegression(C=RIDGE, max_iter=1000).fit(table, marks, sample_weight=sizes / sizes.mean())
    return {word: round(float(weight), 1) for word, weight in zip(known, model.coef_[0], strict=True) if abs(weight) >= LEAST}


def unseen_weights(pieces: Iterable[Said], groups: Mapping[str, int]) -> dict[int, dict[str, float]]:
    """Return the weights for each group of publishers, learned from those of the others."""
    every = list(pieces)
    return {group: weights([one for one in every if groups[one[0]] != group]) for group in sorted(set(groups.values()))}


def said(publisher: str, texts: Sequence[str], labels: Sequence[str]) -> list[Said]:
    """Return the labelled pieces of a letter; its kept ones and its dropped ones weigh as much as the roots of their numbers."""
    dropped = sum(label in ("A", "B") for label in labels)
    kept = sum(label in ("T", "C") for label in labels)
    found = []
    for text, label in zip(texts, labels, strict=True):
        if label and label in "TCAB":
            found.append((publisher, worded(text), label in "AB", (dropped if label in "AB" else kept) ** -0.5))
    return found
