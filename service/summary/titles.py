"""A title for a story that has none: the best short phrase of its own, never invented."""

from __future__ import annotations

import re

from service.summary.fitness import is_furniture
from service.summary.languages import stop_words, words
from service.summary.sentences import spans

LONGEST = 80
SHORTEST = 12
BRIEF = 2  # words: «Good morning.» is a title only where nothing longer is said
# What stands before a dash is often a headline; what stands before a colon or a comma may be one where the sentence is too long.
_LABEL = re.compile(r"\s+[—–|]\s+(?=\S+(?:\s+\S+){5})|\s-\s(?=\S+(?:\s+\S+){5})")
_CLAUSE = re.compile(r"[;:](?=\s)|,\s(?=(?:but|and|which|who|while|as|after|because|although|with|where|so)\s)|\.\s|[。！？]")
_NUMBER = re.compile(r"\(?\d{1,3}[.):]\s+(?=[^\W\d_])")
_EDGES = ' \t\n,;:—–-|*_#•·"“”«»'


def title(text: str, language: str = "") -> str | None:
    """Return a phrase of the text's first sentence that has words, at most 80 characters, cut only where a clause or a word ends."""
    brief = None
    for start, end in spans(text[:5000], language)[:5]:
        sentence = " ".join(text[start:end].split())
        said = words(sentence)
        if len(said) > 1 and not is_furniture(sentence, said) and any(map(str.isalpha, sentence)):
            if len(said) > BRIEF:
                return _shortened(sentence, language)
            brief = brief or sentence
    return _shortened(brief, language) if brief else None


def _shortened(sentence: str, language: str) -> str:
    bare = sentence.strip(_EDGES)
    number = _NUMBER.match(bare)
    whole = bare[number.end() if number else 0 :].rstrip(".。")
    label = _LABEL.search(whole)
    if label and SHORTEST <= label.start() <= LONGEST:
        return whole[: label.start()].strip(_EDGES)
    if len(whole) <= LONGEST:
        return whole
    for clause in _CLAUSE.finditer(whole):
        if LONGEST // 3 <= clause.start() <= LONGEST:
            return whole[: clause.start()].strip(_EDGES)
    if " " not in whole[:LONGEST]:
        return whole[:LONGEST].strip(_EDGES)
    return _ended(whole[:LONGEST].rpartition(" ")[0].split(), language)


def _ended(words: list[str], language: str) -> str:
    """Return the words without a bracket left open and without the stop words that lead on to what was cut off."""
    opened = max((number for number, word in enumerate(words) if word.startswith("(")), default=0)
    if opened and not any(")" in word for word in words[opened:]):
        words = words[:opened]
    while len(words) > 4 and words[-1].strip(_EDGES).lower() in stop_words(language):
        words = words[:-1]
    return " ".join(words).strip(_EDGES)
