"""Settings: where they come from, which one wins, and that every fault is said at once."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from service import bundled
from service.digest import default, trial
from service.records import Kind, Rhythm
from service.settings import Security, Settings, SettingsError, load, values

MAIL = {
    "NUTGRAF_IMAP_HOST": "imap.example.org",
    "NUTGRAF_IMAP_USER": "ann@example.org",
    "NUTGRAF_IMAP_PASSWORD": "secret-imap",
    "NUTGRAF_SMTP_HOST": "smtp.example.org",
    "NUTGRAF_SMTP_USER": "ann@example.org",
    "NUTGRAF_SMTP_PASSWORD": "secret-smtp",
    "NUTGRAF_TO": "ann@example.org",
}


def settings(folder: Path, config: Path | None = None, **more: str) -> Settings:
    """Return the settings of MAIL and more, with `.env` looked for in `folder`."""
    return load(config, {**MAIL, **more}, folder)


def faults(folder: Path, environ: dict[str, str], config: Path | None = None) -> str:
    """Return the faults as one text."""
    with pytest.raises(SettingsError) as raised:
        load(config, environ, folder)
    return "\n".join(raised.value.faults)


def test_one_mailbox_and_one_edition_need_the_environment_alone(tmp_path: Path) -> None:
    """The common case has no file at all."""
    found = settings(tmp_path, NUTGRAF_SCHEDULE="weekly mon 08:00 Europe/Oslo")

    assert [(a.host, a.port, a.security) for a in found.accounts] == [("imap.example.org", 993, Security.TLS)]
    assert (found.smtp and found.smtp.port, found.sender, found.owner) == (465, "ann@example.org", "ann@example.org")
    assert [(e.recipients, e.timetable.rhythm) for e in found.editions] == [(("ann@example.org",), Rhythm.WEEKLY)]


def test_the_environment_wins_over_dotenv_and_dotenv_over_toml(tmp_path: Path) -> None:
    """Nearest first: environment, .env, service.toml."""
    config = tmp_path / "config"
    config.mkdir()
    (config / "service.toml").write_text('poll = "1m"\nlookback = "1h"\nretention = "1d"\n')
    (tmp_path / ".env").write_text("NUTGRAF_POLL=2m\nNUTGRAF_LOOKBACK=2h\n")

    found = settings(tmp_path, config, NUTGRAF_POLL="3m")

    assert (found.poll, found.lookback, found.retention) == (timedelta(minutes=3), timedelta(hours=2), timedelta(days=1))


def test_a_secret_can_stand_in_a_file(tmp_path: Path) -> None:
    """NAME_FILE names a container secret; its last line end is none of the secret."""
    secret = tmp_path / "secret"
    secret.write_text("pass word\n")
    environ = {k: v for k, v in MAIL.items() if k != "NUTGRAF_IMAP_PASSWORD"}

    found = load(None, {**environ, "NUTGRAF_IMAP_PASSWORD_FILE": str(secret)}, tmp_path)

    assert found.accounts[0].password == "pass word"


def test_every_fault_is_said_at_once_with_its_key_value_and_fix(tmp_path: Path) -> None:
    """Nobody wants to mend settings one run at a time."""
    said = faults(
        tmp_path,
        {**MAIL, "NUTGRAF_POLL": "soon", "NUTGRAF_IMAP_PORT": "99999", "NUTGRAF_SCHEDULE": "daily 25:00", "NUTGRAF_TO": "ann"},
    )

    for key, value in (("POLL", "soon"), ("IMAP_PORT", "99999"), ("SCHEDULE", "daily 25:00"), ("TO", "ann")):
        assert re.search(rf"^NUTGRAF_{key}: '{value}': \w", said, re.MULTILINE), key


def test_no_secret_is_shown_in_a_fault_or_a_representation(tmp_path: Path) -> None:
    """Faults are pasted into bug reports."""
    said = faults(tmp_path, {**MAIL, "NUTGRAF_IMAP_PASSWORD": "qwerty\nuiop", "NUTGRAF_SECRET_KEY": "tell\x00tale"})

    assert "***" in said
    assert not re.search("qwerty|tale", said)
    assert "secret-" not in repr(settings(tmp_path))


def test_without_any_setting_the_faults_say_what_is_needed(tmp_path: Path) -> None:
    """A newcomer's first start says which four things are missing."""
    said = faults(tmp_path, {})

    assert [name for name in ("IMAP_HOST", "SMTP_HOST", "NUTGRAF_TO", "NUTGRAF_FROM") if name not in said] == []


