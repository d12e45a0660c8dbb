"""The words of the service: frozen records, in order of appearance.

Times are aware, durations are `timedelta`, sizes are octets. A record says what something is, never what to do with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum

# -- mailbox -----------------------------------------------------------------------------------------------------------


class Outcome(StrEnum):
    """What became of one letter for one edition; every pair ends in exactly one of them."""

    SHOWN = "shown"
    MERGED = "merged"
    CARRIED_OVER = "carried over"
    PASSED_ON = "passed on"
    SKIPPED = "skipped"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Anchor:
    """The last letter collected from a folder; a server that shows another one at this UID was reset or restored."""

    uid: int
    size: int
    internal_date: datetime | None
    message_id: str


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where collecting goes on in a folder (RFC 9051, 2.3.1.1). A place, never the identity of a letter."""

    uidvalidity: int
    next_uid: int
    anchor: Anchor | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail that came in. `fingerprint` is the SHA-256 of `raw` in hex: the letter's identity."""

    fingerprint: str
    mailbox: str
    folder: str
    received: datetime
    size: int
    raw: bytes = field(repr=False)

    @property
    def partial(self) -> bool:
        """Whether only the first octets were fetched because the letter is over the size limit."""
        return len(self.raw) < self.size


@dataclass(frozen=True, slots=True)
class Unfetched:
    """A letter that is known of but was not fetched: it came before the start, or the server does not hand it out."""

    fingerprint: str
    mailbox: str
    folder: str
    received: datetime
    size: int
    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Letters of one folder with the cursor that is true once they are stored; `before` is the cursor it started from."""

    mailbox: str
    folder: str
    before: Cursor | None
    after: Cursor
    letters: tuple[Letter, ...] = ()
    unfetched: tuple[Unfetched, ...] = ()


# -- newsletter --------------------------------------------------------------------------------------------------------


class Kind(StrEnum):
    """What sort of mail a letter is; only newsletters are digested."""

    NEWSLETTER = "newsletter"
    LIST = "list"
    CONFIRMATION = "confirmation"
    PERSONAL = "personal"
    TRANSACTIONAL = "transactional"
    NOTICE = "notice"
    OWN = "own"


class Verdict(StrEnum):
    """What a block of text was judged to be."""

    KEPT = "kept"
    ADVERT = "advert"
    BOILERPLATE = "boilerplate"
    HIDDEN = "hidden"


class Form(StrEnum):
    """How much of a story stands in its letter."""

    ARTICLE = "article"
    TEASER = "teaser"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text in reading order, judged, never deleted. `story` is the index of the story it went into, if any."""

    text: str
    verdict: Verdict = Verdict.KEPT
    reason: str = ""
    story: int | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """One item that a digest would list. `title` stood in the letter or is None; `text` does not repeat it."""

    title: str | None
    text: str
    url: str | None = None
    language: str | None = None
    form: Form = Form.ARTICLE


@dataclass(frozen=True, slots=True)
class Memory:
    """What recurred in earlier issues of one source: salted hashes and counts, never text.

    `issues` names the issues remembered; `seen` maps the hash of a block to the number of issues it stood in.
    """

    salt: bytes = b""
    issues: tuple[str, ...] = ()
    seen: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Newsletter:
    """A letter read. `source` is its publisher's stable identity, `url` its web version.

    `answer_to` is the address a reply may go to: the one From, vouched for by a trusted server, of a mail no machine sent.
    """

    source: str
    publisher: str | None
    kind: Kind
    subject: str | None
    date: datetime | None
    language: str | None
    blocks: tuple[Block, ...]
    stories: tuple[Story, ...]
    sender: str | None = None
    message_id: str | None = None
    references: tuple[str, ...] = ()
    url: str | None = None
    answer_to: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Bytes in which no letter could be read, and why, in words for people."""

    reason: str
    source: str = ""


# -- summary -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and its place: `text == story.text[start:start + len(text)]` up to white space."""

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Sentences of a story in reading order. `title` is a phrase of the story where it has no title of its own.

    `written_by` is the method's or the model's name; `note` says so when another stood in for it. `tokens` is what a
    model charged.
    """

    sentences: tuple[Sentence, ...]
    title: str | None = None
    written_by: str = "extractive"
    note: str = ""
    tokens: int = 0


# -- digest ------------------------------------------------------------------------------------------------------------


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
    """What a digest shows of a story: `keys` are the told stories it stands for, the first one leading."""

    keys: tuple[str, ...]
    title: str
    sentences: tuple[str, ...]
    url: str | None
    publishers: tuple[str, ...]
    language: str | None = None
    note: str = ""
    more: int = 0


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


class PostingState(StrEnum):
    """Where a posting stands; DOT is committed just before SMTP's final dot, UNKNOWN is a crash after it."""

    READY = "ready"
    CLAIMED = "claimed"
    DOT = "dot"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CARRIED = "carried"


@dataclass(frozen=True, slots=True)
class Claim:
    """A right to work on one row until `until`; `token` fences: a write by an older claim of the same row is refused."""

    row: int
    token: str
    attempt: int
    until: datetime


@dataclass(frozen=True, slots=True)
class ClaimedLetter:
    """A letter to read, its attempt already counted and committed."""

    claim: Claim
    fingerprint: str
    partial: bool
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClaimedStory:
    """A story to condense, its attempt already counted and committed; `stories` is the number its letter holds."""

    claim: Claim
    key: str
    story: Story
    stories: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class ClaimedPosting:
    """A posting to send, or (UNKNOWN) to look for, composed at `created`; `probes` counts how often it was looked for and not found."""

    claim: Claim
    posting: Posting
    state: PostingState
    created: datetime
    probes: int = 0


@dataclass(frozen=True, slots=True)
class Backlog:
    """How long the oldest item waits at each step, and when work was last done; what `nutgraf health` judges."""

    unread: int = 0
    uncondensed: int = 0
    unsent: int = 0
    oldest_unread: datetime | None = None
    oldest_uncondensed: datetime | None = None
    oldest_unsent: datetime | None = None
    held: str = ""
