"""One database, SQLite or PostgreSQL: transactions, and every fault of theirs as Temporary or Permanent.

A write takes the write lock at its beginning (BEGIN IMMEDIATE): SQLite's deferred transactions fail at once, whatever the busy
timeout, when they read before another process wrote. A commit is on the disk (WAL, synchronous=FULL) before it is believed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Table, create_engine, event, exc, make_url

from service.contracts import Failure, Permanent, Temporary

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from service.edges.disk_reserve import DiskReserve

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C", bound="Chapter")

BUSY = timedelta(seconds=10)
"""How long to wait for another writer, or for the server, before it is a fault."""

RESTORE = "restore a backup: nutgraf store restore FILE (nothing in the broken store is thrown away)"


class DiskFull(Temporary):
    """The database could not grow."""


class Database:
    """A place for transactions. Safe to use from several threads; several processes may have one each on the same store."""

    def __init__(self, url: str, reserve: DiskReserve | None = None, busy: timedelta = BUSY) -> None:
        self.engine = _sqlite(url, busy) if url.startswith("sqlite") else _postgresql(url, busy)
        self.path = Path(self.engine.url.database or "") if self.engine.dialect.name == "sqlite" else None
        self.reserve = reserve
        self._writer = self.engine.execution_options(begin="BEGIN IMMEDIATE")

    def read(self, work: Callable[[Connection], R]) -> R:
        """Return what `work` reads, all of it as of one instant. Raises Temporary or Permanent."""
        return self._once_or_twice(self.engine, work)

    def write(self, work: Callable[[Connection], R]) -> R:
        """Return what `work` answers once what it wrote is committed; all of it or nothing. Raises Temporary or Permanent."""
        return self._once_or_twice(self._writer, work)

    def _once_or_twice(self, engine: Engine, work: Callable[[Connection], R]) -> R:
        """Do the work; on a full disk (where SQLite can't even read) give up the reserve and do it again."""
        try:
            return _run(engine, work)
        except DiskFull:
            if self.reserve is None or not self.reserve.give_up():
                raise
            return _run(engine, work)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


class Chapter:
    """A part of the store's methods, all working on one database."""

    def __init__(self, database: Database) -> None:
        self.database = database


def reading(method: Callable[Concatenate[C, Connection, P], R]) -> Callable[Concatenate[C, P], R]:
    """Make a method of a chapter one reading transaction."""

    @wraps(method)
    def transaction(self: C, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.database.read(lambda db: method(self, db, *args, **kwargs))

    return transaction


def writing(method: Callable[Concatenate[C, Connection, P], R]) -> Callable[Concatenate[C, P], R]:
    """Make a method of a chapter one writing transaction: all of it or nothing."""

    @wraps(method)
    def transaction(self: C, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.database.write(lambda db: method(self, db, *args, **kwargs))

    return transaction


def insert_new(db: Connection, table: Table) -> Any:
    """Return an INSERT that leaves alone what is there already; both databases spell it the same, SQLAlchemy does not."""
    if db.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as sqlite_insert

        return sqlite_insert(table).on_conflict_do_nothing()
    from sqlalchemy.dialects.postgresql import insert as postgresql_insert

    return postgresql_insert(table).on_conflict_do_nothing()


def _run(engine: Engine, work: Callable[[Connection], R]) -> R:
    try:
        with engine.begin() as db:
            return work(db)
    except (exc.SQLAlchemyError, sqlite3.Error) as error:
        failure = translated(error)
        if failure is None:
            raise
    raise failure


def translated(error: Exception) -> Failure | None:
    """Return the failure that a database's exception is; None for a bug of ours.

    The exception itself is not passed on: its text may hold values of rows (PostgreSQL names them), which are letters and addresses.
    """
    if isinstance(error, exc.TimeoutError):
        return Temporary("the store is busy: no connection was free")
    if isinstance(error, exc.IntegrityError | sqlite3.IntegrityError):
        return Temporary("the store refused a row: another worker has decided this already")
    if not isinstance(error, exc.DBAPIError | sqlite3.Error):
        return None
    original = getattr(error, "orig", None) or error
    words = str(original).splitlines()[0] if str(original) else type(original).__name__
    return _by_words(words)


def _by_words(words: str) -> Failure:
    """Judge by SQLite's own words; whatever is not known to be for good is temporary."""
    if "is full" in words or "No space left" in words:
        return DiskFull("the disk is full: free some space; nothing is lost meanwhile")
    if "disk I/O error" in words:
        return DiskFull("the disk is full or failing: free some space, and look at the system's log")
    if "malformed" in words or "not a database" in words:
        return Permanent(f"the store is damaged: {words}", RESTORE)
    if "readonly" in words or "unable to open" in words:
        return Temporary(f"the store can't be written: {words}; its file and folder must belong to the user that runs Nutgraf")
    return Temporary(f"the store does not answer: {words}")


def _sqlite(url: str, busy: timedelta) -> Engine:
    engine = create_engine(url, connect_args={"timeout": busy.total_seconds()}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGINs come too late; ours are below
        for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "journal_size_limit=67108864"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))

    return engine


def _postgresql(url: str, busy: timedelta) -> Engine:
    address = make_url(url).set(drivername="postgresql+psycopg")
    with suppress(ImportError):
        return create_engine(
            address, hide_parameters=True, pool_pre_ping=True, connect_args={"connect_timeout": max(2, busy // timedelta(seconds=1))}
        )
    raise Permanent("a PostgreSQL store needs the driver psycopg", "pip install 'nutgraf[postgres]'")
