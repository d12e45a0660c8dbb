"""What every store promises of digests, and of its upkeep."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from service.contracts import Store, Temporary
from service.records import (
    Batch,
    Coverage,
    Cursor,
    Kind,
    Memory,
    Notice,
    Outcome,
    PostingState,
    Slot,
    Summary,
    Unfetched,
)
from tests.contract.store_examples import (
    DAY,
    GRACE,
    LEASE,
    NOW,
    claimed,
    condense_all,
    digest,
    letter,
    newsletter,
    put,
    read_one,
    ready,
    run_at_once,
    sent_off,
)


class ComposeContract:
    """What an edition owes, and the one transaction in which it is paid."""

    def test_material_says_what_is_known(self, store: Store) -> None:
        """A letter read and condensed comes with its source, its dates and its stories."""
        material = ready(store, "one", "Rain", "Sun")
        assert (material.source, material.publisher, material.kind) == ("list.example.org", "The Example", Kind.NEWSLETTER)
        assert [told.story.title for told in material.stories] == ["Rain", "Sun"]
        assert (material.received, material.raw, material.outcome) == (NOW, None, None)

    def test_postings_of_late_are_counted(self, store: Store) -> None:
        """The reply mode's rate is limited by them; another edition's do not count."""
        store.add_digest(digest(ready(store), to=("ann@example.org", "bob@example.org")))
        later = [store.posted(*asked) for asked in (("daily", NOW, NOW), ("daily", NOW + DAY, NOW + 2 * DAY), ("other", NOW, NOW))]
        assert later == [2, 0, 0]

    def test_material_waits_for_every_story(self, store: Store) -> None:
        """A letter with a story still to be condensed is not offered."""
        put(store, letter("one"))
        read_one(store, newsletter("Rain", "Sun"))
        claimed = store.claim_story(NOW, LEASE)
        assert claimed is not None
        store.add_summary(claimed, Summary(()), NOW)
        assert store.material("daily") == ()

    def test_material_is_oldest_first(self, store: Store) -> None:
        """Letters come by when they were received."""
        put(store, letter("late", NOW), letter("early", NOW - DAY), letter("middle", NOW - DAY / 2))
        for _ in range(3):
            read_one(store, newsletter())
        assert [item.received for item in store.material("daily")] == [NOW - DAY, NOW - DAY / 2, NOW]

    def test_the_limit_is_of_letters_that_the_edition_takes(self, store: Store) -> None:
        """Were letters of other editions counted, an edition of one source would fall behind for good; what is too much comes bare."""
        put(store, *(letter(f"letter {age}", NOW - age * DAY / 9) for age in range(6)))
        for place in range(6):
            read_one(store, newsletter("Rain", subject="of ours" if place % 2 else "of others"))
        condense_all(store)
        found = store.material("daily", limit=2, takes=lambda item: item.subject == "of ours")
        assert [(item.subject, item.outcome, len(item.stories)) for item in found] == [
            (None, Outcome.CARRIED_OVER, 0),
            ("of others", None, 0),
            ("of ours", None, 1),
            ("of others", None, 0),
            ("of ours", None, 1),
            ("of others", None, 0),
        ]

    def test_confirmation_comes_with_its_bytes(self, store: Store) -> None:
        """A confirmation is passed on whole."""
        put(store, letter("confirm"))
        read_one(store, newsletter(kind=Kind.CONFIRMATION))
        assert store.material("daily")[0].raw == b"confirm"

    def test_unreadable_letter_is_named(self, store: Store) -> None:
        """A letter set aside is material with its reason, from the door or from the reader."""
        put(store, letter("bad"), Unfetched("e" * 64, "home", "INBOX", NOW, 10, Outcome.UNREADABLE, "the server can't show it"))
        claimed = store.claim_letter(NOW, LEASE)
        assert claimed is not None
        store.add_unreadable(claimed, "no text", NOW, "list.example.org")
        found = {item.reason: (item.outcome, item.source) for item in store.material("daily")}
        unreadable = Outcome.UNREADABLE
        assert found == {"no text": (unreadable, "list.example.org"), "the server can't show it": (unreadable, "")}

    def test_letters_before_the_start_are_never_material(self, store: Store) -> None:
        """What was left alone at the door stays there."""
        put(store, Unfetched("f" * 64, "home", "INBOX", NOW - 9 * DAY, 10, Outcome.SKIPPED, "before the start"))
        assert store.material("daily") == ()

    def test_late_edition_does_not_get_years_of_letters(self, store: Store) -> None:
        """An edition added to an old store begins one look-back before it was first seen."""
        for place, age in enumerate((40, 2, 0)):
            ready(store, f"letter {place}", now=NOW - age * DAY)
        store.first_seen("late", NOW)
        assert [item.fingerprint for item in store.material("late")] == [letter("letter 2").fingerprint]

    def test_first_seen_is_fixed(self, store: Store) -> None:
        """An edition is first seen once."""
        assert store.first_seen("daily", NOW) == NOW
        assert store.first_seen("daily", NOW + DAY) == NOW

    def test_digest_accounts_for_its_letters(self, store: Store) -> None:
        """What a digest covers for good is not offered again to its edition, but to others."""
        material = ready(store)
        assert store.add_digest(digest(material))
        assert store.material("daily") == ()
        assert store.material("weekly") == (material,)

    def test_fault_86_slot_is_served_once(self, store: Store) -> None:
        """A second digest for the slot changes nothing: no story used up, no posting."""
        assert store.add_digest(digest())
        material = ready(store)
        assert not store.add_digest(digest(material, to=("bob@example.org",)))
        assert store.material("daily") == (material,)
        assert store.statistics()["postings"] == 1

    def test_same_slot_of_another_edition_is_free(self, store: Store) -> None:
        """Slots belong to their edition."""
        assert store.add_digest(digest(to=()))
        assert store.add_digest(digest(edition="weekly", to=()))

    def test_last_slot(self, store: Store) -> None:
        """The last slot is the latest due, of this edition."""
        assert store.last_slot("daily", NOW) is None
        store.add_digest(digest(to=()))
        store.add_digest(replace(digest(to=()), slot=Slot("old", NOW - DAY)))
        assert store.last_slot("daily", NOW) == NOW
        assert store.last_slot("weekly", NOW) is None

    def test_carried_over_letter_comes_again(self, store: Store) -> None:
        """A provisional outcome keeps the letter on offer; a later digest may end it."""
        material = ready(store)
        later = Coverage(material.fingerprint, Outcome.CARRIED_OVER, "no room")
        store.add_digest(digest(to=(), coverage=(later,)))
        assert store.material("daily") == (material,)
        assert store.add_digest(digest(material, slot="2026-03-03"))
        assert store.material("daily") == ()

    def test_story_is_shown_once(self, store: Store) -> None:
        """A digest that would show a story again is refused whole, loudly."""
        material = ready(store)
        store.add_digest(digest(material))
        with pytest.raises(Temporary):
            store.add_digest(digest(material, slot="2026-03-03"))
        assert store.statistics()["digests"] == 1
        assert store.statistics()["postings"] == 1

    def test_final_outcome_stands(self, store: Store) -> None:
        """A digest that says something else of a letter than an earlier one is refused whole."""
        material = ready(store)
        store.add_digest(digest(to=(), coverage=(Coverage(material.fingerprint, Outcome.SKIPPED, "not for us"),)))
        with pytest.raises(Temporary):
            store.add_digest(digest(material, slot="2026-03-03"))
        assert store.statistics()["digests"] == 1

    def test_notice_is_told_once_in_every_edition(self, store: Store) -> None:
        """A notice stays until a digest of the edition tells it, and never comes back."""
        for edition in ("daily", "weekly"):
            store.first_seen(edition, NOW)
        notice = Notice("disk", "The disk was full for an hour.")
        assert not store.noticed(notice.key)
        store.add_notice(notice, NOW)
        assert store.noticed(notice.key)
        store.add_notice(Notice("disk", "again"), NOW)
        assert store.notices("daily") == (notice,)
        store.add_digest(digest(to=(), notices=("disk",)))
        assert store.notices("daily") == ()
        assert store.notices("weekly") == (notice,)

    def test_late_edition_is_not_told_old_news(self, store: Store) -> None:
        """A notice of long ago is none of a new edition's business."""
        store.started(NOW - 50 * DAY, DAY)
        store.add_notice(Notice("disk", "The disk was full."), NOW - 40 * DAY)
        store.first_seen("late", NOW)
        assert store.notices("late") == ()


