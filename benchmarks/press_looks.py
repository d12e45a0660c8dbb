"""What the mailing platforms' letters look like: families of layouts, and the choices that each letter makes among its family's.

A choice that is written twice is taken twice as often.
"""

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
    """How a family nests (`press_frames.toml`): a page of zones (head, main, foot) of sections of cells; `$all` is what is held."""

    page: str = "$all"
    head: str = "$all"
    main: str = "$all"
    foot: str = "$all"
    section: str = "$all"
    cell: str = "$all"


@dataclass(frozen=True, slots=True)
class Look:
    """The choices of one letter. Sizes are in pixels; `merge` and `nbsp` are chances."""

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
    foot: str  # p, br, span
    align: str
    foot_align: str
    links: str  # plain, wrapped, content, utm
    adverts: bool  # in cards of their own
    stories: bool  # in cards of their own
    columns: bool  # cards two by two
    zoned: bool
    pictured: bool  # a byline has the author's picture
    linked: bool  # titles are links
    merge: float
    nbsp: float

    @property
    def frame(self) -> Frame:
        """How the letter nests."""
        return FRAMES[self.family]

    def fill(self, template: str, held: str) -> str:
        """Return a template of the frame around what it holds."""
        return Template(template).substitute(self.palette._asdict(), all=held, body=self.body, font=self.font, align=self.align)


PALETTES = (
    Palette("#ffffff", "#ffffff", "#363737", "#868787", "#ff6719", "#f7f7f7"),
    Palette("#f4f4f4", "#ffffff", "#202020", "#656565", "#007c89", "#fafafa"),
    Palette("#ffffff", "#ffffff", "#15212a", "#738a94", "#3eb0ef", "#f0f4f7"),
    Palette("#eeeeee", "#ffffff", "#333333", "#999999", "#d0021b", "#fff6e5"),
    Palette("#f6f1e7", "#fffdf8", "#2b2a27", "#8a8172", "#8c4a2f", "#f1e8d6"),
    Palette("#1b1b1f", "#232329", "#e8e6e3", "#9a9aa2", "#7fd1ae", "#2e2e36"),
    Palette("#0d1b2a", "#ffffff", "#1b263b", "#778da9", "#e07a5f", "#e0e6ed"),
    Palette("#e6f0ea", "#ffffff", "#000000", "#777777", "#1b7f4c", "#e8f5ee"),
    Palette("#000000", "#111111", "#ffffff", "#aaaaaa", "#ffcc00", "#222222"),
)
CLASSIC = (
    Palette("#ffffff", "#ffffff", "#000000", "#666666", "#0000ff", "#eeeeee"),
    Palette("#cccccc", "#ffffff", "#333333", "#999999", "#003399", "#ffffcc"),
    Palette("#336699", "#ffffff", "#000000", "#666666", "#cc0000", "#d9e6f2"),
)
SANS = (
    "Helvetica, Arial, sans-serif",
    "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, sans-serif",
    "'Open Sans', Verdana, sans-serif",
)
SERIF = ("Georgia, serif", "'Times New Roman', Times, serif", "Spectral, Cambria, serif")

