"""collect: what came into a mailbox, into the store."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from service.contracts import Failure, Mailbox, Now, Store, Unauthorised
from service.records import Digest, Notice

log = logging.getLogger("nutgraf")


def collect(
    mailbox: Mailbox,
    folder: str,
    store: Store,
    now: Now,
    lookback: timedelta,
    turn: timedelta = timedelta.max,
    warn: Callable[[Notice, datetime], Digest] | None = None,
) -> int:
    """Store what came into a folder; return how many letters were new. Raises what the mailbox raises.

    A refused login leaves a notice for every digest of the day, and `warn` makes of it a mail to the owner.
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
        with suppress(Failure):  # who heard of the store's trouble instead would knock on, and servers lock such accounts
            _tell(mailbox.name, failure, store, now(), warn)
        raise
    if new:
        log.info("collected %d letters", new, extra={"action": "collected", "mailbox": mailbox.name, "letters": new})
    return new or int(cut_short)


def _tell(name: str, failure: Unauthorised, store: Store, now: datetime, warn: Callable[[Notice, datetime], Digest] | None) -> None:
    """Leave the day's notice; mail it to the owner where there was none the day before: once when a trouble begins, not while it lasts."""
    today, yesterday = now.date(), now.date() - timedelta(days=1)
    notice = Notice(f"login {name} {today}", f"The mailbox {name} could not be read on {today}: {failure.told}")
    store.add_notice(notice, now)
    if warn and not store.noticed(f"login {name} {yesterday}"):
        store.add_digest(warn(notice, now))
