"""HTML -> pieces, in one walk over its tags: what is set apart on the page becomes a piece of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from service.newsletter.blocks import Box, Piece
from service.newsletter.headings import with_headings
from service.newsletter.html_gathering import Gatherer
from service.newsletter.html_parsing import parsed
from service.newsletter.html_tables import joined
from service.newsletter.sheets import Sheet
from service.newsletter.style import STYLE, VALUE, Change, Look, written
from service.newsletter.tags import BLOCKS, BOXES, CELLS, CHANGING, COMMENT, HEADINGS, PAINTED, ROWS, Attributes, Tag, names

ENTERED = names("table ul ol li blockquote pre h1 h2 h3 h4 h5 h6")  # what is taken account of besides its box
ALONE = names("br a img hr") | {COMMENT}  # what is taken account of and is no block
ENDING = BLOCKS | {"a"}
TELLING = ("style", "class", "id", *PAINTED)  # the attributes that decide how an element looks
BOX_DEPTH = 60


def pieces(html: str) -> tuple[Piece, ...]:
    """Return the pieces of an HTML body, hidden ones included."""
    page = parsed(html)
    walk = _Walk(Sheet("\n".join(page.css)), page.tables)
    walk.through(page.tags)
    found = tuple(with_headings(joined(walk.pieces)))
    if len(found) == len(walk.pieces):
        return found
    return tuple(replace(piece, place=place) for place, piece in enumerate(found))


class _Walk(Gatherer):
    """Goes through the page once, and keeps account of what is open: lists, tables, quotes, headings.

    Of looks and boxes account is kept when there is something to be seen: a fifth of a letter's elements hold nothing.
    """

    def __init__(self, sheet: Sheet, tables: Iterable[bool]) -> None:
        super().__init__()
        self._sheet = sheet
        self._changing = CHANGING.union(sheet.rules)
        self._naming = sheet.attributes.union(PAINTED)
        self._known: dict[tuple[str, tuple[str | None, ...]], Change | None] = {}  # what elements change, by tag and attributes
        self._ruled = sheet.painted.union(sheet.rules)
        self._looks: dict[tuple[Look, Change], Look] = {}
        self._alike: dict[tuple[object, ...], Look] = {}
        self._unseen: list[tuple[str, Attributes]] = []  # the innermost open elements, as far as nothing in them was looked at
        self._count = 0
        self._lists: list[int] = []  # the number of the next item; -1 in a list of bullets
        self._tables: list[bool] = []  # whether each open table holds data
        self._data = iter(tables)

    def through(self, tags: Iterable[Tag]) -> None:
        """Visit every tag, comment and text of the page."""
        unseen, around = self._unseen, self._around
        for text, tag, attributes in tags:
            if text and (self.pre or not text.isspace()):
                self.add(text)
            elif text:
                self.gap = True
            if attributes is None:
                if tag in ENDING:
                    self._end(tag)
                (unseen or around).pop()
            else:
                unseen.append((tag, attributes))
                if tag in BLOCKS:
                    self.part(self.in_row and tag not in ROWS)
                    if tag in ENTERED:
                        self._enter(tag, attributes)
                elif tag in ALONE:
                    self._meet(tag, attributes)
        self.flush()

    def look_around(self) -> tuple[Look, tuple[Box, ...]]:
        """Find out how text looks, and which boxes it lies in, where the walk is."""
        around, looks = self._around, self._looks
        look, boxes = around[-1]
        for tag, attributes in self._unseen:
            if (attributes or tag in self._changing) and (changed := self._changed(tag, attributes)):
                look = looks.get((look, changed)) or self._look_inside(look, changed)
            if tag in BOXES and len(boxes) < BOX_DEPTH:
                self._count += 1
                boxes = (*boxes, Box(self._count, tag, _label(attributes) if attributes else ""))
            around.append((look, boxes))
        self._unseen.clear()
        return look, boxes

    def _meet(self, tag: str, attributes: Attributes) -> None:
        if tag == "br":
            self.break_line()
        elif tag == "a":
            self.open_link(attributes.get("href", ""), attributes.get("class", ""))
        elif tag == "img":
            self.image(attributes)
        elif tag == "hr":
            self.rule()
        else:
            self.comment(attributes[COMMENT])

    def _end(self, tag: str) -> None:
        if tag == "a":
            self.close_link()
        elif tag in CELLS and self.in_row:
            self.end_cell()
        else:
            self.part(self.in_row and tag not in ROWS)
            if tag in ENTERED:
                self._leave(tag)

    def _enter(self, tag: str, attributes: Attributes) -> None:
        if tag == "table":
            self.in_row = next(self._data)
            self._tables.append(self.in_row)
        elif tag in ("ul", "ol"):
            self._lists.append(_first_number(attributes) if tag == "ol" else -1)
        elif tag == "li":
            self._open_item()
        elif tag == "blockquote":
            self.quotes += 1
        elif tag == "pre":
            self.pre += 1
        elif tag in HEADINGS:
            self.level = HEADINGS[tag]

    def _leave(self, tag: str) -> None:
        if tag == "table" and self._tables:
            self._tables.pop()
            self.in_row = bool(self._tables and self._tables[-1])
        elif tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        elif tag == "li":
            self.item, self.marker = False, ""
        elif tag == "blockquote":
            self.quotes = max(0, self.quotes - 1)
        elif tag == "pre":
            self.pre -= 1
        elif tag in HEADINGS:
            self.level = 0

    def _open_item(self) -> None:
        self.item = True
        self.marker = "- "
        if self._lists and self._lists[-1] >= 0:
            self.marker = f"{self._lists[-1]}. "
            self._lists[-1] += 1

    # -- looks -----------------------------------------------------------------------------------------------------

    def _look_inside(self, around: Look, changed: Change) -> Look:
        """Return how text looks inside an element; what looks alike is one look."""
        values = around.inside(changed)
        look = self._looks[around, changed] = self._alike.get(values) or self._alike.setdefault(values, Look(*values))
        return look

    def _changed(self, tag: str, attributes: Attributes) -> Change | None:
        """Return what an element changes of how text looks."""
        if tag not in self._ruled and self._naming.isdisjoint(attributes):
            style = attributes.get("style", "")[:STYLE]
            return written(tag, style) if style or tag in CHANGING else None
        values = tuple(map(attributes.get, TELLING))
        if (tag, values) not in self._known:
            self._known[tag, values] = self._ruled_change(tag, *values)
        return self._known[tag, values]

    def _ruled_change(self, tag: str, style: str | None, classes: str | None, identity: str | None, *old: str | None) -> Change | None:
        """Return what an element changes that sheets or old attributes may speak of."""
        said = self._sheet.of(tag, (classes or "").lower(), (identity or "").lower())
        return written(tag, (style or "")[:STYLE], tuple(said.items()), *[value and value[:VALUE] for value in old])


def _label(attributes: Mapping[str, str]) -> str:
    """Return the class and id of an element in lower case."""
    label = attributes.get("class", "")
    if "id" in attributes:
        label = f"{label} {attributes['id']}"
    return label.strip().lower()[:200] if label else ""


def _first_number(attributes: Mapping[str, str]) -> int:
    start = attributes.get("start", "1")[:6]
    return int(start) if start.isascii() and start.isdigit() else 1
