"""Claims: a right to work on a row for a while, fenced by a token.

A row is claimed by writing a random token and the end of the lease. Whoever comes back with another token than the row's has lost it
to somebody else. PostgreSQL skips the rows that others are claiming at this instant; SQLite has one writer at a time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, or_, select, update

from service.contracts import Stale
from service.records import Claim

FAR = timedelta(hours=12)
"""Further ahead than anything is ever put off: such a row was written while the clock was ahead, and is due."""


def due(table: Table, now: datetime) -> ColumnElement[bool]:
    """Whether a row's time has come, or was written by a clock that was ahead."""
    return or_(table.c.due <= now, table.c.due > now + FAR)


def claim(
    db: Connection, table: Table, waiting: ColumnElement[bool], now: datetime, lease: timedelta, counted: ColumnElement[bool] | None = None
) -> Claim | None:
    """Claim the row of `table` that is `waiting` and due longest; None when there is none. Counts the attempt (where `counted`)."""
    columns = (table.c.id, table.c.attempt, *(() if counted is None else (counted.label("counted"),)))
    first = select(*columns).where(waiting, due(table, now)).order_by(table.c.due, table.c.id).limit(1)
    row = db.execute(first.with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    attempt = row.attempt + (counted is None or bool(row.counted))
    right = Claim(row.id, token_hex(8), attempt, now + lease)
    db.execute(update(table).where(table.c.id == right.row).values(token=right.token, attempt=attempt, due=right.until))
    return right


def finish(db: Connection, table: Table, right: Claim, **values: Any) -> None:
    """Write what became of a claimed row and let go of it. Raises Stale when the claim was lost."""
    change = update(table).where(table.c.id == right.row, table.c.token == right.token)
    if db.execute(change.values(token=None, **values)).rowcount != 1:
        raise Stale
