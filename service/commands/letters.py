"""`extract` and `summarise`: letters in files, without settings, store or network."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from service import newsletter
from service.commands import showing
from service.newsletter import phrases
from service.records import Memory, Newsletter, Unreadable, Verdict

Reading = Newsletter | Unreadable
HTML_SUFFIXES = {".html", ".htm", ".xhtml"}
LARGEST = 100_000_000
_CONTROLS = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def extract(files: tuple[Path, ...], after: tuple[Path, ...], config_dir: Path | None, style: str) -> int:
    """Show the stories of each file; return 1 when one could not be read."""
    return _each(files, after, config_dir, as_json if style == "json" else showing.stories, apart=style != "json")


def summarise(files: tuple[Path, ...], after: tuple[Path, ...], config_dir: Path | None, style: str, sentences: int) -> int:
    """Show each file's summary, at most `sentences` for the whole letter; return 1 when one could not be read."""

    def show(name: str, reading: Reading) -> str:
        if isinstance(reading, Unreadable):
            return as_json(name, reading) if style == "json" else showing.stories(name, reading)
        from service import summary

        told = summary.letter_summary(reading.stories, sentences)
        return as_json(name, reading, told) if style == "json" else showing.summaries(name, reading, told)

    return _each(files, after, config_dir, show, apart=style != "json")


def why(files: tuple[Path, ...], after: tuple[Path, ...], config_dir: Path | None) -> int:
    """Show each letter block by block, with verdicts and reasons; return 1 when one could not be read."""
    return _each(files, after, config_dir, showing.blocks, apart=True)


def _each(
    files: tuple[Path, ...], after: tuple[Path, ...], config_dir: Path | None, show: Callable[[str, Reading], str], *, apart: bool
) -> int:
    """Show every file, with an empty line between two that are shown to people; return 1 when one could not be read."""
    try:
        rules = phrases.load(*((config_dir / "boilerplate",) if config_dir else ()))
    except ValueError as fault:
        click.echo(str(fault), err=True)
        return 2
    memories: dict[str, Memory] = {}
    for _name, reading in _readings(after, rules, memories):
        if isinstance(reading, Newsletter):
            memories[reading.source] = newsletter.remember(memories.get(reading.source, newsletter.EMPTY), reading)
    failed = False
    with showing.progress(len(files)) as advance:
        for place, (name, reading) in enumerate(_readings(files, rules, memories)):
            failed |= isinstance(reading, Unreadable)
            click.echo(("\n" if apart and place else "") + show(name, reading))
            advance()
    return int(failed)


def _readings(files: Iterable[Path], rules: phrases.Rules, memories: dict[str, Memory]) -> Iterator[tuple[str, Reading]]:
    for file in files:
        try:
            raw = _content(file)
        except OSError as error:
            yield str(file), Unreadable(error.strerror or type(error).__name__)
            continue
        memory = memories.get(newsletter.identify(raw), newsletter.EMPTY) if memories else newsletter.EMPTY
        yield str(file), newsletter.read(raw, rules, memory)


def _content(file: Path) -> bytes:
    """Return a file's octets, marked so that they are taken for what the name says they are. Raises OSError."""
    if str(file) == "-":
        return sys.stdin.buffer.read(LARGEST)
    with file.open("rb") as opened:
        raw = opened.read(LARGEST)
    if file.suffix.lower() == ".txt":
        return b"\n" + raw  # a letter can't begin with an empty line
    if file.suffix.lower() in HTML_SUFFIXES and not raw.lstrip().startswith(b"<"):
        return b"<!doctype html>" + raw
    return raw


def as_json(name: str, reading: Reading, told: Any = None) -> str:
    """Return the JSON object that DESIGN fixes, on one line."""
    if isinstance(reading, Unreadable):
        empty: dict[str, Any] = dict.fromkeys(("publisher", "subject", "date", "language"))
        content = {"file": name, "kind": "unreadable", "reason": reading.reason, "source": reading.source, **empty}
        return _one_line({**content, "stories": [], "dropped": []})
    stories = [{"title": s.title, "text": s.text, "url": s.url, "language": s.language} for s in reading.stories]
    content = {
        "file": name,
        "kind": reading.kind,
        "source": reading.source,
        "publisher": reading.publisher,
        "subject": reading.subject,
        "date": reading.date.isoformat() if reading.date else None,
        "language": reading.language,
        "stories": stories,
        "dropped": [{"text": b.text, "verdict": b.verdict, "reason": b.reason} for b in reading.blocks if b.verdict is not Verdict.KEPT],
    }
    if told is not None:
        content["stories"] = [{**story, "summary": list(lines)} for story, lines in zip(stories, told.stories, strict=True)]
        content["summary"] = list(told.letter)
    return _one_line(content)


def _one_line(content: dict[str, Any]) -> str:
    """Return JSON in which the controls that JSON itself leaves alone are escaped, too: somebody may look at it on a terminal."""
    return _CONTROLS.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(content, ensure_ascii=False))
