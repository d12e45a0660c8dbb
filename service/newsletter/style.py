"""How a piece of HTML looks to the reader: size, weight, colours, hidden or not. A small part of CSS, enough for letters.

Understood are the `style` attribute, the old presentational attributes, and the simple rules of <style> sheets (`sheets`).
Everything else is taken as not written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from service.newsletter.tags import CHANGING, PAINTED, names

Declarations = Mapping[str, str]

KNOWN = names(
    "background background-color background-image color display font font-size font-style font-weight "
    "height left max-height max-width opacity overflow position text-align text-indent top visibility width"
)
NAMED = {
    "white": 0xFFFFFF,
    "black": 0x000000,
    "red": 0xFF0000,
    "green": 0x008000,
    "blue": 0x0000FF,
    "gray": 0x808080,
    "grey": 0x808080,
    "silver": 0xC0C0C0,
    "navy": 0x000080,
    "yellow": 0xFFFF00,
    "orange": 0xFFA500,
    "whitesmoke": 0xF5F5F5,
    "lightgray": 0xD3D3D3,
    "lightgrey": 0xD3D3D3,
    "darkgray": 0xA9A9A9,
    "darkgrey": 0xA9A9A9,
    "dimgray": 0x696969,
    "maroon": 0x800000,
    "purple": 0x800080,
    "teal": 0x008080,
}
SIZES = {"xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0, "xx-large": 32.0}
FONT_TAG = (10.0, 13.0, 16.0, 18.0, 24.0, 32.0, 48.0)
TAG_SCALE = {"h1": "2em", "h2": "1.5em", "h3": "1.17em", "h4": "1em", "h5": ".83em", "h6": ".67em"} | dict.fromkeys(
    ("small", "sub", "sup"), ".83em"
)
BOLD_TAGS = names("b strong th h1 h2 h3 h4 h5 h6")
ITALIC_TAGS = names("i em cite")
UNKNOWN = -1
STYLE, VALUE = 4000, 200  # characters of a style, and of one value, that are read: looks are remembered from letter to letter

HEXADECIMAL = frozenset("0123456789abcdef")
BOX_ONLY = names("height left max-height max-width overflow position top width")  # these may hide, and change nothing else
HIDING = names("display visibility opacity max-height overflow text-indent position")  # without any of these nothing is hidden
LENGTH = re.compile(r"(-?\d{0,6}\.?\d{1,6})\s{0,3}(px|pt|em|rem|%|)")
COLOUR = re.compile(
    r"#([0-9a-f]{6}|[0-9a-f]{3})\b|rgba?\(\s{0,3}(\d{1,3})[\s,]{1,3}(\d{1,3})[\s,]{1,3}(\d{1,3})(?:[\s,/]{1,3}([\d.]{1,5}))?|\b([a-z]{3,12})\b"
)


def declarations(style: str) -> Declarations:
    """Return the known declarations of a `style` attribute, names and values in lower case; an important one wins."""
    found: dict[str, str] = {}
    important: dict[str, str] = {}
    for part in style[:STYLE].lower().split(";"):
        name, colon, value = part.partition(":")
        if colon and (name := name.strip()) in KNOWN:
            value, _, flag = value.partition("!")
            (important if "important" in flag else found)[name] = value.strip()[:VALUE]
    return found | important


@lru_cache(maxsize=1024)
def colour(value: str) -> int:
    """Return a CSS colour as 0xRRGGBB; UNKNOWN for what is transparent, a picture, or not understood."""
    found = COLOUR.search(value)
    if found is None or "url(" in value or "gradient" in value:
        return UNKNOWN
    if digits := found[1]:
        return int(digits if len(digits) == 6 else "".join(2 * digit for digit in digits), 16)
    if found[2]:
        red, green, blue = (int(part) & 255 for part in found.group(2, 3, 4))
        return UNKNOWN if found[5] and _number(found[5]) < 0.1 else (red << 16) + (green << 8) + blue
    return NAMED.get(found[6], UNKNOWN)


@lru_cache(maxsize=1024)
def length(value: str, parent: float = 16.0) -> float | None:
    """Return a CSS length in pixels; relative ones are of `parent`. None for what is not understood."""
    if value in SIZES:
        return SIZES[value]
    if value in ("smaller", "larger"):
        return parent * (0.83 if value == "smaller" else 1.2)
    found = LENGTH.search(value)
    if found is None:
        return None
    unit, number = found[2], _number(found[1])
    return number * {"pt": 4 / 3, "em": parent, "rem": 16.0, "%": parent / 100}.get(unit, 1.0)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


class Change(NamedTuple):
    """What an element's tag, style and old attributes say of how text looks in it; None or "" where they say nothing."""

    size: str = ""
    bold: bool | None = None
    italic: bool | None = None
    colour: int | None = None
    ground: int | None = None
    centred: bool | None = None
    hidden: str = ""
    unfilled: bool = False  # a cell or table is a ground of its own


