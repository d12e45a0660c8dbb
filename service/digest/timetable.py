"""When an edition is due: local times made into instants, each local date exactly once.

A slot is a local date (and hour), never an instant: a clock that jumps, a zone that changes or a machine that slept can delay a slot
but not double it. Where a local time does not exist (clocks go forward) the slot falls on the first instant that does; where it
exists twice (clocks go back) it is the first of the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from service.records import Rhythm, Slot, Timetable

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EXAMPLES = "write for example 'daily 07:00 Europe/Amsterdam', 'weekly mon,thu 08:00', 'every 6h' or 'each letter'"
_DAY = timedelta(days=1)


def parse(text: str) -> Timetable:
    """Return the timetable that `text` describes. Raises ValueError with the fix."""
    match text.lower().split():
        case ["each", "letter"]:
            return Timetable(Rhythm.EACH_LETTER)
        case ["daily", at, *zone]:
            return Timetable(Rhythm.DAILY, _zone(text, zone), _time(at))
        case ["weekly", days, at, *zone]:
            return Timetable(Rhythm.WEEKLY, _zone(text, zone), _time(at), _weekdays(days))
        case ["every", interval, *zone]:
            return Timetable(Rhythm.EVERY, _zone(text, zone), time(), interval=_interval(interval))
    raise ValueError(f"no timetable in {text!r}; {EXAMPLES}")


def due(timetable: Timetable, last_slot: datetime | None, first_seen: datetime, now: datetime) -> Slot | None:
    """Return the latest slot that is due and not served, None when there is none; the ones before it are served with it.

    `last_slot` is when the last slot served was due, and not ahead of `now`; `first_seen` when the edition began: slots before it are
    not owed.
    """
    return next(missed(timetable, last_slot, first_seen, now), None)


def missed(timetable: Timetable, last_slot: datetime | None, first_seen: datetime, now: datetime) -> Iterator[Slot]:
    """Yield the slots due and not served, latest first; at most a hundred."""
    if timetable.rhythm is Rhythm.EACH_LETTER:
        return
    served = None if last_slot is None else _served(timetable, last_slot)
    for slot in islice(_back_from(timetable, now), 100):
        if slot.due < first_seen or (last_slot is not None and slot.due <= last_slot) or slot.name == served:
            return
        yield slot


def next_due(timetable: Timetable, now: datetime) -> datetime | None:
    """Return when the next slot after `now` is due; None for `each letter`, which has no appointments."""
    if timetable.rhythm is Rhythm.EACH_LETTER:
        return None
    today = now.astimezone(ZoneInfo(timetable.zone)).date()
    ahead = (slot for days in range(-1, 9) for slot in slots_of(timetable, today + days * _DAY))
    return min(slot.due for slot in ahead if slot.due > now)


def slots_of(timetable: Timetable, day: date) -> tuple[Slot, ...]:
    """Return the slots of one local date, in order: one, none (weekly, on another weekday) or several (`every`)."""
    if timetable.rhythm is Rhythm.EVERY:
        hours = range(0, 24, int(timetable.interval / timedelta(hours=1)))
        return tuple(Slot(f"{day}T{hour:02}", instant(day, time(hour), timetable.zone)) for hour in hours)
    if timetable.rhythm is Rhythm.WEEKLY and day.weekday() not in timetable.weekdays:
        return ()
    return (Slot(str(day), instant(day, timetable.at, timetable.zone)),)


def instant(day: date, at: time, zone: str) -> datetime:
    """Return the first instant, in UTC, at which clocks in `zone` show `at` on `day` or, where they skip it, anything later."""
    local = datetime.combine(day, at, ZoneInfo(zone))
    found = local.astimezone(UTC)
    if found.astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None):
        return found
    # In a gap the two folds lie on either side of the change (PEP 495), which is then found by halving.
    before, after = local.replace(fold=1).astimezone(UTC), found
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(local.tzinfo).utcoffset() == before.astimezone(local.tzinfo).utcoffset():
            before = middle
        else:
            after = middle
    return after


def _back_from(timetable: Timetable, now: datetime) -> Iterator[Slot]:
    """Yield the slots due by `now`, latest first, for ever."""
    day = now.astimezone(ZoneInfo(timetable.zone)).date()
    while True:
        yield from (slot for slot in reversed(slots_of(timetable, day)) if slot.due <= now)
        day -= _DAY


def _served(timetable: Timetable, last_slot: datetime) -> str:
    """Return the name under which the last slot went, even if the timetable has been moved within its day since."""
    latest = next(_back_from(timetable, last_slot))
    if latest.due == last_slot or timetable.rhythm is Rhythm.EVERY:
        return latest.name
    return str(last_slot.astimezone(ZoneInfo(timetable.zone)).date())


def _zone(text: str, words: list[str]) -> str:
    """Return the zone named by the last word of `text`, where there is one; names of zones have capitals."""
    if len(words) > 1:
        raise ValueError(f"too many words in {text!r}; {EXAMPLES}")
    name = text.rsplit(maxsplit=1)[-1] if words else "UTC"
    try:
        return ZoneInfo("UTC" if name.lower() == "utc" else name).key
    except (KeyError, ValueError, OSError):
        raise ValueError(f"no time zone {name!r}; write its IANA name, for example Europe/Amsterdam") from None


def _time(text: str) -> time:
    if not re.fullmatch(r"([01]?\d|2[0-3])[:.][0-5]\d", text, re.ASCII):
        raise ValueError(f"no time of day in {text!r}; write hours and minutes, for example 07:00")
    hour, minute = re.split("[:.]", text)
    return time(int(hour), int(minute))


def _weekdays(text: str) -> frozenset[int]:
    names = [name[:3] for name in text.split(",")]
    if unknown := [name for name in names if name not in DAYS]:
        raise ValueError(f"no weekday {unknown[0]!r}; write {', '.join(DAYS)}, with commas and no spaces between")
    return frozenset(DAYS.index(name) for name in names)


def _interval(text: str) -> timedelta:
    hours = re.fullmatch(r"(\d{1,2})h", text, re.ASCII)
    if not hours or int(hours[1]) not in {1, 2, 3, 4, 6, 8, 12, 24}:
        raise ValueError(f"no interval in {text!r}; write hours that divide the day: 1h, 2h, 3h, 4h, 6h, 8h, 12h or 24h")
    return timedelta(hours=int(hours[1]))
