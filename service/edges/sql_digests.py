"""The store's chapter on digests: what an edition has not accounted for yet, and what it does with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, insert, or_, select, update

from service.contracts import Temporary
from service.edges import sql_facts as facts
from service.edges import sql_rows as rows
from service.edges.sql_database import Chapter, insert_new, reading, writing
from service.edges.sql_schema import EPOCH, coverage, digest, edition, entry, frozen, letter, notice, octets, posting, story, told
from service.records import Coverage, Digest, Kind, Material, Notice, Outcome, PostingState, Told

PROVISIONAL = Outcome.CARRIED_OVER.value

SETTLING = timedelta(hours=1)
"""Longer than any transaction: until then a letter with a smaller id may still be committed by another worker."""

PORTION = 10_000
"""How many letters are named in one statement; databases take some 30,000 values in one."""


class Digests(Chapter):
    """From condensed letters to a digest with its postings, chosen and frozen in one transaction."""

    @reading
    def last_slot(self, db: Connection, name: str, now: datetime) -> datetime | None:
        """Return when the last slot that the edition has had by now was due; None before its first."""
        slots = select(digest.c.due).where(digest.c.edition == name, digest.c.due <= now).order_by(digest.c.due.desc()).limit(1)
        return db.scalars(slots).first()

    def first_seen(self, name: str, now: datetime) -> datetime:
        """Return when this edition was first seen, which is `now` at the first call: slots before it are not owed."""
        seen = self._seen(name)
        return seen if seen and seen <= now else self._see(name, now)

    @reading
    def _seen(self, db: Connection, name: str) -> datetime | None:
        return db.scalar(select(edition.c.first_seen).where(edition.c.name == name))

    @writing
    def _see(self, db: Connection, name: str, now: datetime) -> datetime:
        db.execute(insert_new(db, edition).values(name=name, first_seen=now))
        seen = db.scalar(select(edition.c.first_seen).where(edition.c.name == name)) or now
        if not facts.was_ahead(db, seen, now):
            return seen
        db.execute(update(edition).where(edition.c.name == name).values(first_seen=now))
        return now

    @reading
    def posted(self, db: Connection, name: str, since: datetime, until: datetime) -> int:
        """Return how many postings the edition has had between two instants."""
        recent = select(func.count()).join_from(posting, digest).where(digest.c.edition == name, digest.c.created.between(since, until))
        return db.scalar(recent) or 0

    @reading
    def material(
        self, db: Connection, name: str, limit: int = 1000, takes: Callable[[Material], bool] | None = None
    ) -> tuple[Material, ...]:
        """Return what an edition has not accounted for for good; see `contracts.Store.material`.

        An edition that was never seen counts from the newest letter.
        """
        still_condensing = exists().where(story.c.letter == letter.c.id, ~story.c.condensed)
        ready = or_(letter.c.state == rows.UNREADABLE, and_(letter.c.state == rows.READ, ~still_condensing))
        owed = select(letter, _copied(name).label("copied")).where(
            letter.c.id >= _floor(db, name), letter.c.stored >= _horizon(db, name), ready, ~_accounted(name)
        )
        found, whole = {}, []
        for row in db.execute(owed.order_by(letter.c.received.desc(), letter.c.id.desc()).execution_options(yield_per=500)):
            found[row.id] = rows.material_of(row)
            if found[row.id].outcome is None and (takes is None or takes(found[row.id])):
                whole.append(row.id)
                if len(whole) > limit:
                    found[whole.pop()] = rows.without_room(row)
        stories = _stories(db, whole)
        raws = _raws(db, [number for number in whole if found[number].kind is Kind.CONFIRMATION])
        return tuple(replace(item, stories=tuple(stories[row]), raw=raws.get(row)) for row, item in reversed(found.items()))

    @reading
    def notices(self, db: Connection, name: str) -> tuple[Notice, ...]:
        """Return what the edition's next digest must tell and has not told, in the order in which it came up."""
        news = notice.c.edition.is_(None) & (notice.c.created >= _horizon(db, name))
        untold = ~exists().where(told.c.notice == notice.c.key, told.c.edition == name)
        due = select(notice).where(untold, or_(news, notice.c.edition == name)).order_by(notice.c.created, notice.c.key)
        return tuple(Notice(row.key, row.text) for row in db.execute(due))

    @writing
    def add_notice(self, db: Connection, item: Notice, now: datetime) -> None:
        """Have something told once, by the next digest of each edition there is; the same key again changes nothing."""
        db.execute(insert_new(db, notice).values(key=item.key, text=item.text, created=now))

    @reading
    def noticed(self, db: Connection, key: str) -> bool:
        """Return whether there was ever a notice of this key."""
        return bool(db.scalar(select(exists().where(notice.c.key == key))))

    @writing
    def add_digest(self, db: Connection, item: Digest) -> bool:
        """Store a digest, its coverage, notices told and postings; False, and nothing changed, when the slot is taken."""
        number = _take_slot(db, item)
        if number is None:
            return False
        shown = [
            {"edition": item.edition, "story": key, "digest": number, "position": place}
            for place, shows in enumerate(item.entries)
            for key in shows.keys
        ]
        if shown:
            db.execute(insert(entry), shown)
        _cover(db, item, number)
        for key in item.notices:
            db.execute(insert_new(db, told).values(notice=key, edition=item.edition, digest=number))
        _post(db, item, number)
        _raise_floor(db, item.edition, item.created - SETTLING)
        return True


