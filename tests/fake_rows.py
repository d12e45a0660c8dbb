"""The rows of the store in memory (fakes.py), and what a claim does to them."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from service.contracts import Stale
from service.records import (
    NO_ROOM,
    Claim,
    Coverage,
    Digest,
    Kind,
    Material,
    Newsletter,
    Outcome,
    Posting,
    PostingState,
    Story,
    Summary,
    Told,
    Unfetched,
)

FIRST = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Work:
    """What a worker claims: when it is due, who has it, how often it was had."""

    due: datetime
    token: str | None = None
    attempt: int = 0

    def is_due(self, now: datetime) -> bool:
        """Return whether its time has come, or was set by a clock that was ahead."""
        return not now < self.due <= now + timedelta(hours=12)


@dataclass
class StoryRow(Work):
    """A story and, once condensed, its summary."""

    key: str = ""
    story: Story = field(default_factory=lambda: Story(None, ""))
    created: datetime = FIRST
    summary: Summary | None = None


@dataclass
class LetterRow(Work):
    """A letter as it is known; `state` is what `statistics` counts."""

    fingerprint: str = ""
    received: datetime = FIRST
    stored: datetime = FIRST
    partial: bool = False
    raw: bytes | None = None
    state: str = "waiting"
    reason: str = ""
    source: str = ""
    read: datetime | None = None
    newsletter: Newsletter | None = None
    stories: list[StoryRow] = field(default_factory=list)


@dataclass
class PostingRow(Work):
    """A posting and where it stands."""

    posting: Posting | None = None
    digest: Digest | None = None
    state: PostingState = PostingState.READY
    probes: int = 0
    settled: datetime | None = None


@dataclass
class Account:
    """What an edition did with a letter, in which digest, and how often it was put back."""

    coverage: Coverage
    slot: str
    returned: int = 0


def at_the_door(known: Unfetched, now: datetime) -> LetterRow:
    """Return the row of a letter that was not fetched."""
    state = "skipped" if known.outcome is Outcome.SKIPPED else "unreadable"
    return LetterRow(now, None, 0, known.fingerprint, known.received, now, state=state, reason=known.reason)


def next_due(rows: list[Any], waiting: Callable[[Any], bool], now: datetime) -> tuple[int, Any]:
    """Return the waiting row that is due longest, with its number; None for the row when nothing is due."""
    due = [(row.due, number) for number, row in enumerate(rows) if waiting(row) and row.is_due(now)]
    return (min(due)[1], rows[min(due)[1]]) if due else (0, None)


def claim(number: int, row: Work, now: datetime, lease: timedelta, *, counted: bool = True) -> Claim:
    """Claim a row for a while."""
    row.token, row.due, row.attempt = secrets.token_hex(8), now + lease, row.attempt + counted
    return Claim(number, row.token, row.attempt, row.due)


def finish(row: Work, claim: Claim) -> None:
    """Let go of a row; raise Stale when it is somebody else's."""
    if row.token != claim.token:
        raise Stale
    row.token = None


def copy_key(material: Material) -> tuple[object, ...]:
    """Return what two copies of one letter have in common."""
    return material.source, material.message_id, material.date


def without_room(material: Material) -> Material:
    """Return a letter of which an edition learns that it is there, and no more."""
    known = material.fingerprint, material.received, material.source
    return Material(*known, outcome=Outcome.CARRIED_OVER, reason=NO_ROOM)


def as_material(row: LetterRow) -> Material:
    """Return a letter as an edition gets it."""
    told = tuple(Told(story.key, story.story, story.summary) for story in row.stories if story.summary)
    if row.newsletter is None:
        return Material(row.fingerprint, row.received, row.source, partial=row.partial, outcome=Outcome.UNREADABLE, reason=row.reason)
    letter = row.newsletter
    return Material(
        row.fingerprint,
        row.received,
        letter.source,
        letter.publisher,
        letter.sender,
        letter.kind,
        letter.subject,
        letter.date,
        letter.language,
        letter.message_id,
        letter.references,
        letter.url,
        letter.answer_to,
        row.partial,
        told,
        raw=row.raw if letter.kind is Kind.CONFIRMATION else None,
    )