BY_TAG = {
    tag: Change(
        TAG_SCALE.get(tag, ""),
        True if tag in BOLD_TAGS else None,
        True if tag in ITALIC_TAGS else None,
        UNKNOWN if tag == "a" else None,  # drawn in the reader's own link colour
        None,
        True if tag == "center" else None,
        "",
        tag in ("td", "th", "table"),
    )
    for tag in CHANGING
}  # what an element changes of which nothing is written


class Look:
    """How text looks at one place of the page. One instance stands for all places that look the same."""

    __slots__ = ("block_hidden", "bold", "centred", "colour", "filled", "ground", "hidden", "italic", "size")

    def __init__(
        self,
        size: float = 16.0,
        bold: bool = False,
        italic: bool = False,
        colour: int = 0x000000,
        ground: int = 0xFFFFFF,
        centred: bool = False,
        filled: bool = False,
        block_hidden: str = "",
    ) -> None:
        self.size, self.bold, self.italic, self.colour, self.ground = size, bold, italic, colour, ground
        self.centred, self.filled, self.block_hidden = centred, filled, block_hidden
        self.hidden = self._why_hidden()

    def _why_hidden(self) -> str:
        """Return why text that looks like this is not seen; "" when it is."""
        if self.block_hidden:
            return self.block_hidden
        if self.size <= 2:
            return "too small to be read"
        if self.ground != UNKNOWN and self.colour != UNKNOWN and distance(self.colour, self.ground) <= 12:
            return "colour of its background"
        return ""

    def inside(self, change: Change) -> tuple[Any, ...]:
        """Return what makes the look (the arguments of `Look`) of text inside an element that changes this one."""
        size, bold, italic, colour, ground, centred, hidden, unfilled = change
        found = length(size, self.size) if size else None
        return (
            self.size if found is None else min(200.0, max(0.0, found)),
            self.bold if bold is None else bold,
            self.italic if italic is None else italic,
            self.colour if colour is None else colour,
            self.ground if ground is None else ground,
            self.centred if centred is None else centred,
            (self.filled and not unfilled) or (ground is not None and ground != self.ground),
            self.block_hidden or hidden,
        )


@lru_cache(maxsize=1024)
def distance(one: int, other: int) -> int:
    """Return how far two colours are apart, 0 to 765."""
    return sum(abs(((one >> shift) & 255) - ((other >> shift) & 255)) for shift in (16, 8, 0))


@lru_cache(maxsize=8192)
def written(tag: str, style: str | None, said: tuple[tuple[str, str], ...] = (), *old: str | None) -> Change | None:
    """Return what an element changes of how text looks; None where that is nothing.

    `said` is what the sheets say of it, `old` are the attributes that change looks as a style would (PAINTED), all of them or none.
    """
    own = declarations(style) if style else {}
    painted = {name: value for name, value in zip(PAINTED, old, strict=False) if value is not None}
    return change(tag, {**dict(said), **own} if said else own, painted)


