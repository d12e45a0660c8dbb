"""A title for a story that has none: the best short phrase of its own, never invented."""

from __future__ import annotations

import re

from service.summary.fitness import is_furniture
from service.summary.languages import words
from service.summary.sentences import spans

LONGEST = 80
_CLAUSE = re.compile(
    r"\s+[—–|]\s+|\s-\s|[;:](?=\s)|,\s(?=(?:but|and|which|who|while|as|after|because|although|with|where|so)\s)|\.\s|[。！？]"
)
_EDGES = ' \t\n,;:—–-|*_#•·"“”«»'


def title(text: str, language: str = "") -> str | None:
    """Return a phrase of the text's first sentence that says something, at most 80 characters, cut only where a clause or a word ends."""
    for start, end in spans(text[:5000], language)[:5]:
        sentence = " ".join(text[start:end].split())
        if not is_furniture(sentence, words(sentence)) and any(map(str.isalpha, sentence)):
            return _shortened(sentence)
    return None


def _shortened(sentence: str) -> str:
    whole = sentence.strip(_EDGES).rstrip(".。")
    if len(whole) <= LONGEST:
        return whole
    for clause in _CLAUSE.finditer(whole):
        if LONGEST // 3 <= clause.start() <= LONGEST:
            return whole[: clause.start()].strip(_EDGES)
    cut = whole[:LONGEST].rpartition(" ")[0]
    return (cut if len(cut) > LONGEST // 2 else whole[:LONGEST]).strip(_EDGES)
