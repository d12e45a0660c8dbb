"""A SQLite store for the tests of what is true of files alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.edges.sql_store import SqlStore, open_store


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Return where the store is."""
    return f"sqlite:///{tmp_path}/nutgraf.db"


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    """Return an empty store."""
    opened = open_store(url, reserve=0, low_water=0)
    yield opened
    opened.close()
