"""IMAP: sizes, numbers and times in answers that are false, missing or oddly written. Numbers as in docs/reliability.md."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service.edges.imap_faults import BadAnswer
from service.edges.imap_mailbox import ImapMailbox
from tests.contract.mailbox_contract import LONG_AGO, letter, octets
from tests.servers.scripted_imap import Command, ScriptedImap
from tests.wire.test_imap_answers import LETTERS, opened, persist


def test_fault_5_a_false_size_is_not_believed_for_ever() -> None:
    """5: a letter that comes twice the same is whole, whatever the server says of its size (Exchange counts wrongly)."""

    def wrong(command: Command) -> bytes:
        return command.usual().replace(b"RFC822.SIZE %d" % len(LETTERS[0]), b"RFC822.SIZE 17")

    with ScriptedImap(LETTERS[:2], {"FETCH": wrong}) as server:
        batches, failures = persist(opened(server))
    assert (octets(batches), failures) == (LETTERS[:2], [])


def test_fault_28_a_letter_without_a_size_is_fetched_in_part() -> None:
    """28: it may be of any size, so no more than a part of it is asked for."""

    def sizeless(command: Command) -> bytes:
        return command.usual().replace(b"RFC822.SIZE %d" % len(LETTERS[0]), b"RFC822.SIZE NIL")

    with ScriptedImap(LETTERS[:1], {"FETCH": sizeless}) as server:
        batches, _ = persist(opened(server))
        assert octets(batches) == LETTERS[:1]
        assert server.said(b"BODY.PEEK[]<0.")


@pytest.mark.parametrize("number", [b"9" * 19, b"9" * 30])
def test_fault_28_a_number_that_no_store_holds_is_none(number: bytes) -> None:
    """28: a size beyond all sizes is an unknown one, a UID beyond all UIDs nobody's; of the folder's own numbers none is believed."""

    def sized(command: Command) -> bytes:
        return command.usual().replace(b"RFC822.SIZE %d" % len(LETTERS[0]), b"RFC822.SIZE " + number)

    with ScriptedImap(LETTERS[:1], {"FETCH": sized}) as server:
        assert octets(persist(opened(server))[0]) == LETTERS[:1]
    with ScriptedImap(LETTERS[:1], {"SEARCH": lambda command: b"* SEARCH 1 " + number + b"\r\n" + command.ok()}) as server:
        batches, _ = persist(opened(server))
    assert (octets(batches), batches[-1].after.next_uid) == (LETTERS[:1], 2)
    with ScriptedImap(LETTERS[:1]) as server:
        server.uidvalidity = int(number)
        with pytest.raises(BadAnswer):
            list(opened(server).collect("INBOX", None, LONG_AGO))


def test_fault_29_a_letter_of_300_mb_is_not_fetched_whole() -> None:
    """29: its size is asked for first, and no more than a part of it comes."""
    raw = letter(1, size=2_500_000)

    def huge(command: Command) -> bytes:
        return command.usual().replace(b"RFC822.SIZE %d" % len(raw), b"RFC822.SIZE 300000000")

    with ScriptedImap([raw], {"FETCH": huge}) as server:
        (item,) = (item for batch in persist(ImapMailbox("imap", server.account()))[0] for item in batch.letters)
    assert (item.partial, item.size) == (True, 300_000_000)


@pytest.mark.parametrize("when", [b'INTERNALDATE "yesterday"', b"INTERNALDATE NIL", b"X 1"])
def test_fault_34_an_arrival_time_that_is_none_becomes_now(when: bytes) -> None:
    """34: the letter counts as new."""

    def odd(command: Command) -> bytes:
        return command.usual().replace(b'INTERNALDATE "20-Nov-2026 08:30:00 +0000"', when)

    with ScriptedImap(LETTERS[:1], {"FETCH": odd}) as server:
        mailbox = opened(server)
        (batch,) = mailbox.collect("INBOX", None, datetime.now(UTC) - timedelta(hours=1))
        mailbox.close()
    assert octets([batch]) == LETTERS[:1]


@pytest.mark.parametrize("form", [b"01-Jul-2026 08:00:00 +0200", b" 1-Jul-2026 08:00:00 +0200", b"1-JUL-2026 08:00:00 +0200"])
def test_fault_34_a_summer_letter_keeps_its_time(form: bytes) -> None:
    """34: an arrival time is taken with the offset that stands in it, not with today's, in whatever form a server writes it."""

    def summer(command: Command) -> bytes:
        return command.usual().replace(b"20-Nov-2026 08:30:00 +0000", form)

    with ScriptedImap(LETTERS[:1], {"FETCH": summer}) as server:
        (item,) = (item for batch in persist(opened(server))[0] for item in batch.letters)
    assert item.received == datetime(2026, 7, 1, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0)])
def test_fault_33_the_items_of_an_answer_may_come_in_any_order(order: tuple[int, int, int]) -> None:
    """33: UID may come last, and what nobody asked for in between; the letter is the same."""

    def fetch(command: Command) -> bytes | None:
        if b"BODY.PEEK[]" not in command.line:
            return command.usual()
        items = (b"UID 1", b"BODY[] {%d}\r\n%b" % (len(LETTERS[0]), LETTERS[0]), rb"FLAGS (\Seen)")
        return b"* 1 FETCH (%b)\r\n" % b" ".join(items[place] for place in order) + command.ok()

    with ScriptedImap(answers={"FETCH": fetch}) as server:
        server.letters = {1: LETTERS[0]}
        assert octets(persist(opened(server))[0]) == [LETTERS[0]]
