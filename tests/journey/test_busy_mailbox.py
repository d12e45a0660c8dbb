"""More letters between two slots than a digest looks at: nobody falls behind, and every letter ends in one state."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from service import steps
from service.records import Edition, Kind, Outcome, Rhythm, Timetable
from tests.contract.store_examples import condense_all, letter, newsletter, put, read_one
from tests.fakes import MemoryStore
from tests.journey.world import DAILY, MORNING

ALDER = replace(DAILY, sources=("alder.example",))
DAY = timedelta(days=1)


def test_an_edition_of_one_source_does_not_fall_behind_others() -> None:
    """1,200 letters of other sources come first; the edition's own stands in the next digest, and nothing is left to look at."""
    store = MemoryStore()
    store.started(MORNING, DAY)
    store.first_seen(ALDER.name, MORNING - DAY)
    put(store, *(letter(f"letter {number}", MORNING - timedelta(hours=2)) for number in range(1200)), now=MORNING)
    for _ in range(1200):
        read_one(store, newsletter(), MORNING)
    put(store, letter("ours", MORNING), now=MORNING)
    read_one(store, newsletter("Rain", source="alder.example"), MORNING)
    condense_all(store, MORNING)

    assert steps.compose(ALDER, store, lambda: MORNING + DAY, "nutgraf@example.org") == 1
    assert store.statistics()["postings"] == 1
    assert store.material(ALDER.name) == ()


def test_what_finds_no_room_is_carried_over_for_a_week() -> None:
    """More letters than the limit, of one edition: those beyond it are kept for quieter days, then given up."""
    store = MemoryStore()
    store.started(MORNING, DAY)
    store.first_seen(DAILY.name, MORNING - DAY)
    put(store, *(letter(f"letter {number}", MORNING) for number in range(1100)), now=MORNING)
    for number in range(1100):
        read_one(store, newsletter(f"Rain{number:04}", source=f"list{number}.example"), MORNING)
    condense_all(store, MORNING)

    assert steps.compose(DAILY, store, lambda: MORNING + DAY, "nutgraf@example.org") == 1
    left = store.material(DAILY.name)
    assert len(left) == 1100 - DAILY.entries
    assert sum(item.outcome is Outcome.CARRIED_OVER for item in left) == len(left) - 1000
    for day in (9, 10):
        steps.compose(DAILY, store, lambda day=day: MORNING + day * DAY, "nutgraf@example.org")  # type: ignore[misc]
    assert store.material(DAILY.name) == ()


def test_a_flood_of_confirmations_is_passed_on_by_and_by() -> None:
    """A thousand sign-ups in the owner's name are not a thousand mails out of our account within the hour; none is lost."""
    owners = Edition("owner", ("owner@example.org",), Timetable(Rhythm.EACH_LETTER), kinds=frozenset({Kind.CONFIRMATION}), whole=True)
    store = MemoryStore()
    store.started(MORNING, DAY)
    store.first_seen(owners.name, MORNING)
    put(store, *(letter(f"letter {number}", MORNING) for number in range(50)), now=MORNING)
    for number in range(50):
        read_one(store, newsletter(kind=Kind.CONFIRMATION, source=f"list{number}.example"), MORNING)

    hours = [
        steps.compose(owners, store, lambda hour=hour: MORNING + timedelta(hours=hour, minutes=hour), "nutgraf@example.org")  # type: ignore[misc]
        for hour in (0, 0.5, 1, 2, 3)
    ]
    assert hours == [20, 0, 20, 10, 0]
