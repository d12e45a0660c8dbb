"""IMAP: answers that are late, broken, false or huge, and what is collected all the same. Numbers as in docs/reliability.md."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from service.contracts import Temporary
from service.edges.imap_faults import BadAnswer, ConnectionLost
from service.edges.imap_mailbox import ImapLimits, ImapMailbox
from service.records import Batch, Cursor, Outcome
from tests.contract.mailbox_contract import LONG_AGO, letter, octets
from tests.servers.dovecot import Dovecot
from tests.servers.fault_proxy import FaultProxy, How
from tests.servers.scripted_imap import Answer, Command, ScriptedImap

HASTY = timedelta(seconds=1)
LETTERS = [letter(number) for number in range(1, 9)]


def opened(server: ScriptedImap, limits: ImapLimits | None = None) -> ImapMailbox:
    """Return the server's mailbox, with patience for a test."""
    return ImapMailbox("imap", replace(server.account(), connect=HASTY, read=HASTY), limits=limits)


def persist(mailbox: ImapMailbox, rounds: int = 12) -> tuple[list[Batch], list[Exception]]:
    """Collect again and again, going on from the last batch, as the daemon does; return all batches and failures."""
    batches: list[Batch] = []
    failures: list[Exception] = []
    cursor: Cursor | None = None
    for _ in range(rounds):
        try:
            for batch in mailbox.collect("INBOX", cursor, LONG_AGO):
                batches.append(batch)
                cursor = batch.after
        except Temporary as failure:
            failures.append(failure)
        else:
            break
    mailbox.close()
    return batches, failures


def about(uid: int, broken: Answer) -> dict[str, Answer]:
    """Return answers in which every fetch of bodies that asks for one letter is broken."""

    def fetch(command: Command) -> bytes | None:
        asked = command.line.split()[3].split(b",")
        if b"BODY.PEEK[]" in command.line and b"%d" % uid in asked:
            return broken(command)
        return command.usual()

    return {"FETCH": fetch}


