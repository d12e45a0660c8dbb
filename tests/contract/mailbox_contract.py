"""What every mailbox owes: one class of tests, inherited by a test module a kind of mailbox.

A module gives a fixture `bed`: the place that letters are delivered to, and the mailbox that is opened on it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Protocol

import pytest

from service.contracts import Mailbox, Permanent
from service.records import Batch, Cursor, Outcome

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Bed(Protocol):
    """Where letters are delivered in a test."""

    def deliver(self, raw: bytes, received: datetime | None = None) -> None:
        """Have a letter lie in INBOX."""

    def remove(self, raw: bytes) -> None:
        """Take a letter away for good."""

    def touched(self) -> bool:
        """Return whether anything in the mailbox was changed, a flag for example."""

    def mailbox(self, *, letter: int = 25_000_000, batch: int = 8_000_000, letters: int = 100) -> Mailbox:
        """Open the mailbox, with these limits."""


def letter(number: int, size: int = 0) -> bytes:
    """Return a letter of our own, of at least `size` octets, with lines that end as they do on the wire."""
    head = f"From: News <news@press.example>\r\nSubject: Issue {number}\r\nMessage-ID: <issue-{number}@press.example>\r\n\r\nThe text.\r\n"
    filling = "Another line of the text, for its length.\r\n"
    return (head + filling * (max(0, size - len(head)) // len(filling) + (size > 0))).encode()


def collect(mailbox: Mailbox, cursor: Cursor | None = None, since: datetime = LONG_AGO) -> list[Batch]:
    """Collect everything after the cursor from INBOX."""
    return list(mailbox.collect("INBOX", cursor, since))


def octets(batches: Iterable[Batch]) -> list[bytes]:
    """Return the letters' octets in the order in which they came."""
    return [item.raw for batch in batches for item in batch.letters]


