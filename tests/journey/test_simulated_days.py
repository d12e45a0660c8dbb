"""A day and more of simulated time with faults on every edge and crashes anywhere, in whatever order Hypothesis thinks of.

Invariants: a letter is shown to a reader at most once, whatever happens; once the faults end, every letter is accounted for in one
outcome an edition, every readable one has been shown exactly once, and every slot is served or explained.
"""

from __future__ import annotations

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from service.contracts import Failure, Temporary, Unauthorised
from tests.fakes import MemoryStore
from tests.journey.world import AT_ONCE, DAILY, Crash, Fuse, World

READERS = {edition.name: edition.recipients[0] for edition in (DAILY, AT_ONCE)}
FAULTS: dict[str, list[Failure | str]] = {
    "mailbox": [Temporary("the connection was lost"), Unauthorised("the password is wrong", "mend it")],
    "reader": [Temporary("the reader was killed")],
    "summariser": [Temporary("the reader was killed")],
    "before the dot": [Temporary("greylisted"), Unauthorised("the password is wrong", "mend it")],
    "after the dot": ["lost", "unanswered", Temporary("451 after the dot")],
    "probe": [Temporary("the connection was lost")],
}
edges = st.sampled_from(sorted(FAULTS))


class Days(RuleBasedStateMachine):
    """A mailbox, a service and a mail server, for a few days."""

    @initialize()
    def begin(self) -> None:
        """An empty mailbox in the morning."""
        self.broken: dict[str, Failure | str] = {}
        self.world = World(MemoryStore(), faults=self.broken.get)
        self.world.run()

    @rule(broken=st.booleans())
    def a_letter_comes(self, broken: bool) -> None:
        """One more letter, readable or not."""
        number = len(self.world.letters)
        self.world.letters.append(f"{'BROKEN' if broken else 'letter'} number{number:03}".encode())

    @rule(edge=edges, data=st.data())
    def an_edge_breaks(self, edge: str, data: st.DataObject) -> None:
        """From now on an edge fails in one of its ways."""
        self.broken[edge] = data.draw(st.sampled_from(FAULTS[edge]))

    @precondition(lambda self: self.broken)
    @rule()
    def an_edge_heals(self) -> None:
        """The fault that has been there longest ends."""
        del self.broken[next(iter(self.broken))]

    @rule(minutes=st.sampled_from([1, 15, 60, 360, 1500]))
    def time_passes(self, minutes: int) -> None:
        """The clock goes on, and the service runs."""
        self.world.now += timedelta(minutes=minutes)
        self.world.run()

    @rule(hours=st.sampled_from([0, 1, 20]))
    def the_clock_is_set(self, hours: int) -> None:
        """Right, or ahead: a little, or nearly a day."""
        self.world.ahead = timedelta(hours=hours)

    @rule(at=st.integers(1, 60))
    def the_process_dies(self, at: int) -> None:
        """Some events from now, wherever that is; the next process takes over."""
        self.world.fuse = Fuse(at)
        try:
            self.world.run()
        except Crash:
            self.world.store.take_over(self.world.clock())
        self.world.fuse = Fuse()

    @invariant()
    def nothing_twice(self) -> None:
        """No reader has seen a letter twice."""
        for letter in self.readable():
            for reader in READERS.values():
                assert self.world.shown(reader, letter) <= 1, (letter, reader)

    def teardown(self) -> None:
        """The faults end, two days pass: what was owed has been done."""
        if not hasattr(self, "world"):
            return
        self.broken.clear()
        self.world.ahead = timedelta()
        for _ in range(14):
            self.world.now += timedelta(hours=4)
            self.world.run()
        for letter in self.given_time_to_be_read():
            for reader in READERS.values():
                assert self.world.shown(reader, letter) == 1, (letter, reader)
        for edition in READERS:
            assert self.world.store.material(edition) == ()
        served = self.world.store.last_slot(DAILY.name, self.world.now)
        assert served is not None
        assert self.world.now - served < timedelta(days=1)
        assert self.world.store.backlog().unsent == 0

    def readable(self) -> list[bytes]:
        """Return the letters that can be read."""
        return [letter for letter in self.world.letters if not letter.startswith(b"BROKEN")]

    def given_time_to_be_read(self) -> list[bytes]:
        """Return the readable letters that the reader's faults did not set aside after three attempts."""
        aside = self.world.store.statistics().get("letters unreadable", 0)
        broken = len(self.world.letters) - len(self.readable())
        return self.readable() if aside <= broken else []


Days.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestDays = Days.TestCase
