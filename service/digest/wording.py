"""What a digest says in its own voice, in the edition's language: labels, dates, counts, reasons."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any
from unicodedata import bidirectional

from service import bundled

_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"})

_COMMAS = {"ar": "، ", "fa": "، ", "ja": "、", "zh": "、"}


class Words:
    """The words of one language; what it lacks is said in English."""

    def __init__(self, words: Mapping[str, Any], language: str) -> None:
        self._words = words
        self.language = language

    def __getattr__(self, name: str) -> str:
        return str(self._words[name])

    def say(self, text: str, n: int = 1) -> str:
        """Return the words for a state, a reason or a note of `n` letters; the text itself where there are none."""
        forms = self._words.get(text, text)
        return str(forms if isinstance(forms, str) else forms[0 if n == 1 else -1])

    def count(self, name: str, n: int) -> str:
        """Return a number of things."""
        return self.say(name, n).format(n=n)

    def listed(self, parts: Iterable[str]) -> str:
        """Return several in a row, with the language's own comma between them."""
        return _COMMAS.get(self.language, ", ").join(parts)

    def full_date(self, day: date) -> str:
        """Return a date with weekday and year."""
        return self._date("date", day)

    def short_date(self, day: date) -> str:
        """Return day and month."""
        return self._date("short", day)

    def _date(self, pattern: str, day: date) -> str:
        names = {"weekday": self._words["weekdays"][day.weekday()], "month": self._words["months"][day.month - 1]}
        return str(self._words[pattern]).format(day=day.day, year=day.year, **names)


@lru_cache(maxsize=8)
def _tables(source: str) -> Mapping[str, Mapping[str, Any]]:
    """Return each language's words: those of `source`, an operator's perhaps, before those that travel with the package."""
    own, ours = tomllib.loads(source), tomllib.loads((bundled.config() / "templates" / "words.toml").read_text("utf-8"))
    return {language: {**ours.get(language, {}), **own.get(language, {})} for language in {**ours, **own}}


def languages(source: str) -> tuple[str, ...]:
    """Return the languages that there are words for. Raises ValueError for what is no TOML."""
    return tuple(_tables(source))


def tongue(language: str) -> str:
    """Return the language of a tag, without country or script: `pt` of `pt-BR`; what is called Norwegian is Bokmål."""
    spoken = language.lower().replace("_", "-").partition("-")[0]
    return "nb" if spoken == "no" else spoken


def words(source: str, language: str) -> Words:
    """Return the words for a language (`de`, `pt-BR`): the TOML text `source` says them, or some of them."""
    tables = _tables(source)
    spoken = tongue(language) if tongue(language) in tables else "en"
    return Words({**tables["en"], **tables[spoken]}, spoken)


def direction(language: str | None) -> str:
    """Return the direction in which a language is written, as HTML's dir says it; `auto` where the language is not known."""
    if not language:
        return "auto"
    return "rtl" if tongue(language) in _RIGHT_TO_LEFT else "ltr"


def isolated(text: str, language: str) -> str:
    """Return a text that stands within words of `language`: one of the other direction would move its neighbours (UAX 9, 2.4.3)."""
    backwards = any(bidirectional(character) in {"R", "AL"} for character in text)
    return f"\u2068{text}\u2069" if backwards != (direction(language) == "rtl") else text


def unspaced(language: str | None) -> bool:
    """Return whether a language is written without a space between its sentences."""
    return tongue(language or "") in {"ja", "zh"}