def test_clear_text_is_for_this_machine_alone(tmp_path: Path) -> None:
    """A password must not cross a network in clear."""
    said = faults(tmp_path, {**MAIL, "NUTGRAF_IMAP_SECURITY": "plain"})

    assert "NUTGRAF_IMAP_SECURITY: 'plain'" in said
    assert settings(tmp_path, NUTGRAF_IMAP_SECURITY="plain", NUTGRAF_IMAP_HOST="127.0.0.1").accounts[0].port == 143


def test_a_misspelt_name_in_dotenv_is_a_fault_with_the_right_one(tmp_path: Path) -> None:
    """What nobody asks for was meant for somebody."""
    (tmp_path / ".env").write_text("NUTGRAF_SCHEDUL=daily 07:00\n")

    assert "NUTGRAF_SCHEDUL: no such setting (in .env); did you mean NUTGRAF_SCHEDULE?" in faults(tmp_path, dict(MAIL))


def test_a_platforms_own_names_in_the_environment_are_passed_over(tmp_path: Path) -> None:
    """A container platform sets NUTGRAF_SERVICE_HOST and the like when the service is called nutgraf."""
    assert settings(tmp_path, NUTGRAF_SERVICE_HOST="10.0.0.1").accounts


def test_a_misspelt_key_in_toml_is_a_fault_with_the_right_one(tmp_path: Path) -> None:
    """In both files, and in tables too."""
    (tmp_path / "service.toml").write_text('pol = "60s"\n[summaries]\nmethd = "lexrank"\n[[mailbox]]\nname="x"\nhots="y"\n')
    (tmp_path / "editions.toml").write_text('[[edition]]\nname = "a"\nrecipient = ["b@example.org"]\n')

    said = faults(tmp_path, dict(MAIL), tmp_path)

    for key, right in (("pol", "poll"), ("summaries.methd", "method"), ("mailbox x: hots", "host"), ("a: recipient", "recipients")):
        assert f"{key}: no such setting; did you mean {right}?" in said


def test_two_editions_of_one_name_are_a_fault_and_so_is_the_built_in_ones(tmp_path: Path) -> None:
    """An edition's name is how the store knows what was sent."""
    (tmp_path / "editions.toml").write_text('[[edition]]\nname = "a"\n[[edition]]\nname = "a"\n[[edition]]\nname = "passed on"\n')

    said = faults(tmp_path, dict(MAIL), tmp_path)

    assert [name for name in ("'a'", "'passed on'") if name not in said] == []


def test_more_mailboxes_and_editions_stand_in_toml(tmp_path: Path) -> None:
    """Passwords stay in the environment, by the mailbox's name."""
    (tmp_path / "service.toml").write_text(
        '[[mailbox]]\nname="work"\nhost="imap.example.net"\nuser="w"\n[[mailbox]]\nname="old"\npath="/m"\n'
    )
    (tmp_path / "editions.toml").write_text('[[edition]]\nname="a"\nsources=["*.x"]\n[[edition]]\nname="b"\nanswers=true\nentries=5\n')

    found = settings(tmp_path, tmp_path, NUTGRAF_MAILBOX_WORK_PASSWORD="pw")

    assert [a.name for a in found.accounts] == ["main", "work"]
    assert [str(f.path) for f in found.folders] == ["/m"]
    assert [(e.name, e.answers, e.entries, e.sources) for e in found.editions] == [("a", False, 20, ("*.x",)), ("b", True, 5, ("*",))]
    assert Kind.PERSONAL in found.editions[1].kinds


