"""Turns: letters of one source are read one after the other, those of others meanwhile."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from service import steps
from service.edges.sql_store import open_store
from service.edges.turns import Turns
from service.newsletter import identify, read, remember
from service.records import Memory, Newsletter, Unreadable
from tests.contract.store_examples import NOW, letter, put, run_at_once
from tests.journey.invented import newsletter
from tests.servers.waiting import wait_until


def test_what_goes_by_one_name_waits_and_what_goes_by_another_does_not() -> None:
    """The second of a name begins when the first has ended."""
    turns, done = Turns(), []

    def do(name: str) -> None:
        with turns.alone(name):
            done.append(name)

    threads = [threading.Thread(target=do, args=(name,)) for name in ("a", "b")]
    with turns.alone("a"):
        for thread in threads:
            thread.start()
        wait_until(lambda: "b" in done, "the other name's turn has come")
        assert done == ["b"]
    for thread in threads:
        thread.join(10)
    assert done == ["b", "a"]


def test_nothing_is_kept_of_a_name() -> None:
    """Sources come and go, for years."""
    turns = Turns()
    for number in range(100):
        with turns.alone(str(number)):
            pass
    assert len(turns._locks) == 0


class Here:
    """A reader without a child."""

    def identify(self, raw: bytes) -> str:
        """Return the letter's source."""
        return identify(raw)

    def read(self, raw: bytes, memory: Memory) -> tuple[Newsletter | Unreadable, Memory]:
        """Return the letter read, and remembered."""
        letter = read(raw, memory=memory)
        return letter, remember(memory, letter)


def test_of_letters_read_at_the_same_time_each_is_remembered(tmp_path: Path) -> None:
    """Two workers read one source's issues, and none is forgotten for the other."""
    store, turns = open_store(f"sqlite:///{tmp_path}/store.db", busy=timedelta(minutes=2)), Turns()
    towns = ("Ghent", "Lyon", "Porto", "Turin", "Bergen", "Gdansk", "Leeds", "Cork")
    raws = [newsletter(1, title=f"News from {town}", text=f"{town} has a bridge of its own now. " * 3) for town in towns]
    put(store, *(replace(letter(town), raw=raw) for town, raw in zip(towns, raws, strict=True)))

    def work() -> None:
        while steps.read(Here(), store, lambda: NOW, turns.alone):
            pass

    run_at_once(work, 2)
    assert len(store.memory(identify(raws[0])).issues) == len(towns)
    store.close()
