"""Settings that are wrong: each mistake is found, said in one line, and says its fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.settings import load
from tests.test_settings import MAIL, faults, settings

LOCAL = {
    "NUTGRAF_IMAP_HOST": "imap.example.org",
    "NUTGRAF_IMAP_USER": "ann",
    "NUTGRAF_IMAP_PASSWORD": "secret",
    "NUTGRAF_OUTBOX": "out",
    "NUTGRAF_TO": "ann@example.org",
}


def test_a_server_is_named_without_the_rest_of_a_url(tmp_path: Path) -> None:
    """Otherwise it is only found by looking it up in vain."""
    assert "NUTGRAF_IMAP_HOST: 'https://a.example/': must be a server's name" in faults(
        tmp_path, {**MAIL, "NUTGRAF_IMAP_HOST": "https://a.example/"}
    )


@pytest.mark.parametrize(
    ("octets", "said"),
    [(b"NUTGRAF_POLL=2m\nNUTGRAF TO ann\n", ".env: line 2: not readable; write NAME=value"), (b"\xff", ".env: not text in UTF-8; mend")],
)
def test_a_dotenv_that_cannot_be_read_is_a_fault(tmp_path: Path, octets: bytes, said: str) -> None:
    """Not a line left out in silence."""
    (tmp_path / ".env").write_bytes(octets)
    assert said in faults(tmp_path, MAIL)


def test_a_value_that_is_wrong_is_not_said_to_be_missing_as_well(tmp_path: Path) -> None:
    """One mistake, one line."""
    said = faults(tmp_path, {**MAIL, "NUTGRAF_TO": "Ann <ann@example.org>"})

    assert (said.count("NUTGRAF_TO"), "without a name" in said) == (1, True)


@pytest.mark.parametrize(
    ("without", "file", "text", "said"),
    [
        ("NUTGRAF_TO", "service.toml", 'to = "Ann"', "service.toml: to: 'Ann': must be an e-mail address"),
        ("NUTGRAF_TO", "editions.toml", '[[edition]]\nname = "a"\nrecipients = ["Ann"]', "editions.toml: a: recipients: ['Ann']: must"),
        ("NUTGRAF_IMAP", "service.toml", 'mailbox = "main"', "service.toml: mailbox: must be written as [[mailbox]]"),
        ("NUTGRAF_IMAP", "service.toml", '[mailbox]\nhost = "a.example"', "service.toml: mailbox: must be written as [[mailbox]]"),
        ("NUTGRAF_IMAP", "service.toml", '[[mailbox]]\nname = "work"', "service.toml: mailbox work: host: not set"),
    ],
)
def test_what_is_wrong_in_a_file_is_not_said_to_be_missing_as_well(tmp_path: Path, without: str, file: str, text: str, said: str) -> None:
    """One mistake, one line, wherever it was made."""
    (tmp_path / file).write_text(text)
    told = faults(tmp_path, {name: value for name, value in LOCAL.items() if not name.startswith(without)}, tmp_path)

    assert (told.startswith(said), told.count("\n")) == (True, 0)


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("service.toml", 'summaries = "few"', "service.toml: summaries: must be written as [summaries]"),
        ("service.toml", 'oauth = "gmail"', "service.toml: oauth: must be written as [oauth]"),
        ("service.toml", '[[mailbox]]\nname = "work 1"\nhost = "a.example"\nuser = "ann"', "NUTGRAF_MAILBOX_WORK_1_PASSWORD: not set"),
        ("editions.toml", '[[editions]]\nname = "a"', "editions.toml: editions: no such setting; did you mean edition?"),
        ("editions.toml", '[edition]\nname = "a"', "editions.toml: edition: must be written as [[edition]]"),
    ],
)
def test_what_is_written_in_another_form_is_not_passed_over(tmp_path: Path, file: str, text: str, said: str) -> None:
    """Nobody is left to wonder why a setting does nothing."""
    (tmp_path / file).write_text(text)

    assert said in faults(tmp_path, MAIL, tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("IMAP_HOST", "a.example:993", "its port is a setting of its own"),
        ("LETTER_LIMIT", "25", "of 10kB at least"),
        ("SMTP_USER", "", "NUTGRAF_SMTP_USER: not set"),
        ("IMAP_OAUTH", "google", "known are gmail, microsoft"),
    ],
)
def test_a_likely_slip_is_found_before_a_server_is_asked(tmp_path: Path, name: str, value: str, said: str) -> None:
    """A port in the host's name, a size without its unit, a password without a user, a provider by another name."""
    assert said in faults(tmp_path, {**MAIL, f"NUTGRAF_{name}": value})


def test_an_address_of_ipv6_is_a_host(tmp_path: Path) -> None:
    """Its colons are no port's."""
    assert settings(tmp_path, NUTGRAF_IMAP_HOST="2001:db8::1").accounts[0].host == "2001:db8::1"


def test_a_name_in_small_letters_is_not_passed_over(tmp_path: Path) -> None:
    """Names of the environment are case-sensitive, which is no use to anybody who wrote one small."""
    (tmp_path / ".env").write_text("nutgraf_poll=5m\n")

    assert "nutgraf_poll: no such setting (in .env); did you mean NUTGRAF_POLL?" in faults(tmp_path, MAIL)


@pytest.mark.parametrize("name", ["IMAP_HOST", "SMTP_HOST", "MODEL_URL"])
def test_a_fault_does_not_repeat_the_password_in_a_url(tmp_path: Path, name: str) -> None:
    """Faults are logged, where settings are read again."""
    said = faults(tmp_path, {**MAIL, f"NUTGRAF_{name}": "imap://ann:pass@word@mail.example"})
    assert f"NUTGRAF_{name}: 'imap://***@mail.example': must be" in said


def test_a_number_beyond_all_reason_is_a_fault(tmp_path: Path) -> None:
    """Not a traceback."""
    assert "NUTGRAF_POLL: '9999" in faults(tmp_path, {**MAIL, "NUTGRAF_POLL": "9" * 400 + "d"})


def test_a_models_key_does_not_cross_the_network_in_clear(tmp_path: Path) -> None:
    """A server on this machine, or without a key, may do without TLS."""
    model = {"NUTGRAF_MODEL": "tiny", "NUTGRAF_MODEL_KEY": "sesame"}
    assert "NUTGRAF_MODEL_URL: the key would cross" in faults(tmp_path, {**MAIL, **model, "NUTGRAF_MODEL_URL": "http://api.example/v1"})
    for there in ({"NUTGRAF_MODEL_URL": "http://localhost:8080"}, {"NUTGRAF_MODEL_URL": "http://api.example/v1", "NUTGRAF_MODEL_KEY": ""}):
        assert load(None, {**MAIL, **model, **there}, tmp_path).model
