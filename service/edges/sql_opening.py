"""What happens to a store before it is used: made when new, checked when old, migrated when older than the program.

A store that is damaged, or gone though its reserve is there, is refused: to begin anew would digest everything a second time.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError

from service.contracts import Permanent
from service.edges import sql_facts as facts
from service.edges.sql_schema import REVISION, digest, metadata

if TYPE_CHECKING:
    from service.edges.sql_database import Database

DECISIVE = ("fact", "folder", "letter", "edition", "digest", "entry", "coverage", "notice", "told", "posting")
"""The tables that say what was done already. They are checked at every start; the bytes and texts, which may be gigabytes, are not."""

WAYS = "sqlite:////path/to/nutgraf.db or postgresql://user:password@host/name (%40 for an @ in the password)"

LOCK_NUMBER = 0x6E757467
"""PostgreSQL's advisory lock under which the tables are made or changed ("nutg")."""


def file_of(url: str) -> Path | None:
    """Return the file of a SQLite store; None for PostgreSQL. Raises Permanent for any other URL (which may hold a password)."""
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):  # whose words may be a piece of the password
        raise Permanent("the store's URL can't be read", WAYS) from None
    if address.host and url.count("@") > 1:  # one is in the password, of which the driver would take a piece for the host, and name it
        raise Permanent("the store's URL can't be read", WAYS)
    if address.get_backend_name() == "sqlite" and address.database not in (None, "", ":memory:"):
        return Path(str(address.database))
    if address.get_backend_name() in ("postgresql", "postgres"):
        return None
    raise Permanent("the store's URL names no database that Nutgraf knows", WAYS)


def prepare(database: Database) -> None:
    """Make the store ready for use. Raises Permanent, with the fix, when that takes a person."""
    if database.path is not None:
        _private_file(database.path)
    digests = database.reserve.remembered() if database.reserve else None
    version = database.read(revision)
    if version is None and digests is not None:
        raise Permanent(
            f"the store {database.path} is empty although it was in use",
            f"nutgraf store restore FILE; or, to begin anew and digest the last day's letters again, delete {database.path}.reserve",
        )
    if version != REVISION:
        database.write(_make_or_migrate)
    else:
        check(database, DECISIVE)
    if database.reserve is not None:
        if digests and (known := database.read(newest_digest)) < digests:
            database.write(lambda db: hold(db, "replaced by an older one", datetime.now(UTC)))
            database.reserve.remember(known)
        database.reserve.fill()


def newest_digest(db: Connection) -> int:
    """Return the number of the newest digest; 0 before the first."""
    return db.scalar(select(func.max(digest.c.id))) or 0


def hold(db: Connection, why: str, now: datetime) -> None:
    """Have the outbox held until `Store.release`: what was sent before `now` is not known any more."""
    words = (
        f"the store was {why} on {now:%Y-%m-%d %H:%M}; what was sent meanwhile is not known. When that is settled: nutgraf store release"
    )
    facts.replace(db, facts.HELD, words)
    facts.replace(db, facts.RESTORED, now.isoformat())


def check(database: Database, tables: tuple[str, ...] = ()) -> None:
    """Look for damage in a SQLite store, in some tables or in all of it. Raises Permanent."""
    if database.path is None:
        return
    for question in [f"quick_check('{table}')" for table in tables] or ["integrity_check", "foreign_key_check"]:
        if _complaint(database, question):
            raise Permanent(f"the store {database.path} is damaged", "nutgraf store restore FILE (the damaged file is kept)")


def _complaint(database: Database, question: str) -> bool:
    found = database.read(lambda db: db.exec_driver_sql(f"PRAGMA {question}").all())
    return bool(found) and found[0][0] != "ok"


def _private_file(path: Path) -> None:
    """See to it that the file exists for its owner alone before SQLite opens it (SQLite's other files take its mode)."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if os.fstat(descriptor).st_mode & 0o077:
                os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise Permanent(f"the store {path} can't be opened: {error.strerror}", "give the folder to the user that runs Nutgraf") from None


def revision(db: Connection) -> str | None:
    """Return the newest migration that the store has had; None for a new one."""
    if not inspect(db).has_table("alembic_version"):
        return None
    found = db.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return None if found is None else str(found)


def _make_or_migrate(db: Connection) -> None:
    """Make the tables, or change those of an older program. Others who start at the same time wait, and find it done."""
    if db.dialect.name == "postgresql":
        db.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK_NUMBER})")
    version = revision(db)
    if version is None:
        metadata.create_all(db)
        db.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        db.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": REVISION})
        facts.once(db, facts.SALT, token_hex(16))
    elif version != REVISION:
        from service.edges.migrations import upgrade  # 50 MB of libraries, for the one start after an update

        upgrade(db)
