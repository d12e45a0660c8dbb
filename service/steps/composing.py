"""compose: what an edition owes, into digests and postings."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from service.contracts import Now, Store
from service.digest import Templates, owes, plan, taker
from service.records import Digest, Edition

log = logging.getLogger("nutgraf")

ANSWERS_AN_HOUR = 20
"""What the reply mode sends at most: nobody forwards more by hand, and a loop must end. As much is passed on: whoever signs the owner up
to a thousand lists has a thousand confirmations sent."""


def compose(
    edition: Edition,
    store: Store,
    now: Now,
    sender: str,
    templates: Templates | None = None,
    answered: frozenset[str] = frozenset(),
    key: str = "",
) -> int:
    """Compose what the edition owes by now; return how many digests were stored.

    `answered` are those whose letters the reply mode answers: they join no other edition. `key` is a secret for the Message-IDs.
    """
    moment = now()
    past = store.last_slot(edition.name, moment), store.first_seen(edition.name, moment)
    if not owes(edition, moment, *past):
        return 0
    digests = plan(
        edition,
        moment,
        *past,
        store.material(edition.name, takes=taker(edition, answered)),
        store.notices(edition.name),
        sender,
        templates,
        answered=answered,
        answers_left=_answers_left(edition, store, moment),
        key=key,
    )
    return sum(_stored(digest, store) for digest in digests)


def _answers_left(edition: Edition, store: Store, now: datetime) -> int:
    """Return how many answers may still be sent, or letters passed on, within this hour; 0 for an edition that does neither."""
    if not (edition.answers or edition.whole):
        return 0
    return max(0, ANSWERS_AN_HOUR - store.posted(edition.name, now - timedelta(hours=1), now))


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
