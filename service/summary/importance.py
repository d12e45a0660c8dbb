"""How likely a word of a text stands in a summary that a person writes of it.

A logistic regression over what can be counted in the text itself: where a word first stands, how often, in how many sentences,
whether it is a stop word or a number. Words are judged, not sentences: a few hundred articles hold a hundred thousand words, enough
to learn a handful of weights that hold for other publishers and in other languages, where weights of sentences do not. (The idea is
Hong and Nenkova's, "Improving the Estimation of Word Importance for News Multi-Document Summarization", EACL 2014.)
`benchmarks/word_weights.py` learns the weights anew and measures them on articles that they were not learned from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]

BIAS = -1.512
WEIGHTS = {
    "near": 2.321,
    "headline": -1.123,
    "place": -0.94,
    "often": 1.086,
    "share": 1.419,
    "number": 0.5,
    "length": -0.372,
    "stop_often": -0.27,
    "stop_near": -0.437,
}


@dataclass(frozen=True, slots=True)
class Tally:
    """The words of a text, counted. A word is a number in order of first appearance.

    `columns` lists, sentence by sentence, which words stand in it, each once; `rows` are the sentences that go with them, and
    `begins[s]` is where sentence `s` begins in both. `lengths[s]` counts all of its words. For each word:
    `occurrences` in the text, the number of `sentences` it stands in, the `first` of them, whether it is a `stop` word, a `number`.
    """

    rows: Whole
    columns: Whole
    begins: Whole
    lengths: Floats
    occurrences: Floats
    sentences: Floats
    first: Floats
    stop: Floats
    number: Floats

    def sums(self, values: Floats) -> Floats:
        """Return, for each sentence, the sum of its different words' values."""
        return np.asarray(np.bincount(self.rows, values[self.columns], minlength=len(self.lengths)), dtype=np.float64)


def tally(sentences: Sequence[Sequence[str]], stem: Callable[[str], str], stop_words: frozenset[str]) -> Tally:
    """Count the words of a text, given sentence by sentence; words with one stem count as one."""
    index, numbered = number(sentences, stem, stop_words)
    different = [list(dict.fromkeys(words)) for words in numbered]
    columns = np.fromiter(chain.from_iterable(different), dtype=np.intp)
    counts = np.fromiter(map(len, different), dtype=np.intp)
    begins = np.zeros(len(different) + 1, dtype=np.intp)
    np.cumsum(counts, out=begins[1:])
    rows = np.repeat(np.arange(len(different)), counts)
    first = np.zeros(len(index))
    first[columns[::-1]] = rows[::-1]  # the last assignment wins, and that is a word's first sentence
    return Tally(
        rows=rows,
        columns=columns,
        begins=begins,
        lengths=np.fromiter(map(len, numbered), dtype=np.float64),
        occurrences=_counts(np.fromiter(chain.from_iterable(numbered), dtype=np.intp), len(index)),
        sentences=_counts(columns, len(index)),
        first=first,
        stop=_marks(index, stop_words.__contains__),
        number=_marks(index, str.isdigit),
    )


def number(
    sentences: Sequence[Sequence[str]], stem: Callable[[str], str], stop_words: frozenset[str]
) -> tuple[dict[str, int], list[list[int]]]:
    """Return the words, each with its number, and the sentences in these numbers; words with one stem are one."""
    vocabulary = dict.fromkeys(chain.from_iterable(sentences))
    stems = _stems(vocabulary.keys() - stop_words, stem)
    index: dict[str, int] = {}
    numbers = {word: index.setdefault(stems.get(word, word), len(index)) for word in vocabulary}
    return index, [list(map(numbers.__getitem__, words)) for words in sentences]


def _counts(numbers: Whole, size: int) -> Floats:
    return np.bincount(numbers, minlength=size).astype(np.float64)


def _marks(words: Iterable[str], test: Callable[[str], bool]) -> Floats:
    return np.fromiter(map(test, words), dtype=np.float64)


def _stems(vocabulary: set[str], stem: Callable[[str], str]) -> dict[str, str]:
    """Map the words that may share a stem to it. A word that begins like no other needs none, and stemming is what takes the time."""
    families: dict[str, list[str]] = {}
    for word in vocabulary:
        families.setdefault(word[:4], []).append(word)
    return {word: stem(word) for family in families.values() if len(family) > 1 for word in family}


def features(words: Tally) -> dict[str, Floats]:
    """Return what is known of each word, by the name of its weight."""
    count = max(len(words.lengths), 1)
    near = 1 / (1 + words.first)
    often = np.log(words.occurrences)
    return {
        "near": near,
        "headline": (words.first == 0).astype(np.float64),
        "place": words.first / count,
        "often": often,
        "share": words.sentences / count,
        "number": words.number,
        "length": np.full(len(near), np.log(count)),
        "stop_often": words.stop * often,
        "stop_near": words.stop * near,
    }


def importance(words: Tally) -> Floats:
    """Return, for each word, the probability that it stands in a person's summary."""
    logit = np.full(len(words.first), BIAS)
    for name, values in features(words).items():
        logit += WEIGHTS[name] * values
    return np.asarray(1 / (1 + np.exp(-logit)))
