"""Whatever is done in whatever order, the store in SQLite does what the store in memory does."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from service.contracts import Stale, Store, Temporary
from service.edges.sql_store import SqlStore, open_store
from service.records import (
    Claim,
    Coverage,
    Digest,
    Entry,
    Kind,
    Material,
    Memory,
    Notice,
    Outcome,
    Posting,
    PostingState,
    Sentence,
    Slot,
    Summary,
    Unfetched,
)
from tests.contract.store_examples import DAY, LEASE, NOW, letter, newsletter, put
from tests.fakes import MemoryStore

EDITIONS = ("daily", "late")
Both = tuple[Any, Any]


class StoreMachine(RuleBasedStateMachine):
    """Two stores, the same calls, the same answers; the database is let go of and opened again now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.now = NOW
        self.memory = MemoryStore()
        self.sql = self.open()
        self.letters: list[Both] = []
        self.stories: list[Both] = []
        self.postings: list[Both] = []
        self.stale: dict[str, tuple[Material, ...]] = {}
        self.both(lambda store: store.started(self.now, DAY))
        self.both(lambda store: store.first_seen("daily", self.now))

    def open(self) -> SqlStore:
        """Open the database, old or new."""
        return open_store(f"sqlite:///{self.folder.name}/nutgraf.db", reserve=0, low_water=0)

    def teardown(self) -> None:
        """Let go of the database and its folder."""
        self.sql.close()
        self.folder.cleanup()

    def both(self, call: Callable[[Store], object]) -> Both:
        """Do the same to both; answers, and failures, must be alike."""
        return self.each(call, call)

    def each(self, on_memory: Callable[[Store], object], on_sql: Callable[[Store], object]) -> Both:
        """Do the one to the store in memory and the other, with its own claim, to the store in SQLite."""
        first, second = _answer(lambda: on_memory(self.memory)), _answer(lambda: on_sql(self.sql))
        assert _alike(first) == _alike(second)
        return first, second

    @rule(minutes=st.sampled_from([1, 4, 5, 10, 30, 24 * 60]))
    def wait(self, minutes: int) -> None:
        """Let time pass."""
        self.now += timedelta(minutes=minutes)

    @rule()
    def reopen(self) -> None:
        """Start the program again."""
        self.sql.close()
        self.sql = self.open()

    @rule(texts=st.lists(st.sampled_from("abcdefgh"), max_size=4))
    def collect(self, texts: list[str]) -> None:
        """Collect letters, some of them met before."""
        self.both(lambda store: put(store, *(letter(text) for text in texts), now=self.now))

    @rule(name=st.sampled_from("xyz"), outcome=st.sampled_from([Outcome.SKIPPED, Outcome.UNREADABLE]))
    def leave_at_the_door(self, name: str, outcome: Outcome) -> None:
        """Know of a letter without fetching it."""
        self.both(lambda store: put(store, Unfetched(name * 64, "home", "INBOX", NOW, 1, outcome, "why"), now=self.now))

    @rule()
    def claim_letter(self) -> None:
        """Take the next letter."""
        pair = self.both(lambda store: store.claim_letter(self.now, LEASE))
        self.letters += [pair] if pair[0] else []

    @precondition(lambda self: self.letters)
    @rule(data=st.data(), kind=st.sampled_from(Kind), titles=st.integers(0, 3), asks=st.booleans())
    def read(self, data: st.DataObject, kind: Kind, titles: int, asks: bool) -> None:
        """Read a letter once claimed, perhaps too late."""
        first, second = data.draw(st.sampled_from(self.letters))
        issue = newsletter(*"RST"[:titles], kind=kind, answer_to="ann@example.org" if asks else None, message_id=f"<{first.fingerprint}>")
        self.each(
            lambda store: store.add_reading(first, issue, Memory(), self.now),
            lambda store: store.add_reading(second, issue, Memory(), self.now),
        )
        self.both(lambda store: store.arrived(f"<{first.fingerprint}>"))

    @precondition(lambda self: self.letters)
    @rule(data=st.data(), postponed=st.booleans())
    def fail_to_read(self, data: st.DataObject, postponed: bool) -> None:
        """Give a letter back, or up."""
        first, second = data.draw(st.sampled_from(self.letters))
        if postponed:
            due = self.now + timedelta(minutes=7)
            self.each(lambda store: store.postpone_letter(first, due, "busy"), lambda store: store.postpone_letter(second, due, "busy"))
        else:
            self.each(
                lambda store: store.add_unreadable(first, "odd", self.now), lambda store: store.add_unreadable(second, "odd", self.now)
            )

    @rule()
    def claim_story(self) -> None:
        """Take the next story."""
        pair = self.both(lambda store: store.claim_story(self.now, LEASE))
        self.stories += [pair] if pair[0] else []

    @precondition(lambda self: self.stories)
    @rule(data=st.data(), postponed=st.booleans())
    def condense(self, data: st.DataObject, postponed: bool) -> None:
        """Condense a story once claimed, or give it back."""
        first, second = data.draw(st.sampled_from(self.stories))
        if postponed:
            self.each(
                lambda store: store.postpone_story(first, self.now, "busy"), lambda store: store.postpone_story(second, self.now, "busy")
            )
        else:
            summary = Summary((Sentence("It happened.", 0),), "A phrase", tokens=3)
            self.each(lambda store: store.add_summary(first, summary, self.now), lambda store: store.add_summary(second, summary, self.now))

    @rule(
        data=st.data(),
        edition=st.sampled_from(EDITIONS),
        slot=st.integers(1, 6),
        readers=st.integers(0, 2),
        old=st.booleans(),
    )
    def compose(self, data: st.DataObject, edition: str, slot: int, readers: int, old: bool) -> None:
        """Store a digest of what is owed; sometimes of what another worker has used already."""
        self.both(lambda store: store.first_seen(edition, self.now))
        material = (self.stale if old else {}).get(edition) or self.memory.material(edition)
        chosen = data.draw(st.lists(st.sampled_from(material), unique_by=lambda item: item.fingerprint)) if material else []
        outcomes = [data.draw(st.sampled_from(Outcome)) for _ in chosen]
        name = chosen[0].fingerprint if chosen and slot == 6 else str(slot)
        digest = _digest(edition, Slot(name, self.now), list(zip(chosen, outcomes, strict=True)), readers, self.memory.notices(edition))
        self.both(lambda store: store.add_digest(digest))
        self.stale[edition] = material

    @rule(key=st.sampled_from("kl"))
    def notice(self, key: str) -> None:
        """Have something told."""
        self.both(lambda store: store.add_notice(Notice(key, f"news {key}"), self.now))

    @rule()
    def claim_posting(self) -> None:
        """Take the next posting."""
        pair = self.both(lambda store: store.claim_posting(self.now, LEASE))
        self.postings += [pair] if pair[0] else []

    @precondition(lambda self: self.postings)
    @rule(data=st.data())
    def reach_dot(self, data: st.DataObject) -> None:
        """Come to the final dot, perhaps too late."""
        first, second = data.draw(st.sampled_from(self.postings))
        self.each(lambda store: store.reach_dot(first, self.now), lambda store: store.reach_dot(second, self.now))

    @precondition(lambda self: self.postings)
    @rule(
        data=st.data(),
        state=st.sampled_from([state for state in PostingState if state not in {PostingState.CLAIMED, PostingState.DOT}]),
        looked=st.booleans(),
    )
    def settle(self, data: st.DataObject, state: PostingState, looked: bool) -> None:
        """Say what became of a posting, perhaps too late."""
        first, second = data.draw(st.sampled_from(self.postings))
        self.each(
            lambda store: store.settle(first, state, self.now, "why", looked=looked),
            lambda store: store.settle(second, state, self.now, "why", looked=looked),
        )

    @rule()
    def take_over(self) -> None:
        """Start the program again after a kill, as the only one."""
        self.both(lambda store: store.take_over(self.now))

    @rule(days=st.integers(0, 3))
    def purge(self, days: int) -> None:
        """Drop what is old."""
        self.both(lambda store: store.purge(self.now - days * DAY, self.now))

    @invariant()
    def same_figures(self) -> None:
        """Both say the same of what they hold, owe and have to tell."""
        self.both(lambda store: dict(store.statistics()))
        self.both(lambda store: store.backlog())
        for edition in EDITIONS:
            self.both(lambda store, edition=edition: store.material(edition))  # type: ignore[misc]
            self.both(lambda store, edition=edition: store.notices(edition))  # type: ignore[misc]
            self.both(lambda store, edition=edition: store.last_slot(edition, self.now))  # type: ignore[misc]

    @invariant()
    def letters_are_in_one_state(self) -> None:
        """No letter is lost between two states."""
        figures = self.sql.statistics()
        assert figures["letters"] == sum(count for name, count in figures.items() if name.startswith("letters "))


