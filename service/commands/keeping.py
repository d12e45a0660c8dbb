"""`store backup|restore|release|check`: looking after the database."""

from __future__ import annotations

from pathlib import Path

import click

from service.commands.faults import reported, settings_or_exit


def backup(file: Path, config_dir: Path | None) -> int:
    """Write a copy of the database; the daemon may go on meanwhile."""
    settings = settings_or_exit(config_dir)

    def work() -> int:
        from service.edges import sql_care

        sql_care.backup(settings.database_url, file)
        click.echo(f"{file}: a copy of the store, {file.stat().st_size // 1000} kB")
        return 0

    return reported(work)


def restore(file: Path, config_dir: Path | None) -> int:
    """Put a copy in the place of the database; its outbox is held until it is released."""
    settings = settings_or_exit(config_dir)

    def work() -> int:
        from service.edges import sql_care
        from service.edges.state_lock import hold

        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with hold(settings.data_dir):
            aside = sql_care.restore(settings.database_url, file)
        if aside:
            click.echo(f"The store that was there is kept as {aside}.")
        click.echo("Restored. Digests made before the backup may have been sent already, so none goes out before `nutgraf store release`.")
        return 0

    return reported(work)


def release(config_dir: Path | None) -> int:
    """Let the digests of a restored store go out."""
    settings = settings_or_exit(config_dir)

    def work() -> int:
        from service.edges.sql_store import open_store

        store = open_store(settings.database_url)
        try:
            store.release()
        finally:
            store.close()
        click.echo("The outbox is open again.")
        return 0

    return reported(work)


def check(config_dir: Path | None) -> int:
    """Check the database for damage and count its letters."""
    settings = settings_or_exit(config_dir)

    def work() -> int:
        from service.edges import sql_care
        from service.edges.sql_store import open_store

        sql_care.check(settings.database_url)
        store = open_store(settings.database_url)
        try:
            for state, count in store.statistics().items():
                click.echo(f"{count:>8} {state}")
        finally:
            store.close()
        click.echo("the store is sound")
        return 0

    return reported(work)
