"""Words that may appear in no log, on no screen and (secrets) in no file: the daemon meets faults, and all that it says is read."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.edges.loopback_servers import LoopbackServers
from tests.journey.beds import READER, ROOT, Daemon, LoopbackBed
from tests.journey.invented import newsletter
from tests.servers.chat_server import ChatServer, chat_server
from tests.servers.faulty_smtp import Fault, FaultySmtp
from tests.servers.waiting import wait_until

PATIENCE = 40.0
IMAP_PASSWORD, SMTP_PASSWORD, SECRET_KEY, MODEL_KEY = "zeisig-imap", "zeisig-smtp", "zeisig-secret-key", "zeisig-model-key"
SECRETS = ("zeisig", *(base64.b64encode(f"\0{user}\0zeisig".encode())[:-4].decode() for user in (READER, "stieglitz")))
LETTER = ("stieglitz", "kolibri", "pirol", "wiedehopf")
"""The sender, the subject, the text, and what stands in a letter that can't be read."""

READABLE = newsletter(1, title="Kolibri has landed", text="The pirol sings in the town of Oxford. " * 5).replace(
    b"news1@", b"stieglitz@stieglitz."
)
UNREADABLE = b"From: <wiedehopf@wiedehopf.example>\r\nContent-Type: multipart/mixed; boundary=\xff\xfe\r\n\r\n" + b"\x00wiedehopf" * 50

CRASHING = """
import sys
from dataclasses import replace
from service import settings
from service.commands import daemon
from service.edges import assembly
whole = assembly.assemble
class Reader:
    def identify(self, raw):
        return "source"
    def read(self, raw, memory):
        try:
            {}[raw.decode("latin-1")]
        except KeyError:
            raise ValueError("canary: " + raw.decode("latin-1"), "zeisig")
def broken(*given, **named):
    return replace(whole(*given, **named), reader=Reader())
assembly.assemble = broken
sys.exit(daemon.run(None, None))
"""


@pytest.fixture
def bed() -> Iterator[LoopbackBed]:
    """Give a bed with a good letter and one that can't be read."""
    with LoopbackServers({READER: IMAP_PASSWORD}) as servers:
        for raw in (READABLE, UNREADABLE):
            servers.deliver(raw)
        yield LoopbackBed(servers)


@pytest.fixture
def smtp() -> Iterator[FaultySmtp]:
    """Give a server that asks for a password and repeats what it refuses."""
    with FaultySmtp(logins={"stieglitz": SMTP_PASSWORD}) as server:
        yield server


@pytest.fixture
def model() -> Iterator[ChatServer]:
    """Give a model that is of no use, and says the key that it was given."""
    with chat_server() as server:
        server.status, server.body = 401, f"wrong key {MODEL_KEY}".encode()
        yield server


