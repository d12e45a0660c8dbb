"""deliver: a posting to its server, or a look for one whose outcome is unknown."""

from __future__ import annotations

import logging
import zlib
from contextlib import suppress
from datetime import datetime, timedelta

from service.contracts import Courier, Failure, Now, Permanent, Probe, Store, Temporary, Unauthorised, Unknown
from service.records import ClaimedPosting, PostingState
from service.steps.waiting import backoff

log = logging.getLogger("nutgraf")

POSTING_LEASE = timedelta(minutes=30)
"""Longer than the slowest SMTP dialogue: 600 s for the answer to the final dot, and what comes before it."""

GIVE_UP = timedelta(days=4)
"""How long a posting is tried (RFC 5321, 4.5.4.1: at least 4-5 days)."""

TRIES = 10
"""How often at least: a clock that was ahead, or days in which the service was off, are no trying."""

REFUSED_AGAIN = timedelta(hours=1)
"""Between two logins for a posting when the first was refused: servers lock accounts that go on knocking."""

PROBE_AGAIN = timedelta(minutes=10)
"""Between two looks for a posting whose outcome is unknown; longer than a server keeps a dead connection's message open."""

PROBES = 2
"""A posting looked for this often in its recipient's own mailbox and not found has not arrived."""


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
        with suppress(Failure):  # who heard of the store's trouble instead would knock on
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
    if now - posting.created > GIVE_UP and posting.claim.attempt >= TRIES:
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
