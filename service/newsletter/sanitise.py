"""A look at a body before the parsers see it: caps what they are slow at (octets, tags, attributes of a tag, depth, lines).

Everything here takes time linear in the length of the body, whatever stands in it: nothing looks twice for an end that does not come.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import filterfalse, islice

OCTETS = 2 * 1024 * 1024
TAGS = 12_000  # twice as many as the longest of 750 letters of many publishers has
TAG = 20_000
ATTRIBUTES = 200
DEPTH = 100
LINES = 2_000
TEXT = 250_000

# One character class after the other, nothing nested: linear. A tag whose quoted value holds "<" or ">" is seen in pieces, which only
# matters for tags that are dropped.
_TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9:_-]*)([^<>]*)>?""")
_NAME = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9:_-]*)")
_OPENER = re.compile(r"<!--|<(style|script|title)\b", re.IGNORECASE)
_CLOSERS = {
    "": re.compile(r"-->"),
    **{name: re.compile(rf"</{name}\b[^<>]{{0,100}}>?", re.IGNORECASE) for name in ("style", "script", "title")},
}
# Elements whose end tags the parser supplies by itself, or that hold nothing: leaving one open does not make the tree deeper.
_SHALLOW_NAMES = (
    "a area base br col embed hr img input link meta param source track wbr p li dt dd option tr td th tbody thead tfoot html body head "
    "colgroup title style script "
)
_SHALLOW = frozenset(f"{slash}{name}" for name in (_SHALLOW_NAMES + _SHALLOW_NAMES.upper()).split() for slash in ("", "/"))


def tame(html: str) -> str:
    """Return HTML that any parser reads in time linear to its length; text is never lost, only surplus tags and attributes."""
    html = html[:OCTETS]
    surplus = next(islice(_TAG.finditer(html), TAGS, None), None) if html.count("<") > TAGS else None
    if surplus:
        return _tamed(html[: surplus.start()]) + _TAG.sub(" ", html[surplus.start() :])
    return _tamed(html)


def _tamed(html: str) -> str:
    long = [tag.partition(">")[0] for tag in html.split("<") if len(tag) > ATTRIBUTES]
    if not any(map(_many, long)) and not _deep(_NAME.findall(html)):
        return html
    following = iter(list(_instead(_TAG.findall(html))))
    return _TAG.sub(lambda tag: tag[0] if (tamed := next(following)) is None else tamed, html)


def _many(attributes: str) -> bool:
    return len(attributes) > TAG or attributes.count("=") > ATTRIBUTES or attributes.count(" ") > 10 * ATTRIBUTES


def _deep(names: Iterable[str]) -> bool:
    """Tell quickly whether elements may be open within more than DEPTH others; one closed in its own tag counts as open."""
    opened: dict[str, int] = {}
    depth = 0
    for name in filterfalse(_SHALLOW.__contains__, map(str.lower, filterfalse(_SHALLOW.__contains__, names))):
        if name[0] != "/":
            opened[name] = opened.get(name, 0) + 1
            depth += 1
            if depth > DEPTH:
                return True
        elif opened.get(name[1:]):
            opened[name[1:]] -= 1
            depth -= 1
    return False


def _instead(tags: Iterable[tuple[str, str, str]]) -> Iterator[str | None]:
    """Yield what takes the place of each tag (slash, name, rest), None for one that may stay: nearly all."""
    opened: Counter[str] = Counter()
    depth = 0
    for closing, name, rest in tags:
        lower = name.lower()
        if lower not in _SHALLOW and not rest.endswith("/") and (not closing or opened[lower]):
            step = -1 if closing else 1
            opened[lower] += step
            depth += step
            if max(depth, depth - step) > DEPTH:
                yield " "
                continue
        yield f"<{closing}{lower}>" if _many(rest) else None


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
