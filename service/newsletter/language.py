"""Tells the language of a text by its script, its little words and its rare letters (`config/function_words.toml`).

No model: function words make up half of any running text, so a few hundred of them tell languages apart (Ingle 1976; Grefenstette 1995).
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter, defaultdict
from functools import lru_cache

from service import bundled

# Enough to be sure, and bounded.
LONGEST = 1500
# Below this share of known words the text is in none of our languages, or no running text at all.
LEAST = 0.12
LEAST_WORDS = 3
# The best language must be ahead of the next by this factor, else nothing is said.
MARGIN = 1.08
LETTER_WEIGHT = 0.5

# Scripts that one language of letters uses; Japanese is found by its kana, before the Chinese signs that it shares.
_SCRIPTS = (
    ("ja", r"\u3040-\u30ff\uff66-\uff9f"),
    ("ko", r"\uac00-\ud7af\u1100-\u11ff"),
    ("zh", r"\u3400-\u9fff"),
    ("el", r"\u0370-\u03ff\u1f00-\u1fff"),
    ("he", r"\u0590-\u05ff"),
    ("ar", r"\u0600-\u06ff\u0750-\u077f"),
    ("hi", r"\u0900-\u097f"),
    ("bn", r"\u0980-\u09ff"),
    ("ta", r"\u0b80-\u0bff"),
    ("th", r"\u0e00-\u0e7f"),
    ("ka", r"\u10a0-\u10ff"),
    ("hy", r"\u0530-\u058f"),
)
_BY_SCRIPT = re.compile("|".join(f"(?P<{name}>[{signs}])" for name, signs in _SCRIPTS))
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_BEYOND_LATIN = re.compile(r"[\u0370-\u1fff\u3040-\uffff]")  # all of these scripts, and quickly
_PERSIAN = re.compile(r"[\u067e\u0686\u0698\u06af\u06a9\u06cc]")
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+")
_BLANKED = bytes(octet if chr(octet).isalpha() else 32 for octet in range(256))  # the same for ASCII, four times as fast
_LINK = re.compile(r"https?://\S+")
# Few kana are enough: a Japanese headline may be nine tenths Chinese signs.
_KANA = 0.05


class _Sharing:
    """The languages that share a word; what each of them gets of it is one of so many `parts`."""

    __slots__ = ("languages", "parts")

    def __init__(self, languages: tuple[str, ...]) -> None:
        self.languages = languages
        self.parts = len(languages) ** 0.5


def detect(text: str) -> str | None:
    """Return the ISO 639-1 code of the text's language; None where it can't be told: too short, mixed, or unknown."""
    text = _LINK.sub(" ", text[:LONGEST])
    if "@" in text:
        text = " ".join([word for word in text.split() if "@" not in word[1:-1]])
    beyond = "" if text.isascii() else "".join(_BEYOND_ASCII.findall(text))
    return (_by_script(text) if _BEYOND_LATIN.search(beyond) else None) or _by_words(text.casefold(), set(beyond.casefold()))


def _by_script(text: str) -> str | None:
    letters = len(_LETTER.findall(text))
    counts = Counter(match.lastgroup or "" for match in _BY_SCRIPT.finditer(text))
    if not letters or counts.total() < 0.3 * letters:
        return None
    if counts["ja"] >= _KANA * counts.total() and counts["ja"] + counts["zh"] > 0.5 * counts.total():
        return "ja"
    best = counts.most_common(1)[0][0]
    return "fa" if best == "ar" and len(_PERSIAN.findall(text)) > 0.03 * counts["ar"] else best


def _by_words(text: str, beyond: set[str]) -> str | None:
    words, letters = _tables()
    plain = not any(map(str.isalnum, beyond))
    found = text.encode("ascii", "replace").translate(_BLANKED).decode().split() if plain else _WORD.findall(text)
    known = Counter(map(words.get, found))  # by the languages that share a word: few sets of languages for many words
    unknown = known.pop(None, 0)
    if len(found) - unknown < max(LEAST_WORDS, LEAST * len(found)):
        return None
    scores: dict[str, float] = defaultdict(float)
    for sharing, count in known.items():
        if sharing:
            share = count / sharing.parts
            for language in sharing.languages:
                scores[language] += share
    for letter in letters.keys() & beyond:
        for language in letters[letter]:
            scores[language] += LETTER_WEIGHT * text.count(letter) / len(letters[letter])
    best, *others = sorted(scores, key=scores.__getitem__, reverse=True)
    return best if not others or scores[best] >= MARGIN * scores[others[0]] else None


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[str, _Sharing], dict[str, tuple[str, ...]]]:
    """Word -> languages that use it, and rare letter -> languages that use it."""
    words: dict[str, list[str]] = {}
    letters: dict[str, list[str]] = {}
    for language, table in tomllib.loads(bundled.config().joinpath("function_words.toml").read_text(encoding="utf-8")).items():
        for word in dict.fromkeys(table["words"].split()):
            words.setdefault(word, []).append(language)
        for letter in dict.fromkeys(table["letters"]):
            letters.setdefault(letter, []).append(language)
    sharing = {ls: _Sharing(ls) for ls in map(tuple, words.values())}
    return {w: sharing[tuple(ls)] for w, ls in words.items()}, {c: tuple(ls) for c, ls in letters.items()}
