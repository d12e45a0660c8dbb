"""HTML -> pieces, in one walk over the tree: what is set apart on the page becomes a piece of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from lxml import etree

from service.newsletter.blocks import Box, Piece
from service.newsletter.headings import with_headings
from service.newsletter.html_gathering import Gatherer
from service.newsletter.html_tables import holds_data, joined
from service.newsletter.sheets import Sheet
from service.newsletter.style import Declarations, Look, declarations
from service.newsletter.tags import BLOCKS, BOXES, CHANGING, HEADINGS, PAINTED, ROWS, SILENT, names

ENTERED = names("table ul ol li blockquote h1 h2 h3 h4 h5 h6")  # what is taken account of besides its box
ENDING = BLOCKS | {"a"}
BOX_DEPTH = 60
NO_ATTRIBUTES: Mapping[str, str] = {}


def pieces(html: str) -> tuple[Piece, ...]:
    """Return the pieces of an HTML body, hidden ones included."""
    root = _parsed(html)
    if root is None:
        return ()
    walk = _Walk(Sheet("\n".join(_sheets(root))))
    walk.through(root)
    found = tuple(with_headings(joined(walk.pieces)))
    if len(found) == len(walk.pieces):
        return found
    return tuple(replace(piece, place=place) for place, piece in enumerate(found))


def _parsed(html: str) -> etree._Element | None:
    parser = etree.HTMLParser(encoding="utf-8", recover=True, no_network=True, remove_pis=True, huge_tree=False, collect_ids=False)
    try:
        return etree.fromstring(html.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        return None


def _sheets(root: etree._Element) -> Iterable[str]:
    return ("".join(sheet.itertext()) for sheet in root.iter("style") if not sheet.get("media", "").startswith(("print", "only")))


class _Walk(Gatherer):
    """Goes through the tree once, and keeps account of what is open: boxes, lists, tables, quotes, headings, looks."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__()
        self._sheet = sheet
        self._changing = CHANGING | sheet.rules.keys()
        self._naming = sheet.attributes.union(PAINTED)
        self._looks: dict[tuple[object, ...], Look] = {}
        self._said: dict[tuple[str, str, str], Declarations] = {}
        self._alike: dict[tuple[object, ...], Look] = {}
        self._open: list[tuple[str, Look, tuple[Box, ...]]] = []  # with what was around each
        self._count = 0
        self._lists: list[int] = []  # the number of the next item; -1 in a list of bullets
        self._tables: list[bool] = []  # whether each open table holds data

    def through(self, root: etree._Element) -> None:
        """Visit every element, comment and text of the tree."""
        walker = etree.iterwalk(root, events=("start", "end", "comment"))
        for event, node in walker:
            if event == "start":
                tag = str(node.tag)
                self._open.append((tag, self.look, self.boxes))
                if tag in SILENT:
                    walker.skip_subtree()
                else:
                    self._start(node, tag)
                continue
            if event == "end":
                tag, look, boxes = self._open.pop()
                if tag in ENDING:
                    self._end(tag, boxes)
                self.look, self.boxes = look, boxes
            else:
                self.comment(node.text or "")
            if text := node.tail:
                self.add(text)
        self.flush()

    def _start(self, node: etree._Element, tag: str) -> None:
        found = node.items()
        attributes = dict(found) if found else NO_ATTRIBUTES
        if found or tag in self._changing:
            self.look = self._look_of(tag, attributes)
        if tag in BLOCKS:
            self._part(tag)
            if tag in BOXES and len(self.boxes) < BOX_DEPTH:
                self._box(tag, attributes)
            if tag in ENTERED:
                self._enter(node, tag, attributes)
        elif tag == "br":
            self.break_line()
        elif tag == "a":
            self.open_link(attributes)
        elif tag == "img":
            self.image(attributes)
        elif tag == "hr":
            self.rule()
        if text := node.text:
            self.add(text)

    def _end(self, tag: str, outside: tuple[Box, ...]) -> None:
        if tag == "a":
            self.close_link()
        elif tag in ("td", "th") and self._tables and self._tables[-1]:
            self.boxes = outside
            self.end_cell()
        else:
            self._part(tag)
            if tag in ENTERED:
                self._leave(tag)

    def _part(self, tag: str) -> None:
        """End the piece where a block begins or ends; inside a row of data only the row does."""
        if self.in_row and tag not in ROWS:
            self.gap()
        else:
            self.part()

    def _box(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._count += 1
        label = attributes.get("class", "")
        if "id" in attributes:
            label = f"{label} {attributes['id']}"
        self.boxes = (*self.boxes, Box(self._count, tag, label.strip().lower()[:200] if label else ""))

    def _enter(self, node: etree._Element, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "table":
            self._tables.append(holds_data(node))
            self.in_row = self._tables[-1]
        elif tag in ("ul", "ol"):
            self._lists.append(_first_number(attributes) if tag == "ol" else -1)
        elif tag == "li":
            self._open_item()
        elif tag == "blockquote":
            self.quotes += 1
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
        elif tag in HEADINGS:
            self.level = 0

    def _open_item(self) -> None:
        self.item = True
        self.marker = "- "
        if self._lists and self._lists[-1] >= 0:
            self.marker = f"{self._lists[-1]}. "
            self._lists[-1] += 1

    # -- looks -----------------------------------------------------------------------------------------------------

    def _look_of(self, tag: str, attributes: Mapping[str, str]) -> Look:
        """Return how text looks inside an element; worked out once for all that are written alike."""
        style, named = attributes.get("style"), None if self._naming.isdisjoint(attributes) else tuple(map(attributes.get, self._naming))
        if not style and not named and tag not in self._changing:
            return self.look
        key = (self.look, tag, style, named)
        look = self._looks.get(key)
        if look is None:
            painted = {name: attributes[name] for name in PAINTED if name in attributes}
            look = self.look.child(tag, self._css(tag, attributes), painted)
            look = self._looks[key] = self._alike.setdefault(look.values(), look)
        return look

    def _css(self, tag: str, attributes: Mapping[str, str]) -> Declarations:
        """Return what the element's own style and the sheets say of it."""
        style = attributes.get("style")
        inline = declarations(style) if style else {}
        named = (tag, attributes.get("class", "").lower(), attributes.get("id", "").lower())
        said = self._said.get(named)
        if said is None:
            said = self._said[named] = self._sheet.of(*named)
        return {**said, **inline} if said else inline


def _first_number(attributes: Mapping[str, str]) -> int:
    start = attributes.get("start", "1")[:6]
    return int(start) if start.isascii() and start.isdigit() else 1
