"""Characters that take no place on the page: mail templates pad their preview text with them."""

from __future__ import annotations

import re

SIGNS = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u206a-\u206f\ufeff\ufffc"
JOINERS = "\u200c\u200d"  # these shape letters and emoji, so they go only where they join nothing
ANY = re.compile(f"[{SIGNS}{JOINERS}]")
INVISIBLE = re.compile(rf"[{SIGNS}]+|(?<!\S)[{JOINERS}]+|[{JOINERS}]+(?!\S)")


def clean(text: str) -> str:
    """Return the text without invisible characters; white space is left alone."""
    return text if text.isascii() or not ANY.search(text) else INVISIBLE.sub("", text)
