"""The first half of the store in memory: letters collected and read, stories condensed."""
# ruff: noqa: D102, ARG002 -- what each method promises is said in `contracts.Store`

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from service.contracts import Temporary
from service.records import (
    Batch,
    ClaimedLetter,
    ClaimedStory,
    Cursor,
    Kind,
    Memory,
    Newsletter,
    Summary,
)
from tests.fake_rows import LetterRow, StoryRow, at_the_door, claim, finish, next_due

P = ParamSpec("P")
R = TypeVar("R")

C = TypeVar("C", bound="MemoryLetters")


def locked(method: Callable[Concatenate[C, P], R]) -> Callable[Concatenate[C, P], R]:
    """Let one thread at a time into the store."""

    @wraps(method)
    def alone(self: C, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self._lock:
            return method(self, *args, **kwargs)

    return alone


class MemoryLetters:
    """The chapter on letters of `contracts.Store`."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._salt = secrets.token_bytes(16)
        self._start: tuple[datetime, timedelta] | None = None
        self._cursors: dict[tuple[str, str], Cursor] = {}
        self._letters: dict[str, LetterRow] = {}
        self._stories: dict[str, StoryRow] = {}
        self._memories: dict[str, Memory] = {}

    @locked
    def cursor(self, mailbox: str, folder: str) -> Cursor | None:
        return self._cursors.get((mailbox, folder))

    @locked
    def started(self, now: datetime, lookback: timedelta) -> datetime:
        self._start = self._start or (now - lookback, lookback)
        if self._was_ahead(self._start[0], now):
            self._start = (now - lookback, self._start[1])
            self._cursors.clear()
        return self._start[0]

    def _was_ahead(self, then: datetime, now: datetime) -> bool:
        return then > now and not any(row.received > now + timedelta(days=1) for row in self._letters.values())

    @locked
    def add_batch(self, batch: Batch, now: datetime) -> int:
        if self._cursors.get((batch.mailbox, batch.folder)) != batch.before:
            raise Temporary("another worker collected from this folder meanwhile")
        self._cursors[batch.mailbox, batch.folder] = batch.after
        before = sum(row.raw is not None for row in self._letters.values())
        for letter in batch.letters:
            row = LetterRow(now, None, 0, letter.fingerprint, letter.received, now, letter.partial, letter.raw)
            self._letters.setdefault(letter.fingerprint, row)
        for known in batch.unfetched:
            self._letters.setdefault(known.fingerprint, at_the_door(known, now))
        return sum(row.raw is not None for row in self._letters.values()) - before

    @locked
    def claim_letter(self, now: datetime, lease: timedelta) -> ClaimedLetter | None:
        number, row = next_due(list(self._letters.values()), lambda row: row.state == "waiting", now)
        if row is None:
            return None
        return ClaimedLetter(claim(number, row, now, lease), row.fingerprint, row.partial, row.raw or b"")

    @locked
    def memory(self, source: str) -> Memory:
        return self._memories.get(source, Memory(self._salt))

    @locked
    def add_reading(self, letter: ClaimedLetter, newsletter: Newsletter, memory: Memory, now: datetime) -> None:
        row = self._letters[letter.fingerprint]
        finish(row, letter.claim)
        row.state, row.read, row.source = "read", now, newsletter.source
        if newsletter.kind not in {Kind.NEWSLETTER, Kind.CONFIRMATION}:
            row.raw = None
        if newsletter.kind in {Kind.NEWSLETTER, Kind.CONFIRMATION, Kind.LIST} or newsletter.answer_to:
            stories = enumerate(newsletter.stories)
            row.stories = [StoryRow(now, None, 0, f"{row.fingerprint}/{place}", story, now) for place, story in stories]
            self._stories |= {story.key: story for story in row.stories}
            row.newsletter = newsletter
        else:
            bare = Newsletter(newsletter.source, None, newsletter.kind, None, None, None, (), (), message_id=newsletter.message_id)
            row.newsletter = bare
        self._memories[newsletter.source] = replace(memory, salt=self._salt)

    @locked
    def add_unreadable(self, letter: ClaimedLetter, reason: str, now: datetime, source: str = "") -> None:
        row = self._letters[letter.fingerprint]
        finish(row, letter.claim)
        row.state, row.read, row.reason, row.source = "unreadable", now, reason, source

    @locked
    def postpone_letter(self, letter: ClaimedLetter, due: datetime, reason: str, *, counted: bool = True) -> None:
        row = self._letters[letter.fingerprint]
        finish(row, letter.claim)
        row.due, row.reason, row.attempt = due, reason, letter.claim.attempt - (not counted)

    @locked
    def claim_story(self, now: datetime, lease: timedelta) -> ClaimedStory | None:
        number, row = next_due(list(self._stories.values()), lambda row: row.summary is None, now)
        if row is None:
            return None
        letter = self._letters[row.key.split("/")[0]]
        kind = letter.newsletter.kind if letter.newsletter else Kind.NEWSLETTER
        return ClaimedStory(claim(number, row, now, lease), row.key, row.story, len(letter.stories), kind)

    @locked
    def add_summary(self, story: ClaimedStory, summary: Summary, now: datetime) -> None:
        row = self._stories[story.key]
        finish(row, story.claim)
        row.summary = summary

    @locked
    def postpone_story(self, story: ClaimedStory, due: datetime, reason: str, *, counted: bool = True) -> None:
        row = self._stories[story.key]
        finish(row, story.claim)
        row.due, row.attempt = due, story.claim.attempt - (not counted)
