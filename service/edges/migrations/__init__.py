"""How a store made by an older program becomes one of this program: Alembic's scripts, in `versions/`.

A new store is made from sql_schema at once and never comes here; a test holds the two ways to the same tables. To change a table: change
sql_schema.py, raise its REVISION, and write the step from the version before as `versions/NNNN_why.py`. Steps only go forwards.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from service.contracts import Permanent

if TYPE_CHECKING:
    from sqlalchemy import Connection


def upgrade(db: Connection, to: str = "head") -> None:
    """Bring the store up to a version, inside the caller's transaction. Raises Permanent for a store of a newer program."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = db
    try:
        command.upgrade(config, to)
    except CommandError:
        raise Permanent("the store was made by a newer Nutgraf", "install that version again, or restore a backup of before") from None
