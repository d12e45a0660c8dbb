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
    "%": "%", "percent": "%", "pct": "%", "prozent": "%", "procent": "%", "pourcent": "%", "prosent": "%",
}  # fmt: skip
_SIGNS = "$€£¥₹₽₿"
_UNITS = "|".join(sorted(map(re.escape, _CURRENCY), key=len, reverse=True))
_NUMBER = re.compile(
    rf"(?P<sign>[{_SIGNS}])?\s?(?P<digits>\d+(?:[.,'’\u00a0\u202f]\d+)*)(?P<order>st|nd|rd|th)?"
    rf"(?:[\s-]?(?P<scale>[^\W\d_]+))?\s?-?(?P<unit>(?:{_UNITS})(?!\w))?",
    re.IGNORECASE,
)
# «5 per cent» and its cousins are two words; one is easier to compare.
_PER_CENT = re.compile(r"\b(?:per cent|pour cent|por ciento|per cento|por cento)\b", re.IGNORECASE)
_SHORT_SCALES = {"k": 3, "m": 6, "mn": 6, "bn": 9, "b": 9, "tn": 12}


class Quantity(NamedTuple):
    """A number with its magnitude multiplied in, and its unit ($, €, %, …) or nothing."""

    value: Decimal
    unit: str


def of(text: str, language: str) -> frozenset[Quantity]:
    """Return the quantities of a text: digits with their magnitudes and units, and number words."""
    text = _PER_CENT.sub("percent", text)
    found = {quantity for match in _NUMBER.finditer(text) for quantity in _of_digits(match, language)}
    return frozenset(found | _of_words(text, language))


def borne_out(said: AbstractSet[Quantity], story: AbstractSet[Quantity]) -> bool:
    """Whether each quantity is one of the story's; a unit may be left out, not added or changed."""
    values = {quantity.value for quantity in story}
    return all(quantity in story or (not quantity.unit and quantity.value in values) for quantity in said)


def _of_digits(match: re.Match[str], language: str) -> list[Quantity]:
    scale = (match["scale"] or "").lower()
    power = languages.scales(language).get(scale, _SHORT_SCALES.get(scale, 0))
    unit = _CURRENCY.get(match["sign"] or "") or _CURRENCY.get((match["unit"] or "").lower()) or _CURRENCY.get(scale, "")
    return [Quantity(value.scaleb(power), unit) for value in _readings(match["digits"])]


def _readings(digits: str) -> list[Decimal]:
    """Return the number that digits with separators say: «1,234.5» and «1.234,5» are one; «1.234» may be either."""
    plain = re.sub(r"['’\u00a0\u202f]", "", digits)
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


def _of_words(text: str, language: str) -> set[Quantity]:
    """Return the numbers said in words, «three million» as one."""
    numbers, scales = languages.numerals(language), languages.scales(language)
    words = [*languages.words(text), "", ""]
    found = set()
    for word, second, third in zip(words, words[1:], words[2:], strict=False):
        if word in numbers:
            unit = _CURRENCY.get(third if second in scales else second, "")
            found.add(Quantity(Decimal(numbers[word]).scaleb(scales.get(second, 0)), unit))
    return found
