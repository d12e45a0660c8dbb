"""The store: everything that the steps hand to each other, in SQLite or PostgreSQL.

Its methods stand in chapters by what they are about: sql_letters, sql_digests, sql_postings, sql_upkeep; the tables in sql_schema;
transactions and faults in sql_database; backup and repair in sql_care.
"""

from __future__ import annotations

from datetime import timedelta

from service.edges.disk_reserve import LOW_WATER, RESERVE, DiskReserve
from service.edges.sql_database import BUSY, Database
from service.edges.sql_digests import Digests
from service.edges.sql_letters import Letters
from service.edges.sql_opening import file_of, newest_digest, prepare
from service.edges.sql_postings import GRACE, Postings
from service.edges.sql_upkeep import Upkeep
from service.records import Digest


class SqlStore(Letters, Digests, Postings, Upkeep):
    """`contracts.Store` in a database. Safe to use from several threads, and by several processes on one database."""

    def __init__(self, database: Database, grace: timedelta = GRACE) -> None:
        Postings.__init__(self, database, grace)

    def add_digest(self, item: Digest) -> bool:
        """Store a digest as `Digests` does, and have the witness beside the database know of it."""
        stored = super().add_digest(item)
        if stored and self.database.reserve is not None:
            self.database.reserve.remember(self.database.read(newest_digest))
        return stored

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()


def open_store(
    url: str, *, grace: timedelta = GRACE, reserve: int = RESERVE, low_water: int = LOW_WATER, busy: timedelta = BUSY
) -> SqlStore:
    """Open the store at `url` (`sqlite:////data/nutgraf.db`, `postgresql://user:password@host/name`), made or migrated where needed.

    `grace` is how long a posting rests after its fate became unknown, `busy` how long to wait for another writer; `reserve` and
    `low_water` are octets on a SQLite store's disk.
    Raises Permanent, with the fix, when the store is damaged, newer than this program, or gone though it was there.
    """
    path = file_of(url)
    database = Database(url, DiskReserve(path, reserve, low_water) if path else None, busy)
    try:
        prepare(database)
    except BaseException:
        database.close()
        raise
    return SqlStore(database, grace)
