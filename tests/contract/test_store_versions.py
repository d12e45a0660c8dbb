"""A store that another version made, another place names, or nobody made yet."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

from service.contracts import Permanent
from service.edges import migrations
from service.edges.sql_schema import REVISION, metadata
from service.edges.sql_store import SqlStore, open_store
from tests.contract.store_examples import letter, put


class TestVersions:
    """A store made by another version of the program."""

    def test_migrations_lead_to_the_tables_of_today(self, tmp_path: Path) -> None:
        """A store brought up by every migration has the tables and indexes of a new one."""
        schemas = []
        for name, make in (("old", migrations.upgrade), ("new", metadata.create_all)):
            engine = create_engine(f"sqlite:///{tmp_path}/{name}")
            with engine.begin() as db:
                make(db)
                assert compare_metadata(MigrationContext.configure(db), metadata) == []
                schemas.append(_schema(db))
            engine.dispose()
        assert schemas[0] == schemas[1]

    def test_newest_migration_is_the_revision(self) -> None:
        """A new store is stamped with the newest migration there is."""
        scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
        assert scripts.get_current_head() == REVISION

    def test_store_of_a_newer_program_is_refused(self, store: SqlStore, url: str) -> None:
        """A store that a newer program changed is left alone."""
        store.database.write(lambda db: db.execute(text("UPDATE alembic_version SET version_num = '9999'")))
        with pytest.raises(Permanent, match="newer"):
            open_store(url)

    def test_opening_a_store_imports_no_migrations(self, url: str) -> None:
        """New or current, a store costs the daemon none of Alembic's 50 MB."""
        script = (
            "import sys; from service.edges.sql_store import open_store; open_store(sys.argv[1]).close(); print('alembic' in sys.modules)"
        )
        for _ in range(2):
            done = subprocess.run([sys.executable, "-c", script, url], capture_output=True, text=True, check=True)  # noqa: S603
            assert done.stdout == "False\n"

    def test_opening_again_changes_nothing(self, store: SqlStore, url: str) -> None:
        """A second start finds the same salt, start and letters."""
        put(store, letter("one"))
        again = open_store(url, reserve=0, low_water=0)
        assert again.memory("a") == store.memory("a")
        assert again.statistics() == store.statistics()
        again.close()


def _schema(db: Connection) -> list[tuple[str, ...]]:
    """Return every column, key and index that the database has, in words of its own."""
    tables = [row[0] for row in db.execute(text("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'alembic%'"))]
    found = []
    for table in tables:
        for question in ("table_info", "foreign_key_list", "index_list"):
            rows = db.execute(text(f"PRAGMA {question}('{table}')"))
            found += [(table, question, *(str(value).strip("'\"") for value in row[1:])) for row in rows]
    indexes = db.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"))
    return sorted(found) + sorted(("index", row[0], " ".join(row[1].split())) for row in indexes)
