"""Letters as they lie in a mailbox, and where collecting goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    """What became of one letter for one edition; every pair ends in exactly one of them."""

    SHOWN = "shown"
    MERGED = "merged"
    CARRIED_OVER = "carried over"
    PASSED_ON = "passed on"
    SKIPPED = "skipped"
    UNREADABLE = "unreadable"


SECOND_COPY = "a second copy of a letter"
"""Why a letter is merged that came before by another way."""

NO_ROOM = "no room in this digest"
"""Why a letter is carried over."""


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
