"""Whether a sentence can stand in a digest by itself: a reader has not seen what stood around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import takewhile

from service.summary.languages import beckoning, chatting, leaning, pointing, stop_words

_ENDS = ".!?…。！？｡।॥؟۔።։។‽"
_CLOSERS = "\"'”’»›)]」』*_"
_VOICE = re.compile(r"[\"“„«‘][^\"”“»]*[\"”“»’]")  # a quotation and nothing to say whose
_TRAILING = ("...", "…")
_CUT = (":", ";", ",", "–", "—", "-")
_TRAIL = re.compile(r"(?:\s?(?:[\U0001F300-\U0001FAFF☀-➿️‍]|\[\d+\]))+$")
_PAIRS = (("“", "”"), ("«", "»"), ("(", ")"), ("[", "]"), ("「", "」"), ("『", "』"), ("（", "）"))
_PAIRED = re.compile(r"[\"“”«»()\[\]「」『』（）„‘]")
_BYLINE = re.compile(
    r"(?i:by|von|par|por|door|av|af|di)\s+(?:[A-ZÀ-ÞĀ-Ž][\w.'’-]+(?:\s+|,\s*|$)){1,4}(?:for\b|and\b|und\b|et\b|y\b|en\b|og\b|\||/|$)"
)
_CAPTION = re.compile(
    r"(?:photo|photograph|picture|image|video|illustration|foto|bild|photographie|crédit|source|via|words|text)s?\b[^.]{0,12}[:|]"
    r"|scroll down\b|\W*(?:pictured|above|below|right|left)\b[:,]",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"\b(?:getty images|shutterstock|photo by|image credit|photo credit|file photo|pictured (?:above|below|right|left)"
    r"|all rights reserved)\b",
    re.IGNORECASE,
)
_CREDIT_HINTS = frozenset({"getty", "shutterstock", "photo", "image", "pictured", "reserved"})
_SINGLE_CLOSED = re.compile(r"’(?:\W|$)")
_ADDRESS = re.compile(r"https?://|www\.|\S@\S")
_ENUMERATED = re.compile(r"\W*\d{1,3}[.)]\s")


def stands_alone(sentence: str, words: Sequence[str], begins_line: bool = False) -> bool:
    """Whether a sentence reads as one: ended, not cut, no credit, no call to click, quotes and brackets closed. `words` are its words.

    Lower case at the beginning is forgiven where a line begins (after «Dear reader,» it is the rule in some languages).
    """
    return (
        len(words) >= 5
        and _ended(sentence, len(words))
        and (begins_line or not sentence[0].islower())
        and not _ENUMERATED.match(sentence)
        and not is_furniture(sentence, words)
        and not (len(words) < 15 and _ADDRESS.search(sentence))
        and _balanced(sentence)
        and not _shouts(sentence)
    )


def is_scrap(text: str, words: Sequence[str]) -> bool:
    """Whether a text under a title is but a source, a name or a number: three words at most that don't end, or no letter at all."""
    return not any(map(str.isalpha, text)) or (len(words) <= 3 and text.rstrip(_CLOSERS)[-1:] not in _ENDS)


def weakness(sentence: str, words: Sequence[str], language: str) -> float:
    """Return what a sentence loses, in units of expected F1, for telling little: a question, a scrap, what trails off, a voice, chat."""
    bare = sentence.rstrip(_CLOSERS)
    speaker, listener = chatting(language)
    chats = not speaker.isdisjoint(words) and not listener.isdisjoint(words)
    faults = (bare[-1:] in "?？؟", len(words) < 8, bare.endswith(_TRAILING), bool(_VOICE.fullmatch(sentence)))
    return 0.05 * sum(faults) + 0.03 * chats


def _ended(sentence: str, count: int) -> bool:
    """Whether a sentence ends, with a mark or by its sheer length, and is not broken off."""
    bare = sentence.rstrip(_CLOSERS)
    if bare.endswith(_CUT) or (count < 8 and bare.endswith(_TRAILING)):
        return False
    return bare[-1:] in _ENDS or count >= 25 or _TRAIL.sub("", bare)[-1:] in _ENDS


def is_furniture(sentence: str, words: Sequence[str]) -> bool:
    """Whether a sentence is a credit, a caption or a call to click, and no part of what the story tells."""
    if _CAPTION.match(sentence) or (len(words) <= 12 and _BYLINE.match(sentence)):
        return True
    if not _CREDIT_HINTS.isdisjoint(words) and _CREDIT.search(sentence):
        return True
    return len(sentence) < 180 and _beckons(words)


def _beckons(words: Sequence[str]) -> bool:
    """Whether a call to click stands among the words; looking for its first word in a set is far cheaper than a pattern."""
    first = _calls()
    if first.keys().isdisjoint(words):
        return False
    return any(tuple(words[at : at + len(call)]) == call for at, word in enumerate(words) for call in first.get(word, ()))


@cache
def _calls() -> dict[str, list[tuple[str, ...]]]:
    """Return the calls to click as words, by their first word."""
    calls: dict[str, list[tuple[str, ...]]] = {}
    for phrase in beckoning():
        call = tuple(phrase.split())
        calls.setdefault(call[0], []).append(call)
    return calls


def _balanced(sentence: str) -> bool:
    """Whether every quotation and bracket that opens in the sentence closes in it («„…“» opens low and closes with the English opener)."""
    if not _PAIRED.search(sentence):
        return True
    if sentence.count('"') % 2:
        return False
    if sentence[0] == "‘" and not _SINGLE_CLOSED.search(sentence):
        return False
    if "„" in sentence:
        return sentence.count("„") == sentence.count("“") + sentence.count("”")
    return all(sentence.count(left) == sentence.count(right) for left, right in _PAIRS)


def _shouts(sentence: str) -> bool:
    if any(map(str.islower, sentence[1:6])):
        return False
    parts = sentence.split()
    return len(parts) > 3 and sum(map(str.isupper, parts)) > 0.6 * len(parts)


def leans(words: Sequence[str], language: str) -> bool:
    """Whether a sentence points at the one before it: «He said …», «This, however …», «To me, this is …»."""
    starts = leaning(language)
    if starts and any("-".join(words[:count]) in starts for count in (1, 2, 3, 4)):
        return True
    pronouns = pointing(language)
    before = takewhile(stop_words(language).__contains__, words[:3])
    return any(words[at + 1] in pronouns for at, _ in enumerate(before) if at + 1 < len(words))


def repeats(sentence_words: Sequence[str], title_words: frozenset[str]) -> bool:
    """Whether a sentence says the title over again: four fifths of the shorter one's words are the other's."""
    if len(title_words) < 3:
        return False
    said = set(sentence_words)
    shorter = min(len(said), len(title_words))
    return shorter > 2 and len(said & title_words) >= 0.8 * shorter and len(said) <= 1.6 * len(title_words)
