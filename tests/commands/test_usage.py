"""What is said to those who use a command for the first time, or wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.terminal import folders, nutgraf

COMMANDS = ["run", "once", "preview", "extract", "summarise", "summarize", "init", "check", "login", "health", "store", "demo"]


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


@pytest.mark.parametrize("command", ["once", "run", "check"])
def test_a_data_folder_that_can_not_be_one_is_named(command: str, tmp_path: Path) -> None:
    """A file stands in its place: said in a line, with the setting to change."""
    (tmp_path / "data").write_text("")
    done = nutgraf(tmp_path, command, settings=folders(tmp_path))
    said = (done.stdout + done.stderr).decode()

    assert (done.returncode, "Traceback" in said, f"{tmp_path / 'data'}" in said) == (1, False, True)


def test_whoever_starts_it_in_another_folder_is_told_so(tmp_path: Path) -> None:
    """Settings that were written, and are not found, stand in a .env elsewhere."""
    assert f"There is no .env in {tmp_path}" in nutgraf(tmp_path, "check").stderr.decode()
