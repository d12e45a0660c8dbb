"""A step that dies at any statement has changed nothing, and done again does all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from service.contracts import Store
from service.edges.sql_schema import metadata
from service.edges.sql_store import SqlStore, open_store
from service.records import Memory, Notice, PostingState, Sentence, Summary
from tests.contract.store_examples import DAY, GRACE, LEASE, NOW, claimed, digest, letter, newsletter, put, ready


class Crash(Exception):
    """The process is gone."""


def batch(store: Store) -> Callable[[], object]:
    """Collect two letters into a store that has one."""
    put(store, letter("one"))
    return lambda: put(store, letter("two"), letter("three"))


def reading(store: Store) -> Callable[[], object]:
    """Read a letter."""
    put(store, letter("one"))
    item = store.claim_letter(NOW, LEASE)
    assert item is not None
    return lambda: store.add_reading(item, newsletter("Rain", "Sun"), Memory(issues=("1",)), NOW)


def condensing(store: Store) -> Callable[[], object]:
    """Condense a story."""
    reading(store)()
    story = store.claim_story(NOW, LEASE)
    assert story is not None
    return lambda: store.add_summary(story, Summary((Sentence("It happened.", 0),)), NOW)


def composing(store: Store) -> Callable[[], object]:
    """Compose a digest of two letters for two readers, with a notice."""
    ready(store, "one")
    ready(store, "two", "Sun", "Moon")
    store.first_seen("daily", NOW)
    store.add_notice(Notice("disk", "The disk was full."), NOW)
    made = digest(*store.material("daily"), to=("ann@example.org", "bob@example.org"), notices=("disk",))
    return lambda: store.add_digest(made)


def claiming(store: Store) -> Callable[[], object]:
    """Claim a posting that was lost behind its dot."""
    composing(store)()
    store.reach_dot(claimed(store), NOW)
    store.claim_posting(NOW + LEASE, LEASE)
    return lambda: store.claim_posting(NOW + LEASE + GRACE, LEASE)


def refusing(store: Store) -> Callable[[], object]:
    """Settle the last posting of a digest that every reader's server refused."""
    composing(store)()
    store.settle(claimed(store), PostingState.FAILED, NOW)
    last = claimed(store)
    return lambda: store.settle(last, PostingState.FAILED, NOW)


def purging(store: Store) -> Callable[[], object]:
    """Purge a letter and a posting."""
    composing(store)()
    store.settle(claimed(store), PostingState.SENT, NOW)
    return lambda: store.purge(NOW + DAY, NOW)


STEPS = [batch, reading, condensing, composing, claiming, refusing, purging]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_fault_75_crash_at_every_statement(step: Callable[[Store], Callable[[], object]], tmp_path: Path) -> None:
    """However far a step came, what is left is what was there before; the commit alone makes the difference."""
    store = open_store(f"sqlite:///{tmp_path}/nutgraf.db", reserve=0, low_water=0)
    try:
        act = step(store)
        before = _content(store)
        statements = 0
        while _dies_after(store, act, statements):
            assert _content(store) == before
            statements += 1
        assert statements > 1
        assert _content(store) != before
    finally:
        store.close()


def _dies_after(store: SqlStore, act: Callable[[], object], statements: int) -> bool:
    """Do the step, and crash after so many statements; False when it was over before."""
    with _crashing(store, statements):
        try:
            act()
        except Crash:
            return True
    return False


@contextmanager
def _crashing(store: SqlStore, statements: int) -> Iterator[None]:
    """Raise Crash instead of the statement after `statements` others, or instead of the commit when there are no more."""
    left = [statements]

    def count(*_: Any) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Crash

    writer = store.database._writer
    event.listen(writer, "before_cursor_execute", count)
    event.listen(writer, "commit", count)
    try:
        yield
    finally:
        event.remove(writer, "before_cursor_execute", count)
        event.remove(writer, "commit", count)


def _content(store: SqlStore) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table."""
    tables = [table.name for table in metadata.sorted_tables]
    return store.database.read(
        lambda db: {name: sorted((tuple(row) for row in db.execute(text(f"SELECT * FROM {name}"))), key=repr) for name in tables}  # noqa: S608
    )
