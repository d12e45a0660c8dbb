"""Settings -> the collaborators of the steps: the one place that knows which technology stands behind which contract.

Each is imported where it is built, so that a daemon that needs no IMAP, or no model, does not carry it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from service import steps
from service.contracts import Courier, Mailbox, Now, Permanent, Probe, Reader, Store, Summariser, Unauthorised
from service.digest import Templates, warning
from service.edges import own_templates
from service.edges.accounts import courier, mailboxes, probe
from service.edges.oauth_accounts import safe_in
from service.edges.oauth_tokens import TokenSafe
from service.edges.turns import Turns
from service.edges.workers import Job
from service.records import Digest, Edition, Kind, Notice, Rhythm, Timetable
from service.settings import Settings
from service.settings.tables import PASSED_ON

if TYPE_CHECKING:
    from service.edges.chat_summariser import ChatSummariser
    from service.edges.child_reader import ChildReader
    from service.edges.sql_store import SqlStore


TURN = timedelta(minutes=1)
"""How long the daemon collects from a folder before others have their turn; far less than after which a worker is thought to hang."""

READERS = ("read", "read too")
"""The workers that read letters: while one stores what it has read, the other reads on."""

CHILDREN = min(len(READERS), os.cpu_count() or 1)
"""Where there are two processors they read at the same time: reading is nearly all processor time."""


def utc_now() -> datetime:
    """Return this moment."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Service:
    """Everything the steps need, put together; `now` is its clock."""

    settings: Settings
    store: Store
    mailboxes: tuple[Mailbox, ...]
    reader: Reader
    summariser: Summariser
    courier: Courier
    probe: Probe
    editions: tuple[Edition, ...]
    templates: Templates
    close_all: tuple[Callable[[], None], ...]
    now: Now = utc_now
    warm_up: Callable[[], None] = lambda: None
    key: str = field(default="", repr=False)
    turns: Turns = field(default_factory=Turns)

    @property
    def answered(self) -> frozenset[str]:
        """The addresses whose letters the reply mode answers."""
        return frozenset(address for edition in self.editions if edition.answers for address in edition.recipients)

    def collect(self, mailbox: Mailbox, turn: timedelta = timedelta.max) -> int:
        """Collect from every folder of a mailbox, for a `turn` each; one that fails does not keep the others from theirs."""
        warn = partial(_warning, self)
        rest = (self.store, self.now, self.settings.lookback, turn, warn)
        return _in_turn(partial(steps.collect, mailbox, folder, *rest) for folder in mailbox.folders())

    def read(self) -> int:
        """Read one letter."""
        self.warm_up()
        return steps.read(self.reader, self.store, self.now, self.turns.alone)

    def condense(self) -> int:
        """Condense one story."""
        self.warm_up()
        return steps.condense(self.summariser, self.store, self.now, self.settings.sentences)

    def read_all(self) -> None:
        """Collect, read and condense until nothing is left to do."""
        for box in self.mailboxes:
            self.collect(box)
        for step in (self.read, self.condense):
            while step():
                pass

    def compose(self) -> int:
        """Compose what every edition owes; one that fails does not keep the others from their turn."""
        rest = (self.store, self.now, self.settings.sender, self.templates, self.answered, self.key)
        return _in_turn(partial(steps.compose, edition, *rest) for edition in self.editions)

    def deliver(self) -> int:
        """Send one posting, or look for one."""
        return steps.deliver(self.courier, self.probe, self.store, self.now)

    def tidy(self) -> int:
        """Drop the bytes that have been kept long enough."""
        now = self.now()
        self.store.purge(now - self.settings.retention, now)
        return 0

    def jobs(self) -> tuple[Job, ...]:
        """Return the daemon's jobs, in the order of the flow; each wakes the next one."""
        soon = timedelta(seconds=15)
        return (
            *(Job(f"collect {box.name}", partial(self.collect, box, TURN), self.settings.poll, READERS) for box in self.mailboxes),
            *(Job(name, self.read, soon, ("condense", "compose")) for name in READERS),
            Job("condense", self.condense, soon, ("compose",)),
            Job("compose", self.compose, soon, ("deliver",)),
            Job("deliver", self.deliver, soon, limit=timedelta(minutes=30)),
            Job("tidy", self.tidy, timedelta(hours=1)),
        )

    def close(self) -> None:
        """Let go of everything, the first one last; what fails does not keep the rest open."""
        with ExitStack() as stack:
            for close in self.close_all:
                stack.callback(close)


