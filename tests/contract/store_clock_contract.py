"""What every store promises when the clock was far ahead for a while: what it wrote down then does not count until that date."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from service.contracts import Store
from service.records import PostingState, Slot
from tests.contract.store_examples import DAY, GRACE, LEASE, NOW, claimed, condense_all, digest, letter, newsletter, put, read_one, ready

AHEAD = NOW + 400 * DAY


class ClockContract:
    """`AHEAD` was the time for a while; then it is `NOW`, which is right."""

    def test_fault_84_a_slot_served_ahead_of_time_is_not_the_last_one(self, store: Store) -> None:
        """The slot before it is, so that the next one is neither missed nor owed a second time; in its own time it counts."""
        store.add_digest(digest(to=()))
        store.add_digest(replace(digest(to=()), slot=Slot("ahead", AHEAD)))
        assert [store.last_slot("daily", at) for at in (NOW, AHEAD)] == [NOW, AHEAD]

    def test_fault_84_an_edition_first_seen_ahead_of_time_is_seen_anew(self, store: Store) -> None:
        """Else no slot would be owed, and no letter be its business, until then."""
        store.first_seen("daily", AHEAD)
        assert store.first_seen("daily", NOW) == NOW
        assert store.first_seen("daily", NOW + DAY) == NOW
        known = ready(store)
        assert store.material("daily") == (known,)

    def test_fault_84_a_start_ahead_of_time_is_made_anew(self, store: Store) -> None:
        """The folders are looked through once more, for the letters that were taken for old."""
        store.started(AHEAD, DAY)
        put(store, letter("one"))
        assert store.started(NOW, DAY) == NOW - DAY
        assert store.cursor("home", "INBOX") is None
        assert store.started(NOW + DAY, DAY) == NOW - DAY

    def test_fault_84_a_clock_that_is_behind_moves_nothing(self, store: Store) -> None:
        """A small computer that wakes up in 1970 must not take its whole mailbox for new: the servers dated its letters later."""
        store.started(NOW, DAY)
        store.first_seen("daily", NOW)
        put(store, letter("one"))
        long_ago = NOW - 400 * DAY
        assert (store.started(long_ago, DAY), store.first_seen("daily", long_ago)) == (NOW - DAY, NOW)
        assert store.cursor("home", "INBOX") is not None

    def test_fault_84_letters_and_stories_due_ahead_of_time_are_due(self, store: Store) -> None:
        """Nothing that a rule puts off waits for so long."""
        put(store, letter("one"), now=AHEAD)
        store.claim_letter(AHEAD, LEASE)
        read_one(store, newsletter("Rain"))
        store.claim_story(AHEAD, LEASE)
        condense_all(store)
        assert store.statistics()["letters read"] == 1
        assert store.backlog().uncondensed == 0

    @pytest.mark.parametrize("at_the_dot", [False, True])
    def test_fault_84_a_posting_taken_ahead_of_time_is_taken_up(self, store: Store, at_the_dot: bool) -> None:
        """Before the dot it is sent, behind it it is looked for after the grace: not in a year."""
        store.add_digest(digest(ready(store), created=AHEAD))
        lost = claimed(store, AHEAD)
        if at_the_dot:
            store.reach_dot(lost, AHEAD)
            assert store.claim_posting(NOW, LEASE) is None
        again = claimed(store, NOW + at_the_dot * GRACE)
        assert again.state is (PostingState.UNKNOWN if at_the_dot else PostingState.CLAIMED)

    def test_fault_84_postings_made_ahead_of_time_leave_the_rate_alone(self, store: Store) -> None:
        """The reply mode goes on answering."""
        store.add_digest(digest(ready(store), created=AHEAD))
        assert store.posted("daily", NOW - timedelta(hours=1), NOW) == 0
