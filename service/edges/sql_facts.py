"""What is true of the whole store, by name: its salt, since when it collects, whether its outbox is held."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, exists, insert, select

from service.edges.sql_database import insert_new
from service.edges.sql_schema import MICROSECOND, fact, folder, letter

DAY = timedelta(days=1)
STARTED, LOOKBACK, SALT, HELD, RESTORED = "started", "lookback", "salt", "held", "restored"


def known(db: Connection, name: str) -> str | None:
    """Return a fact; None when it is not known."""
    return db.scalar(select(fact.c.value).where(fact.c.name == name))


def once(db: Connection, name: str, value: str) -> str:
    """Make a fact known unless it is; return what is known then."""
    db.execute(insert_new(db, fact).values(name=name, value=value))
    return known(db, name) or value


def replace(db: Connection, name: str, value: str) -> None:
    """Make a fact known, whatever was known before; an empty one is forgotten."""
    db.execute(delete(fact).where(fact.c.name == name))
    if value:
        db.execute(insert(fact).values(name=name, value=value))


def salt(db: Connection) -> bytes:
    """Return the store's salt, made with the store."""
    return bytes.fromhex(known(db, SALT) or "")


def started(db: Connection, now: datetime, lookback: timedelta) -> datetime:
    """Return the instant from which letters count, fixed at the first call.

    One that was fixed by a clock that was ahead is fixed anew, and the folders are looked through again: what lies between the two
    was taken for old.
    """
    once(db, LOOKBACK, str(lookback // MICROSECOND))
    known = datetime.fromisoformat(once(db, STARTED, (now - lookback).isoformat()))
    if not was_ahead(db, known, now):
        return known
    replace(db, STARTED, (now - lookback).isoformat())
    db.execute(delete(folder))
    return now - lookback


def was_ahead(db: Connection, then: datetime, now: datetime) -> bool:
    """Whether the clock was ahead when it said `then`; not when it is `now` that is behind, as the servers' own dates of letters show."""
    return then > now and not db.scalar(select(exists().where(letter.c.received > now + DAY)))


def lookback(db: Connection) -> timedelta:
    """Return how far the store looked back when it started; nothing before it did."""
    return int(known(db, LOOKBACK) or 0) * MICROSECOND
