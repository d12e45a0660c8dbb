"""IMAP: UIDs that lie, letters that vanish, folders that are replaced. Numbers as in docs/reliability.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from imapclient import IMAPClient

from service.contracts import Permanent, Temporary
from service.edges.imap_connection import ImapAccount
from service.edges.imap_mailbox import ImapLimits, ImapMailbox
from service.edges.loopback_servers import LoopbackServers
from service.edges.tls import Security
from service.records import Batch, Cursor
from tests.contract.mailbox_contract import LONG_AGO, collect, letter, octets
from tests.servers.dovecot import Dovecot
from tests.servers.scripted_imap import Command, ScriptedImap

LETTERS = [letter(number) for number in range(1, 6)]
USER = "reader@home.example"


@pytest.fixture
def scripted() -> Iterator[ScriptedImap]:
    """Start a well-behaved server with five letters."""
    with ScriptedImap(LETTERS) as server:
        yield server


@pytest.fixture
def open_mailbox() -> Iterator[Callable[[ScriptedImap], ImapMailbox]]:
    """Return how to open a server's mailbox; what is opened is closed at the end."""
    opened: list[ImapMailbox] = []

    def open_it(server: ScriptedImap) -> ImapMailbox:
        opened.append(ImapMailbox("imap", server.account()))
        return opened[-1]

    yield open_it
    for mailbox in opened:
        mailbox.close()


Opener = Callable[[ScriptedImap], ImapMailbox]


def test_fault_1_a_new_uidvalidity_reads_from_the_start(scripted: ScriptedImap, open_mailbox: Opener) -> None:
    """1: every letter comes again, for the store to recognise; the new cursor follows the stored one."""
    mailbox = open_mailbox(scripted)
    cursor = collect(mailbox)[-1].after
    scripted.uidvalidity = 8
    (again,) = collect(mailbox, cursor)
    assert (again.before, again.after.uidvalidity, octets([again])) == (cursor, 8, LETTERS)


def test_fault_1_a_new_uidvalidity_of_an_empty_folder_moves_the_cursor(scripted: ScriptedImap, open_mailbox: Opener) -> None:
    """1: so that the folder's next letter is not compared with a folder that is gone."""
    mailbox = open_mailbox(scripted)
    cursor = collect(mailbox)[-1].after
    scripted.uidvalidity = 8
    scripted.letters.clear()
    (batch,) = collect(mailbox, cursor)
    assert (batch.before, batch.after) == (cursor, Cursor(8, 1))


def test_fault_2_a_uidnext_behind_the_cursor_reads_from_the_start(scripted: ScriptedImap, open_mailbox: Opener) -> None:
    """2: UIDs that are handed out anew under the same UIDVALIDITY, fewer than before."""
    mailbox = open_mailbox(scripted)
    cursor = collect(mailbox)[-1].after
    scripted.letters = {1: letter(7), 2: letter(8)}
    assert octets(collect(mailbox, cursor)) == [letter(7), letter(8)]


@pytest.mark.parametrize("there", [letter(6), letter(6, size=500)])
def test_fault_2_another_letter_at_the_anchor_reads_from_the_start(scripted: ScriptedImap, open_mailbox: Opener, there: bytes) -> None:
    """2: as many UIDs as before, but another letter at the last one: by its Message-ID, by its size."""
    mailbox = open_mailbox(scripted)
    cursor = collect(mailbox)[-1].after
    scripted.letters[5] = there
    assert octets(collect(mailbox, cursor)) == [*LETTERS[:4], there]


def test_fault_2_an_expunged_anchor_reads_nothing_again(scripted: ScriptedImap, open_mailbox: Opener) -> None:
    """2: that the last letter was deleted proves nothing."""
    mailbox = open_mailbox(scripted)
    cursor = collect(mailbox)[-1].after
    del scripted.letters[5]
    scripted.letters[6] = letter(6)
    assert octets(collect(mailbox, cursor)) == [letter(6)]


def test_fault_3_a_server_that_keeps_uidnext_and_uidvalidity_to_itself(open_mailbox: Opener) -> None:
    """3: the letters come all the same, and only the new ones the next time."""
    answers = {"EXAMINE": lambda command: b"* 5 EXISTS\r\n" + command.ok()}
    with ScriptedImap(LETTERS, answers) as server:
        mailbox = open_mailbox(server)
        cursor = collect(mailbox)[-1].after
        server.letters[6] = letter(6)
        assert octets(collect(mailbox, cursor)) == [letter(6)]


