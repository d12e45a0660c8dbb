"""When an edition is due."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.digest.timetable import due, instant, missed, next_due, parse, slots_of
from service.records import Rhythm, Timetable

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
BERLIN = Timetable(Rhythm.DAILY, "Europe/Berlin", time(7))
CHANGES = 2 * 366


def test_daily_is_read() -> None:
    """`daily` takes a time of day and a zone."""
    assert parse("daily 07:30 Europe/Amsterdam") == Timetable(Rhythm.DAILY, "Europe/Amsterdam", time(7, 30))


def test_weekly_is_read() -> None:
    """`weekly` takes weekdays, by name in any length, and a time of day; the zone may be left out."""
    assert parse("Weekly Mon,Thursday 8:00") == Timetable(Rhythm.WEEKLY, "UTC", time(8), frozenset({0, 3}))


def test_every_is_read() -> None:
    """`every` takes hours that divide the day."""
    assert parse("every 6h").interval == timedelta(hours=6)


def test_each_letter_is_read() -> None:
    """`each letter` has no appointments."""
    assert parse("each letter").rhythm is Rhythm.EACH_LETTER


@pytest.mark.parametrize(
    "text",
    ["", "daily", "daily 25:00", "daily 07:00 Europe/Atlantis", "weekly someday 08:00", "every 5h", "every day", "07:00", "daily ٠٧:٠٠"],
)
def test_a_wrong_timetable_is_refused_with_the_fix(text: str) -> None:
    """What can't be read raises ValueError, and the message says what to write."""
    with pytest.raises(ValueError, match="write "):
        parse(text)


def test_nothing_is_due_before_the_first_slot() -> None:
    """An edition first seen after today's slot waits for tomorrow's."""
    assert due(BERLIN, None, datetime(2026, 11, 22, 9, tzinfo=UTC), datetime(2026, 11, 22, 20, tzinfo=UTC)) is None


def test_a_slot_is_due_from_its_minute_on() -> None:
    """At 07:00 in Berlin the slot of the day is due."""
    slot = due(BERLIN, datetime(2026, 11, 21, 6, tzinfo=UTC), LONG_AGO, datetime(2026, 11, 22, 6, tzinfo=UTC))
    assert slot is not None
    assert (slot.name, slot.due) == ("2026-11-22", datetime(2026, 11, 22, 6, tzinfo=UTC))


def test_a_slot_served_is_not_due_again() -> None:
    """Once served, a slot stays served for the rest of the day."""
    assert due(BERLIN, datetime(2026, 11, 22, 6, tzinfo=UTC), LONG_AGO, datetime(2026, 11, 22, 23, tzinfo=UTC)) is None


def test_days_off_are_caught_up_by_one_slot() -> None:
    """After four days off only the latest slot is due; the ones before it are known as missed."""
    last, now = datetime(2026, 11, 18, 6, tzinfo=UTC), datetime(2026, 11, 22, 12, tzinfo=UTC)
    slots = [slot.name for slot in missed(BERLIN, last, LONG_AGO, now)]
    assert slots == ["2026-11-22", "2026-11-21", "2026-11-20", "2026-11-19"]


def test_a_timetable_moved_within_the_day_waits_for_the_next() -> None:
    """When 07:00 was served and the timetable now says 09:00, the local date is served already."""
    later = Timetable(Rhythm.DAILY, "Europe/Berlin", time(9))
    assert due(later, datetime(2026, 11, 22, 6, tzinfo=UTC), LONG_AGO, datetime(2026, 11, 22, 12, tzinfo=UTC)) is None


def test_every_is_aligned_to_local_midnight() -> None:
    """`every 6h` comes at 0, 6, 12 and 18 local time."""
    slot = due(parse("every 6h Europe/Berlin"), None, LONG_AGO, datetime(2026, 7, 1, 11, tzinfo=UTC))
    assert slot is not None
    assert (slot.name, slot.due.hour) == ("2026-07-01T12", 10)


def test_weekly_skips_other_days() -> None:
    """On a Sunday the slot of the Thursday before is the latest."""
    slot = due(parse("weekly mon,thu 08:00"), None, LONG_AGO, datetime(2026, 11, 22, 12, tzinfo=UTC))
    assert slot is not None
    assert slot.name == "2026-11-19"


