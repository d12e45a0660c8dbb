"""`run`, `once`, `preview` and `health`: the service at work, and a look at it."""

from __future__ import annotations

import logging
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service import settings as configuration
from service.commands import showing
from service.commands.faults import reported, settings_or_exit
from service.contracts import Permanent
from service.records import Digest, Edition
from service.settings import Settings, SettingsError, values

if TYPE_CHECKING:
    from service.digest import Templates
    from service.edges.apscheduler_clock import Ending, Orders
    from service.edges.assembly import Service

log = logging.getLogger("nutgraf")

OVERDUE = timedelta(minutes=30)
"""A letter, story or posting that has been due for this long without being done means that something is wrong."""

CLOSING = timedelta(seconds=1.5)
"""What saying goodbye to servers may take."""


def run(config_dir: Path | None, since: str | None) -> int:
    """Run the daemon until a signal ends it; 0 when it was stopped, 1 when a worker broke."""
    from service.edges import log_lines

    settings = _since(settings_or_exit(config_dir), since)
    log_lines.configure(settings.log_level, settings.log_format)
    return reported(lambda: _run(settings, config_dir))


def _run(settings: Settings, config_dir: Path | None) -> int:
    from service.edges import own_templates
    from service.edges.apscheduler_clock import Ending, listen
    from service.edges.assembly import assemble
    from service.edges.state_lock import hold

    orders = listen()
    templates = own_templates.load(settings)
    with hold(settings.data_dir):
        while True:
            ending = serve(assemble(settings, alone=True, templates=templates), orders)
            if ending is not Ending.RELOAD:
                return int(ending is Ending.BROKEN)
            settings = _reloaded(settings, config_dir)
            templates = _templates_reloaded(settings, templates)


def serve(service: Service, orders: Orders | None = None) -> Ending:
    """Let a service work until an order comes or a worker breaks, then close it."""
    from service.edges.apscheduler_clock import Clock
    from service.edges.heartbeat import Heartbeat

    watched = [(box, f"collect {box.name}") for box in service.mailboxes]
    log.info("started", extra={"action": "started", "mailboxes": len(service.mailboxes), "editions": len(service.settings.editions)})
    try:
        ending = Clock(service.jobs(), watched, Heartbeat(service.settings.data_dir), orders=orders).run()
    finally:
        # A server that does not answer may keep a goodbye waiting; we are to be gone within ten seconds.
        closing = threading.Thread(target=service.close, name="closing", daemon=True)
        closing.start()
        closing.join(CLOSING.total_seconds())
    log.info("%s", ending.name.lower(), extra={"action": ending.name.lower()})
    return ending


def _reloaded(settings: Settings, config_dir: Path | None) -> Settings:
    """Return the settings read anew, or the old ones when the new have faults."""
    try:
        fresh = configuration.load(config_dir)
        faults = _moved(settings, fresh)
    except SettingsError as error:
        faults = error.faults
    for fault in faults:
        log.error("%s", fault, extra={"action": "settings refused"})
    return settings if faults else fresh


def _moved(old: Settings, new: Settings) -> tuple[str, ...]:
    """Return a fault for a store that lies elsewhere now: the lock of the old data folder would not keep others away from it."""
    places = (("DATA_DIR", old.data_dir, new.data_dir), ("DATABASE_URL", old.database_url, new.database_url))
    return tuple(f"NUTGRAF_{name}: the store has moved; restart Nutgraf for that" for name, was, is_now in places if was != is_now)[:1]


def _templates_reloaded(settings: Settings, templates: Templates) -> Templates:
    """Return the templates read anew, or the ones that worked so far when the new can't be used."""
    from service.edges import own_templates

    try:
        return own_templates.load(settings)
    except Permanent as failure:
        log.error("%s. %s", failure, failure.fix, extra={"action": "templates refused"})  # noqa: TRY400 - it is for the operator
        return templates


def once(config_dir: Path | None, since: str | None) -> int:
    """Do every step until nothing is left; print a line a step; 1 when a step failed."""
    from service.edges import log_lines

    settings = _since(settings_or_exit(config_dir), since)
    log_lines.configure("WARNING" if settings.log_level == "INFO" else settings.log_level, settings.log_format)
    return reported(lambda: _once(settings, since))