def test_fault_4_the_last_letter_that_a_star_always_finds_is_not_new(scripted: ScriptedImap, open_mailbox: Opener) -> None:
    """4: 6:* finds letter 5, as RFC 9051 wants it."""
    mailbox = open_mailbox(scripted)
    cursor = collect(mailbox)[-1].after
    assert collect(mailbox, cursor) == []
    assert scripted.said(b"SEARCH UID 6:*")


@pytest.mark.parametrize("gone", ["missing", "empty"])
def test_fault_5_a_letter_expunged_before_its_fetch_is_no_letter(open_mailbox: Opener, gone: str) -> None:
    """5: it is missing in the answer, or has no octets; it is not stored, and the others are."""

    def expunge(command: Command) -> bytes:
        if b"BODY.PEEK[]" not in command.line or b"3" not in command.line.split()[3]:
            return command.usual()
        command.server.letters.pop(3, None)
        nothing = b"* 3 FETCH (UID 3 RFC822.SIZE 0 BODY[] NIL)\r\n" if gone == "empty" else b""
        return nothing + command.usual()

    with ScriptedImap(LETTERS, {"FETCH": expunge}) as server:
        batches = collect(open_mailbox(server))
    assert octets(batches) == LETTERS[:2] + LETTERS[3:]
    assert batches[-1].unfetched == ()


def test_fault_1_25_a_folder_replaced_while_it_is_read_is_left_for_the_next_time() -> None:
    """1, 25: a UIDVALIDITY that changes between two connections of one collection mixes nothing up."""

    def replace_it(command: Command) -> bytes | None:
        if b"BODY.PEEK[]" not in command.line or command.server.uidvalidity == 8:
            return command.usual()
        command.server.uidvalidity = 8
        return command.no("[SERVERBUG] not now")

    with ScriptedImap(LETTERS, {"FETCH": replace_it}) as server:
        mailbox = ImapMailbox("imap", server.account())
        with pytest.raises(Temporary, match="replaced"):
            collect(mailbox)
        batches = collect(mailbox)
        mailbox.close()
    assert (batches[-1].after.uidvalidity, octets(batches)) == (8, LETTERS)


def test_fault_1_a_recreated_folder_is_read_from_the_start() -> None:
    """1: the same with pymap: a folder deleted and made again."""
    with LoopbackServers({USER: "secret"}) as servers:
        servers.deliver(letter(1), folder="News")
        mailbox = ImapMailbox("imap", account_of(servers), ("News",))
        cursor = list(mailbox.collect("News", None, LONG_AGO))[-1].after
        servers.add_folder("News")
        servers.deliver(letter(2), folder="News")
        assert octets(mailbox.collect("News", cursor, LONG_AGO)) == [letter(2)]
        mailbox.close()


def account_of(servers: LoopbackServers) -> ImapAccount:
    """Return the login on the loopback servers."""
    return ImapAccount(servers.host, USER, "secret", servers.imap_port, Security.PLAIN)


# -- Dovecot -----------------------------------------------------------------------------------------------------------


def filled(server: Dovecot, user: str, number: int = 5) -> ImapMailbox:
    """Deliver letters to a user and open the mailbox."""
    for raw in LETTERS[:number]:
        server.deliver(raw, user=user)
    return ImapMailbox("imap", server.account(user), limits=ImapLimits(letters=2))


def other_program(server: Dovecot, user: str) -> IMAPClient:
    """Return another client of the same mailbox."""
    client = IMAPClient(server.host, server.imap_port, ssl=False, timeout=10)
    client.login(user, "secret")
    client.select_folder("INBOX")
    return client


@pytest.mark.dovecot
def test_fault_1_2_dovecot_whose_uids_were_wiped_loses_and_doubles_nothing(dovecot_server: Dovecot) -> None:
    """1, 2: uidlist and indexes gone, the way a restored backup comes back: by fingerprints, every letter exactly once."""
    mailbox = filled(dovecot_server, "wiped")
    batches = collect(mailbox)
    mailbox.close()
    dovecot_server.forget_uids("wiped")
    dovecot_server.deliver(letter(9), user="wiped")
    batches += collect(mailbox, batches[-1].after)
    mailbox.close()
    assert stored(batches) == {*LETTERS, letter(9)}


