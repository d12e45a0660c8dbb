"""The store's chapter on keeping house: what waits, what there is, what may go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, delete, exists, func, select, update

from service.edges import sql_facts as facts
from service.edges.sql_database import Chapter, reading, writing
from service.edges.sql_schema import digest, frozen, letter, octets, posting, story, waiting
from service.records import Backlog, PostingState


class Upkeep(Chapter):
    """Figures for people and for `nutgraf health`; bytes that have served."""

    @writing
    def take_over(self, db: Connection, now: datetime) -> None:
        """End every lease now: for the store's only user, which has just started. Tokens stay: a posting at its dot is still UNKNOWN."""
        unsent = posting.c.settled.is_(None) & (posting.c.state != PostingState.UNKNOWN.value)
        for table, open_ in ((letter, waiting), (story, ~story.c.condensed), (posting, unsent)):
            db.execute(update(table).where(open_, table.c.token.is_not(None)).values(due=now))

    @reading
    def backlog(self, db: Connection) -> Backlog:
        """Return what waits, and since when."""
        unread, oldest_unread = _waiting(db, letter, waiting, letter.c.stored)
        uncondensed, oldest_uncondensed = _waiting(db, story, ~story.c.condensed, story.c.created)
        unsent, oldest_unsent = _waiting(db, posting, posting.c.settled.is_(None), posting.c.created)
        held = facts.known(db, facts.HELD) or ""
        return Backlog(unread, uncondensed, unsent, oldest_unread, oldest_uncondensed, oldest_unsent, held)

    @writing
    def purge(self, db: Connection, before: datetime, now: datetime) -> int:  # noqa: ARG002
        """Drop the bytes of letters read and of postings settled before `before`, and their stories' texts; return of how many letters."""
        condensing = exists().where(story.c.letter == letter.c.id, ~story.c.condensed)
        old = select(letter.c.id).where(letter.c.read < before, ~condensing)
        gone = db.execute(delete(octets).where(octets.c.letter.in_(old))).rowcount
        db.execute(update(story).where(story.c.letter.in_(old), story.c.text != "").values(text=""))
        sent = select(posting.c.id).where(posting.c.settled < before)
        db.execute(delete(frozen).where(frozen.c.posting.in_(sent)))
        return gone

    @reading
    def statistics(self, db: Connection) -> Mapping[str, int]:
        """Return the number of letters by state (`letters read`), stories, digests, and postings by state (`postings sent`)."""
        figures = {"letters": 0, "stories": _count(db, story), "digests": _count(db, digest), "postings": 0}
        for table, name in ((letter, "letters"), (posting, "postings")):
            for state, count in db.execute(select(table.c.state, func.count()).group_by(table.c.state)):
                figures[name] += count
                figures[f"{name} {state}"] = count
        return figures


def _waiting(db: Connection, table: Table, waiting: ColumnElement[bool], since: ColumnElement[datetime]) -> tuple[int, datetime | None]:
    count = db.scalar(select(func.count()).select_from(table).where(waiting)) or 0
    return count, db.scalars(select(since).where(waiting).order_by(since).limit(1)).first() if count else None


def _count(db: Connection, table: Table) -> int:
    return db.scalar(select(func.count()).select_from(table)) or 0
