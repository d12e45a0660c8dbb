"""The process dies at every event there is, one run each, and is started again: nothing is lost, nothing is sent twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from service.contracts import Store
from service.edges.sql_store import open_store
from tests.fakes import MemoryStore
from tests.journey.world import Fuse, World

LETTERS = [b"bridge one", b"ferry two", b"BROKEN three"]
READABLE = LETTERS[:2]
READERS = ("ann@example.org", "bob@example.org")


@pytest.fixture(params=["memory", pytest.param("sqlite", marks=[pytest.mark.slow, pytest.mark.timeout(300)])])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Iterator[Store]]:
    """Give as many empty stores as asked for."""
    opened: list[Store] = []

    def fresh() -> Iterator[Store]:
        for number in count():
            url = f"sqlite:///{tmp_path}/{number}.db"
            store: Store = MemoryStore() if request.param == "memory" else open_store(url, reserve=0, low_water=0)
            opened.append(store)
            yield store

    yield fresh()
    for store in opened:
        store.close()


def events(world: World) -> int:
    """Return how many events a day without a crash has."""
    world.pass_time(3)
    return world.fuse.count


def test_crash_at_every_event_loses_and_doubles_nothing(stores: Iterator[Store]) -> None:
    """Where arrived mail can be looked for, every readable letter is shown to each reader exactly once, wherever the crash was."""
    total = events(World(next(stores), letters=LETTERS[:]))

    wrong = []
    for at in range(1, total + 1):
        world = World(next(stores), letters=LETTERS[:], fuse=Fuse(at))
        live_through(world)
        seen = {(reader, letter): world.shown(reader, letter) for reader in READERS for letter in READABLE}
        wrong += [(at, key, times) for key, times in seen.items() if times != 1]

    assert wrong == []
    assert total > 100


def test_where_nobody_can_look_a_digest_is_never_sent_twice_and_its_loss_is_told(stores: Iterator[Store]) -> None:
    """A posting cut off at its dot is carried: at most one copy arrives, and when in doubt the next digest says so."""
    first = next(stores)
    total = events(World(first, letters=LETTERS[:]))

    wrong = []
    for at in range(1, total + 1, 1 if isinstance(first, MemoryStore) else 4):  # the test above goes through all of them in both
        world = World(next(stores), letters=LETTERS[:], fuse=Fuse(at), blind=True)
        live_through(world)
        world.letters.append(b"tower four")
        world.pass_time(26, timedelta(hours=6.5))
        for reader in READERS:
            times = [world.shown(reader, letter) for letter in READABLE]
            if max(times) > 1 or (min(times) == 0 and not told_of_doubt(world, reader)):
                wrong.append((at, reader, times))

    assert wrong == []


def live_through(world: World) -> None:
    """Let three hours pass, with the crash where the fuse says, and a restart after it."""
    end = world.now + timedelta(hours=3)
    while world.now < end:
        world.now += timedelta(minutes=30)
        world.crash_and_restart()


def told_of_doubt(world: World, reader: str) -> bool:
    """Return whether a mail to the reader says that an earlier digest may not have arrived."""
    return any("may not have arrived" in text for text in world.texts(reader))
