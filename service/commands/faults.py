"""How the command line reports what went wrong: every fault on a line of its own, never a traceback for what people can mend."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from service import settings as configuration
from service.contracts import Failure
from service.edges.log_lines import printable, without_addresses


def settings_or_exit(config_dir: Path | None) -> configuration.Settings:
    """Return the settings; when they have faults, print them all and end with 2."""
    try:
        return configuration.load(config_dir)
    except configuration.SettingsError as error:
        click.echo("The settings can't be used:", err=True)
        for fault in error.faults:
            click.echo(f"  {fault}", err=True)
        if not Path(".env").exists():
            click.echo(f"There is no .env in {Path.cwd()}.", err=True)
        click.echo("`nutgraf init` asks for them and writes them; .env.example describes them.", err=True)
        sys.exit(2)


def reported(work: Callable[[], int]) -> int:
    """Return what the work answers; a failure of the world is printed with its fix, and 1."""
    try:
        return work()
    except Failure as failure:
        click.echo(printable(without_addresses(failure.told)), err=True)
    return 1
