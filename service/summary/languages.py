"""What is known of languages (`config/languages.toml`), and how a text's words, stems and stop words are got.

Stemmers and stop words are sumy's; Snowball's stemmers and lists of our own where it has none.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from service.bundled import config

# Codes that share another one's table.
_SAME = {"nb": "no", "nn": "no"}
_REMEMBERED = 50_000

# Scripts written without spaces: pairs of characters do for words there.
_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(r"\w+(?:['’.]\w+)*")
_SPACELESS_RUN = re.compile(rf"[{_SPACELESS}]+|[^\W{_SPACELESS}]+")
_ANY_SPACELESS = re.compile(rf"[{_SPACELESS}]")


def words(text: str) -> list[str]:
    """Return the words of a text in lower case, numbers included; pairs of characters in scripts without spaces."""
    lower = text.lower()
    if lower.isascii():
        return _WORD.findall(lower)
    lower = lower.replace("’", "'")
    if not _ANY_SPACELESS.search(lower):
        return _WORD.findall(lower)
    return [piece for run in _SPACELESS_RUN.findall(lower) for piece in _pieces(run)]


def _pieces(run: str) -> list[str]:
    if not _ANY_SPACELESS.match(run) or len(run) == 1:
        return [run]
    return [run[at : at + 2] for at in range(len(run) - 1)]


@cache
def _tables() -> dict[str, dict[str, Any]]:
    return tomllib.loads((config() / "languages.toml").read_text("utf-8"))


def known() -> tuple[str, ...]:
    """Return the ISO 639-1 codes of the languages with a table of their own."""
    return tuple(code for code in _tables() if code != "international")


def code(language: str) -> str:
    """Return the ISO 639-1 code under which a language tag such as «pt-BR» is known here."""
    short = language[:2].lower()
    return _SAME.get(short, short)


def table(language: str) -> dict[str, Any]:
    """Return what is known of a language; nothing of an unknown one."""
    return _tables().get(code(language), {})


@cache
def phrases(language: str, key: str) -> frozenset[str]:
    """Return the words under a key of a language's table, with the English and the international ones."""
    tables = _tables()
    return frozenset(word for one in ("international", "en", code(language)) for word in tables.get(one, {}).get(key, "").split())


@cache
def leaning(language: str) -> frozenset[str]:
    """Return what a sentence that points at the one before it begins with; several words are joined by hyphens."""
    return frozenset(table(language).get("leaning", "").split())


@cache
def pointing(language: str) -> frozenset[str]:
    """Return the pronouns that point at something said before."""
    return frozenset(table(language).get("pointing", "").split())


@cache
def chatting(language: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the forms of «I» and of «you»."""
    known = table(language)
    return frozenset(known.get("speaker", "").split()), frozenset(known.get("listener", "").split())


@cache
def dates(language: str) -> frozenset[str]:
    """Return the names of months and days."""
    return phrases(language, "dates")


@cache
def denials(language: str) -> frozenset[str]:
    """Return the words that turn a sentence round."""
    return frozenset(table(language).get("denials", "").split())


def numerals(language: str) -> dict[str, int]:
    """Return the numbers of a language that are said in words."""
    found: dict[str, int] = table(language).get("numerals", {})
    return found


def scales(language: str) -> dict[str, int]:
    """Return the words that multiply a number, as powers of ten."""
    found: dict[str, int] = table(language).get("scales", {})
    return found


@cache
def beckoning() -> tuple[str, ...]:
    """Return the calls to click of every language: a letter's buttons need not speak its language."""
    return tuple(phrase for one in _tables().values() for phrase in one.get("beckoning", ()))


@cache
def stemmer(language: str) -> Callable[[str], str]:
    """Return the stemmer of a language, its answers remembered; where there is none, words stay as they are."""
    import snowballstemmer  # type: ignore[import-untyped]
    from sumy.nlp.stemmers import Stemmer, null_stemmer

    known = table(language)
    stem: Callable[[str], str] = null_stemmer
    if known.get("snowball"):
        stem = snowballstemmer.stemmer(known["name"]).stemWord
    elif known:
        try:
            stem = Stemmer(known["name"])
        except LookupError:  # a language with stop words alone
            return stem
    return lru_cache(maxsize=_REMEMBERED)(stem)


@cache
def stop_words(language: str) -> frozenset[str]:
    """Return the words of a language that say nothing by themselves; none for a language we know no list for."""
    from sumy.utils import get_stop_words

    known = table(language)
    if not known or "stop_words" in known:
        return frozenset(known.get("stop_words", "").split())
    return frozenset(get_stop_words(known["name"]))
