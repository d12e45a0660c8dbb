"""When a letter was published: its Date field, else the date that the text states for itself."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice

# Where a text states its own date: at its very beginning, or alone on one of its first lines.
LINES = 12
LINE = 80
# Letters from before e-mail, or from the next century, have a broken clock.
FIRST, LAST = 1971, 2100

# The months by the letters that are enough to know them, in the languages of the phrases.
_MONTHS = {
    1: "jan januar january janvier enero gennaio janeiro januari stycznia styczeń январ янв",
    2: "feb februar february fév février febrero febbraio fevereiro februari luty lutego феврал фев",
    3: "mar märz march mars marzo março maart marca marzec marts март мар mrz",
    4: "apr april avril abril aprile kwietnia kwiecień апрел апр avr",
    5: "may mai mayo maggio maio mei maja maj май мая",
    6: "jun juni june juin junio giugno junho czerwca czerwiec июн",
    7: "jul juli july juillet julio luglio julho lipca lipiec июл",
    8: "aug august août agosto augustus sierpnia sierpień augusti август авг",
    9: "sep sept september septembre septiembre settembre setembro września wrzesień сентябр сен",
    10: "oct okt oktober october octobre octubre ottobre outubro października październik октябр окт",
    11: "nov november novembre noviembre novembro listopada listopad ноябр ноя",
    12: "dec dez dezember december décembre diciembre dicembre dezembro grudnia grudzień декабр дек déc dic",
}
_MONTH = {name: month for month, names in _MONTHS.items() for name in names.split()}
_NAME = r"(?P<month>[^\W\d_]{3,12})\.?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_WITH_YEAR = re.compile(r"(?:19|20)\d\d")
_DAY = r"(?P<day>[0-3]?\d)"
_FORMS = (
    re.compile(rf"{_YEAR}-(?P<number>[01]\d)-{_DAY}(?!\d)"),
    re.compile(rf"{_YEAR}年\s?(?P<number>[01]?\d)月\s?{_DAY}日"),
    re.compile(rf"(?<!\d){_DAY}(?:st|nd|rd|th|er|º|°|\.)?\s+(?:de |of |d')?{_NAME},?\s+(?:de |del )?{_YEAR}", re.IGNORECASE),
    re.compile(rf"{_NAME}\s+{_DAY}(?:st|nd|rd|th)?,?\s+{_YEAR}", re.IGNORECASE),
    re.compile(rf"(?<!\d){_DAY}\.(?P<number>[01]?\d)\.{_YEAR}"),
)
_CLOCK = re.compile(r"\b([0-2]?\d)[:.]([0-5]\d)(?::[0-5]\d)?\s*(?:([ap])\.?m\b)?", re.IGNORECASE)
# What may stand on the line beside the date: a day of the week, "published on", "issue 12".
_BESIDE = 24
_STATED = re.compile(
    r"^\W*(?:date|datum|published|posted|updated|veröffentlicht|publié|publicado|pubblicato|gepubliceerd|dato|дата|data|fecha)\b\W*",
    re.IGNORECASE,
)


def sent(value: str) -> datetime | None:
    """Return the date of a Date field (RFC 5322, 3.3), aware; None where it can't be read or can't be true."""
    try:
        found = parsedate_to_datetime(re.sub(r"\([^()]*\)", " ", value[:200]).strip())
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found if FIRST <= found.astimezone(UTC).year < LAST else None
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None


def received(value: str) -> datetime | None:
    """Return the date at the end of a Received field (RFC 5321, 4.4); None where it can't be read."""
    return sent(value.rpartition(";")[2])


def stated(text: str) -> datetime | None:
    """Return the date that a text states for itself, at midnight UTC: "date 2023-02-03", or a date alone on one of its first lines."""
    text = text[: LINES * 400]
    lines = filter(None, map(str.strip, text.splitlines() if _WITH_YEAR.search(text) else ()))
    for number, line in enumerate(islice(lines, LINES)):
        if not _WITH_YEAR.search(line):
            continue
        named = _STATED.match(line)
        if number and len(line) > LINE and not named:
            continue
        for form in _FORMS:
            match = form.search(line[: LINE * 2])
            if match is None:
                continue
            before, rest = match.start() - (named.end() if named else 0), len(line) - match.end()
            alone = len(line) <= LINE and before <= _BESIDE and rest <= _BESIDE
            if (alone or (named and before <= 2) or (number == 0 and match.start() == 0 and form is _FORMS[0])) and (found := _date(match)):
                return found
    return None


def anywhere(text: str) -> datetime | None:
    """Return the first date in a short text, with its time of day where one follows; the zone is not known and taken for UTC."""
    for form in _FORMS:
        match = form.search(text[:200])
        found = _date(match) if match else None
        if found:
            clock = _CLOCK.search(text[:200])
            return found.replace(hour=_hour(clock), minute=int(clock[2])) if clock else found
    return None


def _hour(clock: re.Match[str]) -> int:
    afternoon = (clock[3] or "").lower() == "p" and int(clock[1]) < 12
    return (int(clock[1]) + 12 * afternoon) % 24


def _date(match: re.Match[str]) -> datetime | None:
    groups = match.groupdict()
    month = int(groups["number"]) if groups.get("number") else _month(groups.get("month") or "")
    try:
        return datetime(int(groups["year"]), month, int(groups["day"]), tzinfo=UTC)
    except ValueError:
        return None


def _month(name: str) -> int:
    """Return the number of a month by its name in any of the languages, inflected or shortened; 0 for another word."""
    name = name.casefold()
    return _MONTH.get(name) or next((m for stem, m in _MONTH.items() if stem[0] > "а" and name.startswith(stem)), 0)