COMMON: dict[str, tuple[Any, ...]] = {
    "palette": PALETTES,
    "font": (*SANS, *SERIF),
    "body": (14, 15, 16, 16, 17, 18),
    "small": (10, 11, 12, 12, 13),
    "heads": ((32, 24, 20), (28, 22, 18), (26, 20, 16), (36, 26, 19), (24, 18, 16), (22, 16, 15)),
    "styling": ("inline", "inline", "sheet"),
    "heading": ("tag", "tag", "tag", "strong", "span"),
    "para": ("p",),
    "bullets": ("ul", "ul", "ul", "table", "dots"),
    "button": ("cell", "cell", "class", "vml", "bare"),
    "rule": ("hr", "border", "cell", "image"),
    "box": ("table", "table", "div", "none"),
    "label": ("span", "plain", "strong", "pill"),
    "quote": ("tag", "tag", "bar", "italic"),
    "foot": ("p", "p", "br", "span"),
    "align": ("left", "left", "left", "center"),
    "foot_align": ("left", "center", "center"),
    "links": ("plain", "wrapped", "content", "utm"),
    "adverts": (True, False),
    "stories": (False,),
    "columns": (False,),
    "zoned": (True, True, True, False),
    "pictured": (False,),
    "linked": (False,),
    "merge": (0.0, 0.0, 0.0, 0.3),
    "nbsp": (0.0, 0.0, 0.0, 0.02),
}
FAMILIES: dict[str, dict[str, tuple[Any, ...]]] = {
    "substack": {
        "palette": PALETTES[:4],
        "heading": ("tag",),
        "button": ("class",),
        "rule": ("hr", "border"),
        "pictured": (True,),
        "linked": (True,),
        "links": ("wrapped", "plain"),
        "box": ("div", "none"),
        "align": ("left",),
        "adverts": (False,),
        "merge": (0.0,),
        "styling": ("inline",),
        "body": (16, 18),
    },
    "ghost": {
        "styling": ("sheet", "inline"),
        "button": ("cell", "class"),
        "linked": (True, False),
        "rule": ("hr",),
        "pictured": (False, True),
    },
    "mailchimp": {
        "heading": ("tag", "tag", "strong", "span"),
        "rule": ("cell", "cell", "hr"),
        "merge": (0.0, 0.3, 0.6),
        "nbsp": (0.0, 0.02, 0.05),
    },
    "beehiiv": {
        "box": ("table",),
        "stories": (True, False, False),
        "rule": ("hr", "cell"),
        "heading": ("tag", "tag", "cell"),
        "links": ("wrapped",),
    },
    "simple": {
        "styling": ("none", "none", "none", "sheet"),
        "box": ("quote", "rules", "none"),
        "button": ("bare",),
        "rule": ("hr", "hr", "stars"),
        "heading": ("tag", "tag", "strong"),
        "label": ("plain", "strong"),
        "align": ("left",),
        "foot_align": ("left",),
        "bullets": ("ul", "ul", "lines"),
        "zoned": (False, True),
    },
    "newsroom": {
        "para": ("div", "div", "p"),
        "heading": ("cell", "cell", "tag", "span"),
        "stories": (True, True, False),
        "columns": (True, False, False),
        "button": ("cell", "vml", "bare"),
        "styling": ("inline",),
        "zoned": (True,),
        "bullets": ("ul", "table", "dots"),
    },
    "hubspot": {
        "rule": ("hr", "cell"),
        "button": ("cell", "vml"),
        "heading": ("tag", "tag", "span", "strong"),
        "stories": (True, False),
        "nbsp": (0.0, 0.03),
    },
    "word": {
        "palette": CLASSIC[:1],
        "para": ("mso",),
        "heading": ("span", "strong", "tag"),
        "font": ("Calibri, sans-serif", "Arial, sans-serif", "'Times New Roman', serif", "Verdana, sans-serif"),
        "body": (15, 15, 16, 13),
        "button": ("bare",),
        "bullets": ("dots", "ul", "dots"),
        "rule": ("border", "hr", "stars"),
        "box": ("table", "none"),
        "label": ("plain", "strong"),
        "nbsp": (0.03, 0.08),
        "styling": ("inline",),
        "zoned": (False,),
    },
    "tables": {
        "palette": CLASSIC,
        "para": ("font",),
        "heading": ("span", "strong", "cell"),
        "font": ("Verdana, Arial, Helvetica, sans-serif", "Arial", "Times New Roman, serif", "Tahoma, Geneva, sans-serif"),
        "body": (13, 13, 16, 12),
        "button": ("bare",),
        "bullets": ("dots", "ul", "table", "lines"),
        "rule": ("hr", "image", "cell", "stars"),
        "box": ("table",),
        "label": ("strong", "plain"),
        "merge": (0.0, 0.4),
        "nbsp": (0.0, 0.05),
    },
    "community": {
        "para": ("br", "br", "div"),
        "heading": ("strong", "span", "span", "tag"),
        "styling": ("inline",),
        "bullets": ("lines", "dots", "ul"),
        "button": ("bare", "class"),
        "box": ("div", "table"),
        "rule": ("hr", "border", "stars"),
        "nbsp": (0.0, 0.05),
        "zoned": (False, True),
    },
    "plaintext": {},
}
PLATFORMS = {
    "substack": ("substack",),
    "ghost": ("ghost",),
    "mailchimp": ("mailchimp",),
    "beehiiv": ("beehiiv",),
    "convertkit": ("simple",),
    "buttondown": ("simple", "simple", "plaintext"),
    "hubspot": ("hubspot",),
    "handmade": ("tables", "word", "community", "simple", "plaintext"),
    "newsroom": ("newsroom", "newsroom", "mailchimp", "hubspot"),
    "association": ("mailchimp", "word", "community", "tables", "hubspot"),
    "shop": ("newsroom", "mailchimp", "community"),
    "plaintext": ("plaintext",),
}
LOYAL = 0.65  # how often a letter looks as its platform's do

FRAMES = {
    name: Frame(**found) for name, found in tomllib.loads(Path(__file__).with_name("press_frames.toml").read_text(encoding="utf-8")).items()
}


def family_for(platform: str, rng: random.Random) -> str:
    """Return a family of layouts: most often one of the platform's."""
    return rng.choice(PLATFORMS[platform]) if platform in PLATFORMS and rng.random() < LOYAL else rng.choice(list(FAMILIES))


def look_for(family: str, rng: random.Random) -> Look:
    """Return a look of a family."""
    return Look(family, **{name: rng.choice(options) for name, options in (COMMON | FAMILIES[family]).items()})
