"""The five verbs: collect · read · condense · compose · deliver.

Each step gathers from the store or the world, decides (a pure function elsewhere) and applies in one transaction; it answers how much
it did, and is called until it answers 0. A step may be killed anywhere and run again. No step knows which database, server or clock
it works with.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial

from service.contracts import Courier, Failure, Mailbox, Now, Permanent, Probe, Reader, Store, Summariser, Temporary, Unauthorised, Unknown
from service.digest import Templates, owes, plan, taker
from service.records import ClaimedLetter, ClaimedPosting, ClaimedStory, Digest, Edition, Notice, PostingState, Summary, Unreadable
from service.summary import share

log = logging.getLogger("nutgraf")

ATTEMPTS = 3
"""A letter or story that failed this often is set aside; the digest names it."""

KILLED = 6
"""One whose worker was killed this often, too: more than ATTEMPTS, for it may be the machine that keeps killing the daemon."""

LEASE = timedelta(minutes=5)
"""Longer than any letter may take to read or condense; what a killed worker held is free again after it."""

POSTING_LEASE = timedelta(minutes=30)
"""Longer than the slowest SMTP dialogue: 600 s for the answer to the final dot, and what comes before it."""

GIVE_UP = timedelta(days=4)
"""How long a posting is tried (RFC 5321, 4.5.4.1: at least 4-5 days)."""

ANSWERS_AN_HOUR = 20
"""What the reply mode sends at most: nobody forwards more by hand, and a loop must end."""

REFUSED_AGAIN = timedelta(hours=1)
"""Between two logins for a posting when the first was refused: servers lock accounts that go on knocking."""

PROBE_AGAIN = timedelta(minutes=10)
"""Between two looks for a posting whose outcome is unknown; longer than a server keeps a dead connection's message open."""

PROBES = 2
"""A posting looked for this often in its recipient's own mailbox and not found has not arrived."""


def collect(mailbox: Mailbox, folder: str, store: Store, now: Now, lookback: timedelta, turn: timedelta = timedelta.max) -> int:
    """Store what came into a folder; return how many letters were new. Raises what the mailbox raises.

    After `turn` it comes back between two batches, with 1 at least, to be called again: the first look at a large mailbox takes
    hours, and whoever watches over this must see that it gets on.
    """
    began, new, cut_short = now(), 0, False
    since = store.started(began, lookback)
    try:
        for batch in mailbox.collect(folder, store.cursor(mailbox.name, folder), since):
            new += store.add_batch(batch, now())
            if cut_short := now() - began > turn:
                break
    except Unauthorised as failure:
        day = now().date()
        notice = Notice(f"login {mailbox.name} {day}", f"The mailbox {mailbox.name} could not be read on {day}: {failure}. {failure.fix}")
        store.add_notice(notice, now())
        raise
    if new:
        log.info("collected %d letters", new, extra={"action": "collected", "mailbox": mailbox.name, "letters": new})
    return new or int(cut_short)


def read(reader: Reader, store: Store, now: Now) -> int:
    """Read one letter; return 1, or 0 when none is due."""
    letter = store.claim_letter(now(), LEASE)
    if letter is None:
        return 0
    if letter.claim.attempt > KILLED:
        return _set_aside(letter, "whoever read it was killed again and again", store, now())
    give_back = partial(store.postpone_letter, letter)
    try:
        source = reader.identify(letter.raw)
    except Temporary as failure:
        return _not_read(letter, str(failure), store, now())
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


def compose(
    edition: Edition, store: Store, now: Now, sender: str, templates: Templates | None = None, answered: frozenset[str] = frozenset()
) -> int:
    """Compose what the edition owes by now; return how many digests were stored.

    `answered` are the addresses whose letters the reply mode answers: such a letter joins no other edition.
    """
    moment = now()
    first_seen, last_slot = store.first_seen(edition.name, moment), store.last_slot(edition.name, moment)
    if not owes(edition, moment, last_slot, first_seen):
        return 0
    material, notices = store.material(edition.name, takes=taker(edition, answered)), store.notices(edition.name)
    digests = plan(
        edition,
        moment,
        last_slot,
        first_seen,
        material,
        notices,
        sender,
        templates,
        answered=answered,
        answers_left=_answers_left(edition, store, moment),
    )
    return sum(_stored(digest, store) for digest in digests)


def _answers_left(edition: Edition, store: Store, now: datetime) -> int:
    """Return how many answers the reply mode may still send within this hour; 0 for an edition that answers nobody."""
    return max(0, ANSWERS_AN_HOUR - store.posted(edition.name, now - timedelta(hours=1), now)) if edition.answers else 0