def _digest(edition: str, slot: Slot, chosen: list[tuple[Material, Outcome]], readers: int, notices: tuple[Notice, ...]) -> Digest:
    shown = [material for material, outcome in chosen if outcome in {Outcome.SHOWN, Outcome.MERGED}]
    entries = tuple(Entry((told.key,), "t", (), None, ()) for material in shown for told in material.stories)
    coverage = tuple(Coverage(material.fingerprint, outcome, "why") for material, outcome in chosen)
    names = [f"reader{number}@example.org" for number in range(readers)]
    copies = tuple(Posting(edition, slot.name, "n@example.org", who, f"<{edition}.{slot.name}.{who}>", who.encode()) for who in names)
    return Digest(edition, slot, slot.due, "Things", entries, coverage, copies, tuple(notice.key for notice in notices))


def _answer(call: Callable[[], object]) -> object:
    """Return what was answered, or the kind of failure."""
    try:
        return call()
    except Stale:
        return Stale
    except Temporary:
        return Temporary


def _alike(answer: Any) -> object:
    """Return an answer without what may differ: the numbers and tokens of claims."""
    claim = getattr(answer, "claim", None)
    if not isinstance(claim, Claim):
        return answer
    fields = {name: getattr(answer, name) for name in answer.__slots__ if name != "claim"}
    return type(answer), fields, claim.attempt, claim.until


TestStores = StoreMachine.TestCase
TestStores.settings = settings(stateful_step_count=40, deadline=None, max_examples=25)
