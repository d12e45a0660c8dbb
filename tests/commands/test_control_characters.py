"""What a letter or a server says can't take over the terminal or forge a line of the log: its control characters are not passed on."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from service.contracts import Temporary
from service.edges.log_lines import JsonLines, TextLines
from tests.commands.terminal import folders, nutgraf
from tests.servers.scripted_imap import ScriptedImap

ORDERS = "\x1b]0;mine\x07 \x1b[2J \x9b31m \u202e"
LETTER = f"""From: The Paper <news@paper.example>
List-Unsubscribe: <mailto:off@paper.example>
Subject: =?utf-8?q?Bridge=1B=5B2J_opens=C2=9B31m?=
Content-Type: text/html; charset=utf-8

<h2>The bridge &#27;[2J opens {ORDERS}</h2>
<p>The bridge over the river &#27;]0;mine&#7; opens on Monday, said the mayor {ORDERS} after two years of work by forty people.
<a href="https://paper.example/\x9b31m\u202ebridge">Read more</a></p>
""".encode()


def orders_in(said: str) -> list[str]:
    """Return the characters that a terminal obeys or that turn the text round."""
    return [sign for sign in said if not sign.isprintable() and sign != "\n"]


@pytest.mark.parametrize("words", [("extract",), ("extract", "--why"), ("extract", "--format", "json"), ("summarise",)])
def test_a_letter_can_not_command_the_terminal(words: tuple[str, ...], tmp_path: Path) -> None:
    """Title, text, subject and link are shown without escape sequences."""
    (tmp_path / "letter.eml").write_bytes(LETTER)
    said = nutgraf(tmp_path, *words, "letter.eml").stdout.decode()
    assert "bridge" in said
    assert orders_in(said) == []


def test_a_preview_can_not_command_the_terminal(tmp_path: Path) -> None:
    """Nor can the digest that it would come into."""
    (tmp_path / "letter.eml").write_bytes(LETTER)
    said = nutgraf(tmp_path, "preview", settings=folders(tmp_path)).stdout.decode()
    assert "bridge" in said
    assert orders_in(said) == []


def test_a_server_can_not_command_the_terminal(tmp_path: Path) -> None:
    """The folders that there are come from the server, in an encoding that holds any character."""
    answers = {
        "LIST": lambda command: b'* LIST () "/" "A&AJs-2J&IC4-B"\r\n' + command.ok(),
        "EXAMINE": lambda command: command.no("no such folder"),
    }
    with ScriptedImap(answers=answers) as server:
        account = server.account()
        settings = {
            "NUTGRAF_IMAP_HOST": account.host,
            "NUTGRAF_IMAP_PORT": str(account.port),
            "NUTGRAF_IMAP_USER": account.user,
            "NUTGRAF_IMAP_PASSWORD": account.password,
            "NUTGRAF_IMAP_SECURITY": "plain",
            "NUTGRAF_OUTBOX": str(tmp_path / "out"),
            "NUTGRAF_TO": "ann@example.org",
            "NUTGRAF_DATA_DIR": str(tmp_path / "data"),
        }
        for word in ("check", "once"):
            done = nutgraf(tmp_path, word, settings=settings)
            said = (done.stdout + done.stderr).decode()
            assert "choose from" in said.lower()
            assert orders_in(said) == []


def test_a_line_of_the_log_is_one_line() -> None:
    """Whatever is said in it, nobody can write a second one."""
    record = logging.makeLogRecord({"msg": "refused: %s", "args": ("no\n2026-01-01T00:00:00Z INFO all is well\x1b[2J",), "action": "a\nb"})
    for line in (TextLines().format(record), JsonLines().format(record)):
        assert orders_in(line) == []
        assert "\n" not in line


def test_a_failure_in_a_traceback_says_nothing_else() -> None:
    """What a server said is in it."""
    record = logging.makeLogRecord({"msg": "stopped", "exc_info": (None, Temporary("no\n\x1b[2J\x9b31m"), None)})
    assert TextLines().format(record).endswith("Temporary: no  [2J 31m")