def test_an_unreadable_file_is_a_fault_not_a_traceback(tmp_path: Path) -> None:
    """Broken TOML, a missing secret's file and a missing CA file are named."""
    (tmp_path / "service.toml").write_text("poll = \n")

    said = faults(tmp_path, {**MAIL, "NUTGRAF_TO_FILE": "/none", "NUTGRAF_TO": "", "NUTGRAF_CA_FILE": "/no.pem"}, tmp_path)

    assert [word for word in ("service.toml", "NUTGRAF_TO_FILE", "NUTGRAF_CA_FILE") if word not in said] == []


def test_every_key_of_service_toml_is_commented() -> None:
    """An operator learns a setting where it stands."""
    lines = (bundled.config() / "service.toml").read_text().splitlines()

    bare = [line for before, line in pairwise(lines) if re.match(r"\w+ = ", line) and not _told(before)]

    assert bare == []


def _told(line: str) -> bool:
    """Return whether the line above tells about the key, itself or as one of a group."""
    return line.startswith("#") or bool(re.match(r"\w+ = ", line))


def test_every_key_of_service_toml_is_read(tmp_path: Path) -> None:
    """A key that changes nothing would be a lie: each one, set to nonsense, is a fault or changes the settings."""
    default = tomllib.loads((bundled.config() / "service.toml").read_text())
    flat = [k for k, v in default.items() if not isinstance(v, dict | list)] + [f"summaries.{k}" for k in ("sentences", "method")]

    unread = []
    for key in flat:
        table, _, name = key.rpartition(".")
        head = f"[{table}]\n" if table else ""
        (tmp_path / "service.toml").write_text(f'{head}{name} = "a\\u0007b"\n')
        try:
            load(tmp_path, {k: v for k, v in MAIL.items() if k != "NUTGRAF_TO"}, tmp_path)
        except SettingsError as error:
            if not any(key in fault for fault in error.faults):
                unread.append(key)
        else:
            unread.append(key)

    assert unread == []


def test_every_name_in_the_example_is_a_setting(tmp_path: Path) -> None:
    """.env.example, taken whole, has no misspelt name."""
    example = Path(__file__).parent.parent / ".env.example"
    (tmp_path / ".env").write_text(re.sub(r"^#(NUTGRAF_)", r"\1", example.read_text(), flags=re.MULTILINE))

    assert "no such setting" not in faults(tmp_path, {"NUTGRAF_POLL": "never"})


def test_every_method_of_summarising_can_be_chosen_and_no_other(tmp_path: Path) -> None:
    """The names are those of the summarisers; a wrong one is found before a letter is."""
    from service.summary.methods import NAMES

    assert values.METHODS == NAMES
    assert "NUTGRAF_METHOD: 'magic': must be one of nutgraf, " in faults(tmp_path, {**MAIL, "NUTGRAF_METHOD": "magic"})


def test_digests_in_a_folder_need_no_sender(tmp_path: Path) -> None:
    """Nobody will answer them."""
    found = load(None, {"NUTGRAF_MAILDIR": "in", "NUTGRAF_OUTBOX": "out", "NUTGRAF_TO": "ann@example.org"}, tmp_path)

    assert found.sender == "Nutgraf <nutgraf@localhost>"


def test_the_examples_of_the_manual_work(tmp_path: Path) -> None:
    """Editions, the reply mode and words, as docs/your-own.md shows them."""
    manual = (Path(__file__).parent.parent / "docs" / "your-own.md").read_text("utf-8")
    editions, answers, service, own_words = re.findall(r"```toml\n(.*?)```", manual, re.DOTALL)
    (tmp_path / "editions.toml").write_text(editions + answers)
    (tmp_path / "service.toml").write_text(service)

    found = settings(tmp_path, tmp_path)

    assert [edition.name for edition in found.editions] == ["morning", "at once", "answers"]
    assert found.trusted_authserv_ids == ("mx.example.org",)
    assert trial.faults(replace(default(), words=own_words)) == ()
