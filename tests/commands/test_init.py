"""`nutgraf init` on a terminal: what it asks, what it writes."""

from __future__ import annotations

import os
import pty
import select
import sys
import time
from pathlib import Path

from service.edges.loopback_servers import LoopbackServers
from tests.commands.terminal import ROOT, nutgraf


def test_init_asks_tries_and_writes_a_private_file(tmp_path: Path) -> None:
    """The answers end in a .env that only its owner can read, and that `check` accepts."""
    with LoopbackServers({"ann@example.org": "right"}) as servers:
        said = typed(
            tmp_path,
            [
                ("e-mail address", "ann@example.org"),
                ("IMAP server", servers.host),
                ("IMAP security", "plain"),
                ("IMAP port", str(servers.imap_port)),
                ("User name", ""),
                ("Password", "right"),
                ("Folders", ""),
                ("SMTP server", servers.host),
                ("SMTP security", "plain"),
                ("SMTP port", str(servers.smtp_port)),
                ("Log in to send", "n"),
                ("Who gets", ""),
                ("When", "daily 07:00 Europe/Oslo"),
            ],
        )
        written = tmp_path / ".env"
        checked = nutgraf(tmp_path, "check", settings={"NUTGRAF_DATA_DIR": str(tmp_path / "data")})

    assert "right" not in said
    assert oct(written.stat().st_mode & 0o777) == "0o600"
    assert 'NUTGRAF_SCHEDULE="daily 07:00 Europe/Oslo"' in written.read_text()
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_init_asks_no_password_of_those_who_have_none(tmp_path: Path) -> None:
    """A mailbox at Microsoft: a registration in the password's place, a key for the tokens, and what to do next."""
    answers = [("e-mail address", "ann@outlook.com"), *((f"IMAP {what}", "") for what in ("server", "security", "port"))]
    answers += [
        ("User name", ""),
        ("Client ID", "0000"),
        ("Folders", ""),
        *((f"SMTP {what}", "") for what in ("server", "security", "port")),
    ]
    said = typed(tmp_path, [*answers, ("Log in to send", ""), ("Who gets", ""), ("When", "")])
    written = (tmp_path / ".env").read_text()

    assert "nutgraf login main" in said
    assert [
        name for name in ("IMAP_OAUTH", "SMTP_OAUTH", "OAUTH_MICROSOFT_CLIENT_ID", "SECRET_KEY") if f"NUTGRAF_{name}=" not in written
    ] == []


def typed(folder: Path, answers: list[tuple[str, str]]) -> str:
    """Run `nutgraf init` on a terminal, type each answer at its question, and return what the terminal showed."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execve(  # noqa: S606
            sys.executable, [sys.executable, "-m", "service", "init"], {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TERM": "dumb"}
        )
    shown = ""
    for question, answer in answers:
        shown += _until(terminal, question)
        os.write(terminal, answer.encode() + b"\n")
    shown += _until(terminal, "Next: ")
    os.waitpid(pid, 0)
    os.close(terminal)
    return shown


def _until(terminal: int, text: str) -> str:
    """Return what the terminal shows up to and with `text`, which must come within 30 seconds."""
    shown, end = "", time.monotonic() + 30
    while text not in shown:
        assert select.select([terminal], [], [], max(0.0, end - time.monotonic()))[0], f"no {text!r} in {shown!r}"
        shown += os.read(terminal, 1000).decode(errors="replace")
    return shown
