"""What readers subscribe to, and what goes out to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from service.records.mailbox import Outcome
from service.records.newsletter import Kind, Story
from service.records.summary import Summary


class Rhythm(StrEnum):
    """How often an edition comes out."""

    DAILY = "daily"
    WEEKLY = "weekly"
    EVERY = "every"
    EACH_LETTER = "each letter"


@dataclass(frozen=True, slots=True)
class Timetable:
    """When an edition comes out: at `at` in `zone` (IANA name), on `weekdays` (0 is Monday), or every `interval`."""

    rhythm: Rhythm
    zone: str = "UTC"
    at: time = time(7, 0)
    weekdays: frozenset[int] = frozenset(range(7))
    interval: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Edition:
    """What a reader subscribes to here.

    `sources` are globs on a source's identity, publisher or sender; `kinds` are the letters it is made of; `entries` is the most a
    digest holds and `sentences` the most an entry holds. With `answers`, it is the reply mode: each letter of one of `recipients`
    is answered to that address. With `whole`, letters are passed on as they are, attached.
    """

    name: str
    recipients: tuple[str, ...]
    timetable: Timetable
    sources: tuple[str, ...] = ("*",)
    title: str = "Nutgraf"
    entries: int = 20
    sentences: int = 3
    language: str = "en"
    kinds: frozenset[Kind] = frozenset({Kind.NEWSLETTER})
    answers: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """One appointment of an edition. `name` is the local date (and hour), or a letter's fingerprint; UNIQUE per edition."""

    name: str
    due: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """A story of a read letter with its summary. `key` is the fingerprint of its letter, a slash and its position."""

    key: str
    story: Story
    summary: Summary


@dataclass(frozen=True, slots=True)
class Material:
    """A letter that an edition has not accounted for yet, as the store knows it: read, condensed, or set aside and why.

    `raw` is given for confirmations alone (they are passed on whole).
    """

    fingerprint: str
    received: datetime
    source: str
    publisher: str | None = None
    sender: str | None = None
    kind: Kind | None = None
    subject: str | None = None
    date: datetime | None = None
    language: str | None = None
    message_id: str | None = None
    references: tuple[str, ...] = ()
    url: str | None = None
    answer_to: str | None = None
    partial: bool = False
    stories: tuple[Told, ...] = ()
    outcome: Outcome | None = None
    reason: str = ""
    raw: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What one edition did with one letter."""

    fingerprint: str
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a digest shows of a story: `keys` are the told stories it stands for, the first one leading.

    `subject` and `sent` are its letter's, by which people find it in their mailbox.
    """

    keys: tuple[str, ...]
    title: str
    sentences: tuple[str, ...]
    url: str | None
    publishers: tuple[str, ...]
    language: str | None = None
    note: str = ""
    more: int = 0
    subject: str = ""
    sent: date | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the owner or the readers must be told in the next digest; `key` makes telling it twice impossible."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Posting:
    """One digest to one recipient: the unit that is sent, retried, given up. `content` never changes once stored."""

    edition: str
    slot: str
    sender: str
    recipient: str
    message_id: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Digest:
    """One edition at one slot, rendered. Without postings the slot is served by saying why in `reason`.

    `notices` are the keys of the notices it tells.
    """

    edition: str
    slot: Slot
    created: datetime
    subject: str
    entries: tuple[Entry, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    postings: tuple[Posting, ...] = ()
    notices: tuple[str, ...] = ()
    text: str = field(default="", repr=False)
    html: str = field(default="", repr=False)
    reason: str = ""
