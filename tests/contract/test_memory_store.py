"""The store in memory keeps the contract: what other tests lean on is not a fiction."""

import pytest

from service.contracts import Store
from tests.contract.store_contract import StoreContract
from tests.fakes import MemoryStore


@pytest.fixture
def store() -> Store:
    """Return an empty store."""
    return MemoryStore()


class TestMemoryStore(StoreContract):
    """The whole contract."""