def _in_turn(works: Iterable[Callable[[], int]]) -> int:
    """Do each work and return the sum; one that fails, by a bug even, waits until the others had their turn.

    Raises its exception when nothing else was done, and at once where a login was refused: the way is closed for all of them.
    """
    done, failures = 0, []
    for work in works:
        try:
            done += work()
        except Unauthorised:
            raise
        except Exception as failure:  # noqa: BLE001 - raised below
            failures.append(failure)
    if failures and not done:
        raise failures[0]
    return done


def assemble(settings: Settings, *, alone: bool = False, templates: Templates | None = None, safe: TokenSafe | None = None) -> Service:
    """Open the store and build the collaborators; no server is spoken to yet.

    Raises Permanent when the store, the model or the templates can't be used. `templates` are those of the settings unless given,
    tokens lie in the store unless a `safe` is given. `alone` says that the caller holds the data folder's lock.
    """
    from service.edges.child_reader import ChildReader

    store = _store(settings, alone)
    child = ChildReader(settings.config_dir, settings.trusted_authserv_ids, settings.method, children=CHILDREN)
    safe = safe or safe_in(lambda: store, settings.secret_key)
    boxes = mailboxes(settings, safe)
    writer = summariser(settings, child)
    return Service(
        settings=settings,
        store=store,
        mailboxes=boxes,
        reader=child,
        summariser=writer,
        courier=courier(settings, safe),
        probe=probe(settings, safe),
        editions=(*settings.editions, _for_the_owner(settings)),
        templates=templates or own_templates.load(settings),
        close_all=(*(box.close for box in boxes), writer.close, child.close, store.close),
        warm_up=partial(_warm_up, store, child),
        key=_message_key(settings.secret_key),
    )


def _message_key(secret: str) -> str:
    """Return what goes into Message-IDs: the same for every store of an operator's, and of no help in guessing the secret."""
    return hashlib.scrypt(secret.encode(), salt=b"nutgraf message-id", n=2**14, r=8, p=1, dklen=20).hex() if secret else ""


def _store(settings: Settings, alone: bool) -> SqlStore:
    """Open the store; what a daemon that was killed left claimed is free at once where we are alone.

    (Several daemons may share a PostgreSQL store: there the leases must run out.)
    """
    from service.edges.sql_store import open_store

    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = open_store(settings.database_url)
    if alone and settings.database_url.startswith("sqlite"):
        store.take_over(utc_now())
    return store


def _warm_up(store: Store, child: ChildReader) -> None:
    """Start the child before anything is claimed for it: what a killed daemon held has a strike against it, and starting takes longest."""
    if child.running:
        return
    waiting = store.backlog()
    if waiting.unread or waiting.uncondensed:
        child.prepare()


def summariser(settings: Settings, child: ChildReader) -> ChildReader | ChatSummariser:
    """Return who writes the summaries: the child, or a model with the child standing in. Raises Permanent without the extra [llm]."""
    if settings.model is None:
        return child
    try:
        from service.edges.chat_summariser import ChatSummariser, DayBudget
    except ImportError:
        raise Permanent("a model is set, but its library is missing", "pip install 'nutgraf[llm]', or unset NUTGRAF_MODEL_URL") from None
    model = settings.model
    budget = DayBudget(model.tokens_a_day, settings.data_dir / "tokens.json")
    return ChatSummariser(child, model.url, model.name, utc_now, key=model.key, timeout=model.timeout, budget=budget)


def _warning(service: Service, notice: Notice, now: datetime) -> Digest:
    """Return the mail that tells the owner, who may be no reader, of a trouble that only a person can end."""
    return warning(_for_the_owner(service.settings), notice, now, service.settings.sender, service.templates, service.key)


def _for_the_owner(settings: Settings) -> Edition:
    recipients = (settings.owner,)
    return Edition(PASSED_ON, recipients, Timetable(Rhythm.EACH_LETTER), kinds=frozenset({Kind.CONFIRMATION}), whole=True)
