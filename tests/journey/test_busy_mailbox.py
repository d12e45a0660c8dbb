"""More letters between two slots than a digest looks at: nobody falls behind, and every letter ends in one state."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from service import steps
from service.edges.sql_store import open_store
from service.records import Outcome
from tests.contract.store_examples import condense_all, letter, newsletter, put, read_one
from tests.journey.world import DAILY, MORNING

ALDER = replace(DAILY, sources=("alder.example",))
DAY = timedelta(days=1)


def test_an_edition_of_one_source_does_not_fall_behind_others(tmp_path: Path) -> None:
    """1,200 letters of other sources come first; the edition's own stands in the next digest, and nothing is left to look at."""
    store = open_store(f"sqlite:///{tmp_path}/nutgraf.db", reserve=0, low_water=0)
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
    store.close()


def test_what_finds_no_room_is_carried_over_for_a_week(tmp_path: Path) -> None:
    """More letters than the limit, of one edition: those beyond it are kept for quieter days, then given up."""
    store = open_store(f"sqlite:///{tmp_path}/nutgraf.db", reserve=0, low_water=0)
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
    for day in range(2, 11):
        steps.compose(DAILY, store, lambda day=day: MORNING + day * DAY, "nutgraf@example.org")  # type: ignore[misc]
    assert store.material(DAILY.name) == ()
    store.close()
