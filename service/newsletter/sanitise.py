"""A look at HTML before the parser sees it: caps what parsers are slow at (octets, attributes of a tag, depth)."""

from __future__ import annotations

import re
from collections import Counter

OCTETS = 2 * 1024 * 1024
TAG = 20_000
ATTRIBUTES = 200
DEPTH = 100

# One character class after the other, nothing nested: linear. A tag whose quoted value holds "<" or ">" is seen in pieces, which only
# matters for tags that are dropped.
_TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9:_-]*)([^<>]*)>?""")
# Elements whose end tags the parser supplies by itself, or that hold nothing: leaving one open does not make the tree deeper.
_SHALLOW_NAMES = (
    "a area base br col embed hr img input link meta param source track wbr p li dt dd option tr td th tbody thead tfoot html body head "
    "colgroup title style script"
)
_SHALLOW = frozenset(_SHALLOW_NAMES.split())


def tame(html: str) -> str:
    """Return HTML that any parser reads in time linear to its length; text is never lost, only surplus tags and attributes."""
    opened: Counter[str] = Counter()
    depth = 0

    def one(match: re.Match[str]) -> str:
        nonlocal depth
        closing, name, rest = match[1], match[2].lower(), match[3]
        if name not in _SHALLOW and not rest.endswith("/") and (not closing or opened[name]):
            step = -1 if closing else 1
            opened[name] += step
            depth += step
            if max(depth, depth - step) > DEPTH:
                return " "
        if len(rest) > TAG or rest.count("=") > ATTRIBUTES or rest.count(" ") > 10 * ATTRIBUTES:
            return f"<{closing}{name}>"
        return match[0]

    return _TAG.sub(one, html[:OCTETS])
