"""read and condense: letters into stories, stories into summaries, one at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import datetime, timedelta
from functools import partial

from service.contracts import Failure, Now, Reader, Store, Summariser, Temporary
from service.records import ClaimedLetter, ClaimedStory, Summary, Unreadable
from service.steps.waiting import backoff
from service.summary import share

log = logging.getLogger("nutgraf")

ATTEMPTS = 3
"""A letter or story that failed this often is set aside; the digest names it."""

KILLED = 6
"""One whose worker was killed this often, too: more than ATTEMPTS, for it may be the machine that keeps killing the daemon."""

LEASE = timedelta(minutes=5)
"""Longer than any letter may take to read or condense; what a killed worker held is free again after it."""


Alone = Callable[[str], AbstractContextManager[object]]
"""While its block is done no other thread does one for the same source: of two issues read at once memory would forget one."""


def read(reader: Reader, store: Store, now: Now, alone: Alone = nullcontext) -> int:
    """Read one letter; return 1, or 0 when none is due. Several threads may, where `alone` keeps those of one source apart."""
    letter = store.claim_letter(now(), LEASE)
    if letter is None:
        return 0
    if letter.claim.attempt > KILLED:
        return _set_aside(letter, "whoever read it was killed again and again", store, now())
    try:
        source = reader.identify(letter.raw)
    except Temporary as failure:
        return _not_read(letter, str(failure), store, now())
    with alone(source):
        return _read(letter, source, reader, store, now)


def _read(letter: ClaimedLetter, source: str, reader: Reader, store: Store, now: Now) -> int:
    give_back = partial(store.postpone_letter, letter)
    with _blameless(give_back, now):
        memory = store.memory(source)
    try:
        newsletter, remembered = reader.read(letter.raw, memory)
    except Temporary as failure:
        return _not_read(letter, str(failure), store, now())
    if isinstance(newsletter, Unreadable):
        return _set_aside(letter, newsletter.reason, store, now(), newsletter.source)
    with _blameless(give_back, now):
        store.add_reading(letter, newsletter, remembered, now())
    log.info(
        "read a letter: %s, %d stories",
        newsletter.kind,
        len(newsletter.stories),
        extra={"action": "read", "letter": letter.fingerprint[:12], "kind": newsletter.kind, "stories": len(newsletter.stories)},
    )
    return 1


@contextmanager
def _blameless(give_back: Callable[..., None], now: Now) -> Iterator[None]:
    """When the store fails, give the item back with the attempt not counted: no letter is set aside for a disk that was full."""
    try:
        yield
    except Failure as failure:
        with suppress(Failure):
            give_back(now(), str(failure), counted=False)
        raise


def _not_read(letter: ClaimedLetter, reason: str, store: Store, now: datetime) -> int:
    """Give a letter back to be read again, or set it aside after the last attempt; return 1, for one letter."""
    if letter.claim.attempt >= ATTEMPTS:
        return _set_aside(letter, reason, store, now)
    store.postpone_letter(letter, now + backoff(letter.claim.attempt), reason)
    log.warning("a letter could not be read: %s", reason, extra={"action": "read postponed", "letter": letter.fingerprint[:12]})
    return 1


def _set_aside(letter: ClaimedLetter, reason: str, store: Store, now: datetime, source: str = "") -> int:
    store.add_unreadable(letter, reason, now, source)
    log.warning("a letter is unreadable: %s", reason, extra={"action": "unreadable", "letter": letter.fingerprint[:12]})
    return 1


def condense(summariser: Summariser, store: Store, now: Now, sentences: int) -> int:
    """Summarise one story in at most `sentences` sentences (fewer where its letter holds many); return 1, or 0 when none is due."""
    story = store.claim_story(now(), LEASE)
    if story is None:
        return 0
    if story.claim.attempt > KILLED:
        _not_condensed(story, "whoever condensed it was killed again and again", store, now())
        return 1
    try:
        summary = summariser.summarise(story.story, share(story.stories, sentences))
    except Temporary as failure:
        _not_condensed(story, str(failure), store, now())
        return 1
    with _blameless(partial(store.postpone_story, story), now):
        store.add_summary(story, summary, now())
    log.info(
        "condensed a story", extra={"action": "condensed", "story": story.key[:12], "by": summary.written_by, "tokens": summary.tokens}
    )
    return 1


def _not_condensed(story: ClaimedStory, reason: str, store: Store, now: datetime) -> None:
    """Give a story back; after the last attempt it goes on without a summary, and says so."""
    if story.claim.attempt >= ATTEMPTS:
        store.add_summary(story, Summary((), written_by="nobody", note="no summary could be made"), now)
    else:
        store.postpone_story(story, now + backoff(story.claim.attempt), reason)
    log.warning("a story could not be condensed: %s", reason, extra={"action": "condense postponed", "story": story.key[:12]})
