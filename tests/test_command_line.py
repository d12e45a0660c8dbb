"""The command line as people and scripts meet it: one process each, an empty folder, no settings but those given."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from service.edges.loopback_servers import LoopbackServers
from tests.journey.invented import newsletter

ROOT = Path(__file__).parent.parent
COMMANDS = ["run", "once", "preview", "extract", "summarise", "summarize", "init", "check", "login", "health", "store", "demo"]
KEYS = ["file", "kind", "source", "publisher", "subject", "date", "language", "stories", "dropped"]


def nutgraf(
    folder: Path, *words: str, settings: Mapping[str, str] = MappingProxyType({}), stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run the command in `folder` with nothing in its environment but `settings`."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(folder), **settings}
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "service", *words], cwd=folder, env=environment, input=stdin, capture_output=True, check=False, timeout=100
    )


def objects(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    """Return the JSON objects on standard output, one a line and nothing else."""
    return [json.loads(line) for line in done.stdout.decode().split("\n") if line]


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    """Give a newsletter in a file."""
    file = tmp_path / "letter.eml"
    file.write_bytes(newsletter(7))
    return file


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_is_for(command: str, tmp_path: Path) -> None:
    """`--help` works everywhere, without settings, and in whole sentences."""
    done = nutgraf(tmp_path, command, "--help")

    assert done.returncode == 0
    assert b"Usage: " in done.stdout
    assert len(done.stdout.splitlines()[2].split()) >= 5


def test_wrong_use_is_2(tmp_path: Path) -> None:
    """An unknown command, and a command without its file."""
    assert (nutgraf(tmp_path, "digest").returncode, nutgraf(tmp_path, "extract").returncode) == (2, 2)


@pytest.mark.parametrize("command", ["run", "once", "preview", "check", "health"])
def test_without_settings_every_missing_one_is_named(command: str, tmp_path: Path) -> None:
    """Exit code 2, and all at once."""
    done = nutgraf(tmp_path, command)

    assert done.returncode == 2
    assert [
        name for name in ("NUTGRAF_IMAP_HOST", "NUTGRAF_SMTP_HOST", "NUTGRAF_TO", "NUTGRAF_FROM") if name not in done.stderr.decode()
    ] == []


def test_extract_prints_one_json_object_a_file_in_order(letter: Path, tmp_path: Path) -> None:
    """The fixed keys, the file as given, and standard output carries the JSON alone."""
    page = tmp_path / "page.html"
    page.write_text("<h1>A page</h1><p>The mill has been rebuilt by forty people in two summers, and it grinds again.</p>")
    done = nutgraf(tmp_path, "extract", "--format", "json", letter.name, str(page))

    first, second = objects(done)
    assert done.returncode == 0
    assert ([*first], first["file"], second["file"]) == (KEYS, letter.name, str(page))
    assert (first["kind"], first["subject"], first["date"]) == ("newsletter", "Bridge 7 opens", "2026-11-21T06:30:00+00:00")
    assert [*first["stories"][0]] == ["title", "text", "url", "language"]
    assert {*first["dropped"][0]} == {"text", "verdict", "reason"}
    assert "grinds again" in second["stories"][0]["text"]


def test_a_bad_file_is_an_object_and_the_rest_goes_on(letter: Path, tmp_path: Path) -> None:
    """Exit code 1, kind unreadable with a reason; the other files are read."""
    (tmp_path / "empty.eml").write_bytes(b"")
    done = nutgraf(tmp_path, "extract", "--format", "json", "none.eml", "empty.eml", letter.name)

    read = objects(done)
    assert done.returncode == 1
    assert [item["kind"] for item in read] == ["unreadable", "unreadable", "newsletter"]
    assert all(item["reason"] and item["stories"] == [] for item in read[:2])


def test_a_letter_comes_on_standard_input(tmp_path: Path) -> None:
    """`-` is a file like any other."""
    (read,) = objects(nutgraf(tmp_path, "extract", "--format", "json", "-", stdin=newsletter(3)))

    assert (read["file"], read["subject"]) == ("-", "Bridge 3 opens")


def test_running_text_is_read_as_it_is(tmp_path: Path) -> None:
    """A .txt file that looks like a header is text all the same."""
    (tmp_path / "note.txt").write_text(
        "Subject: matters\nof the river were discussed on Monday, when the mill stood still for six hours.\n"
    )
    (read,) = objects(nutgraf(tmp_path, "extract", "--format", "json", "note.txt"))

    assert read["stories"][0]["text"].startswith("Subject: matters")


def test_summarise_adds_the_summary_to_each_story_and_to_the_letter(letter: Path, tmp_path: Path) -> None:
    """At most N sentences for the letter, each of which stood in it; both spellings."""
    for command in ("summarise", "summarize"):
        (read,) = objects(nutgraf(tmp_path, command, "--format", "json", "--sentences", "2", letter.name))
        (story,) = read["stories"]

        assert [*read] == [*KEYS, "summary"]
        assert 0 < len(read["summary"]) <= 2
        assert all(" ".join(sentence.split()) in " ".join(story["text"].split()) for sentence in read["summary"] + story["summary"])


def test_earlier_issues_are_read_first(letter: Path, tmp_path: Path) -> None:
    """`--after` takes every file up to the next option."""
    for number in (1, 2):
        (tmp_path / f"{number}.eml").write_bytes(newsletter(number))
    done = nutgraf(tmp_path, "extract", "--after", "1.eml", "2.eml", "--format", "json", letter.name)

    assert [item["file"] for item in objects(done)] == [letter.name]


def test_why_shows_each_block_with_verdict_and_reason(letter: Path, tmp_path: Path) -> None:
    """The letter as its reader sees it; plain when piped."""
    shown = nutgraf(tmp_path, "extract", "--why", letter.name).stdout.decode()

    assert "\x1b[" not in shown
    assert "boilerplate  Sign up for more of our free letters." in shown


def test_several_files_are_told_apart(letter: Path, tmp_path: Path) -> None:
    """Each begins with its name, after an empty line."""
    shown = nutgraf(tmp_path, "summarise", letter.name, letter.name).stdout.decode()

    assert (shown.startswith("letter.eml: newsletter\n"), shown.count("\n\nletter.eml: newsletter\n")) == (True, 1)


def test_reasons_are_asked_for_in_one_form(letter: Path, tmp_path: Path) -> None:
    """`--why` and JSON together are wrong use, not one of them passed over."""
    assert nutgraf(tmp_path, "extract", "--why", "--format", "json", letter.name).returncode == 2


def test_a_language_of_an_operator_is_used(letter: Path, tmp_path: Path) -> None:
    """`--config DIR` brings phrases of its own; a mistake in them is named, not blamed on letters."""
    phrases = tmp_path / "own" / "boilerplate"
    phrases.mkdir(parents=True)
    (phrases / "en.toml").write_text("nonsense = \n")
    done = nutgraf(tmp_path, "extract", "--config", "own", letter.name)

    assert done.returncode == 2
    assert b"en.toml" in done.stderr
    assert b"Traceback" not in done.stderr


def test_once_over_folders_needs_no_server(letter: Path, tmp_path: Path) -> None:
    """A folder of letters in, a folder of digests out, a line a step; the second time there is nothing to do."""
    settings = {
        "NUTGRAF_MAILDIR": str(letter.parent),
        "NUTGRAF_OUTBOX": str(tmp_path / "out"),
        "NUTGRAF_TO": "ann@example.org",
        "NUTGRAF_FROM": "nutgraf@example.org",
        "NUTGRAF_SCHEDULE": "each letter",
        "NUTGRAF_DATA_DIR": str(tmp_path / "data"),
    }
    first, second = nutgraf(tmp_path, "once", settings=settings), nutgraf(tmp_path, "once", settings=settings)
    healthy = nutgraf(tmp_path, "health", settings=settings)

    assert (first.returncode, second.returncode) == (0, 0)
    assert ["deliver  1 mail\n" in run.stdout.decode() for run in (first, second)] == [True, False]
    assert len(list((tmp_path / "out").glob("*.eml"))) == 1
    assert (healthy.returncode, b"never run" in healthy.stdout) == (1, True)


def test_preview_sends_nothing_and_marks_nothing(letter: Path, tmp_path: Path) -> None:
    """Twice the same, and the letter is still there for the digest."""
    settings = {
        "NUTGRAF_MAILDIR": str(letter.parent),
        "NUTGRAF_OUTBOX": str(tmp_path / "out"),
        "NUTGRAF_TO": "ann@example.org",
        "NUTGRAF_FROM": "nutgraf@example.org",
        "NUTGRAF_DATA_DIR": str(tmp_path / "data"),
    }
    shown = [nutgraf(tmp_path, "preview", settings=settings).stdout.decode() for _ in range(2)]
    nutgraf(tmp_path, "preview", "--html", "digest.html", settings=settings)

    assert shown[0] == shown[1]
    assert "Bridge 7 opens" in shown[0]
    assert "Bridge 7 opens" in (tmp_path / "digest.html").read_text()
    assert not (tmp_path / "out").exists()


def folders(tmp_path: Path, **more: str) -> dict[str, str]:
    """Return the settings of a mailbox that is a folder, and of an outbox that is one."""
    return {
        "NUTGRAF_MAILDIR": str(tmp_path),
        "NUTGRAF_OUTBOX": str(tmp_path / "out"),
        "NUTGRAF_TO": "ann@example.org",
        "NUTGRAF_DATA_DIR": str(tmp_path / "data"),
        **more,
    }


@pytest.mark.usefixtures("letter")
def test_what_is_no_backup_is_not_restored(letter: Path, tmp_path: Path) -> None:
    """It is the file that is named as wrong, not the store; a backup is restored, and the old store kept."""
    settings = folders(tmp_path)
    nutgraf(tmp_path, "once", settings=settings)
    wrong = nutgraf(tmp_path, "store", "restore", letter.name, settings=settings)
    nutgraf(tmp_path, "store", "backup", "copy.db", settings=settings)
    right = nutgraf(tmp_path, "store", "restore", "copy.db", settings=settings)

    assert (wrong.returncode, b"letter.eml is no backup" in wrong.stderr) == (1, True)
    assert (right.returncode, b"is kept as" in right.stdout) == (0, True)


def test_once_says_when_the_digest_comes(tmp_path: Path) -> None:
    """Whoever tries it out at noon would otherwise look for the digest in vain."""
    done = nutgraf(tmp_path, "once", settings=folders(tmp_path, NUTGRAF_SCHEDULE="daily 07:00 Europe/Oslo"))

    assert " 07:00 Europe/Oslo" in done.stdout.decode()
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("letter")
def test_once_fails_while_a_mail_could_not_be_sent(tmp_path: Path) -> None:
    """A file stands where the folder should be: the mail waits, which cron must hear of."""
    (tmp_path / "out").write_text("")
    done = nutgraf(tmp_path, "once", settings=folders(tmp_path, NUTGRAF_SCHEDULE="each letter"))

    assert (done.returncode, "1 mail not sent yet" in done.stdout.decode()) == (1, True)


def test_preview_may_go_further_back_but_not_change_its_mind(letter: Path, tmp_path: Path) -> None:
    """A letter of last week is found with `--since`, which is for the first run."""
    last_week = time.time() - 7 * 86400
    os.utime(letter, (last_week, last_week))
    short = folders(tmp_path, NUTGRAF_DATA_DIR=str(tmp_path / "short"))

    assert "Bridge 7 opens" in nutgraf(tmp_path, "preview", "--since", "9d", settings=folders(tmp_path)).stdout.decode()
    assert "No stories for digest yet; letters count from" in nutgraf(tmp_path, "preview", settings=short).stdout.decode()
    assert "--since is for a first run" in nutgraf(tmp_path, "preview", "--since", "9d", settings=short).stderr.decode()


@pytest.mark.usefixtures("letter")
def test_an_operators_template_is_previewed(tmp_path: Path) -> None:
    """What the digest will look like, not what ours would."""
    (tmp_path / "own" / "templates").mkdir(parents=True)
    (tmp_path / "own" / "templates" / "digest.txt").write_text("Good morning from {{ title }}")

    assert b"Good morning from Nutgraf" in nutgraf(tmp_path, "preview", "--config", "own", settings=folders(tmp_path)).stdout


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
