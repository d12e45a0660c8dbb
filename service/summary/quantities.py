"""Numbers as a text says them, «$5 million», «5,000,000 dollars» or «five», made comparable."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from service.summary import languages

_CURRENCY = {
    "$": "$", "us$": "$", "dollar": "$", "dollars": "$", "usd": "$", "bucks": "$",
    "€": "€", "euro": "€", "euros": "€", "eur": "€",
    "£": "£", "pound": "£", "pounds": "£", "gbp": "£", "quid": "£",
    "¥": "¥", "yen": "¥", "₹": "₹", "rupees": "₹", "₽": "₽", "₿": "₿", "bitcoin": "₿",
    "%": "%", "percent": "%", "per cent": "%", "pct": "%", "prozent": "%", "procent": "%", "prosent": "%",
    "pourcent": "%", "pour cent": "%", "por ciento": "%", "per cento": "%", "por cento": "%",
}  # fmt: skip
_SIGNS = "$€£¥₹₽₿"
_UNITS = "|".join(sorted(map(re.escape, _CURRENCY), key=len, reverse=True))
_NUMBER = re.compile(
    rf"(?P<sign>[{_SIGNS}])?\s?(?P<digits>\d+(?:[.,'’\u00a0\u202f]\d+)*)(?P<order>st|nd|rd|th)?"
    rf"(?:[\s-]?(?!(?:per|pour|por)\s)(?P<scale>[^\W\d_]+)\.?)?\s?-?(?P<unit>(?:{_UNITS})(?!\w))?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_SHORT_SCALES = {"k": 3, "m": 6, "mn": 6, "bn": 9, "b": 9, "tn": 12}


class Quantity(NamedTuple):
    """A number with its magnitude multiplied in, and its unit ($, €, %, …) or nothing."""

    value: Decimal
    unit: str


class Found(NamedTuple):
    """A quantity and where it stands in the text."""

    quantity: Quantity
    start: int
    end: int


def of(text: str, language: str) -> frozenset[Quantity]:
    """Return the quantities of a text: digits with their magnitudes and units, and number words."""
    return frozenset(found.quantity for found in places(text, language))


def places(text: str, language: str) -> list[Found]:
    """Return the quantities of a text with their places."""
    digits = [Found(one, *match.span()) for match in _NUMBER.finditer(text) for one in _of_digits(match, language)]
    return digits + _of_words(text, language)


def borne_out(said: AbstractSet[Quantity], story: AbstractSet[Quantity]) -> bool:
    """Whether each quantity is one of the story's; a unit may be left out, not added or changed."""
    values = {quantity.value for quantity in story}
    return all(quantity in story or (not quantity.unit and quantity.value in values) for quantity in said)


def is_numeral(word: str, language: str) -> bool:
    """Whether a word is part of how a quantity is said: a number, a magnitude, a unit."""
    return word in languages.numerals(language) or word in languages.scales(language) or word in _CURRENCY


def _of_digits(match: re.Match[str], language: str) -> list[Quantity]:
    scale = (match["scale"] or "").lower()
    power = languages.scales(language).get(scale, _SHORT_SCALES.get(scale, 0))
    unit = _CURRENCY.get(match["sign"] or "") or _CURRENCY.get((match["unit"] or "").lower()) or _CURRENCY.get(scale, "")
    return [Quantity(value.scaleb(power), unit) for value in _readings(match["digits"])]


def _readings(digits: str) -> list[Decimal]:
    """Return the number that digits with separators say: «1,234.5» and «1.234,5» are one; «1.234» may be either."""
    plain = re.sub(r"['’\u00a0\u202f]", "", digits) if len(digits) < 40 else ""
    marks = re.findall(r"[.,]", plain)
    if not marks:
        return _decimal(plain)
    last = marks[-1]
    grouped = all(len(group) == 3 for group in re.split(r"[.,]", plain)[1:])
    if len(set(marks)) == 1 and grouped:
        return _decimal(re.sub(r"[.,]", "", plain))
    if marks.count(last) > 1:
        return [value for part in re.split(r"[.,]", plain) for value in _decimal(part)]  # a version, a date, an address
    whole, _, fraction = plain.rpartition(last)
    return _decimal(re.sub(r"[.,]", "", whole) + "." + fraction)


def _decimal(text: str) -> list[Decimal]:
    try:
        return [Decimal(text).normalize()]
    except InvalidOperation:
        return []


def _of_words(text: str, language: str) -> list[Found]:
    """Return the numbers said in words, «three million» as one."""
    numerals, scales = languages.numerals(language), languages.scales(language)
    found = []
    words = list(_WORD.finditer(text))
    lower = [word.group().lower() for word in words] + ["", ""]
    for at, word in enumerate(words):
        if lower[at] in numerals:
            scaled = lower[at + 1] in scales
            unit = _CURRENCY.get(lower[at + 1 + scaled], "")
            value = Decimal(numerals[lower[at]]).scaleb(scales.get(lower[at + 1], 0))
            found.append(Found(Quantity(value, unit), word.start(), words[at + scaled].end()))
    return found
