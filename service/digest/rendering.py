"""A choice of stories as subject, plain text and HTML. Everything in them is text that was escaped, or written in the templates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width
from urllib.parse import urlsplit

from service import bundled
from service.digest import wording
from service.digest.entries import shorten
from service.digest.selection import Choice, Section, tally
from service.records import Entry, Outcome

if TYPE_CHECKING:
    from jinja2 import Environment

WIDTH = 72
NAMED = 20
PREVIEWED = 4
_ADDRESS = re.compile(r"[^\s<>\"(),:;]+@[^\s<>\"(),:;]+")


@dataclass(frozen=True, slots=True)
class Templates:
    """The texts of `digest.html`, `digest.txt` (Jinja2) and `words.toml`; an operator may replace each of them."""

    html: str = field(repr=False)
    text: str = field(repr=False)
    words: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the stories.

    `missed` are the dates of earlier slots that the digest stands for too; `alone` says that it is about one letter.
    """

    title: str
    day: date
    language: str
    missed: tuple[date, ...] = ()
    alone: bool = False
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rendered:
    """A digest as people see it."""

    subject: str
    text: str
    html: str


class Links:
    """The links of a plain text: a short one stands in its place, a long one at the end, under a number."""

    def __init__(self) -> None:
        self.long: dict[str, int] = {}

    def place(self, url: str) -> str:
        """Return what stands in the link's place."""
        return url if columns(url) <= WIDTH - 2 else f"[{self.long.setdefault(url, len(self.long) + 1)}]"


@cache
def default() -> Templates:
    """Return the templates that travel with the package."""
    folder = bundled.config() / "templates"
    return Templates(*((folder / name).read_text("utf-8") for name in ("digest.html", "digest.txt", "words.toml")))


def render(frame: Frame, choice: Choice, templates: Templates) -> Rendered:
    """Return the digest. Raises jinja2.TemplateError for a template of an operator's that does not work."""
    words = wording.words(templates.words, frame.language)
    seen = _seen(frame, choice, words) | {"links": Links()}
    text = _template(templates.text, escaped=False).render(seen)
    return Rendered(subject(frame, choice, words), re.sub(r"\n{3,}", "\n\n", text).strip() + "\n", _template(templates.html).render(seen))


def subject(frame: Frame, choice: Choice, words: wording.Words) -> str:
    """Return the digest's title and its first story; its date where there is no story."""
    entries = choice.entries
    if not entries:
        return f"{frame.title}: {words.full_date(frame.day)}"
    more = f" (+{len(entries) - 1})" if len(entries) > 1 else ""
    return f"{frame.title}: {shorten(entries[0].title, 100)}{more}"


def wrap(text: str, first: str = "", rest: str = "") -> str:
    """Return `text` in lines of at most 72 columns (a word that is longer stands alone); a wide character takes two."""
    lines, line, width = [], first, columns(first)
    empty = True
    for piece, glue in _pieces(text):
        needed = columns(piece) + (len(glue) if not empty else 0)
        if not empty and width + needed > WIDTH:
            lines.append(line)
            line, width, empty = rest, columns(rest), True
        line, width = (line + piece, width + columns(piece)) if empty else (line + glue + piece, width + needed)
        empty = False
    return "\n".join([*lines, line])


def columns(text: str) -> int:
    """Return how many columns `text` takes on a terminal."""
    return len(text) + sum(east_asian_width(character) in "WF" for character in text)


def _pieces(text: str) -> list[tuple[str, str]]:
    """Return what may stand on a line of its own, each with the white space before it: words, or single wide characters."""
    pieces = []
    for word in text.split():
        parts = re.findall(
            r"[\u2e80-\u9fff\uac00-\ud7a3\uff00-\uffef][、。，．！？」』）：；]*|[^\u2e80-\u9fff\uac00-\ud7a3\uff00-\uffef]+", word
        )
        pieces += [(part, "" if index else " ") for index, part in enumerate(parts)]
    return pieces


@lru_cache(maxsize=8)
def _template(source: str, *, escaped: bool = True) -> Any:
    return _environment(escaped).from_string(source)


@cache
def _environment(escaped: bool) -> Environment:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=escaped, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)  # noqa: S701 (plain text)
    environment.filters["wrap"] = wrap
    return environment


def _seen(frame: Frame, choice: Choice, words: wording.Words) -> dict[str, object]:
    """Return what the templates may use."""
    return {
        "title": frame.title,
        "language": words.language,
        "direction": wording.direction(words.language),
        "words": words,
        "date": words.full_date(frame.day),
        "counts": _counts(choice, words),
        "preview": " · ".join(entry.title for entry in choice.entries[1:PREVIEWED]),
        "catch_up": _catch_up(frame.missed, words),
        "sections": [_section(section, words) for section in choice.sections],
        "notices": [discreet(notice, words) for notice in frame.notices],
        "unread": _unread(choice, words),
        "accounts": _accounts(choice, words),
        "nothing": words.nothing if frame.alone else "",
        "verbatim": choice.verbatim and bool(choice.entries),
        "rule": "-" * WIDTH,
    }