def test_the_next_slot_is_told() -> None:
    """The next slot lies after now."""
    assert next_due(parse("weekly mon 08:00"), datetime(2026, 11, 22, 12, tzinfo=UTC)) == datetime(2026, 11, 23, 8, tzinfo=UTC)


def test_each_letter_has_no_next_slot() -> None:
    """There is no appointment to wait for."""
    assert next_due(parse("each letter"), LONG_AGO) is None


def test_a_time_that_is_skipped_falls_on_the_first_that_is_not() -> None:
    """Berlin, 29 March 2026: 02:30 does not exist, clocks go from 02:00 to 03:00."""
    assert instant(date(2026, 3, 29), time(2, 30), "Europe/Berlin") == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_a_time_that_comes_twice_is_its_first() -> None:
    """Berlin, 25 October 2026: 02:30 comes twice; the first is still summer time."""
    assert instant(date(2026, 10, 25), time(2, 30), "Europe/Berlin") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def _days_that_matter(zone: ZoneInfo) -> set[date]:
    """Return the dates of two years around each change of the zone's offset."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    offsets = [(start + timedelta(days=n)).astimezone(zone).utcoffset() for n in range(CHANGES)]
    changes = [n for n in range(1, CHANGES) if offsets[n] != offsets[n - 1]]
    return {(start + timedelta(days=n + k)).date() for n in [5, *changes] for k in range(-3, 3)}


@pytest.mark.parametrize("initial", sorted({name[0] for name in available_timezones()}))
def test_every_local_date_has_one_slot_in_every_zone(initial: str) -> None:
    """Ticking through the days around each change, a slot for each date comes once, in order, whatever its time of day."""
    for name in (name for name in available_timezones() if name[0] == initial):
        days = sorted(_days_that_matter(ZoneInfo(name)))
        for at in (time(0), time(2, 30), time(23, 30), time(23, 59)):
            assert _served_by_ticks(Timetable(Rhythm.DAILY, name, at), days) == [str(day) for day in days], name


def _served_by_ticks(timetable: Timetable, days: list[date]) -> list[str]:
    """Serve each slot at the instant it is due and again half an hour later, as the daemon's ticks would."""
    served: list[str] = []
    for day in days:
        (slot,) = slots_of(timetable, day)
        last = next(iter(slots_of(timetable, day - timedelta(days=1)))).due
        for tick in (slot.due - timedelta(seconds=1), slot.due, slot.due + timedelta(minutes=30), slot.due + timedelta(minutes=70)):
            now_due = due(timetable, last, LONG_AGO, tick)
            if now_due is not None:
                served.append(now_due.name)
                last = now_due.due
    return served


@pytest.mark.slow
@pytest.mark.parametrize("initial", sorted({name[0] for name in available_timezones()}))
def test_two_years_in_every_zone(initial: str) -> None:
    """Every local date of two years has an instant of its own, later than the one before, and shows the right date and time."""
    for name in (name for name in available_timezones() if name[0] == initial):
        zone, before = ZoneInfo(name), LONG_AGO
        for day in (date(2026, 1, 1) + timedelta(days=n) for n in range(CHANGES)):
            found = instant(day, time(2, 30), name)
            assert found > before
            assert timedelta() <= found.astimezone(zone).replace(tzinfo=None) - datetime.combine(day, time(2, 30)) <= timedelta(hours=3)
            before = found


@given(
    st.sampled_from(["daily 02:30 Europe/Berlin", "weekly sun,mon 00:00 Africa/Cairo", "every 1h Australia/Lord_Howe", "every 6h"]).map(
        parse
    ),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 (made aware below)
    st.lists(st.integers(1, 60 * 30), max_size=40),
)
def test_slots_come_in_order_and_never_twice(timetable: Timetable, start: datetime, minutes: list[int]) -> None:
    """However irregular the ticks, each slot is served once, in order, and right after it nothing is due."""
    now, last, served = start.replace(tzinfo=UTC), None, []
    for step in minutes:
        now += timedelta(minutes=step)
        slot = due(timetable, last, start.replace(tzinfo=UTC), now)
        if slot is not None:
            served.append(slot.name)
            last = slot.due
            assert slot.due <= now
            assert due(timetable, last, start.replace(tzinfo=UTC), now) is None
    assert served == sorted(set(served))
