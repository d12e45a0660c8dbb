"""The store's chapter on the outbox.

    READY ──claim──> CLAIMED ──all but the final dot is sent──> DOT ──"250"──> SENT
      ^                 │                                        │
      └─4xx, or lease──-┤                                        └─crash, time-out──> UNKNOWN ──found──────> SENT
        is over         └─5xx──> FAILED                                                │  └──nobody can look──> CARRIED
      ^                                                                                │
      └──looked for where it would be, twice, and not there─────────────────────────────┘

Before the dot a server discards what it has, so a lost claim is sent again without harm; after it, never blindly.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, select, update

from service.contracts import Stale
from service.edges import sql_facts as facts
from service.edges import sql_rows as rows
from service.edges.sql_claims import claim, due, finish
from service.edges.sql_database import Chapter, Database, insert_new, reading, writing
from service.edges.sql_schema import coverage, digest, edition, entry, frozen, letter, notice, posting, story, told
from service.records import ClaimedPosting, Outcome, PostingState

GRACE = timedelta(minutes=10)
"""Longer than a server waits for the rest of a message on a connection that died."""

RETURNS = 2
"""How often a letter comes again because the digest that showed it was refused: a digest that no server will ever take must end."""

FINAL = frozenset({PostingState.SENT, PostingState.FAILED, PostingState.CARRIED})
TAKEN_UP = [state.value for state in (PostingState.READY, PostingState.CLAIMED, PostingState.UNKNOWN)]


class Postings(Chapter):
    """From a frozen posting to what became of it."""

    def __init__(self, database: Database, grace: timedelta = GRACE) -> None:
        super().__init__(database)
        self._grace = grace

    @writing
    def claim_posting(self, db: Connection, now: datetime, lease: timedelta) -> ClaimedPosting | None:
        """Return the next posting due for sending or (UNKNOWN) for looking, claimed; None when nothing is due or the store is held."""
        if facts.known(db, facts.HELD):
            return None
        # The token stays: whoever wrote the dot may yet come back with a definite answer, until somebody claims the row to look.
        lost = update(posting).where(posting.c.state == PostingState.DOT.value, posting.c.settled.is_(None), due(posting, now))
        db.execute(lost.values(state=PostingState.UNKNOWN.value, due=now + self._grace))
        sending = posting.c.state != PostingState.UNKNOWN.value
        right = claim(db, posting, posting.c.settled.is_(None) & posting.c.state.in_(TAKEN_UP), now, lease, counted=sending)
        if right is None:
            return None
        whole = select(posting, digest.c.edition, digest.c.slot, frozen.c.content)
        row = db.execute(whole.join_from(posting, digest).join(frozen).where(posting.c.id == right.row)).one()
        state = PostingState(row.state)
        if state is not PostingState.UNKNOWN:
            state = PostingState.CLAIMED
            db.execute(update(posting).where(posting.c.id == right.row).values(state=state.value))
        return ClaimedPosting(right, rows.posting_of(row), state, row.created, row.probes)

    @writing
    def reach_dot(self, db: Connection, claimed: ClaimedPosting, now: datetime) -> None:  # noqa: ARG002
        """Commit that the final dot is about to be sent."""
        right = claimed.claim
        mine = (posting.c.id == right.row) & (posting.c.token == right.token) & (posting.c.state == PostingState.CLAIMED.value)
        if db.execute(update(posting).where(mine).values(state=PostingState.DOT.value, probes=0)).rowcount != 1:
            raise Stale

    @writing
    def settle(
        self,
        db: Connection,
        claimed: ClaimedPosting,
        state: PostingState,
        now: datetime,
        reason: str = "",
        due: datetime | None = None,
        *,
        looked: bool = False,
    ) -> None:
        """Commit what became of a posting; see `contracts.Store.settle`."""
        wait = self._grace if state is PostingState.UNKNOWN else timedelta()
        settled = now if state in FINAL else None
        probes = posting.c.probes + int(looked)
        finish(db, posting, claimed.claim, state=state.value, due=due or now + wait, reason=reason, settled=settled, probes=probes)
        if state in {PostingState.CARRIED, PostingState.FAILED}:
            row = db.execute(select(digest).join(posting).where(posting.c.id == claimed.claim.row)).one()
            _tell(db, row, state, now)
            if not db.scalar(select(exists().where(posting.c.digest == row.id, posting.c.state != PostingState.FAILED.value))):
                _return_letters(db, row)

    @reading
    def arrived(self, db: Connection, message_id: str) -> bool:
        """Return whether a letter with this Message-ID was collected: our own digest came back to a mailbox we watch."""
        return bool(db.scalar(select(exists().where(letter.c.message_id == message_id))))

    @writing
    def release(self, db: Connection) -> None:
        """Let postings go out again that are held because the store was restored from a backup.

        Those of slots due before that may have been sent in the time that the backup knows nothing of: they are looked for first, under
        the Message-ID that is the same for the same slot and recipient. So are those of such slots that are composed from now on.
        """
        if restored := facts.known(db, facts.RESTORED):
            doubtful = select(digest.c.id).where(digest.c.due <= datetime.fromisoformat(restored))
            waiting = update(posting).where(posting.c.settled.is_(None), posting.c.digest.in_(doubtful))
            db.execute(waiting.values(state=PostingState.UNKNOWN.value, token=None, due=posting.c.created, probes=0))
        facts.replace(db, facts.HELD, "")


def _tell(db: Connection, row: Row[Any], state: PostingState, now: datetime) -> None:
    """Have the edition's next digest say that this one is missing; one notice, however many recipients miss it."""
    missing = "was refused by a mail server and has not reached everybody" if state is PostingState.FAILED else "may not have arrived"
    text = f'The digest "{row.subject}", made on {row.created:%Y-%m-%d at %H:%M} UTC, {missing}.'
    key = f"{state} {row.edition} {row.slot}"
    db.execute(insert_new(db, notice).values(key=key, text=text, created=now, edition=row.edition))


def _return_letters(db: Connection, row: Row[Any]) -> None:
    """Put back the letters of a digest that nobody got: no reader sees a story twice, and none is lost to a wrong setting.

    Not the letter that is the slot itself (`each letter`, answers): that slot does not come again.
    """
    again = (
        select(coverage.c.letter)
        .join(letter)
        .where(
            coverage.c.digest == row.id,
            coverage.c.outcome.in_(rows.READ_BY_SOMEBODY),
            coverage.c.returned < RETURNS,
            letter.c.fingerprint != row.slot,
        )
    )
    if not (ids := list(db.scalars(again))):
        return
    mine = select(story.c.key).where(story.c.letter.in_(ids))
    db.execute(delete(entry).where(entry.c.digest == row.id, entry.c.story.in_(mine)))
    db.execute(delete(told).where(told.c.digest == row.id))
    back = {"outcome": Outcome.CARRIED_OVER.value, "reason": "its digest was refused", "returned": coverage.c.returned + 1}
    db.execute(update(coverage).where(coverage.c.edition == row.edition, coverage.c.letter.in_(ids)).values(back))
    lowest = db.scalar(select(func.min(letter.c.id)).where(letter.c.id.in_(ids))) or 0
    db.execute(update(edition).where(edition.c.name == row.edition, edition.c.floor > lowest).values(floor=lowest))
