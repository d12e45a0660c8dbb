"""A clock that was ahead for an hour, by much or by little: once it is right, the editions come as ever, each letter once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from service.contracts import Store
from service.edges.sql_store import open_store
from tests.fakes import MemoryStore
from tests.journey.world import DAILY, World

HOUR = timedelta(hours=1)


@pytest.fixture(params=["memory", pytest.param("sqlite", marks=pytest.mark.slow)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Give one store, then the other."""
    opened = MemoryStore() if request.param == "memory" else open_store(f"sqlite:///{tmp_path}/nutgraf.db", reserve=0, low_water=0)
    yield opened
    opened.close()


@pytest.mark.parametrize("before", [0, 30], ids=["from the start", "later"])
@pytest.mark.parametrize("ahead", [HOUR, 5 * HOUR, 20 * HOUR, 400 * 24 * HOUR], ids=str)
def test_fault_84_a_clock_that_was_ahead_neither_silences_nor_doubles(store: Store, before: int, ahead: timedelta) -> None:
    """Letters came before, during and after that hour; within a day of coming, each has been in one digest of each edition."""
    world = World(store)
    for hour in range(96):
        world.ahead = ahead if hour == before else timedelta()
        if hour < 70 and not hour % 5:
            world.letters.append(f"bridge number{hour:02}".encode())
        world.now += HOUR
        world.run()

    for edition in world.editions:
        assert [world.shown(edition.recipients[0], letter) for letter in world.letters] == [1] * len(world.letters)
    assert len(world.texts(DAILY.recipients[0])) in {3, 4, 5}
