"""A copy of a store to look ahead on: whatever `nutgraf preview` collects, reads and composes there changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, delete, insert, select

from service.edges.sql_opening import file_of
from service.edges.sql_schema import fact, frozen, letter, metadata, octets, secret, waiting
from service.edges.sql_store import open_store


@contextmanager
def scratch(url: str) -> Iterator[str]:
    """Give the URL of a copy that is gone when the block ends; of a store that is not there yet, of an empty one.

    It has no tokens, nothing to send, and the bytes of unread letters alone. Raises Temporary or Permanent, as `open_store` does.
    """
    with TemporaryDirectory(prefix="nutgraf-") as folder:
        copy, path = f"sqlite:///{folder}/nutgraf.db", file_of(url)
        if path is None or path.exists():
            with closing(open_store(url)) as old, closing(open_store(copy, reserve=0)) as new:
                old.database.read(lambda source: new.database.write(lambda target: _copy(source, target)))
        yield copy


def _copy(source: Connection, target: Connection) -> None:
    if source.dialect.name == "postgresql":  # SQLite's transactions see one instant anyway
        source.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    target.execute(delete(fact))
    for table in metadata.sorted_tables:
        if table in (frozen, secret):
            continue
        wanted = select(table) if table is not octets else select(octets).join(letter).where(waiting)
        for rows in source.execute(wanted.execution_options(yield_per=500)).mappings().partitions():
            target.execute(insert(table), [dict(row) for row in rows])
