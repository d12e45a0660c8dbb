"""What every store promises of letters and stories."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from service.contracts import Stale, Store, Temporary
from service.newsletter import read
from service.records import (
    Anchor,
    Batch,
    Cursor,
    Kind,
    Memory,
    Newsletter,
    Outcome,
    Sentence,
    Summary,
    Unfetched,
)
from tests.contract.store_examples import (
    DAY,
    LEASE,
    NOW,
    condense_all,
    letter,
    newsletter,
    put,
    read_one,
)


class CollectContract:
    """Letters in, each once; the cursor with them."""

    def test_new_folder_has_no_cursor(self, store: Store) -> None:
        """A folder never seen is collected from its beginning."""
        assert store.cursor("home", "INBOX") is None

    def test_cursor_moves_with_the_batch(self, store: Store) -> None:
        """What a batch says is where collecting goes on, the anchor included."""
        after = Cursor(2**32 - 1, 2**32 - 1, Anchor(41, 3, NOW - timedelta(microseconds=1), "<a@b>"))
        store.add_batch(Batch("home", "INBOX", None, after, (letter("one"),)), NOW)
        assert store.cursor("home", "INBOX") == after

    def test_cursors_of_folders_are_apart(self, store: Store) -> None:
        """Each folder of each mailbox has its own cursor."""
        put(store, letter("one"))
        assert store.cursor("home", "News") is None
        assert store.cursor("work", "INBOX") is None

    def test_fault_55_same_letter_is_stored_once(self, store: Store) -> None:
        """A letter met again, in a batch or later, changes nothing."""
        assert put(store, letter("one"), letter("one"), letter("two")) == 2
        assert put(store, letter("two"), letter("three")) == 1
        assert store.statistics()["letters"] == 3

    def test_batch_from_elsewhere_is_refused(self, store: Store) -> None:
        """A batch that began at another cursor stores nothing: another worker was here."""
        put(store, letter("one"))
        with pytest.raises(Temporary):
            store.add_batch(Batch("home", "INBOX", None, Cursor(7, 3), (letter("two"),)), NOW)
        assert store.statistics()["letters"] == 1

    def test_empty_batch_moves_the_cursor(self, store: Store) -> None:
        """A reset folder without letters is remembered as reset."""
        put(store, letter("one"))
        store.add_batch(Batch("home", "INBOX", store.cursor("home", "INBOX"), Cursor(8, 1)), NOW)
        assert store.cursor("home", "INBOX") == Cursor(8, 1)

    def test_start_is_fixed_at_the_first_call(self, store: Store) -> None:
        """The look back happens once; a restart does not move the beginning."""
        assert store.started(NOW, DAY) == NOW - DAY
        assert store.started(NOW + 9 * DAY, 2 * DAY) == NOW - DAY

    def test_old_mailbox_full_of_letters(self, store: Store) -> None:
        """Forty thousand letters from before the start are one batch like any other."""
        old = [Unfetched(f"{number:064x}", "home", "INBOX", NOW, 10, Outcome.SKIPPED, "before the start") for number in range(40_000)]
        assert put(store, *old) == 0
        assert store.statistics()["letters skipped"] == 40_000

    def test_unfetched_letters_are_counted_apart(self, store: Store) -> None:
        """A letter from before the start is known and is not new."""
        old = Unfetched("f" * 64, "home", "INBOX", NOW - 9 * DAY, 10, Outcome.SKIPPED, "before the start")
        assert put(store, old, letter("one")) == 1
        assert store.statistics()["letters skipped"] == 1


class ReadContract:
    """Letters read: the attempt counted first, the claim fenced, the bytes kept only as long as they may be."""

    def test_nothing_to_read(self, store: Store) -> None:
        """An empty store has nothing to claim."""
        assert store.claim_letter(NOW, LEASE) is None

    def test_claimed_letter_has_its_bytes(self, store: Store) -> None:
        """The bytes come back as they were, NUL and all; a letter cut at the door says so."""
        put(store, letter("a\0b\r\n", size=999))
        claimed = store.claim_letter(NOW, LEASE)
        assert claimed is not None
        assert (claimed.raw, claimed.partial, claimed.claim.attempt) == (b"a\0b\r\n", True, 1)

    def test_claimed_letter_is_not_given_twice(self, store: Store) -> None:
        """Within the lease nobody else gets it."""
        put(store, letter("one"))
        store.claim_letter(NOW, LEASE)
        assert store.claim_letter(NOW + LEASE - timedelta(seconds=1), LEASE) is None

    def test_fault_54_lost_letter_comes_again_counted(self, store: Store) -> None:
        """A letter that killed its reader is given again when the lease is over, for as often as it takes."""
        put(store, letter("one"))
        attempts = [store.claim_letter(NOW + LEASE * turn, LEASE) for turn in range(5)]
        assert [claimed.claim.attempt for claimed in attempts if claimed] == [1, 2, 3, 4, 5]

    def test_others_go_first_when_one_comes_again(self, store: Store) -> None:
        """A letter that is tried again waits behind those that were not tried yet."""
        put(store, letter("one"), letter("two"))
        store.claim_letter(NOW, LEASE)
        second = store.claim_letter(NOW + LEASE, LEASE)
        assert second is not None
        assert second.raw == b"two"

    def test_lost_claim_writes_nothing(self, store: Store) -> None:
        """Who comes back after another took over is refused, whatever it brings."""
        put(store, letter("one"))
        slow = store.claim_letter(NOW, LEASE)
        quick = store.claim_letter(NOW + LEASE, LEASE)
        assert slow is not None
        assert quick is not None
        with pytest.raises(Stale):
            store.add_reading(slow, newsletter("Rain"), Memory(), NOW)
        with pytest.raises(Stale):
            store.add_unreadable(slow, "odd", NOW)
        with pytest.raises(Stale):
            store.postpone_letter(slow, NOW, "busy")
        store.add_reading(quick, newsletter("Sun"), Memory(), NOW)
        assert store.statistics()["stories"] == 1

    def test_slow_claim_counts_while_nobody_took_over(self, store: Store) -> None:
        """A lease that ran out is no harm as long as nobody else claimed the row."""
        put(store, letter("one"))
        slow = store.claim_letter(NOW, LEASE)
        assert slow is not None
        store.add_reading(slow, newsletter("Rain"), Memory(), NOW + DAY)
        assert store.statistics()["letters read"] == 1

    def test_letter_read_is_done(self, store: Store) -> None:
        """A letter read is not read again, and its claim is used up."""
        put(store, letter("one"))
        claimed = store.claim_letter(NOW, LEASE)
        assert claimed is not None
        store.add_reading(claimed, newsletter("Rain"), Memory(), NOW)
        assert store.claim_letter(NOW + DAY, LEASE) is None
        with pytest.raises(Stale):
            store.add_reading(claimed, newsletter("Rain"), Memory(), NOW)

    def test_postponed_letter_waits(self, store: Store) -> None:
        """A letter given back is due when it was said to be, not before."""
        put(store, letter("one"))
        claimed = store.claim_letter(NOW, LEASE)
        assert claimed is not None
        store.postpone_letter(claimed, NOW + timedelta(hours=2), "busy")
        assert store.claim_letter(NOW + timedelta(hours=1), LEASE) is None
        again = store.claim_letter(NOW + timedelta(hours=2), LEASE)
        assert again is not None
        assert again.claim.attempt == 2

    def test_attempt_that_was_none_is_not_counted(self, store: Store) -> None:
        """Given back by no fault of its own, a letter or a story has as many attempts before it as it had."""
        put(store, letter("one"))
        for _ in range(3):
            claimed = store.claim_letter(NOW, LEASE)
            assert claimed is not None
            assert claimed.claim.attempt == 1
            store.postpone_letter(claimed, NOW, "the disk is full", counted=False)
        read_one(store, newsletter("Rain"))
        for _ in range(3):
            story = store.claim_story(NOW, LEASE)
            assert story is not None
            assert story.claim.attempt == 1
            store.postpone_story(story, NOW, "the disk is full", counted=False)

    def test_memory_begins_with_a_salt(self, store: Store) -> None:
        """Every source starts with the store's salt and nothing else; the salt does not change."""
        first = store.memory("a.example.org")
        assert first.issues == ()
        assert first.salt
        assert store.memory("b.example.org") == first

    def test_memory_is_kept_with_the_reading(self, store: Store) -> None:
        """What an issue taught is there for the next one."""
        for text in ("one", "two"):
            put(store, letter(text))
            claimed = store.claim_letter(NOW, LEASE)
            assert claimed is not None
            known = store.memory("list.example.org")
            store.add_reading(claimed, newsletter(), Memory(known.salt, (*known.issues, text), (("9f", 2), ("a0", 1))), NOW)
        assert store.memory("list.example.org").issues == ("one", "two")
        assert store.memory("list.example.org").seen == (("9f", 2), ("a0", 1))

    @pytest.mark.parametrize("kind", [Kind.PERSONAL, Kind.TRANSACTIONAL, Kind.NOTICE, Kind.OWN])
    def test_nothing_is_kept_of_mail_that_is_none_of_ours(self, store: Store, kind: Kind) -> None:
        """Of a private letter the kind, source and Message-ID stay: no stories, no subject, no names, no bytes."""
        put(store, letter("private"))
        read_one(store, newsletter("Secret", kind=kind, message_id="<p@x>", sender="bob@example.org", references=("<r@x>",)))
        (known,) = store.material("daily")
        assert (known.kind, known.stories, known.subject, known.sender, known.publisher, known.references) == (
            kind,
            (),
            None,
            None,
            None,
            (),
        )
        assert store.purge(NOW + 99 * DAY, NOW) == 0

    def test_letter_that_asks_for_an_answer_is_kept(self, store: Store) -> None:
        """A letter that somebody allowed sent here by hand is wanted, whatever kind of mail it is."""
        put(store, letter("please"))
        read_one(store, newsletter("Please", kind=Kind.PERSONAL, answer_to="ann@example.org"))
        condense_all(store)
        (known,) = store.material("replies")
        assert (known.answer_to, known.subject, len(known.stories)) == ("ann@example.org", "Issue 1", 1)

    def test_arrival_is_known_by_message_id(self, store: Store) -> None:
        """A digest of ours that came back is found, even though it is not kept."""
        put(store, letter("ours"))
        read_one(store, newsletter(kind=Kind.OWN, message_id="<d1@example.org>"))
        assert store.arrived("<d1@example.org>")
        assert not store.arrived("<d2@example.org>")

    def test_fault_37_text_that_no_database_takes(self, store: Store) -> None:
        """NUL and lone surrogates in a letter's words stop nothing."""
        put(store, letter("odd"))
        read_one(store, newsletter("a\0b", subject="\udce4\0", message_id="<\udcff@x>", references=("<\0@x>",)))
        condense_all(store)
        assert len(store.material("daily")[0].stories) == 1


