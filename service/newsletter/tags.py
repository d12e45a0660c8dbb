"""What HTML's elements mean for the division of a page into pieces."""

from __future__ import annotations

from collections.abc import Mapping

Attributes = Mapping[str, str]
Tag = tuple[str, str, Attributes | None]  # the text before it ("" for none), the element's name, its attributes: None where it ends
COMMENT = "!"  # a comment is an element of this name and has its text as an attribute of this name


def names(words: str) -> frozenset[str]:
    """Return the words of a string as a set."""
    return frozenset(words.split())


BLOCKS = names(
    "address article aside blockquote body button caption center dd details dialog div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header html legend li main menu nav ol option p pre section summary table tbody td tfoot th thead tr ul"
)
HEADINGS = {f"h{level}": level for level in range(1, 7)}
SILENT = names(
    "audio canvas datalist head iframe math noembed noframes noscript object script select style svg template textarea title video"
)
BOXES = names("article aside blockquote body center div figure footer form header li main nav ol p section table td th tr ul")
PAINTED = ("align", "bgcolor", "background", "color", "size", "hidden")  # attributes that change the look as a style would
CHANGING = names("a b center cite em font h1 h2 h3 h4 h5 h6 i pre small strong sub sup table td th")  # look changes without any attribute
NOT_IN_DATA = names("table img ul ol hr h1 h2 h3")
CELLS = names("td th")
ROWS = names("table thead tbody tfoot tr caption")  # what parts pieces inside a table of data
