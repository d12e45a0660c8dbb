"""The store in SQLite keeps the contract."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.contracts import Store
from service.edges.sql_store import open_store
from tests.contract.store_contract import StoreContract


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return an empty store in a file."""
    opened = open_store(f"sqlite:///{tmp_path}/nutgraf.db", reserve=0, low_water=0)
    yield opened
    opened.close()


class TestSqliteStore(StoreContract):
    """The whole contract."""