class CondenseContract:
    """Stories condensed one by one."""

    def test_stories_come_one_by_one_in_order(self, store: Store) -> None:
        """Each story is claimed for itself, with the number of its siblings and the kind of its letter."""
        put(store, letter("one"))
        read_one(store, newsletter("Rain", "Sun", kind=Kind.LIST))
        first, second = store.claim_story(NOW, LEASE), store.claim_story(NOW, LEASE)
        assert first is not None
        assert second is not None
        assert [(item.story.title, item.stories, item.kind) for item in (first, second)] == [("Rain", 2, Kind.LIST), ("Sun", 2, Kind.LIST)]
        assert first.key == letter("one").fingerprint + "/0"
        assert store.claim_story(NOW, LEASE) is None

    def test_lost_story_comes_again_counted(self, store: Store) -> None:
        """A story whose lease is over is given again, and the first claim has lost it."""
        put(store, letter("one"))
        read_one(store, newsletter("Rain"))
        slow, quick = store.claim_story(NOW, LEASE), store.claim_story(NOW + LEASE, LEASE)
        assert slow is not None
        assert quick is not None
        assert quick.claim.attempt == 2
        with pytest.raises(Stale):
            store.add_summary(slow, Summary(()), NOW)

    def test_postponed_story_waits(self, store: Store) -> None:
        """A story given back is due when it was said to be."""
        put(store, letter("one"))
        read_one(store, newsletter("Rain"))
        claimed = store.claim_story(NOW, LEASE)
        assert claimed is not None
        store.postpone_story(claimed, NOW + DAY, "busy")
        assert store.claim_story(NOW + DAY - timedelta(seconds=1), LEASE) is None
        assert store.claim_story(NOW + DAY, LEASE) is not None

    def test_a_letter_with_names_as_long_as_its_header_is_stored(self, store: Store) -> None:
        """An index of PostgreSQL takes 2,704 octets, and what the store refuses is tried for ever."""
        chance = Random(7)  # noqa: S311
        long = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=6000))
        odd = "".join(chr(chance.randrange(0x4E00, 0x9FFF)) for _ in range(900))
        raw = f"From: {long} <{long}@{long}.example>\nMessage-ID: <{odd}@x>\nList-Unsubscribe: <mailto:a@b>\n\nThe mill grinds again."
        issue = read(raw.encode())
        assert isinstance(issue, Newsletter)
        put(store, letter("one"))
        read_one(store, issue)
        assert store.claim_story(NOW, LEASE) is not None

    def test_summary_comes_back_whole(self, store: Store) -> None:
        """What was condensed is what the edition gets, to the character."""
        put(store, letter("one"))
        read_one(store, newsletter("Rain"))
        claimed = store.claim_story(NOW, LEASE)
        assert claimed is not None
        summary = Summary((Sentence("Räin 雨.", 0), Sentence("Nobody.", 9)), "A phrase", "lexrank", "instead of a model", 12)
        store.add_summary(claimed, summary, NOW)
        assert store.material("daily")[0].stories[0].summary == summary
