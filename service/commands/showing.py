"""How the command line shows things to people: rich on a terminal, plain when piped."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from service.edges.log_lines import printable
from service.records import Edition, Newsletter, Unreadable, Verdict

MANY = 20
"""From this number of files on, a terminal gets a progress bar."""

COLOURS = {Verdict.KEPT: "default", Verdict.ADVERT: "yellow", Verdict.BOILERPLATE: "red", Verdict.HIDDEN: "magenta"}


def _rendered(*parts: Any) -> str:
    """Return rich texts as one: with colour when standard output is a terminal, wrapped to its width."""
    from rich.console import Console

    console = Console(soft_wrap=not sys.stdout.isatty(), highlight=False)
    with console.capture() as capture:
        for part in parts:
            part.plain = "\n".join(map(printable, part.plain.split("\n")))
            console.print(part)
    return capture.get().rstrip("\n")


def _head(name: str, reading: Newsletter) -> Any:
    from rich.text import Text

    facts = (reading.publisher or reading.source, reading.subject, reading.date and f"{reading.date:%d %B %Y}", reading.language)
    known = " · ".join(str(fact) for fact in facts if fact)
    return Text.assemble((f"{name}: {reading.kind}", "dim"), (f"\n{known}" if known else "", "bold"))


def _unreadable(name: str, reading: Unreadable) -> str:
    from rich.text import Text

    return _rendered(Text(f"{name}: unreadable: {reading.reason}", style="red"))


def stories(name: str, reading: Newsletter | Unreadable) -> str:
    """Return a letter's stories in full."""
    from rich.text import Text

    if isinstance(reading, Unreadable):
        return _unreadable(name, reading)
    parts: list[Any] = [_head(name, reading)]
    for story in reading.stories:
        parts += [Text(""), Text(story.title or "(no title)", style="bold cyan"), Text(story.text)]
        parts += [Text(story.url, style="dim")] if story.url else []
    return _rendered(*parts, Text(""))


def summaries(name: str, reading: Newsletter, told: Any) -> str:
    """Return a letter's stories, each condensed."""
    from rich.text import Text

    parts: list[Any] = [_head(name, reading)]
    for story, lines, title in zip(reading.stories, told.stories, told.titles, strict=True):
        if lines:
            parts += [Text(""), Text(story.title or title or "(no title)", style="bold cyan"), Text(" ".join(lines))]
            parts += [Text(story.url, style="dim")] if story.url else []
    return _rendered(*parts, Text(""))


def blocks(name: str, reading: Newsletter | Unreadable) -> str:
    """Return a letter as its reader sees it, each block with its verdict and the reason."""
    from rich.text import Text

    if isinstance(reading, Unreadable):
        return _unreadable(name, reading)
    parts: list[Any] = [_head(name, reading), Text("")]
    for block in reading.blocks:
        mark = f"story {block.story + 1}" if block.story is not None else block.verdict.value
        label = f"{mark:>12}  "
        style = COLOURS[block.verdict]
        parts.append(Text.assemble((label, "bold " + style), (block.text, style), (f"  [{block.reason}]" if block.reason else "", "dim")))
    return _rendered(*parts, Text(""))


def next_digest(edition: Edition, now: datetime) -> str:
    """Return when an edition's next digest is due, by the clock of its time zone."""
    from service.digest.timetable import next_due

    due = next_due(edition.timetable, now)
    if due:
        return f"next digest {due.astimezone(ZoneInfo(edition.timetable.zone)):%a %Y-%m-%d %H:%M} {edition.timetable.zone}"
    return "an answer to each letter that its recipients forward" if edition.answers else "a digest for each letter"


@contextmanager
def progress(total: int) -> Iterator[Callable[[], None]]:
    """Give a function to call after each of `total` files; it moves a bar when someone is watching."""
    if total < MANY or not sys.stderr.isatty() or sys.stdout.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("reading", total=total)
        yield lambda: bar.advance(task)
