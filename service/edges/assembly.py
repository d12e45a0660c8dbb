"""Settings -> the collaborators of the steps: the one place that knows which technology stands behind which contract."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from service import steps
from service.contracts import Courier, Mailbox, Probe, Reader, Store, Summariser
from service.edges.workers import Job
from service.records import Edition
from service.settings import Settings

PASS_ON = "passed on"
"""The edition that hands confirmations and one-time codes to the owner at once."""


def utc_now() -> datetime:
    """Return this moment."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Service:
    """Everything the steps need, put together."""

    settings: Settings
    store: Store
    mailboxes: tuple[Mailbox, ...]
    reader: Reader
    summariser: Summariser
    courier: Courier
    probe: Probe
    editions: tuple[Edition, ...]
    close_all: tuple[Callable[[], None], ...]

    @property
    def answered(self) -> frozenset[str]:
        """The addresses whose letters the reply mode answers."""
        return frozenset(address for edition in self.editions if edition.answers for address in edition.recipients)

    def collect(self, mailbox: Mailbox) -> int:
        """Collect from every folder of a mailbox."""
        return sum(steps.collect(mailbox, folder, self.store, utc_now, self.settings.lookback) for folder in mailbox.folders())

    def read(self) -> int:
        """Read one letter."""
        return steps.read(self.reader, self.store, utc_now)

    def condense(self) -> int:
        """Condense one story."""
        return steps.condense(self.summariser, self.store, utc_now, self.settings.sentences)

    def compose(self) -> int:
        """Compose what every edition owes."""
        return sum(steps.compose(edition, self.store, utc_now, self.settings.sender, self.answered) for edition in self.editions)

    def deliver(self) -> int:
        """Send one posting, or look for one."""
        return steps.deliver(self.courier, self.probe, self.store, utc_now)

    def tidy(self) -> int:
        """Drop the bytes that have been kept long enough."""
        now = utc_now()
        self.store.purge(now - self.settings.retention, now)
        return 0

    def jobs(self) -> tuple[Job, ...]:
        """Return the daemon's jobs, in the order of the flow; each wakes the next one."""
        soon = timedelta(seconds=15)
        collecting = [Job(f"collect {box.name}", partial(self.collect, box), self.settings.poll, ("read",)) for box in self.mailboxes]
        return (
            *collecting,
            Job("read", self.read, soon, ("condense", "compose")),
            Job("condense", self.condense, soon, ("compose",)),
            Job("compose", self.compose, soon, ("deliver",)),
            Job("deliver", self.deliver, soon, limit=timedelta(minutes=30)),
            Job("tidy", self.tidy, timedelta(hours=1)),
        )

    def close(self) -> None:
        """Let go of everything."""
        for close in self.close_all:
            close()


def assemble(settings: Settings) -> Service:
    """Open the store and build the collaborators; no server is spoken to yet. Raises Permanent when the store can't be opened."""
    from service.edges.child_reader import ChildReader
    from service.edges.sql_store import open_store

    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = open_store(settings.database_url)
    child = ChildReader(settings.config_dir, settings.trusted_authserv_ids, settings.method)
    mailboxes = _mailboxes(settings)
    return Service(
        settings=settings,
        store=store,
        mailboxes=mailboxes,
        reader=child,
        summariser=_summariser(settings, child),
        courier=_courier(settings),
        probe=_probe(settings),
        editions=(*settings.editions, _pass_on(settings)),
        close_all=(*(box.close for box in mailboxes), child.close, store.close),
    )
