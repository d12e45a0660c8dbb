"""Backup, restore and check of a store in SQLite: `nutgraf store backup|restore|check`.

A copy of the file alone is no backup: what was committed last stands in another file beside it (WAL). SQLite's backup takes both.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from service.contracts import Failure, Permanent
from service.edges import sql_opening
from service.edges.disk_reserve import DiskReserve
from service.edges.sql_database import Database, translated

BESIDE = ("-wal", "-shm", "")
"""The ends of the names of the files that are one database."""


def backup(url: str, to: Path) -> None:
    """Write the whole store, as of one instant, to the file `to`; the daemon may go on meanwhile. Raises Temporary or Permanent."""
    path = _file(url, "pg_dump")
    if not path.exists():
        raise Permanent(f"there is no store at {path}", "check NUTGRAF_DATA_DIR and NUTGRAF_DATABASE_URL")
    _copy(path, to)


def restore(url: str, copy: Path, now: datetime | None = None) -> Path | None:
    """Put a backup in the store's place and hold its outbox (`Store.release`); return where the old one was set aside.

    What was sent since the backup is not known any more. The caller holds the lock of the data folder: no daemon may be running.
    Raises Permanent when `copy` is no whole store.
    """
    now = now or datetime.now(UTC)
    path = _file(url, "pg_restore")
    _recognise(copy)
    fresh = path.with_name(path.name + ".restored")
    _copy(copy, fresh)
    try:
        newest = _hold(fresh, now)
    except Failure:
        for end in BESIDE:
            fresh.with_name(fresh.name + end).unlink(missing_ok=True)
        raise
    aside = _set_aside(path, now)
    fresh.replace(path)
    _sync(path.parent)
    DiskReserve(path).remember(newest)
    return aside


def check(url: str) -> None:
    """Read the whole store and look for damage. Raises Permanent with the fix when there is any."""
    database = Database(url)
    try:
        sql_opening.check(database)
    finally:
        database.close()


def _file(url: str, instead: str) -> Path:
    path = sql_opening.file_of(url)
    if path is None:
        raise Permanent("this is for a store in SQLite", f"use PostgreSQL's own {instead}")
    return path


def _copy(source: Path, to: Path) -> None:
    """Copy a database into a file for its owner alone, whole or not at all."""
    part = to.with_name(to.name + ".part")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL, 0o600))
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as old, closing(sqlite3.connect(part)) as new:
            old.backup(new)
        _sync(part)
        part.replace(to)
        _sync(to.parent)
    except sqlite3.Error as error:
        part.unlink()
        raise translated(error) or error from None
    except OSError as error:
        raise Permanent(f"{to} can't be written: {error.strerror}", "give a file in a folder that exists and is yours") from None


def _hold(fresh: Path, now: datetime) -> int:
    """See that the copy is whole, and have it hold its outbox; return the number of its newest digest."""
    database = Database(f"sqlite:///{fresh}")
    try:
        sql_opening.check(database)
        database.write(lambda db: sql_opening.hold(db, "restored from a backup", now))
        return database.read(sql_opening.newest_digest)
    finally:
        database.close()


def _recognise(copy: Path) -> None:
    """Raise Permanent unless the file holds a store of ours: then it is the file that is wrong, and not the store that is there.

    Ours has neither triggers nor views: they would act whenever the store is used.
    """
    try:
        with closing(sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro", uri=True)) as opened:
            opened.execute("SELECT version_num FROM alembic_version").fetchone()
            ours = opened.execute("SELECT 1 FROM sqlite_master WHERE type NOT IN ('table', 'index')").fetchone() is None
    except sqlite3.DatabaseError:
        ours = False
    if not ours:
        why = "is no backup of a store" if copy.is_file() else "is no file"
        raise Permanent(f"{copy} {why}, so nothing is changed", "give a file that `nutgraf store backup` wrote")


def _set_aside(path: Path, now: datetime) -> Path | None:
    """Rename the old store, with the files beside it; None when there is none."""
    aside = path.with_name(f"{path.name}.before-{now:%Y%m%d%H%M%S}")
    for end in BESIDE:
        with suppress(FileNotFoundError):
            path.with_name(path.name + end).rename(aside.with_name(aside.name + end))
    return aside if aside.exists() else None


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