@pytest.mark.dovecot
def test_fault_2_dovecot_whose_uids_were_wiped_under_a_connected_client(dovecot_server: Dovecot) -> None:
    """2: while a client is connected, Dovecot renumbers under the old UIDVALIDITY: the anchor tells."""
    mailbox = filled(dovecot_server, "renumbered")
    batches = collect(mailbox)
    next(dovecot_server.maildir("renumbered").glob("*/*.example*")).unlink()
    dovecot_server.forget_uids("renumbered")
    for number in (8, 9):
        dovecot_server.deliver(letter(number), user="renumbered")
    batches += collect(mailbox, batches[-1].after)
    mailbox.close()
    assert {letter(8), letter(9)} <= stored(batches)


@pytest.mark.dovecot
def test_fault_5_dovecot_with_a_letter_expunged_by_another_program(dovecot_server: Dovecot) -> None:
    """5: between two batches another program expunges what was already listed: OK with NIL, size 0 and 1970 is no letter."""
    mailbox = filled(dovecot_server, "expunged")
    batches: list[Batch] = []
    for batch in mailbox.collect("INBOX", None, LONG_AGO):
        batches.append(batch)
        if len(batches) == 1:
            with other_program(dovecot_server, "expunged") as client:
                client.delete_messages([3])
                client.expunge()
    mailbox.close()
    assert stored(batches) == set(LETTERS) - {LETTERS[2]}


@pytest.mark.dovecot
def test_fault_7_dovecot_with_a_letter_whose_file_is_lost(dovecot_server: Dovecot) -> None:
    """7: a file taken away behind the server's back holds nothing up, whatever the server answers at first."""
    mailbox = filled(dovecot_server, "lost")
    for file in [file for file in dovecot_server.maildir("lost").glob("*/*") if letter(3) == file.read_bytes()]:
        file.unlink()
    batches: list[Batch] = []
    for _ in range(8):
        with suppress(Temporary):
            batches.extend(mailbox.collect("INBOX", batches[-1].after if batches else None, LONG_AGO))
    mailbox.close()
    assert stored(batches) == set(LETTERS) - {LETTERS[2]}


@pytest.mark.dovecot
def test_fault_8_dovecot_kicks_us(dovecot_server: Dovecot) -> None:
    """8: BYE between two looks: the next look opens a new connection, and nobody notices."""
    mailbox = filled(dovecot_server, "kicked")
    cursor = collect(mailbox)[-1].after
    dovecot_server.administer("kick", "kicked")
    dovecot_server.deliver(letter(9), user="kicked")
    assert octets(collect(mailbox, cursor)) == [letter(9)]
    mailbox.close()


@pytest.mark.dovecot
def test_fault_25_dovecot_whose_folder_is_deleted_between_two_looks(dovecot_server: Dovecot) -> None:
    """25: the folder is gone: a person is told which folders there are; back again, it is read from the start."""
    user = "deleted"
    dovecot_server.deliver(letter(1), user=user, folder="News")
    mailbox = ImapMailbox("imap", dovecot_server.account(user), ("News",))
    cursor = list(mailbox.collect("News", None, LONG_AGO))[-1].after
    with other_program(dovecot_server, user) as client:
        client.delete_folder("News")
        with pytest.raises(Permanent) as failure:
            list(mailbox.collect("News", cursor, LONG_AGO))
        client.create_folder("News")
    dovecot_server.deliver(letter(2), user=user, folder="News")
    assert octets(mailbox.collect("News", cursor, LONG_AGO)) == [letter(2)]
    assert "INBOX" in failure.value.fix
    mailbox.close()


@pytest.mark.dovecot
def test_fault_8_9_dovecot_restarted_between_two_looks() -> None:
    """8, 9: an idle connection that the server has closed is replaced without a word."""
    with Dovecot() as server:
        mailbox = filled(server, "restart")
        cursor = collect(mailbox)[-1].after
        server.stop()
        server.start()
        server.deliver(letter(9), user="restart")
        assert octets(collect(mailbox, cursor)) == [letter(9)]
        mailbox.close()


def stored(batches: list[Batch]) -> set[bytes]:
    """Return what a store that knows letters by their fingerprints would hold."""
    return {item.raw for batch in batches for item in batch.letters}