def _stored(digest: Digest, store: Store) -> bool:
    """Store a digest; return whether its slot was free."""
    stored = store.add_digest(digest)
    if stored:
        log.log(
            logging.INFO if digest.postings else logging.DEBUG,  # a slot served without a mail is bookkeeping
            "composed a digest: %d entries, %d postings",
            len(digest.entries),
            len(digest.postings),
            extra={"action": "composed", "edition": digest.edition, "slot": digest.slot.name[:20], "entries": len(digest.entries)},
        )
    return stored


def deliver(courier: Courier, probe: Probe, store: Store, now: Now) -> int:
    """Send one posting, or look for one whose outcome is unknown; return 1, or 0 when none is due. Raises Unauthorised."""
    posting = store.claim_posting(now(), POSTING_LEASE)
    if posting is None:
        return 0
    if posting.state is PostingState.UNKNOWN:
        _look_for(posting, probe, store, now)
    else:
        _hand_over(posting, courier, probe, store, now)
    return 1


def _hand_over(posting: ClaimedPosting, courier: Courier, probe: Probe, store: Store, now: Now) -> None:
    if _has_arrived(posting, probe, store):
        _settle(posting, PostingState.SENT, store, now(), "it has arrived already")
        return
    try:
        answer = courier.send(posting.posting, lambda: store.reach_dot(posting, now()))
    except Unauthorised as failure:
        _settle(posting, PostingState.READY, store, now(), str(failure), REFUSED_AGAIN)
        raise
    except Permanent as failure:
        _settle(posting, PostingState.FAILED, store, now(), str(failure))
    except Unknown as failure:
        _settle(posting, PostingState.UNKNOWN, store, now(), str(failure), PROBE_AGAIN)
    except Temporary as failure:
        _try_later(posting, failure, store, now())
    else:
        _settle(posting, PostingState.SENT, store, now(), answer)


def _has_arrived(posting: ClaimedPosting, probe: Probe, store: Store) -> bool:
    """Return whether the mail is there although we have not sent it: another daemon has, or a server kept what it said it refused."""
    if store.arrived(posting.posting.message_id):
        return True
    if posting.claim.attempt == 1:
        return False
    try:
        return bool(probe.find(posting.posting))
    except Failure:
        return False


def _try_later(posting: ClaimedPosting, failure: Temporary, store: Store, now: datetime) -> None:
    # Spread by the claim's own random token, so that postings refused together do not come back together.
    wait = failure.retry_after or backoff(posting.claim.attempt) * (1 + zlib.crc32(posting.claim.token.encode()) % 256 / 1024)
    if now - posting.created > GIVE_UP:
        _settle(posting, PostingState.FAILED, store, now, f"given up after {GIVE_UP.days} days: {failure}")
    else:
        _settle(posting, PostingState.READY, store, now, str(failure), wait)


def _look_for(posting: ClaimedPosting, probe: Probe, store: Store, now: Now) -> None:
    """Decide what became of a posting that was cut off after the final dot (DESIGN, decision 2)."""
    try:
        found = store.arrived(posting.posting.message_id) or probe.find(posting.posting)
    except Failure as failure:
        _look_later(posting, failure, store, now())
        return
    if found:
        _settle(posting, PostingState.SENT, store, now(), "found in the mailbox")
    elif found is None:
        _settle(posting, PostingState.CARRIED, store, now(), "it may not have arrived, and nobody can look")
    elif posting.probes + 1 < PROBES:
        _settle(posting, PostingState.UNKNOWN, store, now(), "not found yet", PROBE_AGAIN, looked=True)
    else:
        _settle(posting, PostingState.READY, store, now(), "looked for twice and not found", looked=True)


def _look_later(posting: ClaimedPosting, failure: Failure, store: Store, now: datetime) -> None:
    """Look again while there is hope; a refused login of the mailbox looked into is not the courier's, so the others go out."""
    if now - posting.created > GIVE_UP:
        _settle(
            posting, PostingState.CARRIED, store, now, f"it may not have arrived, and for {GIVE_UP.days} days nobody could look: {failure}"
        )
    else:
        wait = REFUSED_AGAIN if isinstance(failure, Unauthorised) else PROBE_AGAIN
        _settle(posting, PostingState.UNKNOWN, store, now, str(failure), wait)


def _settle(
    posting: ClaimedPosting,
    state: PostingState,
    store: Store,
    now: datetime,
    reason: str,
    wait: timedelta | None = None,
    *,
    looked: bool = False,
) -> None:
    store.settle(posting, state, now, reason, now + wait if wait is not None else None, looked=looked)
    level = logging.INFO if state is PostingState.SENT else logging.WARNING
    edition, slot = posting.posting.edition, posting.posting.slot[:20]
    log.log(level, "a posting is %s: %s", state, reason, extra={"action": f"posting {state}", "edition": edition, "slot": slot})


def backoff(attempt: int) -> timedelta:
    """Return how long to wait after the `attempt`-th failure: 30 s, then twice as long each time, 4 hours at most."""
    return min(timedelta(seconds=30 << min(attempt - 1, 12)), timedelta(hours=4))