def _once(settings: Settings, since: str | None) -> int:
    from service.commands.steps_in_turn import every_step
    from service.edges.assembly import assemble
    from service.edges.state_lock import hold

    with hold(settings.data_dir):
        service = assemble(settings, alone=True)
        try:
            _started(service, since)
            failed = every_step(service)
        finally:
            service.close()
    for edition in settings.editions:
        click.echo(f"{edition.name:>12}  {showing.next_digest(edition, datetime.now(UTC))}")
    return int(failed)


def preview(config_dir: Path | None, edition_name: str | None, html: Path | None, since: str | None) -> int:
    """Collect and read on a copy of the store, and show the digest that would come next: nothing is stored, marked or sent."""
    from service.edges import log_lines

    settings = _since(settings_or_exit(config_dir), since)
    log_lines.configure("WARNING", settings.log_format)
    return reported(lambda: _preview(settings, edition_name, html, since))


def _preview(settings: Settings, edition_name: str | None, html: Path | None, since: str | None) -> int:
    edition = next((e for e in settings.editions if edition_name in (None, e.name)), None)
    if edition is None:
        click.echo(f"no edition {edition_name!r}; there are: {', '.join(e.name for e in settings.editions)}", err=True)
        return 2
    shown, started = _next_digest(settings, edition, since)
    if html:
        html.write_text(shown.html, encoding="utf-8")
        click.echo(f"{len(shown.entries)} entries: {html}")
    else:
        click.echo(shown.text)
    if not shown.entries:
        click.echo(f"No stories for {edition.name} yet; letters count from {started:%Y-%m-%d %H:%M} UTC on.")
    return 0


def _next_digest(settings: Settings, edition: Edition, since: str | None) -> tuple[Digest, datetime]:
    """Return the digest that an edition would get now, and since when letters count."""
    from service import digest
    from service.edges.assembly import assemble, utc_now
    from service.edges.oauth_accounts import PassingSafe
    from service.edges.sql_scratch import scratch

    with scratch(settings.database_url) as copy:
        service = assemble(replace(settings, database_url=copy), alone=True, safe=PassingSafe(settings))
        with closing(service):
            started = _started(service, since)
            service.read_all()
            store = service.store
            store.first_seen(edition.name, utc_now())
            material, notices = store.material(edition.name, takes=digest.taker(edition, service.answered)), store.notices(edition.name)
            return digest.preview(edition, utc_now(), material, notices, service.templates, answered=service.answered), started


def health(config_dir: Path | None) -> int:
    """Say what is overdue or silent; 0 when nothing is."""
    settings = settings_or_exit(config_dir)
    return reported(lambda: _health(settings, datetime.now(UTC)))


def _health(settings: Settings, now: datetime) -> int:
    from service.edges.heartbeat import silent
    from service.edges.sql_store import open_store

    store = open_store(settings.database_url)
    try:
        backlog = store.backlog()
    finally:
        store.close()
    waiting = {"an unread letter": backlog.oldest_unread, "a story": backlog.oldest_uncondensed, "a posting": backlog.oldest_unsent}
    troubles = [
        *silent(settings.data_dir, now),
        *(f"{what} has been waiting since {at:%Y-%m-%d %H:%M} UTC" for what, at in waiting.items() if at and now - at > OVERDUE),
        *([f"the outbox is held: {backlog.held}"] if backlog.held else []),
    ]
    for trouble in troubles:
        click.echo(trouble)
    if not troubles:
        click.echo(f"healthy: {backlog.unread} letters, {backlog.uncondensed} stories, {backlog.unsent} postings at hand")
    return int(bool(troubles))


def _started(service: Service, since: str | None) -> datetime:
    """Return the instant from which letters count; say so where `--since` comes too late to change it."""
    now = datetime.now(UTC)
    started = service.store.started(now, service.settings.lookback)
    if since and started > now - service.settings.lookback + timedelta(minutes=1):
        click.echo(f"--since is for a first run; here letters count from {started:%Y-%m-%d %H:%M} UTC on.", err=True)
    return started


def _since(settings: Settings, since: str | None) -> Settings:
    """Return the settings with the look-back of `--since`: a duration or an ISO date."""
    if since is None:
        return settings
    try:
        return replace(settings, lookback=values.duration(since))
    except ValueError:
        pass
    try:
        start = datetime.fromisoformat(since)
    except ValueError:
        raise click.BadParameter("must be a duration such as 3d, or a date such as 2026-01-31", param_hint="--since") from None
    start = start if start.tzinfo else start.replace(tzinfo=UTC)
    lookback = datetime.now(UTC) - start
    if lookback <= timedelta():
        raise click.BadParameter("must lie in the past", param_hint="--since")
    return replace(settings, lookback=lookback)
