"""Nutgraf's own summariser, on sumy's document model.

1. Every word gets the probability that a person would put it in a summary (`importance`).
2. A summary is built sentence by sentence: the one is taken whose new words raise the expected ROUGE-1 F1 most, that is, twice the
   words shared over the words of both, against a summary as long as a person's (`WORDS_A_SENTENCE`). Words already said count
   nothing, so nothing is said twice; words nobody needs cost, so it stays short.
3. Earlier sentences get a small bonus, as news is written from the top. A sentence that hangs on the one before it
   («He said …») comes only after that one. Questions, scraps and chat with the reader lose a little.
4. It ends after as many sentences as were asked for, or, past two thirds of them, when a further one would do more harm than good.

Linear in the words of the text for each sentence taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sumy.models.dom import ObjectDocumentModel
from sumy.models.dom import Sentence as SumySentence
from sumy.nlp.stemmers import null_stemmer
from sumy.summarizers._summarizer import AbstractSummarizer

from service.summary.fitness import leans, weakness
from service.summary.importance import Floats, Tally, importance, tally

# The words that a person's summary holds for each sentence asked for; learned on news in English and Norwegian.
WORDS_A_SENTENCE = 18
# Pairs of characters do for words where there are no spaces, and there are nearly twice as many.
PAIRS_A_SENTENCE = 32
SPACELESS = frozenset({"zh", "ja", "th", "lo", "km", "my"})
# In units of expected F1: what the first sentence is worth for being first, what leaning on an unseen sentence costs, and how
# much a further sentence may lower the expectation (people prefer the number of sentences that they asked for).
POSITION = 0.09
LEANING = 0.1
PATIENCE = 0.01


class NutgrafSummarizer(AbstractSummarizer):  # type: ignore[misc]
    """Chooses sentences by the words a person would choose; headings of the document (its title) are not chosen."""

    stop_words: frozenset[str] = frozenset()
    language: str = "en"

    def __init__(self, stemmer: Any = null_stemmer) -> None:
        super().__init__(stemmer)

    def __call__(self, document: ObjectDocumentModel, sentences_count: int) -> tuple[SumySentence, ...]:
        """Return at most `sentences_count` sentences of the document, in its order."""
        return self.choose(document.sentences, sentences_count, np.ones(len(document.sentences), dtype=bool))

    def choose(self, sentences: Sequence[SumySentence], count: int, fit: NDArray[np.bool_]) -> tuple[SumySentence, ...]:
        """Return at most `count` of the sentences marked `fit`; the others are read but not chosen."""
        said = [sentence.words for sentence in sentences]
        words = tally(said, self._stemmer, self.stop_words)
        leaning = LEANING * np.array([leans(one, self.language) for one in said], dtype=np.float64)
        weak = np.array([weakness(str(one), one.words, self.language) for one in sentences], dtype=np.float64)
        return tuple(sentences[number] for number in sorted(self._take(words, count, fit, leaning, weak)))

    def _take(self, words: Tally, count: int, fit: NDArray[np.bool_], leaning: Floats, weak: Floats) -> list[int]:
        """Return the numbers of the sentences, best first."""
        expected = count * (PAIRS_A_SENTENCE if self.language[:2] in SPACELESS else WORDS_A_SENTENCE)
        bonus = POSITION / (1 + np.cumsum(fit) - fit) - leaning - weak
        free, unsaid = fit.copy(), importance(words)
        taken: list[int] = []
        shared = length = now = 0.0
        while len(taken) < count and free.any():
            sharing = shared + words.sums(unsaid)
            value = 2 * sharing / (length + words.lengths + expected)
            best = int(np.argmax(np.where(free, value + bonus, -np.inf)))
            if len(taken) >= max(1, 2 * count // 3) and value[best] < now - PATIENCE:
                break
            taken.append(best)
            free[best] = False
            shared, length, now = float(sharing[best]), length + words.lengths[best], float(value[best])
            unsaid[words.columns[words.begins[best] : words.begins[best + 1]]] = 0
            if best + 1 < len(bonus):
                bonus[best + 1] += leaning[best + 1]
                leaning[best + 1] = 0
        return taken
