"""From the settings to a token and back: who shares a grant, where it lies, and what is said when it can't be had."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.contracts import Permanent, Unauthorised
from service.edges.accounts import courier, imap_account
from service.edges.oauth_accounts import PassingSafe, grant_name, registered
from service.edges.oauth_login import log_in
from service.edges.oauth_tokens import Grant
from service.edges.smtp_courier import SmtpCourier
from service.settings import Settings, SettingsError, load
from tests.servers.token_issuer import TokenIssuer


@pytest.fixture
def issuer() -> Iterator[TokenIssuer]:
    """Give an issuer."""
    with TokenIssuer() as running:
        yield running


def settings(folder: Path, issuer: TokenIssuer, **changes: str) -> Settings:
    """Return the settings of one user with a mailbox and an SMTP server at one provider."""
    (folder / "config").mkdir(exist_ok=True)
    (folder / "config" / "service.toml").write_text(f'[oauth.example]\nclient_id = "nutgraf"\nissuer = "{issuer.url}"\nscope = "mail"\n')
    environ = {
        "NUTGRAF_IMAP_HOST": "imap.example.org",
        "NUTGRAF_IMAP_USER": "me@example.org",
        "NUTGRAF_IMAP_OAUTH": "example",
        "NUTGRAF_SMTP_HOST": "smtp.example.org",
        "NUTGRAF_SMTP_USER": "me@example.org",
        "NUTGRAF_SMTP_OAUTH": "example",
        "NUTGRAF_TO": "me@example.org",
        "NUTGRAF_DATA_DIR": str(folder / "data"),
        "NUTGRAF_SECRET_KEY": "a long random text for the tests",
    }
    return load(folder / "config", {**environ, **changes}, folder)


def test_one_login_opens_the_mailbox_and_the_way_out(tmp_path: Path, issuer: TokenIssuer) -> None:
    """The same user at the same provider: one grant, kept encrypted in the store."""
    ours = settings(tmp_path, issuer)
    assert ours.smtp is not None
    log_in(ours, ours.smtp, lambda _: None)
    way_out, box = courier(ours), imap_account(ours, ours.accounts[0])
    assert isinstance(way_out, SmtpCourier)
    assert way_out.token is not None
    assert box.tokens is not None
    assert (way_out.token(), box.tokens()) == ("access-1", "access-1")


def test_the_grant_is_not_in_the_store_in_clear(tmp_path: Path, issuer: TokenIssuer) -> None:
    """No file of the data folder holds a token."""
    issuer.mint = lambda number: f"canary-access-{number}"
    ours = settings(tmp_path, issuer)
    log_in(ours, ours.accounts[0], lambda _: None)
    assert Grant.from_text(PassingSafe(ours).load(grant_name(ours, ours.accounts[0]))) is not None
    for file in (path for path in (tmp_path / "data").rglob("*") if path.is_file()):
        assert b"canary" not in file.read_bytes()


def test_before_the_first_login_the_command_is_named(tmp_path: Path, issuer: TokenIssuer) -> None:
    """By the name of the account that the grant belongs to."""
    ours = settings(tmp_path, issuer)
    tokens = imap_account(ours, ours.accounts[0]).tokens
    assert tokens is not None
    with pytest.raises(Unauthorised, match="needs a login") as refused:
        tokens()
    assert refused.value.fix == f"run `nutgraf login {ours.accounts[0].name}`"


def test_users_of_their_own_have_grants_of_their_own(tmp_path: Path, issuer: TokenIssuer) -> None:
    """Another user's token must not open this one's mailbox."""
    ours = settings(tmp_path, issuer, NUTGRAF_SMTP_USER="digest@example.org")
    assert ours.smtp is not None
    assert grant_name(ours, ours.smtp) != grant_name(ours, ours.accounts[0])


def test_without_a_secret_key_the_settings_are_refused(tmp_path: Path, issuer: TokenIssuer) -> None:
    """The grant could not be kept."""
    with pytest.raises(SettingsError) as refused:
        settings(tmp_path, issuer, NUTGRAF_SECRET_KEY="")
    assert [fault.partition(":")[0] for fault in refused.value.faults] == ["NUTGRAF_SECRET_KEY"]


def test_a_safe_that_does_not_open_is_held_against_no_posting(tmp_path: Path, issuer: TokenIssuer) -> None:
    """Another key than then: the way is closed for all alike."""
    ours = settings(tmp_path, issuer)
    log_in(ours, ours.accounts[0], lambda _: None)
    other = settings(tmp_path, issuer, NUTGRAF_SECRET_KEY="quite another long random text")
    tokens = imap_account(other, other.accounts[0]).tokens
    assert tokens is not None
    with pytest.raises(Unauthorised, match="another key"):
        tokens()


def test_an_account_with_a_password_has_no_login(tmp_path: Path, issuer: TokenIssuer) -> None:
    """And is told what to set."""
    ours = settings(tmp_path, issuer, NUTGRAF_IMAP_OAUTH="", NUTGRAF_IMAP_PASSWORD="x")
    with pytest.raises(Permanent, match="password") as refused:
        log_in(ours, ours.accounts[0], lambda _: None)
    assert "oauth" in refused.value.fix


@pytest.mark.parametrize(
    ("provider", "fault"),
    [
        ("gmail", "oauth.gmail: no client is registered at gmail; register one there"),
        ("gmial", "oauth: 'gmial': no such provider; known are gmail, microsoft"),
    ],
)
def test_a_provider_that_can_not_work_is_told_with_the_other_faults(tmp_path: Path, issuer: TokenIssuer, provider: str, fault: str) -> None:
    """At the start, not at the first letter."""
    with pytest.raises(SettingsError) as refused:
        settings(tmp_path, issuer, NUTGRAF_IMAP_OAUTH=provider)
    assert [each for each in refused.value.faults if each.startswith(fault)]


def test_a_client_can_be_given_by_the_environment_alone(tmp_path: Path, issuer: TokenIssuer) -> None:
    """Its secret by a file, as containers hand out secrets."""
    (tmp_path / "secret").write_text("s3cret\n")
    given = {"NUTGRAF_OAUTH_GMAIL_CLIENT_ID": "nutgraf", "NUTGRAF_OAUTH_GMAIL_CLIENT_SECRET_FILE": str(tmp_path / "secret")}
    ours = settings(tmp_path, issuer, NUTGRAF_IMAP_OAUTH="gmail", **given)
    client = registered(ours, ours.accounts[0])
    assert (client.client_id, client.client_secret) == ("nutgraf", "s3cret")


def test_a_misspelt_key_of_a_provider_is_told(tmp_path: Path) -> None:
    """With the nearest right one."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "service.toml").write_text('[oauth.example]\nclient = "x"\n')
    with pytest.raises(SettingsError) as refused:
        load(tmp_path / "config", {}, tmp_path)
    assert "service.toml: oauth.example.client: no such setting; did you mean client_id?" in refused.value.faults