def _unread(choice: Choice, words: wording.Words) -> list[tuple[str, str]]:
    """Return the unreadable letters by name and reason, the first of them; those that are the same in both once, with their number."""
    named = Counter((discreet(name, words) or words.unnamed, discreet(words.say(reason), words)) for name, reason in choice.unread)
    return [(name, f"{reason} (×{number})" if number > 1 else reason) for (name, reason), number in list(named.items())[:NAMED]]


def discreet(text: str, words: wording.Words) -> str:
    """Return a line without the addresses in it: a digest goes to readers who need not know each other."""
    return shorten(_ADDRESS.sub(words.an_address, text), 300)


def _catch_up(missed: Sequence[date], words: wording.Words) -> str:
    """Return the sentence that names the dates of the slots missed, the first and the last of many."""
    shown = [words.short_date(day) for day in missed]
    joined = words.listed(shown) if len(shown) < 4 else f"{shown[0]} – {shown[-1]}"
    return words.catch_up.format(dates=joined) if shown else ""


def _counts(choice: Choice, words: wording.Words) -> str:
    shown = sum(one.outcome in {Outcome.SHOWN, Outcome.MERGED} for one in choice.coverage)
    return " · ".join((words.count("stories", len(choice.entries)), words.count("letters", shown))) if choice.entries else ""


def _section(section: Section, words: wording.Words) -> Mapping[str, object]:
    return {
        "heading": section.publisher or words.several,
        "direction": wording.direction(section.entries[0].language if section.publisher else words.language),
        "url": section.url,
        "entries": [_entry(entry, section.url or "", words) for entry in section.entries],
    }


def _entry(entry: Entry, letter: str, words: wording.Words) -> Mapping[str, object]:
    """Return what a template shows of an entry; `letter` is where the whole letter stands."""
    names = words.listed(entry.publishers) if len(entry.publishers) > 1 else ""
    notes = [words.say(note) for note in entry.note.split("; ") if note]
    return {
        "title": entry.title,
        "text": ("" if wording.unspaced(entry.language) else " ").join(entry.sentences),
        "url": entry.url,
        "language": entry.language or "",
        "direction": wording.direction(entry.language),
        "names": names,
        "notes": notes,
        "said": [*([names] if names else []), *notes],
        "label": _label(entry, words),
        "found": _in_mailbox(entry.url),
        "more": words.more.format(n=entry.more) + ("" if _in_mailbox(entry.url) else _traces(entry, letter, words)) if entry.more else "",
    }


def _label(entry: Entry, words: wording.Words) -> str:
    """Return the words of a link, which name the host that it leads to, or the letter."""
    host = (urlsplit(entry.url or "").hostname or "").removeprefix("www.")
    return f"{words.original}: {shorten(host, 60)}" if host else words.letter + _traces(entry, entry.url, words)


def _in_mailbox(url: str | None) -> bool:
    return (url or "").startswith("mid:")


def _traces(entry: Entry, url: str | None, words: wording.Words) -> str:
    """Return subject and date of a letter that stands in the mailbox alone: few mail clients follow `mid:`, so people look for it."""
    subject = wording.isolated(discreet(entry.subject, words), words.language)
    traces = [
        "" if entry.title.startswith(entry.subject.rstrip("…")) else f"“{subject}”",
        words.short_date(entry.sent) if entry.sent else "",
    ]
    return f" ({' · '.join(filter(None, traces))})" if _in_mailbox(url) and any(traces) else ""


def _accounts(choice: Choice, words: wording.Words) -> str:
    """Return what became of the letters, in one line that adds up."""
    sums = tally(choice.coverage)
    if not sums:
        return ""
    parts = [f"{sum(reasons.values())} {words.say(outcome)}{_why(outcome, reasons, words)}" for outcome, reasons in sums.items()]
    left_out = f" {words.left_out.format(n=choice.more)}" if choice.more else ""
    return f"{words.count('letters', len(choice.coverage))}: {words.listed(parts)}.{left_out}"


def _why(outcome: Outcome, reasons: Mapping[str, int], words: wording.Words) -> str:
    if outcome is not Outcome.SKIPPED:
        return ""
    ranked: Sequence[tuple[str, int]] = sorted(reasons.items(), key=lambda item: -item[1])
    return f" ({words.listed(f'{number} {words.say(shorten(reason, 120), number)}' for reason, number in ranked)})"
