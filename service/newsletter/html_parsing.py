"""HTML -> its tags and texts in order, as the parser meets them. No tree is built: a page is gone through once, forwards."""

from __future__ import annotations

from lxml import etree

from service.newsletter.html_tables import holds_data
from service.newsletter.tags import BLOCKS, COMMENT, SILENT, Attributes, Tag

NO_ATTRIBUTES: Attributes = {}


class Page:
    """What the parser says of an HTML body, tag by tag (a parser target of lxml): `tags`, less what is within silent elements.

    `css` are the style sheets for screens. `tables` tells of each table among the tags whether it holds data.
    """

    def __init__(self) -> None:
        self.tags: list[Tag] = []
        self.css: list[str] = []
        self.tables: list[bool] = []
        self._texts: list[str] = []  # since the last tag: the parser cuts text at character references
        self._silent: list[int] = []  # how many tags there were when each open silent element had begun
        self._table = 0  # the same for the innermost open table; 0 in one that has had another within it
        self.data = self._texts.append

    def start(self, tag: str, attributes: Attributes) -> None:
        """Take a tag that begins an element."""
        self.tags.append(("".join(self._texts), tag, attributes or NO_ATTRIBUTES))
        self._texts.clear()
        if tag in SILENT:
            self._silent.append(len(self.tags))
        elif self._silent and tag in BLOCKS and self.tags[self._silent[-1] - 1][1] == "head":
            self._silent.pop()  # of the tags that end a head without </head> the parser knows the old ones only
        if tag == "table" and not self._silent:
            self._table = len(self.tags)
            self.tables.append(False)

    def end(self, tag: str) -> None:
        """Take a tag that ends an element; the parser supplies what was left out."""
        if tag in SILENT and self._silent:
            self._fall_silent(tag)
        elif tag == "table" and self._table and not self._silent:
            self.tables[-1] = holds_data(self.tags[self._table - 1 :])
            self._table = 0
        self.tags.append(("".join(self._texts), tag, None))
        self._texts.clear()

    def _fall_silent(self, tag: str) -> None:
        """Forget what is within a silent element that ends; of a style sheet the text is kept."""
        begun = self._silent.pop()
        attributes = self.tags[begun - 1][2] or NO_ATTRIBUTES
        if tag == "style" and not attributes.get("media", "").startswith(("print", "only")):
            self.css.append("".join(self._texts))
        self._texts.clear()
        del self.tags[begun:]

    def comment(self, text: str) -> None:
        """Take a comment with a condition, which some program may meet; before the first tag it is no part of the page."""
        if self.tags and text[:20].lstrip().startswith("[if"):
            self.start(COMMENT, {COMMENT: text})
            self.end(COMMENT)

    def close(self) -> None:
        """End the page."""


def parsed(html: str) -> Page:
    """Return the page; what can't be parsed has no tags."""
    page = Page()
    parser = etree.HTMLParser(  # type: ignore[call-overload]  # its stubs ask for every event that lxml knows
        encoding="utf-8", recover=True, no_network=True, remove_pis=True, huge_tree=False, collect_ids=False, target=page
    )
    try:
        etree.fromstring(html.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        return Page()
    return page
