"""What every store promises of the outbox."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from service.contracts import Stale, Store
from service.records import (
    Notice,
    PostingState,
)
from tests.contract.store_examples import (
    DAY,
    GRACE,
    LEASE,
    NOW,
    claimed,
    digest,
    ready,
    sent_off,
)


class DeliverContract:
    """The outbox: sent once, or looked for, or said to be missing."""

    def test_nothing_to_send(self, store: Store) -> None:
        """An empty outbox has nothing to claim."""
        assert store.claim_posting(NOW, LEASE) is None

    def test_posting_keeps_its_bytes(self, store: Store) -> None:
        """A recipient's own bytes come back at every attempt."""
        first = sent_off(store, to=("ann@example.org", "bob@example.org"))
        second = claimed(store)
        assert {item.posting.recipient: item.posting.content for item in (first, second)} == {
            "ann@example.org": b"to ann@example.org",
            "bob@example.org": b"to bob@example.org",
        }
        assert (first.posting.edition, first.posting.slot, first.posting.sender) == ("daily", "2026-03-02", "nutgraf@example.org")
        assert (first.state, first.claim.attempt) == (PostingState.CLAIMED, 1)
        assert store.claim_posting(NOW, LEASE) is None

    def test_sent_is_the_end(self, store: Store) -> None:
        """A posting sent is never claimed again."""
        posting = sent_off(store)
        store.reach_dot(posting, NOW)
        store.settle(posting, PostingState.SENT, NOW, "250 ok")
        assert store.claim_posting(NOW + 99 * DAY, LEASE) is None
        assert store.statistics()["postings sent"] == 1

    def test_fault_57_crash_before_the_dot_is_sent_again(self, store: Store) -> None:
        """Before the final dot a server keeps nothing: the next worker sends the same bytes."""
        posting = sent_off(store)
        again = claimed(store, NOW + LEASE)
        assert (again.posting, again.state, again.claim.attempt) == (posting.posting, PostingState.CLAIMED, 2)

    def test_fault_83_paused_worker_does_not_reach_the_dot(self, store: Store) -> None:
        """Who lost the claim while it was asleep must not complete the message."""
        posting = sent_off(store)
        claimed(store, NOW + LEASE)
        with pytest.raises(Stale):
            store.reach_dot(posting, NOW + LEASE)

    def test_dot_is_reached_once(self, store: Store) -> None:
        """A second dot on the same claim is refused."""
        posting = sent_off(store)
        store.reach_dot(posting, NOW)
        with pytest.raises(Stale):
            store.reach_dot(posting, NOW)

    def test_fault_56_crash_after_the_dot_is_looked_for_after_the_grace(self, store: Store) -> None:
        """A posting lost behind the dot rests for the grace, then is given to look for, not to send."""
        posting = sent_off(store)
        store.reach_dot(posting, NOW)
        assert store.claim_posting(NOW + LEASE - timedelta(seconds=1), LEASE) is None
        assert store.claim_posting(NOW + LEASE, LEASE) is None
        assert store.claim_posting(NOW + LEASE + GRACE - timedelta(seconds=1), LEASE) is None
        lost = claimed(store, NOW + LEASE + GRACE)
        assert (lost.state, lost.posting, lost.probes, lost.claim.attempt) == (PostingState.UNKNOWN, posting.posting, 0, 1)

    def test_late_answer_counts_until_somebody_looks(self, store: Store) -> None:
        """A server's 250 after the lease is still an answer."""
        posting = sent_off(store)
        store.reach_dot(posting, NOW)
        store.claim_posting(NOW + LEASE, LEASE)
        store.settle(posting, PostingState.SENT, NOW + LEASE, "250 at last")
        assert store.claim_posting(NOW + DAY, LEASE) is None

    def test_late_answer_is_refused_while_somebody_looks(self, store: Store) -> None:
        """Once it is looked for, the looker decides."""
        posting = sent_off(store)
        store.reach_dot(posting, NOW)
        store.claim_posting(NOW + LEASE, LEASE)
        claimed(store, NOW + LEASE + GRACE)
        with pytest.raises(Stale):
            store.settle(posting, PostingState.SENT, NOW + DAY)

    def test_looks_are_counted_only_where_we_could_look(self, store: Store) -> None:
        """Not found counts; a look that failed does not."""
        posting = sent_off(store)
        store.reach_dot(posting, NOW)
        store.settle(posting, PostingState.UNKNOWN, NOW, "connection lost")
        seen = []
        for turn, looked in enumerate((False, True, True), start=1):
            lost = claimed(store, NOW + turn * GRACE)
            seen.append(lost.probes)
            store.settle(lost, PostingState.UNKNOWN, NOW + turn * GRACE, looked=looked)
        assert seen == [0, 0, 1]
        assert claimed(store, NOW + 4 * GRACE).probes == 2

    def test_looks_begin_anew_with_each_dot(self, store: Store) -> None:
        """A posting sent again and lost again is looked for from the beginning."""
        posting = sent_off(store)
        store.reach_dot(posting, NOW)
        store.settle(posting, PostingState.UNKNOWN, NOW)
        lost = claimed(store, NOW + GRACE)
        store.settle(lost, PostingState.READY, NOW + GRACE, "not there", looked=True)
        again = claimed(store, NOW + GRACE)
        store.reach_dot(again, NOW + GRACE)
        store.settle(again, PostingState.UNKNOWN, NOW + GRACE)
        assert claimed(store, NOW + 2 * GRACE).probes == 0

    def test_unknown_rests_for_the_grace_unless_told(self, store: Store) -> None:
        """A posting of unknown fate is looked for when due, by default after the grace."""
        posting = sent_off(store)
        store.settle(posting, PostingState.UNKNOWN, NOW)
        assert store.claim_posting(NOW + GRACE - timedelta(seconds=1), LEASE) is None
        lost = claimed(store, NOW + GRACE)
        store.settle(lost, PostingState.UNKNOWN, NOW + GRACE, due=NOW + DAY / 4)
        assert store.claim_posting(NOW + DAY / 4 - timedelta(seconds=1), LEASE) is None
        assert store.claim_posting(NOW + DAY / 4, LEASE) is not None

    def test_postponed_posting_waits(self, store: Store) -> None:
        """A posting put off by the server is due when it was said to be."""
        store.settle(sent_off(store), PostingState.READY, NOW, "451", due=NOW + DAY / 4)
        assert store.claim_posting(NOW + DAY / 4 - timedelta(seconds=1), LEASE) is None
        assert claimed(store, NOW + DAY / 4).claim.attempt == 2

    def test_settled_posting_is_not_settled_again(self, store: Store) -> None:
        """The first word on a posting is the last."""
        posting = sent_off(store)
        store.settle(posting, PostingState.SENT, NOW)
        with pytest.raises(Stale):
            store.settle(posting, PostingState.FAILED, NOW)

    @pytest.mark.parametrize("state", [PostingState.CARRIED, PostingState.FAILED])
    def test_missing_digest_is_named_in_the_next(self, store: Store, state: PostingState) -> None:
        """The edition's next digest, and no other edition's, names the one that did not arrive."""
        store.first_seen("weekly", NOW)
        store.settle(sent_off(store), state, NOW, "550 no")
        (notice,) = store.notices("daily")
        assert '"Three things", made on 2026-03-02 at' in notice.text
        assert store.notices("weekly") == ()

    def test_one_notice_for_many_recipients(self, store: Store) -> None:
        """A digest refused for several recipients is named once, without their addresses."""
        first = sent_off(store, to=("ann@example.org", "bob@example.org"))
        for posting in (first, claimed(store)):
            store.settle(posting, PostingState.FAILED, NOW, "550 ann@example.org unknown")
        (notice,) = store.notices("daily")
        assert "@" not in notice.text

    def test_letters_of_a_carried_digest_stay_shown(self, store: Store) -> None:
        """It may have arrived: nobody reads a story twice."""
        store.settle(sent_off(store), PostingState.CARRIED, NOW)
        assert store.material("daily") == ()

    def test_fault_58_letters_of_a_refused_digest_come_again(self, store: Store) -> None:
        """What nobody got is shown by the next digest."""
        store.settle(sent_off(store), PostingState.FAILED, NOW)
        (material,) = store.material("daily")
        assert store.add_digest(digest(material, slot="2026-03-03"))
        assert store.material("daily") == ()

    def test_letters_of_long_ago_come_again_too(self, store: Store) -> None:
        """A letter that was accounted for long after it came is still found when its digest is refused."""
        store.first_seen("daily", NOW - 2 * DAY)
        material = ready(store, now=NOW - 2 * DAY)
        store.add_digest(digest(material))
        store.settle(claimed(store), PostingState.FAILED, NOW)
        assert store.material("daily") == (material,)

    def test_letters_stay_shown_when_one_reader_got_them(self, store: Store) -> None:
        """One recipient's refusal does not repeat the stories to the others."""
        first = sent_off(store, to=("ann@example.org", "bob@example.org"))
        store.settle(first, PostingState.SENT, NOW)
        store.settle(claimed(store), PostingState.FAILED, NOW)
        assert store.material("daily") == ()

    def test_letters_come_again_twice_at_most(self, store: Store) -> None:
        """A digest that no server will ever take does not make every later one fail too."""
        posting = sent_off(store)
        for turn in itertools.count(1):
            store.settle(posting, PostingState.FAILED, NOW)
            if not (material := store.material("daily")):
                break
            store.add_digest(digest(*material, slot=f"again {turn}"))
            posting = claimed(store)
        assert turn == 3

    def test_letter_that_is_its_own_slot_does_not_come_again(self, store: Store) -> None:
        """An answer that was refused has no next slot."""
        material = ready(store)
        store.add_digest(digest(material, slot=material.fingerprint))
        store.settle(claimed(store), PostingState.FAILED, NOW)
        assert store.material("daily") == ()

    def test_notices_of_a_refused_digest_come_again(self, store: Store) -> None:
        """What nobody was told is still to be told."""
        store.first_seen("daily", NOW)
        store.add_notice(Notice("disk", "The disk was full."), NOW)
        store.settle(sent_off(store, notices=("disk",)), PostingState.FAILED, NOW)
        assert {notice.key for notice in store.notices("daily")} == {"disk", "failed daily 2026-03-02"}
