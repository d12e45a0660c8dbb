"""Waiting for letters with IDLE (RFC 2177): a hint beside polling, never instead of it.

An idle is a slice of less than a minute, because a connection whose other end has vanished looks the same as a quiet one until it is
asked. `changed` is called after each new idle has begun: what came before is found by the collecting that this sets off, what comes
later is an event. (An event that arrives in one segment with the answer to IDLE is read along with it and does not wake anybody.)
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from service.edges.imap_faults import Refused
from service.edges.imap_session import ImapSession


@dataclass(frozen=True, slots=True)
class IdlePace:
    """How long one idle lasts (with ten seconds for its end, a dead peer is noticed within a minute), and how often we look up."""

    slice: timedelta = timedelta(seconds=45)
    look_up: timedelta = timedelta(seconds=1)


def idle(session: ImapSession, changed: Callable[[], None], stopping: Callable[[], bool], pace: IdlePace) -> None:
    """Call `changed` at the start, after every slice and every word of the server, until `stopping`; return when the server can't idle."""
    if not session.can_idle():
        return
    while not stopping():
        try:
            session.idle()
        except Refused:
            return
        changed()
        _wait(session, stopping, pace)
        if not stopping():
            session.idle_done()


def _wait(session: ImapSession, stopping: Callable[[], bool], pace: IdlePace) -> None:
    """Return at the end of the slice, at the first word of the server (others may wait behind it), or when it is time to stop."""
    end = time.monotonic() + pace.slice.total_seconds()
    while not stopping() and (left := end - time.monotonic()) > 0:
        if session.hear(min(left, pace.look_up.total_seconds())):
            return
