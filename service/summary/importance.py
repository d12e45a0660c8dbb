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

    `columns[begins[s]:begins[s + 1]]` are the different words of sentence `s`, and `lengths[s]` counts all of its words. For each word:
    `occurrences` in the text, the number of `sentences` it stands in, the `first` of them, whether it is a `stop` word, a `number`.
    """

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
        running = np.concatenate(([0.0], np.cumsum(values[self.columns])))
        return running[self.begins[1:]] - running[self.begins[:-1]]


def tally(sentences: Sequence[Sequence[str]], stem: Callable[[str], str], stop_words: frozenset[str]) -> Tally:
    """Count the words of a text, given sentence by sentence; words with one stem count as one."""
    index, numbered = number(sentences, stem, stop_words)
    different = [list(dict.fromkeys(words)) for words in numbered]
    columns = np.array([number for words in different for number in words], dtype=np.intp)
    begins = np.concatenate(([0], np.cumsum([len(words) for words in different], dtype=np.intp))).astype(np.intp)
    rows = np.repeat(np.arange(len(different)), np.diff(begins))
    first = np.zeros(len(index))
    first[columns[::-1]] = rows[::-1]  # the last assignment wins, and that is a word's first sentence
    return Tally(
        columns=columns,
        begins=begins,
        lengths=np.array([len(words) for words in numbered], dtype=np.float64),
        occurrences=_counts([number for words in numbered for number in words], len(index)),
        sentences=_counts(columns, len(index)),
        first=first,
        stop=_marks(index, stop_words.__contains__),
        number=_marks(index, str.isdigit),
    )


def number(
    sentences: Sequence[Sequence[str]], stem: Callable[[str], str], stop_words: frozenset[str]
) -> tuple[dict[str, int], list[list[int]]]:
    """Return the words, each with its number, and the sentences in these numbers; words with one stem are one."""
    stems = _stems({word for words in sentences for word in words} - stop_words, stem)
    index: dict[str, int] = {}
    return index, [[index.setdefault(stems.get(word, word), len(index)) for word in words] for words in sentences]


def _counts(numbers: Sequence[int] | Whole, size: int) -> Floats:
    return np.bincount(np.asarray(numbers, dtype=np.intp), minlength=size).astype(np.float64)


def _marks(words: Iterable[str], test: Callable[[str], bool]) -> Floats:
    return np.array([test(word) for word in words], dtype=np.float64)


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
