"""collect: what came into a mailbox, into the store."""

from __future__ import annotations

import logging
from datetime import timedelta

from service.contracts import Mailbox, Now, Store, Unauthorised
from service.records import Notice

log = logging.getLogger("nutgraf")


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