def part_then(ending: Callable[[Command], bytes | None]) -> Answer:
    """Return an answer of half the letters asked for, then the ending."""

    def answer(command: Command) -> bytes | None:
        asked = [int(uid) for uid in command.line.split()[3].split(b",")]
        for uid in asked[: len(asked) // 2]:
            command.connection.send(command.server.fetched(command, uid))
        return ending(command)

    return answer


BROKEN: dict[str, Answer] = {
    "a tagged NO after partial data": part_then(lambda command: command.no("[SERVERBUG] internal error")),
    "a tagged BAD": lambda command: command.tag + b" BAD what?\r\n",
    "an answer without FETCH in capitals": lambda command: b"* 1 fetch (uid 5 body[] {1}\r\nx)\r\n" + command.ok(),
    "an unescaped quote": lambda command: b'* 5 FETCH (UID 5 BODY[] "a"b" c)\r\n' + command.ok(),
    "an answer for another letter": lambda command: b"* 5 FETCH (UID 9999 BODY[] {1}\r\nx)\r\n" + command.ok(),
    "an answer without UID": lambda command: b"* 5 FETCH (BODY[] {1}\r\nx)\r\n" + command.ok(),
    "a literal8": lambda command: b"* 5 FETCH (UID 5 BODY[] ~{1}\r\nx)\r\n" + command.ok(),
    "parentheses nested 5,000 deep": lambda command: b"* 5 FETCH (UID 5 BODY[] " + b"(" * 5000 + b")" * 5000 + b")\r\n" + command.ok(),
    "a literal of 10 to the 30 octets": lambda command: b"* 5 FETCH (UID 5 BODY[] {1" + b"0" * 30 + b"}\r\nx)\r\n" + command.ok(),
    "a literal of 2 GB": lambda command: command.connection.send(b"* 5 FETCH (UID 5 BODY[] {2147483648}\r\nx"),
    "letters nobody asked for": lambda command: b"* 9 FETCH (UID 9 BODY[] {9000000}\r\n%b)\r\n" % bytes(9_000_000) * 2 + command.ok(),
    "lines without end": lambda command: (b"* OK " + b"x" * 100_000 + b"\r\n") * 200 + command.ok(),
    "an empty letter": lambda command: b"* 5 FETCH (UID 5 BODY[] NIL)\r\n" + command.ok(),
    "nothing at all": lambda command: command.ok(),
    "garbage": lambda command: b"\0\xff lorem ipsum\r\n" + command.ok(),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_fault_6_28_32_a_bad_answer_is_narrowed_down_to_its_letter(fault: str) -> None:
    """6, 28, 32: the letter that the server can't hand out is named after three failures; all the others are collected."""
    with ScriptedImap(LETTERS, about(5, BROKEN[fault])) as server:
        batches, failures = persist(opened(server))
    assert octets(batches) == LETTERS[:4] + LETTERS[5:]
    (lost,) = (item for batch in batches for item in batch.unfetched)
    assert lost.outcome is Outcome.UNREADABLE
    assert [isinstance(failure, BadAnswer) for failure in failures] == [True, True]


def say_and_close(command: Command, octets: bytes) -> None:
    """Say something and hang up."""
    command.connection.send(octets)
    command.connection.close()


LOST: dict[str, Answer] = {
    "FIN": part_then(lambda command: command.connection.close()),
    "RST": part_then(lambda command: command.connection.reset()),
    "silence": part_then(lambda _command: None),
    "BYE": part_then(lambda command: command.connection.send(b"* BYE Session invalidated - AccessTokenExpired\r\n")),
    "a literal that ends too soon": lambda command: say_and_close(command, b"* 5 FETCH (UID 5 BODY[] {5000}\r\nonly this"),
    "a literal of 2 MB that never comes": lambda command: command.connection.send(b"* 5 FETCH (UID 5 BODY[] {2147483}\r\nx"),
}


@pytest.mark.parametrize("fault", LOST)
def test_fault_7_8_10_24_28_a_connection_that_always_breaks_at_one_letter_passes_it_after_five_times(fault: str) -> None:
    """7, 8, 10, 24, 28: no letter holds up the others for ever, and none is set aside for a few lost connections."""
    with ScriptedImap(LETTERS, about(5, LOST[fault])) as server:
        batches, failures = persist(opened(server))
    assert octets(batches) == LETTERS[:4] + LETTERS[5:]
    assert len(failures) >= 5


@pytest.mark.parametrize("fault", LOST)
def test_fault_8_10_24_a_connection_that_breaks_once_loses_nothing(fault: str) -> None:
    """8, 10, 24: the next attempt collects every letter."""

    def once(command: Command) -> bytes | None:
        bodies = b"BODY.PEEK[]" in command.line and command.server.connections == 1
        return LOST[fault](command) if bodies else command.usual()

    with ScriptedImap(LETTERS, {"FETCH": once}) as server:
        batches, failures = persist(opened(server))
    assert (octets(batches), len(failures)) == (LETTERS, 1)


def test_fault_11_a_slow_drip_is_cut_off() -> None:
    """11: octets that come one by one, each in time, do not hold us for ever."""

    def drip(command: Command) -> None:
        for octet in b"* SEARCH" + b" 1" * 1000:
            command.connection.send(bytes([octet]))
            time.sleep(0.02)

    began = time.monotonic()
    with ScriptedImap(LETTERS, {"SEARCH": drip}) as server, pytest.raises(ConnectionLost, match="no complete answer"):
        list(opened(server).collect("INBOX", None, LONG_AGO))
    assert time.monotonic() - began < 6


def test_fault_33_an_unsolicited_fetch_is_passed_by() -> None:
    """33: flags of another letter in the middle of an answer change nothing."""

    def chatty(command: Command) -> bytes:
        return b"* 2 FETCH (FLAGS (\\Seen))\r\n* 9 EXISTS\r\n" + command.usual()

    with ScriptedImap(LETTERS[:3], {"FETCH": chatty}) as server:
        assert octets(persist(opened(server))[0]) == LETTERS[:3]


def test_fault_26_a_bad_folder_name_does_not_spoil_the_list() -> None:
    """26: a name that is no modified UTF-7 is left out of the list; the others are told."""

    def listing(command: Command) -> bytes:
        return b'* LIST () "/" "&broken"\r\n* LIST () "/" 2026\r\n* LIST () "/" News\r\n' + command.ok()

    answers: dict[str, Answer] = {"EXAMINE": lambda command: command.no("[NONEXISTENT] no"), "LIST": listing}
    with ScriptedImap(answers=answers) as server, pytest.raises(Exception, match="no folder") as failure:
        list(opened(server).collect("Nowhere", None, LONG_AGO))
    assert "2026, News" in getattr(failure.value, "fix", "")


def test_fault_30_a_search_is_never_longer_than_imaplib_can_read() -> None:
    """30: of 300,000 letters the UIDs are asked for in windows; one answer for all would be 2 MB, and imaplib takes 1."""
    with ScriptedImap() as server:
        server.letters = dict.fromkeys(range(1, 300_001), LETTERS[0])
        mailbox = ImapMailbox("imap", server.account())
        batch = next(iter(mailbox.collect("INBOX", Cursor(7, 250_000), LONG_AGO)))
        mailbox.close()
        assert batch.letters[0].raw == LETTERS[0]
        assert len(server.said(b"SEARCH UID 250000:299999")) == 1


def test_fault_31_commands_stay_short() -> None:
    """31: however many letters there are, no command is longer than 8,000 octets."""
    with ScriptedImap() as server:
        server.letters = {4_000_000_000 + 7 * number: LETTERS[0] for number in range(2000)}
        batches, _ = persist(opened(server))
        assert sum(len(batch.letters) for batch in batches) == 2000
        assert max(len(line) for line in server.lines) < 8000


@pytest.mark.dovecot
@pytest.mark.parametrize("how", [How.CLOSE, How.RESET])
def test_fault_24_a_cut_in_the_middle_of_the_letters_is_healed(dovecot_server: Dovecot, how: How) -> None:
    """24: a real server, and a connection cut while letters come."""
    user = f"cut-{how}"
    long = [letter(number, size=300_000) for number in range(8)]
    for raw in long:
        dovecot_server.deliver(raw, user=user)
    with FaultProxy(dovecot_server.imap_port, break_on=b"BODY\\[\\]", how=how) as proxy:
        mailbox = ImapMailbox("imap", replace(dovecot_server.account(user), port=proxy.port))
        with pytest.raises(Temporary):
            list(mailbox.collect("INBOX", None, LONG_AGO))
        proxy.heal()
        assert octets(persist(mailbox)[0]) == long


@pytest.mark.dovecot
def test_fault_10_a_half_open_connection_is_noticed(dovecot_server: Dovecot) -> None:
    """10: a connection on which nothing passes any more is dropped at the next look, and a new one opened."""
    for raw in LETTERS:
        dovecot_server.deliver(raw, user="half-open")
    with FaultProxy(dovecot_server.imap_port) as proxy:
        account = replace(dovecot_server.account("half-open"), port=proxy.port, connect=HASTY, read=HASTY)
        mailbox = ImapMailbox("imap", account)
        list(mailbox.collect("INBOX", None, LONG_AGO))
        proxy.break_now()
        with pytest.raises(ConnectionLost):
            list(mailbox.collect("INBOX", None, LONG_AGO))
        proxy.heal()
        assert octets(persist(mailbox)[0]) == LETTERS


def test_fault_29_memory_does_not_grow_with_the_letters() -> None:
    """29: collecting 60 MB takes no more than a few batches' worth of memory."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with ScriptedImap() as server:
        server.letters = dict.fromkeys(range(1, 61), letter(1, size=1_000_000))
        mailbox = opened(server, ImapLimits(batch=2_000_000))
        count = sum(len(batch.letters) for batch in mailbox.collect("INBOX", None, LONG_AGO))
        mailbox.close()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert count == 60
    assert grown < 30_000
