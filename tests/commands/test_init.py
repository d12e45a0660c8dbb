"""`nutgraf init` on a terminal: what it asks, what it writes."""

from __future__ import annotations

import os
import pty
import select
import sys
import time
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values
from hypothesis import example, given
from hypothesis import strategies as st

from service.commands.setup import quoted
from service.edges.loopback_servers import LoopbackServers
from tests.commands.terminal import ROOT, nutgraf


def places(servers: LoopbackServers) -> list[tuple[str, str]]:
    """Return where a server of each protocol is, as init asks for it."""
    ports = {"IMAP": servers.imap_port, "SMTP": servers.smtp_port}
    return [
        answer
        for protocol, port in ports.items()
        for answer in ((f"{protocol} server", servers.host), (f"{protocol} security", "plain"), (f"{protocol} port", str(port)))
    ]


def test_init_asks_tries_and_writes_a_private_file(tmp_path: Path) -> None:
    """The answers end in a .env that only its owner can read, and that `check` accepts."""
    with LoopbackServers({"ann@example.org": "right"}) as servers:
        said = typed(
            tmp_path,
            [
                ("e-mail address", "ann@example.org"),
                ("run by", ""),
                *places(servers),
                ("User name", ""),
                ("Password", "right"),
                ("Folders", ""),
                ("Log in to send", "n"),
                ("Who gets", ""),
                ("When", "daily 07:00 Europe/Oslo"),
            ],
        )
        written = tmp_path / ".env"
        checked = nutgraf(tmp_path, "check", settings={"NUTGRAF_DATA_DIR": str(tmp_path / "data")})

    assert "right" not in said
    assert oct(written.stat().st_mode & 0o777) == "0o600"
    assert "NUTGRAF_SCHEDULE='daily 07:00 Europe/Oslo'" in written.read_text()
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_init_asks_no_password_of_those_who_have_none(tmp_path: Path) -> None:
    """A mailbox at Microsoft: a registration in the password's place, a key for the tokens, and what to do next."""
    answers = [("e-mail address", "ann@outlook.com"), ("outlook.office365.com and smtp.office365.com. Right?", "")]
    answers += [("User name", ""), ("Client ID", "0000"), ("Folders", "")]
    said = typed(tmp_path, [*answers, ("Log in to send", ""), ("Who gets", ""), ("When", "")])
    written = (tmp_path / ".env").read_text()

    assert "nutgraf login main" in said
    assert [
        name for name in ("IMAP_OAUTH", "SMTP_OAUTH", "OAUTH_MICROSOFT_CLIENT_ID", "SECRET_KEY") if f"NUTGRAF_{name}=" not in written
    ] == []


def test_init_keeps_the_answers_after_a_try_that_failed(tmp_path: Path) -> None:
    """One wrong password costs one answer, not fifteen; what else stood in the file stays."""
    (tmp_path / ".env").write_text("# mine\nNUTGRAF_POLL=5m\nNUTGRAF_FROM=ann@example.org\nNUTGRAF_IMAP_PASSWORD=old\n")
    with LoopbackServers({"ann@example.org": "right"}) as servers:
        said = typed(
            tmp_path,
            [
                ("Go through it again?", "y"),
                ("e-mail address [ann@example.org]", ""),
                ("run by", ""),
                *places(servers),
                ("User name", ""),
                ("Enter keeps the last one", ""),
                ("Folders", ""),
                ("Log in to send", "n"),
                ("Who gets", ""),
                ("When", "every 6h"),
                ("or quit?", ""),
                ("e-mail address [ann@example.org]", ""),
                ("run by", ""),
                *((f"{protocol} {what}", "") for protocol in ("IMAP", "SMTP") for what in ("server", "security", "port")),
                ("User name", ""),
                ("Enter keeps the last one", "right"),
                ("Folders", ""),
                ("Log in to send", ""),
                ("Who gets", ""),
                ("When", ""),
            ],
        )
    written = dotenv_values(tmp_path / ".env")

    assert "check the user and the password" in said
    assert (written["NUTGRAF_POLL"], written["NUTGRAF_IMAP_PASSWORD"], written["NUTGRAF_SCHEDULE"]) == ("5m", "right", "every 6h")
    assert [name for name in written if name.startswith("NUTGRAF_SMTP_")] == [f"NUTGRAF_SMTP_{key}" for key in ("HOST", "SECURITY", "PORT")]


def test_init_asks_who_runs_the_mail_of_a_company(tmp_path: Path) -> None:
    """A name of its own says nothing of Microsoft 365 behind it; no DNS is asked, since that would tell who is about to be watched."""
    answers = [("e-mail address", "ann@example.org"), ("run by", "microsoft"), ("Right?", "n")]
    answers += [("IMAP server [outlook.office365.com]", ""), ("IMAP security", ""), ("IMAP port [993]", "")]
    answers += [("SMTP server [smtp.office365.com]", ""), ("SMTP security", "tls"), ("SMTP port [465]", "")]
    answers += [("User name", ""), ("Client ID", "0000"), ("Folders", "")]

    assert "nutgraf login main" in typed(tmp_path, [*answers, ("Log in to send", ""), ("Who gets", ""), ("When", "")])


@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1))
@example("pa$$w0rd # \\n 'x' \"y\" ${HOME}")
def test_what_init_writes_is_read_back(value: str) -> None:
    """Any password, with whatever signs; where it can be, as docker compose reads it too: in single quotes nothing is a variable."""
    written = quoted(value)
    assert dotenv_values(stream=StringIO(f"NAME={written}\n"), interpolate=False) == {"NAME": value}
    assert written[0] == "'" or "'" in value or "\\" in value


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
