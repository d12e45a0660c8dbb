"""HTML -> pieces, in one walk over the tree: what is set apart on the page becomes a piece of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import cast

from lxml import etree

from service.newsletter.blocks import Box, Link, Piece, Shape
from service.newsletter.headings import with_headings
from service.newsletter.html_tables import holds_data, joined
from service.newsletter.invisible import clean
from service.newsletter.style import Declarations, Look, Sheet, declarations
from service.newsletter.tags import BLOCKS, BOXES, CHANGING, HEADINGS, PAINTED, ROWS, SILENT

BUTTON = re.compile(r"(?:^|[\s_-])(?:btn|button|cta)", re.IGNORECASE)
OUTLOOK = re.compile(r"\s{0,9}\[if[^\]]{0,80}\]>(.*)<!\[endif\]", re.IGNORECASE | re.DOTALL)
TAGS = re.compile(r"<(?:style|xml).*?</(?:style|xml)>|<[^>]*>", re.IGNORECASE | re.DOTALL)
SMALL_IMAGE = 24
BOX_DEPTH = 60


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
    parser = etree.HTMLParser(encoding="utf-8", recover=True, no_network=True, remove_pis=True, huge_tree=False)
    try:
        return etree.fromstring(html.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        return None


def _sheets(root: etree._Element) -> Iterable[str]:
    return ("".join(sheet.itertext()) for sheet in root.iter("style") if not sheet.get("media", "").startswith(("print", "only")))


class _Walk:
    """Goes through the tree once and gathers text until something block-like begins or ends."""

    def __init__(self, sheet: Sheet) -> None:
        self.pieces: list[Piece] = []
        self._sheet = sheet
        self._changing = CHANGING | sheet.rules.keys()
        self._looks: dict[tuple[object, ...], Look] = {}
        self._look = Look()
        self._open: list[tuple[Look, tuple[Box, ...]]] = []
        self._boxes: tuple[Box, ...] = ()
        self._count = 0
        self._lists: list[int] = []  # the number of the next item; -1 in a list of bullets
        self._tables: list[bool] = []  # whether each open table holds data
        self._quotes = 0
        self._level = 0
        self._marker = ""
        self._item = False
        self._link: tuple[str, bool] | None = None
        self._reset()

    def _reset(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._gap = False
        self._hidden = ""
        self._seen: dict[Look, int] = {}
        self._links: list[Link] = []
        self._link_start = -1
        self._link_part = 0
        self._broken = False

    # -- the walk --------------------------------------------------------------------------------------------------

    def through(self, root: etree._Element) -> None:
        """Visit every element, comment and text of the tree."""
        walker = etree.iterwalk(root, events=("start", "end", "comment"))
        for event, node in walker:
            if event == "start":
                self._open.append((self._look, self._boxes))
                if node.tag in SILENT:
                    walker.skip_subtree()
                else:
                    self._start(node, str(node.tag))
            elif event == "end":
                if node.tag not in SILENT:
                    self._end(str(node.tag))
                self._look, self._boxes = self._open.pop()
                self._add(node.tail)
            else:
                self._comment(node.text or "")
                self._add(node.tail)
        self._flush()

    def _start(self, node: etree._Element, tag: str) -> None:
        attributes = cast("Mapping[str, str]", node.attrib)
        if attributes or tag in self._changing:
            self._look = self._look_of(node, tag)
        if tag in BLOCKS:
            self._part(tag)
            self._enter(node, tag, attributes)
        elif tag == "br":
            self._break()
        elif tag == "a":
            self._open_link(attributes)
        elif tag == "img":
            self._image(attributes)
        elif tag == "hr":
            self._flush()
            self._emit("", Shape.RULE)
        self._add(node.text)

    def _end(self, tag: str) -> None:
        if tag == "a":
            self._close_link()
        elif tag in ("td", "th") and self._tables and self._tables[-1]:
            self._close_cell()
        elif tag in BLOCKS:
            self._part(tag)
            self._leave(tag)

    def _part(self, tag: str) -> None:
        """End the piece where a block begins or ends; inside a row of data only the row does."""
        if self._tables and self._tables[-1] and tag not in ROWS:
            self._gap = True
        else:
            self._flush()

    def _enter(self, node: etree._Element, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in BOXES and len(self._boxes) < BOX_DEPTH:
            self._count += 1
            label = f"{attributes.get('class', '')} {attributes.get('id', '')}".strip().lower() if attributes else ""
            self._boxes = (*self._boxes, Box(self._count, tag, label[:200]))
        if tag == "table":
            self._tables.append(holds_data(node))
        elif tag in ("ul", "ol"):
            self._lists.append(_first_number(attributes) if tag == "ol" else -1)
        elif tag == "li":
            self._open_item()
        elif tag == "blockquote":
            self._quotes += 1
        elif tag in HEADINGS:
            self._level = HEADINGS[tag]

    def _leave(self, tag: str) -> None:
        if tag == "table" and self._tables:
            self._tables.pop()
        elif tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        elif tag == "li":
            self._item, self._marker = False, ""
        elif tag == "blockquote":
            self._quotes = max(0, self._quotes - 1)
        elif tag in HEADINGS:
            self._level = 0

    def _open_item(self) -> None:
        self._item = True
        self._marker = "- "
        if self._lists and self._lists[-1] >= 0:
            self._marker = f"{self._lists[-1]}. "
            self._lists[-1] += 1

    # -- looks -----------------------------------------------------------------------------------------------------

    def _look_of(self, node: etree._Element, tag: str) -> Look:
        get = node.get
        styled = (get("style"), get("class"), get("id"), *map(get, PAINTED))
        if tag not in self._changing and styled.count(None) == len(styled):
            return self._look
        key = (self._look, tag, styled)
        look = self._looks.get(key)
        if look is None:
            painted = {name: value for name, value in zip(PAINTED, styled[3:], strict=True) if value is not None}
            look = self._looks[key] = self._look.child(tag, self._css(tag, *styled[:3]), painted)
        return look

    def _css(self, tag: str, style: str | None, classes: str | None, identity: str | None) -> Declarations:
        inline = declarations(style) if style else {}
        if not (self._sheet.rules or self._sheet.painted):
            return inline
        return {**self._sheet.of(tag, (classes or "").lower(), (identity or "").lower()), **inline}

    # -- text ------------------------------------------------------------------------------------------------------

    def _add(self, raw: str | None) -> None:
        if not raw:
            return
        text = raw if self._look.pre else " ".join(clean(raw).split())
        if not text:
            self._gap = True
            return
        if self._parts and self._look.hidden != self._hidden:
            self._flush()
        self._hidden = self._look.hidden
        if self._length and (self._gap or raw[0].isspace()) and not self._look.pre:
            text = " " + text
        if self._link and self._link_start < 0:
            self._link_start, self._link_part = self._length + (text[0] == " "), len(self._parts)
        self._parts.append(text)
        self._length += len(text)
        self._seen[self._look] = self._seen.get(self._look, 0) + len(text)
        self._gap = raw[-1].isspace()

    def _break(self) -> None:
        if self._look.pre:
            self._add("\n")
        else:
            had_text = bool(self._parts)
            self._flush()
            self._broken = had_text

    def _comment(self, text: str) -> None:
        found = OUTLOOK.match(text) if text[:20].lstrip().startswith("[if") else None
        said = " ".join(clean(TAGS.sub(" ", found[1][:20_000])).split()) if found else ""
        if any(map(str.isalpha, said)):
            self._flush()
            self.pieces.append(Piece(said, boxes=self._boxes, hidden="for Outlook alone", place=len(self.pieces)))

    # -- links and images ------------------------------------------------------------------------------------------

    def _open_link(self, attributes: Mapping[str, str]) -> None:
        self._close_link()
        url = attributes.get("href", "").strip()
        if url:
            label = f"{attributes.get('class', '')} {self._boxes[-1].label if self._boxes else ''}"
            self._link = (url, self._look.filled or bool(BUTTON.search(label)))

    def _close_link(self) -> None:
        if self._link and self._link_start >= 0:
            text = "".join(self._parts[self._link_part :]).lstrip(" ")
            if text:
                self._links.append(Link(text, self._link[0], self._link_start, self._link[1] and len(text) <= 40))
        self._link, self._link_start = None, -1

    def _image(self, attributes: Mapping[str, str]) -> None:
        alternative = " ".join(clean(attributes.get("alt", "")).split())
        if 0 < len(alternative) <= 2 and not alternative.isascii():
            self._add(alternative)
        elif not any(_tiny(attributes.get(name, "")) for name in ("width", "height")) and not self._look.block_hidden:
            link = self._link
            self._flush()
            self._emit(alternative, Shape.IMAGE, href=link[0] if link else "")
            self._link = link

    # -- pieces ----------------------------------------------------------------------------------------------------

    def _close_cell(self) -> None:
        """Divide the cells of a data table's row; the row's end makes the piece."""
        self._boxes = self._open[-1][1]
        if self._parts:
            self._close_link()
            self._parts.append(" |")
            self._length += 2
            self._gap = True

    def _flush(self) -> None:
        """Make a piece of the text gathered so far."""
        link = self._link
        if self._parts:
            self._close_link()
            text = "".join(self._parts)
            in_row = bool(self._tables and self._tables[-1])
            text = text.removesuffix(" |") if in_row else text
            if text.strip():
                self._emit(text, self._shape(text, in_row))
        self._reset()
        self._link = link

    def _shape(self, text: str, in_row: bool) -> Shape:
        if self._look.pre:
            return Shape.CODE
        if in_row and " | " in text:
            return Shape.TABLE
        if self._level:
            return Shape.HEADING
        if self._item:
            return Shape.ITEM
        return Shape.QUOTE if self._quotes else Shape.PARAGRAPH

    def _emit(self, text: str, shape: Shape, href: str = "") -> None:
        look = max(self._seen, key=self._seen.__getitem__) if self._seen else self._look
        total = max(1, sum(self._seen.values()))
        self.pieces.append(
            Piece(
                text,
                shape,
                self._level if shape is Shape.HEADING else 0,
                self._marker if shape is not Shape.IMAGE else "",
                tuple(self._links),
                look.size,
                sum(count for seen, count in self._seen.items() if seen.bold) / total,
                look.italic,
                look.colour,
                look.ground,
                look.centred,
                self._broken,
                self._boxes,
                look.hidden if shape is not Shape.RULE else "",
                href,
                len(self.pieces),
            )
        )
        if shape is not Shape.IMAGE:
            self._marker = ""


# -- the tree ----------------------------------------------------------------------------------------------------------


def _first_number(attributes: Mapping[str, str]) -> int:
    start = attributes.get("start", "1")[:6]
    return int(start) if start.isascii() and start.isdigit() else 1


def _tiny(size: str) -> bool:
    digits = size.strip().removesuffix("px")[:5]
    return digits.isascii() and digits.isdigit() and int(digits) <= SMALL_IMAGE
