"""`nutgraf check`: what is wrong is found before a letter has to wait for it, and the fix is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.edges.loopback_servers import LoopbackServers
from tests.commands.terminal import folders, nutgraf
from tests.servers.chat_server import chat_server


@pytest.mark.parametrize("command", ["once", "preview", "check", "run"])
def test_a_broken_template_is_named_before_anything_is_done(command: str, tmp_path: Path) -> None:
    """With file and line, not with a traceback."""
    (tmp_path / "own" / "templates").mkdir(parents=True)
    (tmp_path / "own" / "templates" / "digest.html").write_text("{{ tilte }}")
    done = nutgraf(tmp_path, command, "--config", "own", settings=folders(tmp_path))
    said = (done.stdout + done.stderr).decode()

    assert (done.returncode, "Traceback" in said) == (1, False)
    assert "digest.html: line 1: 'tilte' is undefined" in said


def test_check_finds_an_operators_broken_phrases(tmp_path: Path) -> None:
    """Before a letter has to wait for them."""
    (tmp_path / "own" / "boilerplate").mkdir(parents=True)
    (tmp_path / "own" / "boilerplate" / "en.toml").write_text("nonsense = \n")
    done = nutgraf(tmp_path, "check", "--config", "own", settings=folders(tmp_path))

    assert (done.returncode, "en.toml" in done.stdout.decode()) == (1, True)


def test_check_finds_what_is_wrong_in_the_folder_and_with_its_secrets(tmp_path: Path) -> None:
    """An outbox that cannot be one, a reply mode that would answer nobody, a .env that everyone can read."""
    (tmp_path / "out").write_text("")
    (tmp_path / ".env").write_text("NUTGRAF_SECRET_KEY=canary\n")
    (tmp_path / ".env").chmod(0o644)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "editions.toml").write_text('[[edition]]\nname = "back"\nanswers = true\n')
    done = nutgraf(tmp_path, "check", "--config", "own", settings=folders(tmp_path))
    said = done.stdout.decode()

    assert done.returncode == 1
    assert [what for what in (".env  WRONG", "outbox  WRONG", "edition back  WRONG", "chmod 600") if what not in said] == []


def test_check_finds_what_is_wrong_and_says_the_fix(tmp_path: Path) -> None:
    """A good mailbox, then a wrong password: 0, then 1 with what to do."""
    with LoopbackServers({"ann@example.org": "right"}) as servers:
        settings = {
            "NUTGRAF_IMAP_HOST": servers.host,
            "NUTGRAF_IMAP_PORT": str(servers.imap_port),
            "NUTGRAF_IMAP_SECURITY": "plain",
            "NUTGRAF_IMAP_USER": "ann@example.org",
            "NUTGRAF_SMTP_HOST": servers.host,
            "NUTGRAF_SMTP_PORT": str(servers.smtp_port),
            "NUTGRAF_SMTP_SECURITY": "plain",
            "NUTGRAF_DATA_DIR": str(tmp_path / "data"),
        }
        good = nutgraf(tmp_path, "check", settings={**settings, "NUTGRAF_IMAP_PASSWORD": "right"})
        bad = nutgraf(tmp_path, "check", settings={**settings, "NUTGRAF_IMAP_PASSWORD": "wr0ng-canary"})

    assert (good.returncode, bad.returncode) == (0, 1)
    assert "mailbox main  WRONG" in bad.stdout.decode()
    assert b"wr0ng-canary" not in bad.stdout + bad.stderr


def test_check_asks_the_model_for_a_word(tmp_path: Path) -> None:
    """A summary that has to be made without it would say so only in the digest."""
    with chat_server() as server:
        server.answer = "Yes."
        settings = folders(tmp_path, NUTGRAF_MODEL_URL=server.url, NUTGRAF_MODEL="one")
        good = nutgraf(tmp_path, "check", settings=settings)
        server.status = 404
        bad = nutgraf(tmp_path, "check", settings=settings)

    assert (good.returncode, "model  ok: it answers" in good.stdout.decode()) == (0, True)
    assert (bad.returncode, "model  WRONG" in bad.stdout.decode(), "NUTGRAF_MODEL_URL" in bad.stdout.decode()) == (1, True, True)


def test_check_finds_an_edition_in_a_language_without_words(tmp_path: Path) -> None:
    """It would speak English, and nobody would know why."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "editions.toml").write_text('[[edition]]\nname = "star"\nlanguage = "tlh"\n')
    done = nutgraf(tmp_path, "check", "--config", "own", settings=folders(tmp_path))

    assert (done.returncode, "edition star would speak English" in done.stdout.decode()) == (1, True)
