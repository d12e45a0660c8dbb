"""`check`: looking at everything that the daemon will need, and saying how to mend what is wrong."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.commands import showing
from service.commands.faults import settings_or_exit
from service.contracts import Failure, Permanent
from service.edges.log_lines import printable
from service.records import Edition
from service.settings import Account, Settings

if TYPE_CHECKING:
    from service.edges.child_reader import ChildReader

Finding = tuple[str, str, str]
"""What was looked at, what is wrong ("" when nothing is), and how to mend it or what was found."""


READING = "look at the server's name, port and security (tls goes with 993, starttls with 143), or try again later"
SENDING = "look at the server's name, port and security (tls goes with 465, starttls with 587), or try again later"
ASKING = "look at NUTGRAF_MODEL_URL, and whether that server runs, or try again later"
"""What to do about a server that can't be used now."""


def check(config_dir: Path | None) -> int:
    """Look at everything the daemon will need; print a line each; 1 when something is wrong."""
    settings = settings_or_exit(config_dir)
    wrong = [said(finding) for finding in _findings(settings)]
    return int(any(wrong))


def said(finding: Finding) -> str:
    """Print a finding, with how to mend it on a line of its own, or what was found; return what is wrong."""
    what, trouble, note = map(printable, finding)
    more = (f"\n{'':>20}  to mend: {note}" if trouble else f": {note}") if note else ""
    verdict = f"{click.style('WRONG', fg='red', bold=True)}: {trouble}" if trouble else click.style("ok", fg="green")
    click.echo(f"{what:>20}  {verdict}{more}")
    return trouble


def _findings(settings: Settings) -> Iterator[Finding]:
    yield "settings", "", f"digests from {settings.sender}"
    yield from _secrets_shown(Path(".env"))
    yield tried("store", lambda: _look_at_store(settings))
    yield tried("clock", lambda: _look_at_clock(settings))
    for account in settings.accounts:
        yield tried(f"mailbox {account.name}", lambda account=account: look_at_imap(settings, account), READING)  # type: ignore[misc]
    for folder in settings.folders:
        ok = folder.path.is_dir()
        yield (
            f"mailbox {folder.name}",
            "" if ok else f"{folder.path}: no such folder",
            "" if ok else "make it, or give the path of one that is there",
        )
    yield tried("phrases", lambda: _look_at_phrases(settings))
    yield tried("templates", lambda: _look_at_templates(settings))
    if settings.model:
        yield tried("model", lambda: _look_at_model(settings), ASKING)
    yield tried("smtp", lambda: look_at_smtp(settings), SENDING) if settings.smtp else tried("outbox", lambda: _look_at_outbox(settings))
    for edition in settings.editions:
        yield tried(f"edition {edition.name}", lambda edition=edition: _look_at_edition(settings, edition))  # type: ignore[misc]


def _secrets_shown(file: Path) -> Iterator[Finding]:
    """Yield a finding when others on this machine may read a `.env` that is used."""
    if file.is_file() and file.stat().st_mode & 0o077 and os.name == "posix":
        yield str(file), "others on this machine can read it", f"chmod 600 {file}"


def tried(what: str, look: Callable[[], str], later: str = "try again") -> Finding:
    """Return what comes of a look: a failure is a finding too, and `later` what to do about one that may pass."""
    try:
        return what, "", look()
    except Permanent as failure:
        return what, str(failure), failure.fix
    except Failure as failure:
        return what, str(failure), later
    except OSError as error:
        trouble = error.strerror or type(error).__name__
        return what, f"{error.filename}: {trouble}" if error.filename else trouble, "give a folder that Nutgraf may write"


def _look_at_store(settings: Settings) -> str:
    from service.edges.sql_store import open_store

    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = open_store(settings.database_url)
    try:
        if held := store.backlog().held:
            raise Permanent(f"the outbox is held: {held}", "")
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


def look_at_imap(settings: Settings, account: Account) -> str:
    """Log in, and return the folders with their numbers of letters. Raises Failure."""
    from service.edges.accounts import imap_account
    from service.edges.imap_session import ImapSession

    session = ImapSession(imap_account(settings, account))
    try:
        counts = [(folder, session.examine(folder).exists) for folder in account.folders]
    finally:
        session.close()
    return ", ".join(f"{folder} ({count} {'letter' if count == 1 else 'letters'})" for folder, count in counts)


def look_at_smtp(settings: Settings) -> str:
    """Log in to the server that sends. Raises Failure."""
    from service.edges.accounts import courier
    from service.edges.smtp_courier import SmtpCourier

    way_out = courier(settings)
    if isinstance(way_out, SmtpCourier):
        way_out.check()
    return "logged in" if settings.smtp and settings.smtp.user else "connected, without a login"


def _look_at_outbox(settings: Settings) -> str:
    from service.edges.accounts import courier
    from service.edges.folder_courier import FolderCourier

    way_out = courier(settings)
    if not isinstance(way_out, FolderCourier):
        return ""
    way_out.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not os.access(way_out.folder, os.W_OK | os.X_OK):
        raise Permanent(f"{way_out.folder} can't be written", "give it to the user that Nutgraf runs as")
    return f"digests are put into {way_out.folder}"


def _look_at_phrases(settings: Settings) -> str:
    with closing(_child(settings)) as child:
        child.check()
    return _whose(settings, "boilerplate")


def _child(settings: Settings) -> ChildReader:
    from service.edges.child_reader import ChildReader

    return ChildReader(settings.config_dir, settings.trusted_authserv_ids, settings.method)


def _look_at_model(settings: Settings) -> str:
    from service.edges.assembly import summariser

    with closing(_child(settings)) as child, closing(summariser(settings, child)) as writer:
        writer.check()
    return "it answers"


def _look_at_templates(settings: Settings) -> str:
    from service.digest import wording
    from service.edges import own_templates

    spoken = wording.languages(own_templates.load(settings).words)
    for edition in settings.editions:
        if wording.tongue(edition.language) not in spoken:
            raise Permanent(
                f"edition {edition.name} would speak English: there are no words for {edition.language!r}",
                f"choose one of {' '.join(spoken)}, or add its words (docs/your-own.md)",
            )
    return _whose(settings, "templates")


def _whose(settings: Settings, name: str) -> str:
    own = settings.config_dir and settings.config_dir / name
    return f"with those in {own}" if own and own.is_dir() else ""


def _look_at_edition(settings: Settings, edition: Edition) -> str:
    if edition.answers and not settings.trusted_authserv_ids:
        raise Permanent(
            "it answers nobody, because no server is trusted to say who a letter is from",
            "set trusted_authserv_ids to the name that your mail server puts first in Authentication-Results",
        )
    return showing.next_digest(edition, datetime.now(UTC))
