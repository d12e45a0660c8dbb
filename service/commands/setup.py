"""`init` and `login`: getting the service to work."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable, Iterable, Mapping
from email.utils import parseaddr
from functools import partial
from pathlib import Path

import click

from service import settings as configuration
from service.commands.check import READING, SENDING, look_at_imap, look_at_smtp, said, tried
from service.commands.faults import reported, settings_or_exit
from service.commands.providers import BY_DOMAIN, HOSTS, OTHER, Provider, unknown_provider
from service.edges.tls import Security
from service.settings import SettingsError, values
from service.settings.sources import read_dotenv
from service.settings.tables import IMAP_PORTS, SMTP_PORTS

AGAIN, WRITE, QUIT = "again", "write", "quit"


def init(folder: Path) -> int:
    """Ask, try, and write `.env`; nothing is written before the settings have been tried. What was answered before is offered again."""
    target = folder / ".env"
    if not sys.stdin.isatty():
        click.echo("init asks questions, and nobody is here to answer them. Copy .env.example to .env instead.", err=True)
        return 2
    answers, _ = read_dotenv(target)
    if target.exists() and not click.confirm(
        f"{target} exists. Go through it again? Its answers are offered, its comments lost", default=False
    ):
        return 1
    then = AGAIN
    while then == AGAIN:
        answers = _asked(answers)
        wrong = _wrong(answers)
        then = _prompt_one_of("Go through it again, write it all the same, or quit?", (AGAIN, WRITE, QUIT), AGAIN) if wrong else WRITE
        if "certificate" in wrong:
            answers.setdefault("NUTGRAF_CA_FILE", "")
    if then == QUIT:
        click.echo("Nothing is written.")
        return 1
    _write(target, answers)
    by_token = "NUTGRAF_IMAP_OAUTH" in answers
    click.echo(f"{target} is written. Next: {'nutgraf login main, ' if by_token else ''}nutgraf check, nutgraf preview, nutgraf run")
    return 0


def _wrong(answers: Mapping[str, str]) -> str:
    """Try to read and to send, say how it went, and return what is wrong; "" where nothing is, or a login must come first."""
    try:
        settings = configuration.load(environ=answers, folder=Path("no such folder"))
    except SettingsError as error:
        click.echo(str(error), err=True)
        return str(error)
    if any(account.oauth for account in settings.accounts):
        return ""
    looks = [("reading mail", partial(look_at_imap, settings, account), READING) for account in settings.accounts]
    looks += [("sending mail", partial(look_at_smtp, settings), SENDING)]
    return "\n".join(filter(None, [said(tried(*look)) for look in looks]))


def _asked(before: Mapping[str, str]) -> dict[str, str]:
    """Ask for the settings of one mailbox and one edition; `before` are the answers of the last time."""
    last = parseaddr(before.get("NUTGRAF_FROM", ""))[1]
    address = _prompt("Your e-mail address", values.address, last or None)
    known = before if address == last else {}
    provider = _provider(address.rpartition("@")[2].lower(), known.get("NUTGRAF_IMAP_HOST"))
    click.echo(provider.hint)
    answers = {
        **{name: value for name, value in before.items() if not name.startswith(("NUTGRAF_IMAP_", "NUTGRAF_SMTP_"))},
        **_servers(provider, known),
        "NUTGRAF_IMAP_USER": _prompt("User name", values.text, known.get("NUTGRAF_IMAP_USER", address)),
        **_secret(provider, known),
        "NUTGRAF_IMAP_FOLDERS": _prompt(
            "Folders to watch, with commas between them", values.names, known.get("NUTGRAF_IMAP_FOLDERS", "INBOX")
        ),
        "NUTGRAF_SECRET_KEY": known.get("NUTGRAF_SECRET_KEY") or secrets.token_urlsafe(32),
    }
    if click.confirm("Log in to send, as the same user?", default=not known or "NUTGRAF_SMTP_USER" in known):
        same = ("USER", "PASSWORD", "OAUTH")
        answers |= {f"NUTGRAF_SMTP_{key}": answers[f"NUTGRAF_IMAP_{key}"] for key in same if f"NUTGRAF_IMAP_{key}" in answers}
    if "NUTGRAF_CA_FILE" in answers:
        answers["NUTGRAF_CA_FILE"] = _prompt("File of certificates to trust (PEM; empty for none)", values.text, answers["NUTGRAF_CA_FILE"])
    answers["NUTGRAF_TO"] = _prompt("Who gets the digest", values.addresses, known.get("NUTGRAF_TO", address))
    answers["NUTGRAF_FROM"] = f"Nutgraf <{address}>"
    answers["NUTGRAF_SCHEDULE"] = _prompt(
        "When (daily 07:00, weekly mon 08:00, every 6h, each letter)", _schedule, before.get("NUTGRAF_SCHEDULE", f"daily 07:00 {_zone()}")
    )
    return answers


def _provider(domain: str, last: str | None) -> Provider:
    """Return who runs the mail of a domain; of one that is not well known only its owner can tell. `last` is its IMAP server so far."""
    if domain in BY_DOMAIN:
        return BY_DOMAIN[domain]
    click.echo(f"Who runs the mail of {domain}? google if you read it at mail.google.com, microsoft if at outlook.office.com.")
    so_far = next((name for name, host in HOSTS.items() if host.imap == last), OTHER)
    told = _prompt_one_of("Mail is run by", (*HOSTS, OTHER), so_far)
    return HOSTS.get(told) or unknown_provider(domain)


def _secret(provider: Provider, known: Mapping[str, str]) -> dict[str, str]:
    """Ask for the password, or for what a provider wants in its place."""
    if not provider.oauth:
        old = known.get("NUTGRAF_IMAP_PASSWORD")
        question = f"Password (not shown{'; Enter keeps the last one' if old else ''})"
        return {"NUTGRAF_IMAP_PASSWORD": click.prompt(question, hide_input=True, default=old, show_default=False)}
    client_id = f"NUTGRAF_OAUTH_{provider.oauth.upper()}_CLIENT_ID"
    return {
        "NUTGRAF_IMAP_OAUTH": provider.oauth,
        client_id: _prompt("Client ID of your registration (docs/oauth.md)", values.text, known.get(client_id)),
    }


def _servers(provider: Provider, known: Mapping[str, str]) -> dict[str, str]:
    """Return where the servers are: those of a well-known provider, or asked for one by one."""
    usual = {
        **_server("IMAP", provider.imap, "tls", str(IMAP_PORTS[Security.TLS])),
        **_server("SMTP", provider.smtp, provider.smtp_security, str(SMTP_PORTS[Security(provider.smtp_security)])),
    }
    offered = {name: known.get(name, value) for name, value in usual.items()}
    servers = f"Its servers are {provider.imap} and {provider.smtp}. Right?"
    if provider in BY_DOMAIN.values() and click.confirm(servers, default=offered == usual):
        return usual
    return {**_asked_server("IMAP", IMAP_PORTS, offered), **_asked_server("SMTP", SMTP_PORTS, offered)}


def _server(protocol: str, host: str, security: str, port: str) -> dict[str, str]:
    return {f"NUTGRAF_{protocol}_HOST": host, f"NUTGRAF_{protocol}_SECURITY": security, f"NUTGRAF_{protocol}_PORT": port}


def _asked_server(protocol: str, ports: Mapping[Security, int], offered: Mapping[str, str]) -> dict[str, str]:
    """Ask where a server is; with another security another port is offered."""
    host, security, port = (offered[name] for name in _server(protocol, "", "", ""))
    named = _prompt(f"{protocol} server", values.host, host)
    protected = _prompt(f"{protocol} security (tls, starttls; plain on this machine only)", values.security, security)
    usual = port if protected == security else str(ports[values.security(protected)])
    return _server(protocol, named, protected, _prompt(f"{protocol} port", values.port, usual))


def _prompt(question: str, parse: Callable[[str], object], default: str | None = None) -> str:
    """Ask until the answer can be used."""
    while True:
        answer: str = click.prompt(question, default=default, show_default=bool(default))
        try:
            parse(answer)
        except ValueError as error:
            click.echo(f"  {error}")
        else:
            return answer.strip()


def _prompt_one_of(question: str, words: Iterable[str], default: str) -> str:
    answer: str = click.prompt(question, type=click.Choice(list(words)), default=default)
    return answer


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
        *(f"{name}={quoted(value)}" for name, value in answers.items()),
    ]
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        os.fchmod(handle, 0o600)  # before there is anything to read
        file.write("\n".join(lines) + "\n")


def quoted(value: str) -> str:
    """Return a value as python-dotenv reads it back, whatever characters it has; within other quotes compose takes $ for a variable."""
    if not {"'", "\\"} & set(value):
        return f"'{value}'"
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
