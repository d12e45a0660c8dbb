"""What the letters of mailing platforms look like: families of layouts (`press_looks.toml`), and the choices that each letter makes."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any, NamedTuple


class Palette(NamedTuple):
    """Colours of the page, the letter on it, text, small print, links and buttons, and cards."""

    page: str
    ground: str
    ink: str
    pale: str
    accent: str
    tint: str


class Frame(NamedTuple):
    """How a family nests: a page of zones (head, main, foot) of sections of cells; `$all` is what is held."""

    page: str = "$all"
    head: str = "$all"
    main: str = "$all"
    foot: str = "$all"
    section: str = "$all"
    cell: str = "$all"


@dataclass(frozen=True, slots=True)
class Look:
    """The choices of one letter. Sizes are in pixels; `pictures`, `merge`, `run_in` and `nbsp` are chances."""

    family: str
    palette: Palette
    font: str
    body: int
    small: int
    heads: tuple[int, int, int]
    styling: str  # inline, sheet, none
    heading: str  # tag, strong, span, cell
    para: str  # p, div, br, font, mso
    bullets: str  # ul, table, dots, lines
    button: str  # cell, vml, class, bare
    rule: str  # hr, border, cell, image, stars
    box: str  # table, div, quote, rules, none
    label: str  # span, plain, strong, pill
    quote: str  # tag, bar, italic
    foot: str  # p, br, span, lines
    align: str  # of headings
    text_align: str
    foot_align: str
    links: str  # plain, wrapped, content, utm
    adverts: bool  # in cards of their own
    stories: bool  # in cards of their own
    columns: bool  # cards two by two
    zoned: bool
    ruled: bool  # between stories
    split: bool  # links beside each other have cells of their own
    nest: int  # tables around each section
    face: bool  # a byline has the author's picture
    pictures: float  # above a story's title
    linked: bool  # a story's title is a link
    merge: float  # neighbours become one paragraph of several lines
    run_in: float  # a heading and its text become one paragraph
    nbsp: float

    @property
    def frame(self) -> Frame:
        """How the letter nests."""
        return FRAMES[self.family]

    def fill(self, template: str, held: str) -> str:
        """Return a template of the frame around what it holds."""
        return Template(template).substitute(self.palette._asdict(), all=held, body=self.body, font=self.font, align=self.align)


PLAIN = "plaintext"
PLATFORMS = {
    "substack": ("substack",),
    "ghost": ("ghost",),
    "mailchimp": ("mailchimp",),
    "beehiiv": ("beehiiv",),
    "convertkit": ("simple",),
    "buttondown": ("simple", "simple", PLAIN),
    "hubspot": ("hubspot",),
    "handmade": ("tables", "word", "community", "simple", PLAIN),
    "newsroom": ("newsroom", "newsroom", "mailchimp", "hubspot"),
    "association": ("mailchimp", "word", "community", "tables", "hubspot"),
    "shop": ("newsroom", "mailchimp", "community"),
    "plaintext": (PLAIN,),
}
LOYAL = 0.65  # how often a letter looks as its platform's do

DATA: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
COMMON = DATA.pop("common")
FRAMES = {name: Frame(**family.pop("frame")) for name, family in DATA.items()}
FAMILIES = (*DATA, PLAIN)


def family_for(platform: str, rng: random.Random) -> str:
    """Return a family of layouts: most often one of the platform's."""
    return rng.choice(PLATFORMS[platform]) if platform in PLATFORMS and rng.random() < LOYAL else rng.choice(FAMILIES)


def look_for(family: str, rng: random.Random) -> Look:
    """Return a look of a family that is not plain text."""
    chosen = {name: rng.choice(options) for name, options in (COMMON | DATA[family]).items()}
    return Look(**chosen | {"family": family, "palette": Palette(*chosen["palette"]), "heads": tuple(chosen["heads"])})
