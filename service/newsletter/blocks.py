"""A letter's body as pieces of text in reading order, with what judging and story splitting need to know of each.

`from_html` and `from_text` are the doors; every visible word of the body lands in exactly one piece.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeVar, dataclass_transform

from service.records import Verdict

Made = TypeVar("Made")


@dataclass_transform(frozen_default=True)
def record(made: type[Made]) -> type[Made]:
    """Return a slotted dataclass that the type checker keeps frozen: one that does so itself takes three times as long to make.

    For what a letter has dozens of.
    """
    return dataclass(slots=True, unsafe_hash=True)(made)


class Shape(StrEnum):
    """What a piece is on the page."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    QUOTE = "quote"
    CODE = "code"
    TABLE = "table"  # one row of a data table, its cells divided by " | "
    RULE = "rule"  # a dividing line; no text
    IMAGE = "image"  # its alternative text, which is not visible text


# What is asked of every piece, many times over: a member takes 80 ns to look up in its enum (Python 3.11), a name 3.
HEADING, IMAGE, PARAGRAPH, RULE = Shape.HEADING, Shape.IMAGE, Shape.PARAGRAPH, Shape.RULE
KEPT, HIDDEN = Verdict.KEPT, Verdict.HIDDEN


class Box(NamedTuple):
    """A container on the page. `number` is unique within the letter, `label` is its class and id in lower case."""

    number: int
    tag: str
    label: str


@record
class Link:
    """A link inside a piece: `piece.text[start:start + len(text)] == text`. `button` says that it is drawn as one."""

    text: str
    url: str
    start: int = 0
    button: bool = False


@record
class Piece:
    """A run of text as the reader sees it: one paragraph, heading, list item, table row, or a line ended by a break.

    `level` is 1 to 6 for headings (by tag, else by style), else 0. `marker` is the bullet or number that a list shows before the
    text ("- ", "3. "). `size` is in pixels, colours are 0xRRGGBB or -1 where unknown. `bold` is the share of bold characters.
    `soft` says that only a single line break parts the piece from the one before. `boxes` are the containers it lies in, outermost
    first. `hidden` is why a reader does not see it, "" for visible text. `href` is an image's link. `place` is its index in the letter.
    """

    text: str
    shape: Shape = Shape.PARAGRAPH
    level: int = 0
    marker: str = ""
    links: tuple[Link, ...] = ()
    size: float = 16.0
    bold: float = 0.0
    italic: bool = False
    colour: int = 0
    ground: int = 0xFFFFFF
    centred: bool = False
    soft: bool = False
    boxes: tuple[Box, ...] = ()
    hidden: str = ""
    href: str = ""
    place: int = 0

    @property
    def linked(self) -> float:
        """The share of the text's characters that are links."""
        return min(1.0, sum([len(link.text) for link in self.links]) / max(1, len(self.text))) if self.links else 0.0


@record
class Judged:
    """A piece with its verdict and the reason, in words for people."""

    piece: Piece
    verdict: Verdict = Verdict.KEPT
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What judging may know of a letter besides its body; `headers` has lower-case names."""

    subject: str = ""
    publisher: str = ""
    sender: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def from_html(html: str) -> tuple[Piece, ...]:
    """Return the pieces of an HTML body, hidden ones included. Total; time grows linearly with the length of `html`."""
    from service.newsletter.html_blocks import pieces

    return pieces(html)


def from_text(text: str) -> tuple[Piece, ...]:
    """Return the pieces of a plain text body: wrapped lines are joined again, lines of dashes are rules."""
    from service.newsletter.text_blocks import pieces

    return pieces(text)
