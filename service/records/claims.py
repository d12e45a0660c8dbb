"""What a worker takes from the store, and by what right."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from service.records.digest import Posting
from service.records.newsletter import Kind, Story


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
