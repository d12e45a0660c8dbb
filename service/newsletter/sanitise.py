"""A look at a body before the parsers see it: caps what they are slow at (octets, tags, attributes of a tag, lines).

Everything here takes time linear in the length of the body, whatever stands in it: nothing looks twice for an end that does not come.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

OCTETS = 2 * 1024 * 1024
TAGS = 12_000  # twice as many as the longest of 750 letters of many publishers has
TAG = 20_000
ATTRIBUTES = 200
LONG = 3 * ATTRIBUTES  # characters: a shorter tag has not so many attributes
LINES = 2_000
TEXT = 250_000

# One character class after the other, nothing nested: linear. A tag whose quoted value holds "<" or ">" is seen in pieces, which only
# matters for tags that are dropped.
_TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9:_-]*)([^<>]*)>?""")
_OPENER = re.compile(r"<!--|<(style|script|title)\b", re.IGNORECASE)
_CLOSERS = {
    "": re.compile(r"-->"),
    **{name: re.compile(rf"</{name}\b[^<>]{{0,100}}>?", re.IGNORECASE) for name in ("style", "script", "title")},
}


def tame(html: str) -> str:
    """Return HTML that our parser reads in time linear to its length; text is never lost, only surplus tags and attributes."""
    html = html[:OCTETS]
    surplus = next(islice(_TAG.finditer(html), TAGS, None), None) if html.count("<") > TAGS else None
    if surplus:
        return _tamed(html[: surplus.start()]) + _TAG.sub(" ", html[surplus.start() :])
    return _tamed(html)


def _tamed(html: str) -> str:
    long = [tag for tag in html.split("<") if len(tag) > LONG]
    if not any(_many(tag.partition(">")[0]) for tag in long):
        return html
    return _TAG.sub(lambda tag: f"<{tag[1]}{tag[2].lower()}>" if _many(tag[3]) else tag[0], html)


def _many(attributes: str) -> bool:
    return len(attributes) > LONG and (
        len(attributes) > TAG or attributes.count("=") > ATTRIBUTES or attributes.count(" ") > 10 * ATTRIBUTES
    )


def tame_text(text: str) -> str:
    """Return plain text no longer than a letter can be (what is longer is a log) and of not more lines; what follows is one line."""
    text = text[:TEXT]
    if text.count("\n") <= LINES:
        return text
    lines = text.split("\n", LINES)
    return "\n".join(lines[:-1]) + "\n" + " ".join(lines[-1].split())


def unseen(html: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and name ("style", "script", "title", "" for a comment) of what no reader sees, in order."""
    at, open_ended = 0, set()
    while match := _OPENER.search(html, at):
        at, name = match.end(), (match[1] or "").lower()
        if name not in open_ended:
            closed = _CLOSERS[name].search(html, at)
            if closed is None:
                open_ended.add(name)
            else:
                at = closed.end()
                yield match.start(), at, name


def seen(html: str) -> str:
    """Return HTML without comments, styles, scripts and titles."""
    kept, at = [], 0
    for start, end, _ in unseen(html):
        kept.append(html[at:start])
        at = end
    return " ".join((*kept, html[at:]))
