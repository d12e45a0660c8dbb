"""The store's chapter on letters: collected, claimed, read; and their stories: claimed, condensed."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, update

from service.contracts import Temporary
from service.edges import sql_facts as facts
from service.edges import sql_rows as rows
from service.edges.sql_claims import claim, finish
from service.edges.sql_database import Chapter, insert_new, reading, writing
from service.edges.sql_schema import folder, letter, memory, octets, story, waiting
from service.records import Batch, ClaimedLetter, ClaimedStory, Cursor, Kind, Memory, Newsletter, Summary


class Letters(Chapter):
    """From a batch of bytes to stories with their summaries."""

    @reading
    def cursor(self, db: Connection, mailbox: str, name: str) -> Cursor | None:
        """Return where collecting goes on; None for a folder never seen."""
        return _cursor(db, mailbox, name)

    @writing
    def started(self, db: Connection, now: datetime, lookback: timedelta) -> datetime:
        """Return the instant from which letters count: `now - lookback` at the very first call, the same for ever after."""
        return facts.started(db, now, lookback)

    def add_batch(self, batch: Batch, now: datetime) -> int:
        """Store the letters not stored yet and move the cursor; return how many fetched letters were new."""
        if self.database.reserve is not None:
            self.database.reserve.check()
        return self._add_batch(batch, now)

    @writing
    def _add_batch(self, db: Connection, batch: Batch, now: datetime) -> int:
        _move(db, batch)
        if batch.unfetched:  # tens of thousands, when an old mailbox is seen for the first time
            db.execute(insert_new(db, letter), [rows.unfetched_values(known, now) for known in batch.unfetched])
        found = {item.fingerprint: item for item in batch.letters}
        known = set(db.scalars(select(letter.c.fingerprint).where(letter.c.fingerprint.in_(found))))
        new = {fingerprint: item for fingerprint, item in found.items() if fingerprint not in known}
        if new:
            db.execute(insert(letter), [rows.letter_values(item, now) for item in new.values()])
            ids = db.execute(select(letter.c.id, letter.c.fingerprint).where(letter.c.fingerprint.in_(new)))
            db.execute(insert(octets), [{"letter": row.id, "raw": new[row.fingerprint].raw} for row in ids])
        return len(new)

    @writing
    def claim_letter(self, db: Connection, now: datetime, lease: timedelta) -> ClaimedLetter | None:
        """Return the next letter to read, its attempt counted and committed; None when nothing is due."""
        right = claim(db, letter, waiting, now, lease)
        if right is None:
            return None
        bytes_too = select(letter.c.fingerprint, letter.c.partial, octets.c.raw).join(octets).where(letter.c.id == right.row)
        row = db.execute(bytes_too).one()
        return ClaimedLetter(right, row.fingerprint, row.partial, row.raw)

    @reading
    def memory(self, db: Connection, source: str) -> Memory:
        """Return what is remembered of a source: the store's salt and nothing more for a new one."""
        row = db.execute(select(memory).where(memory.c.source == source)).first()
        return rows.memory_of(row, facts.salt(db))

    @writing
    def add_reading(self, db: Connection, claimed: ClaimedLetter, newsletter: Newsletter, remembered: Memory, now: datetime) -> None:
        """Store a letter read, its stories and the source's memory; drop the bytes of mail that is not to be kept.

        Two workers that read issues of one source at the same time may forget one of the two; a memory is a hint, never an account.
        """
        finish(db, letter, claimed.claim, state=rows.READ, read=now, **rows.reading_values(newsletter))
        if newsletter.kind not in rows.KEPT_WHOLE:
            db.execute(delete(octets).where(octets.c.letter == claimed.claim.row))
        if rows.wanted(newsletter) and newsletter.stories:
            work = {"letter": claimed.claim.row, "created": now, "due": now}
            told = [rows.story_values(item, claimed.fingerprint, place) | work for place, item in enumerate(newsletter.stories)]
            db.execute(insert(story), told)
        _remember(db, newsletter.source, remembered)

    @writing
    def add_unreadable(self, db: Connection, claimed: ClaimedLetter, reason: str, now: datetime, source: str = "") -> None:
        """Set a letter aside for good, with the reason that the next digest names; its bytes are kept for `purge`."""
        finish(db, letter, claimed.claim, state=rows.UNREADABLE, read=now, reason=reason, source=source)

    @writing
    def postpone_letter(self, db: Connection, claimed: ClaimedLetter, due: datetime, reason: str, *, counted: bool = True) -> None:
        """Give a letter back, to be read again at `due`."""
        finish(db, letter, claimed.claim, due=due, reason=reason, attempt=claimed.claim.attempt - (not counted))

    @writing
    def claim_story(self, db: Connection, now: datetime, lease: timedelta) -> ClaimedStory | None:
        """Return the next story to condense, its attempt counted and committed; None when nothing is due."""
        right = claim(db, story, ~story.c.condensed, now, lease)
        if right is None:
            return None
        row = db.execute(select(story, letter.c.kind).join(letter).where(story.c.id == right.row)).one()
        siblings = db.scalar(select(func.count()).select_from(story).where(story.c.letter == row.letter)) or 0
        return ClaimedStory(right, row.key, rows.story_of(row), siblings, Kind(row.kind))

    @writing
    def add_summary(self, db: Connection, claimed: ClaimedStory, summary: Summary, now: datetime) -> None:  # noqa: ARG002
        """Store the summary of a story."""
        finish(db, story, claimed.claim, condensed=True, **rows.summary_values(summary))

    @writing
    def postpone_story(self, db: Connection, claimed: ClaimedStory, due: datetime, reason: str, *, counted: bool = True) -> None:
        """Give a story back, to be condensed again at `due`."""
        finish(db, story, claimed.claim, due=due, reason=reason, attempt=claimed.claim.attempt - (not counted))


def _cursor(db: Connection, mailbox: str, name: str, *, locked: bool = False) -> Cursor | None:
    this = select(folder).where(folder.c.mailbox == mailbox, folder.c.folder == name)
    row = db.execute(this.with_for_update() if locked else this).first()
    return rows.cursor_of(row) if row else None


def _move(db: Connection, batch: Batch) -> None:
    """Move the folder's cursor, or raise Temporary when it is not where the batch began."""
    here = _cursor(db, batch.mailbox, batch.folder, locked=True)
    if here != batch.before:
        raise Temporary("another worker collected from this folder meanwhile")
    values = rows.cursor_values(batch.after)
    if here is None:
        db.execute(insert(folder).values(mailbox=batch.mailbox, folder=batch.folder, **values))
    else:
        db.execute(update(folder).where(folder.c.mailbox == batch.mailbox, folder.c.folder == batch.folder).values(values))


def _remember(db: Connection, source: str, remembered: Memory) -> None:
    values = rows.memory_values(remembered)
    if db.execute(update(memory).where(memory.c.source == source).values(values)).rowcount == 0:
        db.execute(insert_new(db, memory).values(source=source, **values))
