"""A world of fakes that keep their contracts: a mailbox, a mail server that counts, a clock, and a fuse that blows where a test says."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any, cast

from service import steps
from service.contracts import Failure, Permanent, Store, Temporary, Unknown
from service.records import (
    Batch,
    Cursor,
    Edition,
    Kind,
    Letter,
    Memory,
    Newsletter,
    Outcome,
    Posting,
    Rhythm,
    Sentence,
    Story,
    Summary,
    Timetable,
    Unfetched,
    Unreadable,
)

MORNING = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
DAILY = Edition("daily", ("ann@example.org",), Timetable(Rhythm.DAILY, "UTC", time(7, 0)))
AT_ONCE = Edition("at once", ("bob@example.org",), Timetable(Rhythm.EACH_LETTER))


class Crash(BaseException):
    """The process is gone: nothing after this instant happens."""


@dataclass
class Fuse:
    """Counts events and blows at one of them; 0 never blows."""

    at: int = 0
    count: int = 0

    def tick(self) -> None:
        """Let one event pass, or end the process here."""
        self.count += 1
        if self.count == self.at:
            raise Crash


class FusedStore:
    """A store around which each call is two events: before it, and after its commit."""

    def __init__(self, store: Store, fuse: Fuse) -> None:
        self._store, self._fuse = store, fuse

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            self._fuse.tick()
            answer = method(*args, **kwargs)
            self._fuse.tick()
            return answer

        return call


@dataclass
class World:
    """Everything outside the store. `faults` gives the next fault of an edge by its name, None for none.

    The service's clock is `ahead` of the time that the servers know.
    """

    store: Store
    letters: list[bytes] = field(default_factory=list)
    accepted: list[Posting] = field(default_factory=list)
    fuse: Fuse = field(default_factory=Fuse)
    now: datetime = MORNING
    ahead: timedelta = timedelta()
    blind: bool = False
    faults: Callable[[str], Failure | str | None] = lambda _edge: None
    name: str = "home"
    editions: tuple[Edition, ...] = (DAILY, AT_ONCE)

    def clock(self) -> datetime:
        """Return the service's time."""
        return self.now + self.ahead

    def fused(self) -> Store:
        """Return the store with the fuse around it."""
        return cast("Store", FusedStore(self.store, self.fuse))

    # contracts.Mailbox

    def folders(self) -> tuple[str, ...]:
        """One folder."""
        return ("INBOX",)

    def collect(self, folder: str, cursor: Cursor | None, since: datetime) -> Iterator[Batch]:  # noqa: ARG002
        """Give what came, two letters a batch."""
        self._fail("mailbox")
        place = cursor.next_uid - 1 if cursor else 0
        while place < len(self.letters):
            some = self.letters[place : place + 2]
            after = Cursor(7, place + len(some) + 1)
            letters = tuple(Letter(fingerprint(raw), "home", folder, self.now, len(raw), raw) for raw in some)
            yield Batch("home", folder, cursor, after, letters, ())
            cursor, place = after, place + len(some)
            self._fail("mailbox")

    def watch(self, changed: Callable[[], None], stopping: Callable[[], bool]) -> None:
        """Can't tell."""

    def close(self) -> None:
        """Nothing to let go of."""

    # contracts.Reader and Summariser

    def identify(self, raw: bytes) -> str:
        """Return the first word."""
        self._fail("reader")
        return raw.split()[0].decode()

    def read(self, raw: bytes, memory: Memory) -> tuple[Newsletter | Unreadable, Memory]:
        """Return a newsletter of one story, or Unreadable for a letter that begins with BROKEN."""
        self._fail("reader")
        if raw.startswith(b"BROKEN"):
            return Unreadable("broken by nature"), memory
        text = raw.decode()
        own = " ".join(word + fingerprint(raw)[place : place + 5] for place, word in enumerate("abcdefghijklmnopqrst"))
        story = Story(f"About {text}", f"This is what happened to {text}. Then {own}.", None, "en")
        return Newsletter(self.identify(raw), "The Example", Kind.NEWSLETTER, text, self.now, "en", (), (story,)), memory

    def summarise(self, story: Story, sentences: int) -> Summary:  # noqa: ARG002
        """Return the first sentence."""
        self._fail("summariser")
        return Summary((Sentence(story.text.partition(". ")[0] + ".", 0),))

    # contracts.Courier and Probe

    def send(self, posting: Posting, dot: Callable[[], None]) -> str:
        """Accept the posting, with an event on either side of every instant that matters."""
        fault = self.faults("before the dot")
        if isinstance(fault, Failure):
            raise fault
        self.fuse.tick()
        dot()
        self.fuse.tick()
        fault = self.faults("after the dot")
        if fault == "lost":
            raise Unknown("the connection was lost")
        if isinstance(fault, Failure):
            raise fault
        self.accepted.append(posting)
        self.fuse.tick()
        if fault == "unanswered":
            raise Unknown("the answer was lost")
        return "250 ok"

    def find(self, posting: Posting) -> bool | None:
        """Look into the recipient's mailbox, unless the world is blind."""
        self._fail("probe")
        return None if self.blind else posting in self.accepted

    def _fail(self, edge: str) -> None:
        fault = self.faults(edge)
        if isinstance(fault, Failure):
            raise fault

    # the service

    def run(self, *, collecting: bool = True) -> None:
        """Run every step until nothing is left to do; a failure of the world ends a step, not the others."""
        store = self.fused()
        works: list[Callable[[], int]] = [lambda: steps.collect(self, "INBOX", store, self.clock, timedelta(days=1))] if collecting else []
        works += [lambda: steps.read(self, store, self.clock), lambda: steps.condense(self, store, self.clock, 3)]
        for edition in self.editions:
            works.append(lambda edition=edition: steps.compose(edition, store, self.clock, "nutgraf@example.org"))  # type: ignore[misc]
        works.append(lambda: steps.deliver(self, self, store, self.clock))
        for work in works:
            _until_nothing(work)

    def crash_and_restart(self) -> None:
        """Run until the fuse blows; then the next process takes over."""
        try:
            self.run()
        except Crash:
            self.fuse = Fuse()
        self.store.take_over(self.clock())

    def pass_time(self, hours: float, step: timedelta = timedelta(minutes=30)) -> None:
        """Let time pass in steps, running at each."""
        end = self.now + timedelta(hours=hours)
        while self.now < end:
            self.now += step
            self.run()

    # what happened

    def shown(self, recipient: str, letter: bytes) -> int:
        """Return in how many mails that `recipient` received the letter's entry stands (a notice may name it, but has no bullet)."""
        return sum(f"* About {letter.decode()}" in text for text in self.texts(recipient))

    def texts(self, recipient: str) -> list[str]:
        """Return the plain texts of the mails that `recipient` received, each on one line."""
        mails = [
            message_from_bytes(posting.content, EmailMessage, policy=SMTP) for posting in self.accepted if posting.recipient == recipient
        ]
        return [" ".join(mail.get_body(("plain",)).get_content().split()) for mail in mails]  # type: ignore[union-attr]


def _until_nothing(work: Callable[[], int]) -> None:
    try:
        while work():
            pass
    except Failure:
        return


def fingerprint(raw: bytes) -> str:
    """Return a letter's identity."""
    return hashlib.sha256(raw).hexdigest()


__all__ = ["AT_ONCE", "DAILY", "Crash", "Fuse", "Outcome", "Permanent", "Temporary", "Unfetched", "World", "fingerprint"]
