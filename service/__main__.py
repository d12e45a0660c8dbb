"""The command line. Thin: each command parses its words and calls its namesake in `commands`, imported only then."""

from __future__ import annotations

import sys
from copy import copy
from pathlib import Path

import click

from service import __version__

Letters = click.Path(path_type=Path, allow_dash=True)


class Variadic(click.Command):
    """A command whose option `--after` takes every word up to the next option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Write `--after A B` as `--after A --after B`, which click understands."""
        spread: list[str] = []
        after = False
        for word in args:
            if word.startswith("-") and word != "-":
                after = word == "--after"
                spread += [] if after else [word]
            else:
                spread += ["--after", word] if after else [word]
        return super().parse_args(ctx, spread)


config_option = click.option(
    "--config",
    "config_dir",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="A folder whose files replace the built-in ones of the same name: service.toml, editions.toml, boilerplate/, templates/.",
)

since_option = click.option(
    "--since", metavar="WHEN", help="First run only: letters count from then on (`3d`, or a date). Otherwise the last 24 hours."
)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with `nutgraf demo` (needs no account), then `nutgraf init`. Exit codes: 0 done, 1 failed, 2 wrong use or settings.",
)
@click.version_option(__version__, prog_name="nutgraf")
def main() -> None:
    """Watch a mailbox for newsletters and mail back a short digest, in which every sentence stood in a letter.

    Settings come from the environment (NUTGRAF_IMAP_HOST ...), from .env in the current folder, and from --config DIR.
    """


@main.command()
@config_option
@since_option
def run(config_dir: Path | None, since: str | None) -> None:
    """Run the daemon: collect, summarise and send until stopped.

    SIGTERM finishes what is at hand and ends; SIGHUP reads the settings again.
    """
    from service.commands import daemon

    sys.exit(daemon.run(config_dir, since))


@main.command()
@config_option
@since_option
def once(config_dir: Path | None, since: str | None) -> None:
    """Do every step until nothing is left to do, then end. For cron, and for trying out."""
    from service.commands import daemon

    sys.exit(daemon.once(config_dir, since))


@main.command()
@config_option
@since_option
@click.option("--edition", metavar="NAME", help="Which edition; the first one otherwise.")
@click.option("--html", "html", type=click.Path(path_type=Path, dir_okay=False), help="Write the HTML there instead of showing the text.")
def preview(config_dir: Path | None, since: str | None, edition: str | None, html: Path | None) -> None:
    """Show what the next digest would hold. Collects and reads first; sends nothing, marks nothing."""
    from service.commands import daemon

    sys.exit(daemon.preview(config_dir, edition, html, since))


@main.command(cls=Variadic)
@click.argument("files", nargs=-1, required=True, type=Letters, metavar="FILE...")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", help="json prints one object a file, one a line.")
@click.option("--after", multiple=True, type=Letters, metavar="FILE...", help="Read these first, as earlier issues of their sources.")
@click.option("--why", is_flag=True, help="Show the letter as its reader sees it, each block with its verdict and the reason.")
@config_option
def extract(files: tuple[Path, ...], style: str, after: tuple[Path, ...], why: bool, config_dir: Path | None) -> None:
    """Show the stories in letters, without the wrapping. Needs no settings.

    FILE is a letter (.eml), a page (.html), running text (.txt), or - for standard input.
    """
    from service.commands import letters

    if why and style == "json":
        raise click.UsageError("--why is for people; --format json has every verdict and reason under `dropped` without it")
    sys.exit(letters.why(files, after, config_dir) if why else letters.extract(files, after, config_dir, style))


@main.command(cls=Variadic)
@click.argument("files", nargs=-1, required=True, type=Letters, metavar="FILE...")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", help="json prints one object a file, one a line.")
@click.option("--after", multiple=True, type=Letters, metavar="FILE...", help="Read these first, as earlier issues of their sources.")
@click.option(
    "--sentences",
    type=click.IntRange(1, 100),
    default=3,
    show_default=True,
    help="At most so many for a letter of one article; of many stories each gets one or two.",
)
@config_option
def summarise(files: tuple[Path, ...], style: str, after: tuple[Path, ...], sentences: int, config_dir: Path | None) -> None:
    """Summarise letters; every sentence stood in the letter. Needs no settings. (`summarize` is the same.)

    FILE is a letter (.eml), a page (.html), running text (.txt), or - for standard input.
    """
    from service.commands import letters

    sys.exit(letters.summarise(files, after, config_dir, style, sentences))


main.add_command(american := copy(summarise), "summarize")
american.hidden = True  # one line in the list of commands is enough


@main.command()
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="Where .env is written; here otherwise.")
def init(folder: Path) -> None:
    """Ask for your mailbox, try it, and write .env."""
    from service.commands import setup

    sys.exit(setup.init(folder))


@main.command()
@config_option
def check(config_dir: Path | None) -> None:
    """Check everything that the daemon needs.

    Settings, store, clock, mailboxes, templates, phrases: a line each, and how to mend what is wrong.
    """
    from service.commands.check import check as checked

    sys.exit(checked(config_dir))


@main.command()
@click.argument("name")
@config_option
def login(name: str, config_dir: Path | None) -> None:
    """Log in to a mailbox by OAuth2.

    For Gmail, Microsoft and others (docs/oauth.md). NAME is the mailbox's (main), or smtp.
    """
    from service.commands import setup

    sys.exit(setup.login(name, config_dir))


@main.command()
@config_option
def health(config_dir: Path | None) -> None:
    """Say whether the daemon does its work in time.

    Exit code 0 when it does, 1 with the reason when not. The container's HEALTHCHECK.
    """
    from service.commands import daemon

    sys.exit(daemon.health(config_dir))


@main.group()
def store() -> None:
    """Look after the database: back it up, restore it, check it."""


@store.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@config_option
def store_backup(file: Path, config_dir: Path | None) -> None:
    """Write a copy of the database to FILE, also while the daemon runs."""
    from service.commands import keeping

    sys.exit(keeping.backup(file, config_dir))


@store.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@config_option
def store_restore(file: Path, config_dir: Path | None) -> None:
    """Put FILE in the place of the database. Its outbox is held until `nutgraf store release`: it may have been sent already."""
    from service.commands import keeping

    sys.exit(keeping.restore(file, config_dir))


@store.command("release")
@config_option
def store_release(config_dir: Path | None) -> None:
    """Let the digests of a restored store go out."""
    from service.commands import keeping

    sys.exit(keeping.release(config_dir))


@store.command("check")
@config_option
def store_check(config_dir: Path | None) -> None:
    """Check the database for damage; count its letters."""
    from service.commands import keeping

    sys.exit(keeping.check(config_dir))


@main.command()
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), default=Path("nutgraf-demo.html"), show_default=True)
def demo(html: Path) -> None:
    """Show the whole road with sample letters.

    A mail server on this machine, the letters in it, and the digest they make. Needs no account, but the extra [demo].
    """
    from service.commands import demo as showing

    sys.exit(showing.demo(html))


if __name__ == "__main__":
    main()