class UpkeepContract:
    """What waits, what there is, what may go."""

    def test_backlog_of_an_empty_store(self, store: Store) -> None:
        """Nothing waits where nothing is."""
        backlog = store.backlog()
        assert (backlog.unread, backlog.uncondensed, backlog.unsent, backlog.oldest_unsent, backlog.held) == (0, 0, 0, None, "")

    def test_backlog_says_what_waits_since_when(self, store: Store) -> None:
        """Each step's oldest item is known, claimed or not."""
        store.add_digest(digest(ready(store)))
        put(store, letter("two"), now=NOW + timedelta(hours=1))
        put(store, letter("three"), now=NOW + timedelta(hours=2))
        read_one(store, newsletter("Rain"), NOW + timedelta(hours=3))
        store.claim_posting(NOW, LEASE)
        backlog = store.backlog()
        assert (backlog.unread, backlog.uncondensed, backlog.unsent) == (1, 1, 1)
        assert (backlog.oldest_unread, backlog.oldest_uncondensed) == (NOW + timedelta(hours=2), NOW + timedelta(hours=3))
        assert backlog.oldest_unsent == NOW

    def test_take_over_ends_every_lease(self, store: Store) -> None:
        """What a killed daemon held is taken up at once by the next one; a posting at its dot is looked for, not sent."""
        store.add_digest(digest(ready(store)))
        put(store, letter("two"))
        store.claim_letter(NOW, LEASE)
        store.reach_dot(claimed(store), NOW)
        store.take_over(NOW)
        again = store.claim_letter(NOW, LEASE)
        assert again is not None
        assert again.claim.attempt == 2
        assert store.claim_posting(NOW, LEASE) is None
        assert claimed(store, NOW + GRACE).state is PostingState.UNKNOWN

    def test_fault_94_purge_drops_old_bytes_and_texts(self, store: Store) -> None:
        """Bytes and texts go; titles, links and summaries stay."""
        ready(store)
        assert store.purge(NOW, NOW) == 0
        assert store.purge(NOW + DAY, NOW) == 1
        assert store.purge(NOW + DAY, NOW) == 0
        (told,) = store.material("daily")[0].stories
        assert (told.story.text, told.story.title, told.summary.sentences[0].text) == ("", "Rain", "Rain happened.")

    def test_purge_leaves_what_is_still_needed(self, store: Store) -> None:
        """A letter unread, or with a story to be condensed, keeps everything, however old."""
        put(store, letter("one"), letter("two"))
        read_one(store, newsletter("Rain"))
        assert store.purge(NOW + 99 * DAY, NOW) == 0
        story, unread = store.claim_story(NOW, LEASE), store.claim_letter(NOW, LEASE)
        assert story is not None
        assert story.story.text
        assert unread is not None
        assert unread.raw == b"two"

    def test_purge_leaves_postings_that_are_not_settled(self, store: Store) -> None:
        """A posting that waits keeps its bytes."""
        store.add_digest(digest(ready(store)))
        store.purge(NOW + 99 * DAY, NOW)
        assert claimed(store).posting.content == b"to ann@example.org"

    def test_statistics_count_letters_and_postings(self, store: Store) -> None:
        """Figures by state, for people."""
        sent_off(store)
        put(store, letter("two"))
        figures = store.statistics()
        expected = {"letters": 2, "letters read": 1, "letters waiting": 1, "stories": 1, "digests": 1, "postings": 1, "postings claimed": 1}
        assert dict(figures) == expected

    def test_workers_at_the_same_time_get_different_letters(self, store: Store) -> None:
        """Eight threads read forty letters: each letter once."""
        put(store, *(letter(str(number)) for number in range(40)))
        got: list[str] = []

        def work() -> None:
            while item := store.claim_letter(NOW, LEASE):
                got.append(item.fingerprint)
                store.add_reading(item, newsletter("Rain"), Memory(), NOW)

        run_at_once(work, 8)
        assert len(got) == len(set(got)) == 40

    def test_workers_at_the_same_time_serve_a_slot_once(self, store: Store) -> None:
        """Eight threads compose the same slot: one digest, one posting."""
        material = ready(store)
        stored: list[bool] = []
        run_at_once(lambda: stored.append(store.add_digest(digest(material))), 8)
        assert sorted(stored) == [False] * 7 + [True]
        assert store.statistics()["postings"] == 1

    def test_workers_at_the_same_time_move_a_cursor_once(self, store: Store) -> None:
        """Of several workers with the same batch one stores it; the others are told to begin anew."""
        outcomes: list[int | None] = []

        def work() -> None:
            try:
                outcomes.append(store.add_batch(Batch("home", "INBOX", None, Cursor(7, 2), (letter("one"),)), NOW))
            except Temporary:
                outcomes.append(None)

        run_at_once(work, 8)
        assert sorted(outcomes, key=str) == [1, *[None] * 7]