def change(tag: str, css: Declarations, attributes: Mapping[str, str]) -> Change | None:
    """Return what an element changes of how text looks; None where that is nothing. `attributes` are the old ones that change looks."""
    hidden = hidden_by(css, attributes) if css or attributes else ""
    if not attributes and not hidden and BOX_ONLY.issuperset(css):
        return BY_TAG.get(tag)
    weight, slant = css.get("font-weight"), css.get("font-style")
    align = css.get("text-align") or (attributes and attributes.get("align", "").lower())
    return Change(
        _size(tag, css, attributes),
        (weight in ("bold", "bolder") or weight[:1] in "6789") if weight else True if tag in BOLD_TAGS else None,
        slant in ("italic", "oblique") if slant else True if tag in ITALIC_TAGS else None,
        _colour(tag, css, attributes),
        _ground(css, attributes),
        align == "center" or tag == "center" if align or tag == "center" else None,
        hidden,
        tag in ("td", "th", "table"),
    )


def _size(tag: str, css: Declarations, attributes: Mapping[str, str]) -> str:
    if size := css.get("font-size") or ("font" in css and _font_size(css["font"])):
        return size
    if tag == "font" and attributes.get("size", "").strip("+-").isdigit():
        return f"{_font_tag(attributes['size'])}px"
    return TAG_SCALE.get(tag, "")


def _font_size(font: str) -> str:
    """Return the size within a `font` shorthand."""
    found = LENGTH.search(font)
    return found[0] if found and found[2] else ""


def _font_tag(size: str) -> float:
    step = int(size.strip("+-")[:2]) if size.strip("+-").isascii() else 3
    step = 3 + step if size.startswith("+") else 3 - step if size.startswith("-") else step
    return FONT_TAG[min(7, max(1, step)) - 1]


def _colour(tag: str, css: Declarations, attributes: Mapping[str, str]) -> int | None:
    text = css.get("color") or (attributes and _with_hash(attributes.get("color", "").lower()))
    if text and text not in ("inherit", "initial", "currentcolor"):
        return colour(text)
    return UNKNOWN if tag == "a" else None  # drawn in the reader's own link colour


def _ground(css: Declarations, attributes: Mapping[str, str]) -> int | None:
    if "url(" in css.get("background", "") or "url(" in css.get("background-image", "") or "background" in attributes:
        return UNKNOWN
    ground = css.get("background-color") or css.get("background") or (attributes and _with_hash(attributes.get("bgcolor", "").lower()))
    painted = colour(ground) if ground else UNKNOWN
    return painted if painted != UNKNOWN else None


def _with_hash(value: str) -> str:
    """Return an old attribute's colour as CSS writes it: the hash was often left out."""
    return f"#{value}" if len(value) == 6 and HEXADECIMAL.issuperset(value) else value


def hidden_by(css: Declarations, attributes: Mapping[str, str]) -> str:
    """Return why an element and all in it is not seen; "" when it may be."""
    if HIDING.isdisjoint(css) and "hidden" not in attributes:
        return ""
    if "hidden" in attributes or css.get("display") == "none":
        return "not displayed"
    if css.get("visibility") in ("hidden", "collapse"):
        return "not displayed"
    if "opacity" in css and (length(css["opacity"]) or 0.0) < 0.1:
        return "transparent"
    return _clipped(css)


def _clipped(css: Declarations) -> str:
    cut = css.get("overflow") == "hidden"
    if "max-height" in css and _at_most(css["max-height"], 1):
        return "no height"
    if cut and ("height" in css and _at_most(css["height"], 1)):
        return "no height"
    if cut and (_at_most(css.get("max-width", "x"), 1) or _at_most(css.get("width", "x"), 0)):
        return "no width"
    if _at_most(css.get("text-indent", "x"), -500):
        return "off the page"
    if css.get("position") in ("absolute", "fixed") and (_at_most(css.get("left", "x"), -500) or _at_most(css.get("top", "x"), -500)):
        return "off the page"
    return ""


def _at_most(value: str, limit: float) -> bool:
    found = length(value)
    return found is not None and found <= limit
