"""`once`, `preview` and `store` over folders, which need no server."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.commands.terminal import folders, nutgraf


def test_once_over_folders_needs_no_server(letter: Path, tmp_path: Path) -> None:
    """A folder of letters in, a folder of digests out, a line a step; the second time there is nothing to do."""
    settings = folders(tmp_path, NUTGRAF_MAILDIR=str(letter.parent), NUTGRAF_FROM="nutgraf@example.org", NUTGRAF_SCHEDULE="each letter")
    first, second = nutgraf(tmp_path, "once", settings=settings), nutgraf(tmp_path, "once", settings=settings)
    healthy = nutgraf(tmp_path, "health", settings=settings)

    assert (first.returncode, second.returncode) == (0, 0)
    assert ["deliver  1 mail\n" in run.stdout.decode() for run in (first, second)] == [True, False]
    assert len(list((tmp_path / "out").glob("*.eml"))) == 1
    assert (healthy.returncode, b"never run" in healthy.stdout) == (1, True)


def test_preview_sends_nothing_and_marks_nothing(letter: Path, tmp_path: Path) -> None:
    """Twice the same, and the letter is still there for the digest."""
    settings = folders(tmp_path, NUTGRAF_MAILDIR=str(letter.parent), NUTGRAF_FROM="nutgraf@example.org")
    shown = [nutgraf(tmp_path, "preview", settings=settings).stdout.decode() for _ in range(2)]
    nutgraf(tmp_path, "preview", "--html", "digest.html", settings=settings)

    assert shown[0] == shown[1]
    assert "Bridge 7 opens" in shown[0]
    assert "Bridge 7 opens" in (tmp_path / "digest.html").read_text()
    assert not (tmp_path / "out").exists()


def test_preview_changes_nothing(letter: Path, tmp_path: Path) -> None:
    """Neither before the first run, of which nothing is there then, nor later: the store's content is the same before and after."""
    settings = folders(tmp_path)
    store = tmp_path / "data" / "nutgraf.db"
    nutgraf(tmp_path, "preview", "--since", "9d", settings=settings)
    assert not store.exists()

    nutgraf(tmp_path, "once", settings=settings)
    before = content(store)
    letter.with_name("another.eml").write_bytes(letter.read_bytes().replace(b"Bridge 7", b"Bridge 8"))
    assert "2 letters: " in nutgraf(tmp_path, "preview", settings=settings).stdout.decode()
    assert content(store) == before


def content(store: Path) -> list[str]:
    """Return what a store holds, as SQL."""
    with closing(sqlite3.connect(store)) as opened:
        return list(opened.iterdump())


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
    """A letter of last week is found with `--since`, which is for the first run; a preview is none."""
    last_week = time.time() - 7 * 86400
    os.utime(letter, (last_week, last_week))
    short = folders(tmp_path, NUTGRAF_DATA_DIR=str(tmp_path / "short"))

    assert "Bridge 7 opens" in nutgraf(tmp_path, "preview", "--since", "9d", settings=folders(tmp_path)).stdout.decode()
    assert "No stories for digest yet; letters count from" in nutgraf(tmp_path, "preview", settings=short).stdout.decode()
    assert "Bridge 7 opens" in nutgraf(tmp_path, "preview", "--since", "9d", settings=short).stdout.decode()
    nutgraf(tmp_path, "once", settings=short)
    assert "--since is for a first run" in nutgraf(tmp_path, "preview", "--since", "9d", settings=short).stderr.decode()


@pytest.mark.usefixtures("letter")
def test_an_operators_template_is_previewed(tmp_path: Path) -> None:
    """What the digest will look like, not what ours would."""
    (tmp_path / "own" / "templates").mkdir(parents=True)
    (tmp_path / "own" / "templates" / "digest.txt").write_text("Good morning from {{ title }}")

    assert b"Good morning from Nutgraf" in nutgraf(tmp_path, "preview", "--config", "own", settings=folders(tmp_path)).stdout
