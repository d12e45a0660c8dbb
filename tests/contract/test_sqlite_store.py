"""The store in SQLite keeps the contract."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import ColumnElement, Connection, Table, select

from service.edges.sql_claims import due
from service.edges.sql_schema import letter, posting, story, waiting
from service.edges.sql_store import SqlStore, open_store
from tests.contract.store_contract import StoreContract
from tests.contract.store_examples import NOW


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """Return an empty store in a file."""
    opened = open_store(f"sqlite:///{tmp_path}/nutgraf.db", reserve=0, low_water=0)
    yield opened
    opened.close()


class TestSqliteStore(StoreContract):
    """The whole contract."""


@pytest.mark.parametrize(("table", "to_do"), [(letter, waiting), (story, ~story.c.condensed), (posting, posting.c.settled.is_(None))])
def test_what_is_due_is_found_by_an_index(store: SqlStore, table: Table, to_do: ColumnElement[bool]) -> None:
    """Else each claim reads the whole table: a hundred thousand letters, for each of them."""
    wanted = select(table.c.id).where(to_do, due(table, NOW)).order_by(table.c.due, table.c.id).limit(1)

    def plan(db: Connection) -> list[str]:
        compiled = wanted.compile(db.engine)
        rows = db.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", tuple(1 for _ in compiled.positiontup or ()))
        return [row.detail for row in rows]

    (step,) = store.database.read(plan)
    assert "USING INDEX ix_" in step
