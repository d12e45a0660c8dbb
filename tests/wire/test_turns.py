"""Turns: letters of one source are read one after the other, those of others meanwhile."""

from __future__ import annotations

import threading

from service.edges.turns import Turns
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
