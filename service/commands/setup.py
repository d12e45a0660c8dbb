"""`init`, `check` and `login`: getting the service to work, and seeing that it does."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from service import settings as configuration
from service.commands.faults import reported, settings_or_exit
from service.commands.providers import known_provider
from service.contracts import Failure, Permanent
from service.edges.tls import Security
from service.records import Edition
from service.settings import Settings, SettingsError, values
from service.settings.tables import IMAP_PORTS, SMTP_PORTS

Finding = tuple[str, str, str]
"""What was looked at, what is wrong ("" when nothing is), and how to mend it or what was found."""


def check(config_dir: Path | None) -> int:
    """Look at everything the daemon will need; print a line each; 1 when something is wrong."""
    settings = settings_or_exit(config_dir)
    click.echo(f"{'settings':>20}  ok: {len(settings.editions)} editions, digests from {settings.sender}")
    wrong = False
    for what, trouble, note in _findings(settings):
        click.echo(f"{what:>20}  {'WRONG: ' + trouble if trouble else 'ok'}{': ' if note else ''}{note}")
        wrong |= bool(trouble)
    return int(wrong)


def _findings(settings: Settings) -> Iterator[Finding]:
    yield _tried("store", lambda: _look_at_store(settings))
    yield _tried("clock", lambda: _look_at_clock(settings))
    for account in settings.accounts:
        yield _tried(f"mailbox {account.name}", lambda account=account: _look_at_imap(settings, account))  # type: ignore[misc]
    for folder in settings.folders:
        ok = folder.path.is_dir()
        yield f"mailbox {folder.name}", "" if ok else f"{folder.path}: no such folder", "" if ok else "make it, or set NUTGRAF_MAILDIR"
    if settings.smtp:
        yield _tried("smtp", lambda: _look_at_smtp(settings))
    for edition in settings.editions:
        yield f"edition {edition.name}", "", _next_digest(edition)


def _tried(what: str, look: Callable[[], str]) -> Finding:
    try:
        return what, "", look()
    except Permanent as failure:
        return what, str(failure), failure.fix
    except Failure as failure:
        return what, str(failure), "try again; if it stays, look at the server's name, port and security"
    except OSError as error:
        return what, error.strerror or type(error).__name__, str(error.filename or "")


def _look_at_store(settings: Settings) -> str:
    from service.edges.sql_store import open_store

    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = open_store(settings.database_url)
    try:
        return ", ".join(f"{count} {state}" for state, count in store.statistics().items()) or "empty"
    finally:
        store.close()


def _look_at_clock(settings: Settings) -> str:
    from service.edges.heartbeat import last_beat

    now = datetime.now(UTC)
    last = last_beat(settings.data_dir)
    if last and last > now:
        raise Permanent(
            f"it is {now:%Y-%m-%d %H:%M} UTC here, before the daemon's last work at {last:%Y-%m-%d %H:%M}", "set the clock (NTP)"
        )
    return f"{now:%Y-%m-%d %H:%M} UTC"


def _look_at_imap(settings: Settings, account: configuration.Account) -> str:
    from service.edges.assembly import imap_account
    from service.edges.imap_session import ImapSession

    session = ImapSession(imap_account(settings, account))
    try:
        counts = [f"{folder} ({session.examine(folder).exists} letters)" for folder in account.folders]
    finally:
        session.close()
    return ", ".join(counts)


def _look_at_smtp(settings: Settings) -> str:
    from service.edges.assembly import courier
    from service.edges.smtp_courier import SmtpCourier

    way_out = courier(settings)
    if isinstance(way_out, SmtpCourier):
        way_out.check()
    return "logged in" if settings.smtp and settings.smtp.user else "connected, without a login"


def _next_digest(edition: Edition) -> str:
    from service.digest.timetable import next_due

    due = next_due(edition.timetable, datetime.now(UTC))
    return f"next digest {due:%Y-%m-%d %H:%M} UTC" if due else "a digest for each letter"


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
    wrong = False
    for account in settings.accounts:
        wrong |= _say(_tried("reading mail", lambda account=account: _look_at_imap(settings, account)))  # type: ignore[misc]
    wrong |= _say(_tried("sending mail", lambda: _look_at_smtp(settings)))
    if wrong and not click.confirm("Write .env all the same?", default=False):
        return 1
    _write(target, answers)
    click.echo(f"{target} is written. Next: nutgraf check, nutgraf preview, nutgraf run")
    return 0


def _say(finding: Finding) -> bool:
    what, trouble, note = finding
    click.echo(f"{what}: {'WRONG: ' + trouble if trouble else 'ok'}. {note}")
    return bool(trouble)


def _asked() -> dict[str, str]:
    """Ask for the settings of one mailbox and one edition."""
    address = _prompt("Your e-mail address", values.address)
    provider = known_provider(address)
    click.echo(provider.hint)
    answers = {
        **_server("IMAP", provider.imap, "tls", IMAP_PORTS),
        "NUTGRAF_IMAP_USER": _prompt("User name", values.text, address),
        "NUTGRAF_IMAP_PASSWORD": click.prompt("Password (not shown)", hide_input=True),
        "NUTGRAF_IMAP_FOLDERS": _prompt("Folders to watch, with commas between them", values.names, "INBOX"),
        **_server("SMTP", provider.smtp, provider.smtp_security, SMTP_PORTS),
    }
    if click.confirm("Log in to send, with the same name and password?", default=True):
        answers["NUTGRAF_SMTP_USER"] = answers["NUTGRAF_IMAP_USER"]
        answers["NUTGRAF_SMTP_PASSWORD"] = answers["NUTGRAF_IMAP_PASSWORD"]
    answers["NUTGRAF_TO"] = _prompt("Who gets the digest", values.address, address)
    answers["NUTGRAF_FROM"] = f"Nutgraf <{address}>"
    answers["NUTGRAF_SCHEDULE"] = _prompt(
        "When (daily 07:00, weekly mon 08:00, every 6h, each letter)", _schedule, f"daily 07:00 {_zone()}"
    )
    return answers


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
    return place.partition("/zoneinfo/")[2] or "UTC"


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
