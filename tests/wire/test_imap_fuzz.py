"""IMAP answers that no server should give: whatever comes, letters or a failure of ours comes out, and it quotes no letter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.contracts import Failure
from service.edges.imap_mailbox import ImapMailbox
from service.records import Letter
from tests.contract.mailbox_contract import LONG_AGO, letter
from tests.servers.scripted_imap import Command, ScriptedImap

LETTERS = [letter(number) for number in range(1, 5)]
PATIENCE = timedelta(seconds=0.2)  # for the rest of a literal that never comes
FRAGMENTS = (
    b"\r\n",
    b"(",
    b")",
    b'"',
    b"{5}\r\n",
    b"{99999999999}\r\n",
    b"{-1}",
    b"NIL",
    b"\x00",
    b"\xff",
    b"* 1 FETCH",
    b"UID 0",
    b"* BYE ",
)
"""What the grammar of an answer turns on (RFC 9051, 9)."""

Change = Callable[[bytes], bytes]


def changes() -> st.SearchStrategy[Change]:
    """Put something else in the place of some octets, at any place of an answer."""

    def change(at: float, gone: int, come: bytes) -> Change:
        def changed(answer: bytes) -> bytes:
            start = int(at * len(answer))
            return answer[:start] + come + answer[start + gone :]

        return changed

    return st.builds(change, st.floats(0, 1), st.integers(0, 60), st.sampled_from(FRAGMENTS) | st.binary(max_size=20))


@pytest.mark.parametrize("name", ["CAPABILITY", "LOGIN", "EXAMINE", "SEARCH", "FETCH"])
@given(made=st.lists(changes(), min_size=1, max_size=3))
def test_a_changed_answer_brings_letters_or_a_failure(name: str, made: list[Change]) -> None:
    """The server hangs up behind an answer without an end, so that few wait for it."""

    def answer(command: Command) -> None:
        said = command.usual()
        for change in made:
            said = change(said)
        command.connection.send(said)
        if not said.endswith(command.ok()):
            command.connection.close()

    with ScriptedImap(LETTERS, {name: answer}) as server:
        failed = collected(server)
    assert "Issue" not in failed


def test_half_an_answer_is_not_quoted() -> None:
    """IMAPClient's own complaint holds the letter that stands in it."""

    def answer(command: Command) -> bytes:
        return command.usual().replace(b"\r\n)\r\n", b"\r\n\r\n") if b"BODY" in command.line else command.usual()

    with ScriptedImap(LETTERS, {"FETCH": answer}) as server:
        failed = collected(server, timedelta(seconds=10))
    assert failed == "fetching letters at 127.0.0.1: the server's answer can't be understood"


def collected(server: ScriptedImap, patience: timedelta = PATIENCE) -> str:
    """Collect everything; return what the failure says, "" without one."""
    mailbox = ImapMailbox("imap", replace(server.account(), connect=patience, read=patience))
    try:
        for batch in mailbox.collect("INBOX", None, LONG_AGO):
            assert all(isinstance(one, Letter) for one in batch.letters)
    except Failure as failure:
        return str(failure)
    finally:
        mailbox.close()
    return ""