def _take_slot(db: Connection, item: Digest) -> int | None:
    values = {
        "edition": item.edition,
        "slot": item.slot.name,
        "due": item.slot.due,
        "created": item.created,
        "subject": item.subject,
        "reason": item.reason,
        "text": item.text,
        "html": item.html,
    }
    number: int | None = db.execute(insert_new(db, digest).values(values).returning(digest.c.id)).scalar()
    return number


def _cover(db: Connection, item: Digest, number: int) -> None:
    """Write what became of each letter; a final outcome stands, and another one for the same letter raises Temporary."""
    for start in range(0, len(item.coverage), PORTION):
        _cover_some(db, item, {covered.fingerprint: covered for covered in item.coverage[start : start + PORTION]}, number)


def _cover_some(db: Connection, item: Digest, wanted: Mapping[str, Coverage], number: int) -> None:
    ids = {row.fingerprint: row.id for row in db.execute(select(letter.c.id, letter.c.fingerprint).where(letter.c.fingerprint.in_(wanted)))}
    if len(ids) != len(wanted):
        raise Temporary(f"a digest of {item.edition} accounts for a letter that is not in the store")
    mine = select(coverage).where(coverage.c.edition == item.edition, coverage.c.letter.in_(ids.values())).with_for_update()
    before = {row.letter: row for row in db.execute(mine)}
    new: list[dict[str, Any]] = []
    for fingerprint, covered in wanted.items():
        values = {"outcome": covered.outcome.value, "reason": covered.reason, "digest": number}
        old = before.get(ids[fingerprint])
        if old is None:
            new.append(values | {"edition": item.edition, "letter": ids[fingerprint]})
        elif old.outcome == PROVISIONAL:
            this = update(coverage).where(coverage.c.edition == item.edition, coverage.c.letter == old.letter)
            db.execute(this.values(values))
        elif old.outcome != covered.outcome:
            raise Temporary(f"a letter is {old.outcome} in {item.edition} already: the digest was planned too early")
    if new:
        db.execute(insert(coverage), new)


def _post(db: Connection, item: Digest, number: int) -> None:
    """Put the postings into the outbox; what may have gone out before the store was restored is looked for first."""
    restored = datetime.fromisoformat(facts.known(db, facts.RESTORED) or EPOCH.isoformat())
    state = PostingState.UNKNOWN if item.slot.due <= restored <= item.created else PostingState.READY
    for copy in item.postings:
        values = {
            "digest": number,
            "sender": copy.sender,
            "recipient": copy.recipient,
            "message_id": copy.message_id,
            "state": state.value,
            "due": item.created,
            "created": item.created,
        }
        row = db.execute(insert(posting).values(values).returning(posting.c.id)).scalar_one()
        db.execute(insert(frozen).values(posting=row, content=copy.content))


def _accounted(name: str) -> ColumnElement[bool]:
    """Whether a letter has its final outcome in the edition."""
    return exists().where(coverage.c.edition == name, coverage.c.letter == letter.c.id, coverage.c.outcome != PROVISIONAL)


def _copied(name: str) -> ColumnElement[bool]:
    """Whether the edition has had another copy of a letter: one that came by another way differs in its bytes.

    The date is asked for because some senders write the same Message-ID into every issue.
    """
    had, its = letter.alias(), coverage.alias()
    same = and_(had.c.message_id == letter.c.message_id, had.c.source == letter.c.source, had.c.date.is_not_distinct_from(letter.c.date))
    brought = and_(its.c.letter == had.c.id, its.c.edition == name, its.c.outcome.in_(rows.READ_BY_SOMEBODY))
    return exists().where(same, had.c.id != letter.c.id, brought)


def _horizon(db: Connection, name: str) -> datetime:
    """Return the instant from which letters are the edition's business: when it was first seen, and the store's lookback before it."""
    since = db.scalar(select(edition.c.first_seen).where(edition.c.name == name))
    since = since or db.scalars(select(letter.c.stored).order_by(letter.c.stored.desc()).limit(1)).first()
    return max(since - facts.lookback(db), EPOCH) if since else EPOCH


def _floor(db: Connection, name: str) -> int:
    return db.scalar(select(edition.c.floor).where(edition.c.name == name)) or 0


def _raise_floor(db: Connection, name: str, settled: datetime) -> None:
    """Move the floor up to the first letter that the edition has still to account for, but not beyond those collected by `settled`.

    Numbers are drawn before the commit: among the newest, a smaller one may yet appear.
    """
    low = _floor(db, name)
    owed = and_(letter.c.stored >= _horizon(db, name), letter.c.state != rows.SKIPPED, ~_accounted(name))
    first_owed = db.scalar(select(func.min(letter.c.id)).where(letter.c.id >= low, owed))
    beyond = (db.scalar(select(func.max(letter.c.id)).where(letter.c.stored <= settled)) or 0) + 1
    floor = min(first_owed or beyond, beyond)
    db.execute(update(edition).where(edition.c.name == name, edition.c.floor < floor).values(floor=floor))


def _stories(db: Connection, letters: list[int]) -> dict[int, list[Told]]:
    found: dict[int, list[Told]] = defaultdict(list)
    for row in db.execute(select(story).where(story.c.letter.in_(letters)).order_by(story.c.letter, story.c.position)):
        found[row.letter].append(rows.told_of(row))
    return found


def _raws(db: Connection, letters: list[int]) -> dict[int, bytes]:
    return {row.letter: row.raw for row in db.execute(select(octets).where(octets.c.letter.in_(letters)))} if letters else {}