class MailboxContract:
    """The behaviour that `contracts.Mailbox` promises."""

    def test_a_letter_comes_whole(self, bed: Bed) -> None:
        """Every octet of a letter arrives, 8-bit text and long lines too, and its fingerprint is their SHA-256."""
        raw = "Subject: Größe\r\n\r\n".encode() + "ä€😀".encode() + b"\xff\xfe" + b"x" * 5000 + b"\r\n"
        bed.deliver(raw)
        (batch,) = collect(bed.mailbox())
        (item,) = batch.letters
        assert (item.raw, item.size, item.fingerprint) == (raw, len(raw), hashlib.sha256(raw).hexdigest())

    def test_letters_come_in_order_of_arrival(self, bed: Bed) -> None:
        """The first to arrive is the first to be collected."""
        sent = [letter(number) for number in range(5)]
        for raw in sent:
            bed.deliver(raw)
        assert octets(collect(bed.mailbox())) == sent

    def test_an_empty_mailbox_gives_a_cursor(self, bed: Bed) -> None:
        """The first look at an empty mailbox is kept, so that the next one starts from there."""
        mailbox = bed.mailbox()
        (batch,) = collect(mailbox)
        assert (batch.before, batch.letters, collect(mailbox, batch.after)) == (None, (), [])

    def test_only_what_is_new_comes_after_the_cursor(self, bed: Bed) -> None:
        """What was collected before does not come again; what came since does."""
        bed.deliver(letter(1))
        mailbox = bed.mailbox()
        cursor = collect(mailbox)[-1].after
        bed.deliver(letter(2))
        assert octets(collect(mailbox, cursor)) == [letter(2)]

    def test_without_anything_new_nothing_comes(self, bed: Bed) -> None:
        """A second look right after the first yields no batch at all."""
        bed.deliver(letter(1))
        mailbox = bed.mailbox()
        assert collect(mailbox, collect(mailbox)[-1].after) == []

    def test_another_process_goes_on_from_the_cursor(self, bed: Bed) -> None:
        """Nothing but the cursor is needed to go on: a mailbox opened anew yields only what is new."""
        bed.deliver(letter(1))
        cursor = collect(bed.mailbox())[-1].after
        bed.deliver(letter(2))
        assert octets(collect(bed.mailbox(), cursor)) == [letter(2)]

    def test_batches_are_bounded_by_count(self, bed: Bed) -> None:
        """No batch holds more letters than the limit."""
        for number in range(7):
            bed.deliver(letter(number))
        assert [len(batch.letters) for batch in collect(bed.mailbox(letters=3))] == [3, 3, 1]

    def test_batches_are_bounded_by_octets(self, bed: Bed) -> None:
        """Letters that are too large together come in several batches."""
        for number in range(4):
            bed.deliver(letter(number, size=4000))
        assert [len(batch.letters) for batch in collect(bed.mailbox(batch=9000))] == [2, 2]

    def test_each_batch_begins_where_the_last_one_ended(self, bed: Bed) -> None:
        """`before` and `after` form a chain from the cursor given to the last one."""
        for number in range(5):
            bed.deliver(letter(number))
        batches = collect(bed.mailbox(letters=2))
        assert batches[0].before is None
        assert all(one.after == two.before for one, two in pairwise(batches))

    def test_an_interrupted_collection_is_resumed(self, bed: Bed) -> None:
        """From the cursor of any batch on, exactly the rest comes."""
        for number in range(5):
            bed.deliver(letter(number))
        first = next(iter(bed.mailbox(letters=2).collect("INBOX", None, LONG_AGO)))
        assert octets(collect(bed.mailbox(), first.after)) == [letter(2), letter(3), letter(4)]

    def test_letters_before_the_start_are_only_named(self, bed: Bed) -> None:
        """What came before `since` is Unfetched, with the reason; what came after is fetched."""
        now = datetime.now(UTC)
        bed.deliver(letter(1), received=now - timedelta(days=3))
        bed.deliver(letter(2), received=now)
        batches = collect(bed.mailbox(), since=now - timedelta(days=1))
        (old,) = (item for batch in batches for item in batch.unfetched)
        assert octets(batches) == [letter(2)]
        assert (old.outcome, old.reason) == (Outcome.SKIPPED, "before the start")

    def test_letters_before_the_start_are_met_again_as_the_same(self, bed: Bed) -> None:
        """Reading from the start once more gives the same fingerprints, so that nothing is counted twice."""
        now = datetime.now(UTC)
        bed.deliver(letter(1), received=now - timedelta(days=3))
        one, two = (collect(bed.mailbox(), since=now)[0].unfetched for _ in range(2))
        assert one == two

    def test_a_letter_over_the_limit_comes_in_part(self, bed: Bed) -> None:
        """Only the beginning of a huge letter is fetched, its true size is told, and the rest of the mailbox goes on."""
        huge = letter(1, size=3_000_000)
        for raw in (huge, letter(2)):
            bed.deliver(raw)
        one, two = (item for batch in collect(bed.mailbox(letter=2_500_000)) for item in batch.letters)
        assert one.partial
        assert (one.size, one.raw) == (len(huge), huge[: len(one.raw)])
        assert (two.raw, two.partial) == (letter(2), False)

    def test_a_removed_letter_disturbs_nobody(self, bed: Bed) -> None:
        """When the last letter collected is deleted, the next one to come is still found, whatever else is told again."""
        for number in range(3):
            bed.deliver(letter(number))
        cursor = collect(bed.mailbox())[-1].after
        bed.remove(letter(2))
        bed.deliver(letter(3))
        assert octets(collect(bed.mailbox(), cursor))[-1] == letter(3)

    def test_nothing_in_the_mailbox_is_changed(self, bed: Bed) -> None:
        """Collecting leaves no flag, no file and no folder behind."""
        bed.deliver(letter(1))
        collect(bed.mailbox())
        assert not bed.touched()

    def test_a_folder_that_is_not_there_is_told(self, bed: Bed) -> None:
        """An unknown folder is a person's business, and the failure says what to do."""
        bed.deliver(letter(1))
        with pytest.raises(Permanent) as failure:
            list(bed.mailbox().collect("Nowhere", None, LONG_AGO))
        assert "Nowhere" in str(failure.value)
        assert failure.value.fix

    def test_a_closed_mailbox_opens_again(self, bed: Bed) -> None:
        """`close` lets go of the connection, and the next call opens a new one."""
        mailbox = bed.mailbox()
        collect(mailbox)
        mailbox.close()
        bed.deliver(letter(1))
        assert octets(collect(mailbox)) == [letter(1)]

    def test_watching_ends_when_it_is_told_to(self, bed: Bed) -> None:
        """`watch` returns soon once `stopping` says so."""
        bed.deliver(letter(1))
        answers = iter([False, False])
        bed.mailbox().watch(lambda: None, lambda: next(answers, True))
