"""`init` and `login`: getting the service to work."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from service import settings as configuration
from service.commands.check import Finding, look_at_imap, look_at_smtp, tried
from service.commands.faults import reported, settings_or_exit
from service.commands.providers import Provider, known_provider
from service.edges.tls import Security
from service.settings import Settings, SettingsError, values
from service.settings.tables import IMAP_PORTS, SMTP_PORTS


def init(folder: Path) -> int:
    """Ask, try, and write `.env`; nothing is written before the settings have been tried."""
    target = folder / ".env"
    if not sys.stdin.isatty():
        click.echo("init asks questions, and nobody is here to answer them. Copy .env.example to .env instead.", err=True)
        return 2
    if target.exists() and not click.confirm(f"{target} exists. Write it anew?", default=False):
        return 1
    answers = _asked()
    try:
        settings = configuration.load(environ=answers, folder=folder / "no such folder")
    except SettingsError as error:
        click.echo("\n".join(error.faults), err=True)
        return 2
    by_token = any(account.oauth for account in settings.accounts)
    if not by_token and _wrong(settings) and not click.confirm("Write .env all the same?", default=False):
        click.echo("Nothing is written.")
        return 1
    _write(target, answers)
    click.echo(f"{target} is written. Next: {'nutgraf login main, ' if by_token else ''}nutgraf check, nutgraf preview, nutgraf run")
    return 0


def _wrong(settings: Settings) -> bool:
    """Try to read and to send, say how it went, and return whether something is wrong."""
    wrong = False
    for account in settings.accounts:
        wrong |= _say(tried("reading mail", lambda account=account: look_at_imap(settings, account)))  # type: ignore[misc]
    return _say(tried("sending mail", lambda: look_at_smtp(settings))) or wrong


def _say(finding: Finding) -> bool:
    what, trouble, note = finding
    click.echo(f"{what}: {'WRONG: ' + trouble if trouble else 'ok'}{'; ' if note else ''}{note}")
    return bool(trouble)


def _asked() -> dict[str, str]:
    """Ask for the settings of one mailbox and one edition."""
    address = _prompt("Your e-mail address", values.address)
    provider = known_provider(address)
    click.echo(provider.hint)
    answers = {
        **_server("IMAP", provider.imap, "tls", IMAP_PORTS),
        "NUTGRAF_IMAP_USER": _prompt("User name", values.text, address),
        **_secret(provider),
        "NUTGRAF_IMAP_FOLDERS": _prompt("Folders to watch, with commas between them", values.names, "INBOX"),
        **_server("SMTP", provider.smtp, provider.smtp_security, SMTP_PORTS),
    }
    if click.confirm("Log in to send, as the same user?", default=True):
        same = ("USER", "PASSWORD", "OAUTH")
        answers |= {f"NUTGRAF_SMTP_{key}": answers[f"NUTGRAF_IMAP_{key}"] for key in same if f"NUTGRAF_IMAP_{key}" in answers}
    answers["NUTGRAF_TO"] = _prompt("Who gets the digest", values.address, address)
    answers["NUTGRAF_FROM"] = f"Nutgraf <{address}>"
    answers["NUTGRAF_SCHEDULE"] = _prompt(
        "When (daily 07:00, weekly mon 08:00, every 6h, each letter)", _schedule, f"daily 07:00 {_zone()}"
    )
    return answers


def _secret(provider: Provider) -> dict[str, str]:
    """Ask for the password, or for what a provider wants in its place."""
    if not provider.oauth:
        return {"NUTGRAF_IMAP_PASSWORD": click.prompt("Password (not shown)", hide_input=True)}
    return {
        "NUTGRAF_IMAP_OAUTH": provider.oauth,
        f"NUTGRAF_OAUTH_{provider.oauth.upper()}_CLIENT_ID": _prompt("Client ID of your registration (docs/oauth.md)", values.text),
        "NUTGRAF_SECRET_KEY": secrets.token_urlsafe(32),
    }


def _server(protocol: str, host: str, security: str, ports: Mapping[Security, int]) -> dict[str, str]:
    """Ask where a server is; the port that goes with its security is offered."""
    named = _prompt(f"{protocol} server", values.text, host)
    protected = _prompt(f"{protocol} security (tls, starttls; plain on this machine only)", values.security, security)
    port = _prompt(f"{protocol} port", values.port, str(ports[values.security(protected)]))
    return {f"NUTGRAF_{protocol}_HOST": named, f"NUTGRAF_{protocol}_SECURITY": protected, f"NUTGRAF_{protocol}_PORT": port}


def _prompt(question: str, parse: Callable[[str], object], default: str | None = None) -> str:
    """Ask until the answer can be used."""
    while True:
        answer: str = click.prompt(question, default=default)
        try:
            parse(answer)
        except ValueError as error:
            click.echo(f"  {error}")
        else:
            return answer.strip()


def _schedule(text: str) -> object:
    from service.digest.timetable import parse

    return parse(text)


def _zone() -> str:
    """Return this machine's time zone by its IANA name, or UTC."""
    place = str(Path("/etc/localtime").resolve())
    return place.partition("/zoneinfo/")[2].removeprefix("Etc/") or "UTC"


def _write(target: Path, answers: dict[str, str]) -> None:
    """Write the answers so that only their owner can read them."""
    lines = [
        "# Written by `nutgraf init`; .env.example describes every setting.",
        *(f"{name}={_quoted(value)}" for name, value in answers.items()),
    ]
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    target.chmod(0o600)


def _quoted(value: str) -> str:
    """Return a value as python-dotenv reads it back, whatever characters it has."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def login(name: str, config_dir: Path | None) -> int:
    """Get a token for a mailbox (or smtp) by OAuth2 and store it, encrypted."""
    settings = settings_or_exit(config_dir)
    accounts = {account.name: account for account in (*settings.accounts, *((settings.smtp,) if settings.smtp else ()))}
    if name not in accounts:
        click.echo(f"no mailbox {name!r}; there are: {', '.join(accounts)}", err=True)
        return 2
    from service.edges.oauth_login import log_in

    def work() -> int:
        log_in(settings, accounts[name], click.echo)
        click.echo(f"{name}: logged in; the token is stored and will be renewed by itself")
        return 0

    return reported(work)