@pytest.fixture(params=["text", "json"])
def environment(request: pytest.FixtureRequest, bed: LoopbackBed, smtp: FaultySmtp, model: ChatServer, tmp_path: Path) -> dict[str, str]:
    """Return the settings, with every secret there is, at the most talkative level."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        **bed.environment(),
        "NUTGRAF_DATA_DIR": str(tmp_path / "data"),
        "NUTGRAF_IMAP_PASSWORD": IMAP_PASSWORD,
        "NUTGRAF_SMTP_PORT": str(smtp.port),
        "NUTGRAF_SMTP_USER": "stieglitz",
        "NUTGRAF_SMTP_PASSWORD": SMTP_PASSWORD,
        "NUTGRAF_SECRET_KEY": SECRET_KEY,
        "NUTGRAF_MODEL_URL": model.url,
        "NUTGRAF_MODEL": "parrot",
        "NUTGRAF_MODEL_KEY": MODEL_KEY,
        "NUTGRAF_LOG_LEVEL": "debug",
        "NUTGRAF_LOG_FORMAT": request.param,
    }


def refuse_canaries(said: str, *more: str) -> None:
    """Fail when anything stands in `said` that nobody may read there."""
    heard = [word for word in (*SECRETS, *LETTER, *more) if word.lower() in said.lower()]
    assert not heard, said


def ask(environment: dict[str, str], *words: str) -> str:
    """Run a command line; return all that it says."""
    command = [sys.executable, "-m", "service", *words]
    folder = Path(environment["NUTGRAF_DATA_DIR"]).parent
    ended = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    return ended.stdout + ended.stderr


def test_fault_91_no_log_of_a_hard_day_holds_a_secret_an_address_or_a_letter(
    environment: dict[str, str], smtp: FaultySmtp, tmp_path: Path
) -> None:
    """A refused recipient, a refused password, a model that repeats its key, an unreadable letter; then all is well."""
    smtp.fault = Fault("RCPT", f"450 4.2.1 <{READER}> is not at home")
    with Daemon(environment, tmp_path / "log") as daemon:
        wait_until(lambda: "not at home" in daemon.log.read_text(), "the recipient is refused", PATIENCE)
        assert daemon.stop() == 0
    smtp.fault = Fault("AUTH", f"535 5.7.8 {SMTP_PASSWORD} is wrong for {READER}")
    (tmp_path / "data" / "nutgraf.db").chmod(0o644)
    said = [daemon.log.read_text(), ask(environment, "once"), ask(environment, "health"), ask(environment, "store", "check")]
    smtp.fault = None
    said += [ask({**environment, "NUTGRAF_IMAP_PASSWORD": "zeisig-wrong"}, "once"), ask(environment, "once")]
    said.append((tmp_path / "data" / "heartbeat.json").read_text())
    assert "read a letter" in said[0]
    for each in said:
        refuse_canaries(each, "reader@demo")


def test_fault_91_check_names_addresses_but_no_secret(environment: dict[str, str], smtp: FaultySmtp) -> None:
    """What an operator looks at holds the operator's own settings, never a password: of the mailbox, the way out or the model."""
    smtp.fault = Fault("AUTH", f"535 5.7.8 {SMTP_PASSWORD} is wrong")
    said = ask({**environment, "NUTGRAF_IMAP_PASSWORD": "zeisig-wrong"}, "check")
    assert said.count("WRONG") == 3, said
    assert "zeisig" not in said


def test_fault_91_a_traceback_says_where_but_not_what(environment: dict[str, str], tmp_path: Path) -> None:
    """An exception that nobody foresaw quotes a letter; the log has its kind and its lines of code."""
    with Daemon(environment, tmp_path / "log", ("-c", CRASHING)) as daemon:
        wait_until(lambda: "builtins.ValueError" in daemon.log.read_text(), "a letter crashes its step", PATIENCE)
        assert daemon.stop() == 0
    said = daemon.log.read_text()
    assert "builtins.KeyError" in said
    refuse_canaries(said, "reader@demo")
    if environment["NUTGRAF_LOG_FORMAT"] == "json":
        assert any("traceback" in json.loads(line) for line in said.splitlines())


def test_fault_91_an_end_nobody_foresaw_is_logged_like_the_rest(environment: dict[str, str], tmp_path: Path) -> None:
    """An exception of the main thread, before anything works, is a line of the log too, without its words."""
    program = CRASHING.replace("return replace(whole(*given, **named), reader=Reader())", 'raise ValueError("zeisig")')
    (tmp_path / "data").mkdir()
    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    assert "an error nobody foresaw" in ended.stderr
    refuse_canaries(ended.stderr)


def test_fault_92_files_are_for_their_owner_and_hold_no_secret(environment: dict[str, str], tmp_path: Path) -> None:
    """The data folder and what is in it can be read by nobody else; no file holds a password or a key."""
    with Daemon(environment, tmp_path / "log") as daemon:
        wait_until(lambda: "posting sent" in daemon.log.read_text(), "a digest is sent", PATIENCE)
        files = list((tmp_path / "data").iterdir())
        modes = {file.name: oct(file.stat().st_mode & 0o777) for file in files}
        assert daemon.stop() == 0
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert set(modes) >= {"nutgraf.db", "nutgraf.lock", "heartbeat.json"}
    assert {name: mode for name, mode in modes.items() if mode != "0o600"} == {}
    for file in (tmp_path / "data").iterdir():
        assert b"zeisig" not in file.read_bytes()
