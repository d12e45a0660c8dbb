"""Text on its way to becoming a piece: gathered until something block-like begins or ends, with its looks and links."""

from __future__ import annotations

import re

from service.newsletter.blocks import HEADING, IMAGE, PARAGRAPH, RULE, Box, Link, Piece, Shape
from service.newsletter.invisible import clean
from service.newsletter.style import Look
from service.newsletter.tags import Attributes

Around = tuple[Look, tuple[Box, ...]]
BUTTON = re.compile(r"(?:^|[\s_-])(?:btn|button|cta)", re.IGNORECASE)
OUTLOOK = re.compile(r"\s{0,9}\[if[^\]]{0,80}\]>(.*)<!\[endif\]", re.IGNORECASE | re.DOTALL)
TAGS = re.compile(r"<(?:style|xml).*?</(?:style|xml)>|<[^<>]*>", re.IGNORECASE | re.DOTALL)
PIECES = 5_000  # ten times as many as the richest of 750 letters of many publishers has
SMALL_IMAGE = 24
BUTTON_TEXT = 40  # the most characters on a button


class Gatherer:
    """Makes `pieces` of the text, links and pictures that are added; whoever walks the page says where on it they stand.

    That is: `look` and `boxes`, when they are asked for (`look_around`), `level` of the open heading (0 for none), `marker` of a list item
    not yet shown, `item` inside a list item, `quotes` and `pre` that are open, `in_row` inside a table of data, `gap` where white space
    has come since the last text.
    """

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self._around: list[Around] = [(Look(), ())]  # the page, and as many of the open elements as were looked at
        self.level = 0
        self.marker = ""
        self.item = False
        self.quotes = 0
        self.pre = 0
        self.in_row = False
        self._link: tuple[str, bool] | None = None
        self._reset()

    def _reset(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self.gap = False
        self._hidden = ""
        self._seen: dict[Look, int] = {}
        self._links: list[Link] = []
        self._link_start = -1
        self._link_part = 0
        self._broken = False

    def look_around(self) -> Around:
        """Return how text looks, and which boxes it lies in, where the walk is."""
        return self._around[-1]

    # -- text ------------------------------------------------------------------------------------------------------

    def add(self, raw: str) -> None:
        """Add text, not empty, as it stands on the page; outside of <pre> white space is folded."""
        if self.pre:
            text = raw
        elif not (text := " ".join(clean(raw).split())):
            self.gap = True
            return
        look, _ = self.look_around()
        if self._parts and look.hidden != self._hidden:
            self.flush()
        self._hidden = look.hidden
        if self._length and (self.gap or raw[0].isspace()) and not self.pre:
            text = " " + text
        if self._link and self._link_start < 0:
            self._link_start, self._link_part = self._length + (text[0] == " "), len(self._parts)
        self._parts.append(text)
        self._length += len(text)
        self._seen[look] = self._seen.get(look, 0) + len(text)
        self.gap = raw[-1].isspace()

    def part(self, within: bool = False) -> None:
        """End the piece where something block-like begins or ends.

        `within` a row of data, and after more pieces than any letter has, what comes is only set apart.
        """
        if not self._parts:
            self._broken = False
        elif within or len(self.pieces) >= PIECES:
            self.gap = True
        else:
            self.flush()

    def break_line(self) -> None:
        """End the line, and with it the piece."""
        if self.pre:
            self.add("\n")
        else:
            had_text = bool(self._parts)
            self.part()
            self._broken = had_text

    def end_cell(self) -> None:
        """Divide the cells of a row of data; the row's end makes the piece."""
        if self._parts:
            self.close_link()
            self._parts.append(" |")
            self._length += 2
            self.gap = True

    def comment(self, text: str) -> None:
        """Keep what only Outlook shows as a hidden piece, up to as many pieces as a letter has."""
        found = OUTLOOK.match(text) if len(self.pieces) < PIECES else None
        said = " ".join(clean(TAGS.sub(" ", found[1][:20_000])).split()) if found else ""
        if any(map(str.isalpha, said)):
            self.flush()
            _, boxes = self.look_around()
            self.pieces.append(Piece(said, boxes=boxes, hidden="for Outlook alone", place=len(self.pieces)))

    # -- links and images ------------------------------------------------------------------------------------------

    def open_link(self, url: str, label: str) -> None:
        """Begin a link; one that is still open ends. `label` is its class."""
        self.close_link()
        if url := url.strip():
            look, boxes = self.look_around()
            label = f"{label} {boxes[-1].label if boxes else ''}"
            self._link = (url, look.filled or bool(BUTTON.search(label)))

    def close_link(self) -> None:
        """End the open link, if any."""
        if self._link and self._link_start >= 0:
            text = "".join(self._parts[self._link_part :]).lstrip(" ")
            if text:
                self._links.append(Link(text, self._link[0], self._link_start, self._link[1] and len(text) <= BUTTON_TEXT))
        self._link, self._link_start = None, -1

    def image(self, attributes: Attributes) -> None:
        """Add a picture: an emoji is text, and what is too small to be seen is nothing."""
        alternative = " ".join(clean(attributes.get("alt", "")).split())
        if 0 < len(alternative) <= 2 and not alternative.isascii():
            self.add(alternative)
            return
        if _tiny(attributes.get("width", "")) or _tiny(attributes.get("height", "")):
            return
        look, _ = self.look_around()
        if not look.block_hidden:
            link = self._link
            self.flush()
            self._emit(alternative, IMAGE, href=link[0] if link else "")
            self._link = link

    def rule(self) -> None:
        """Add a dividing line."""
        self.flush()
        self.look_around()
        self._emit("", RULE)

    # -- pieces ----------------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Make a piece of the text gathered so far. A link goes on in the next one."""
        if not self._parts:
            self._broken = False
            return
        link = self._link
        self.close_link()
        text = "".join(self._parts)
        text = text.removesuffix(" |") if self.in_row else text
        if text.strip():
            self._emit(text, self._shape(text))
        self._reset()
        self._link = link

    def _shape(self, text: str) -> Shape:
        if self.pre:
            return Shape.CODE
        if self.in_row and " | " in text:
            return Shape.TABLE
        if self.level:
            return HEADING
        if self.item:
            return Shape.ITEM
        return Shape.QUOTE if self.quotes else PARAGRAPH

    def _emit(self, text: str, shape: Shape, href: str = "") -> None:
        seen = self._seen
        look, boxes = self._around[-1]
        look = next(iter(seen), look) if len(seen) < 2 else max(seen, key=seen.__getitem__)
        bold = float(look in seen and look.bold) if len(seen) < 2 else sum(n for each, n in seen.items() if each.bold) / sum(seen.values())
        self.pieces.append(
            Piece(
                text,
                shape,
                self.level if shape is HEADING else 0,
                self.marker if shape is not IMAGE else "",
                tuple(self._links),
                look.size,
                bold,
                look.italic,
                look.colour,
                look.ground,
                look.centred,
                self._broken,
                boxes,
                look.hidden if shape is not RULE else "",
                href,
                len(self.pieces),
            )
        )
        if shape is not IMAGE:
            self.marker = ""


def _tiny(size: str) -> bool:
    digits = size.strip().removesuffix("px")[:5]
    return digits.isascii() and digits.isdigit() and int(digits) <= SMALL_IMAGE
