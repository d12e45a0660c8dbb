"""The small part of CSS that letters need."""

from __future__ import annotations

import pytest

from service.newsletter.blocks import from_html
from service.newsletter.sheets import Sheet
from service.newsletter.style import UNKNOWN, VALUE, Change, Look, change, colour, declarations, distance, hidden_by, length, written


@pytest.mark.parametrize(
    ("value", "wanted"),
    [("#fff", 0xFFFFFF), ("#1a2B3c".lower(), 0x1A2B3C), ("rgb(1, 2, 3)", 0x010203), ("white", 0xFFFFFF), ("url(x.png)", UNKNOWN)],
)
def test_colours(value: str, wanted: int) -> None:
    """Hex, rgb() and the common names; a picture is no colour."""
    assert colour(value) == wanted


def test_a_transparent_colour_is_unknown() -> None:
    """It shows what is behind it."""
    assert colour("rgba(0, 0, 0, 0)") == UNKNOWN


@pytest.mark.parametrize(("value", "wanted"), [("12px", 12), ("12pt", 16), ("1.5em", 30), ("50%", 10), ("0", 0), ("none", None)])
def test_lengths(value: str, wanted: float | None) -> None:
    """Relative lengths are of the parent's 20 pixels."""
    assert length(value, 20.0) == wanted


def test_an_important_declaration_wins() -> None:
    """Whatever comes after it."""
    assert declarations("color: red !important; color: blue")["color"] == "red"


def test_a_rule_of_a_class_is_found() -> None:
    """With and without its element."""
    assert Sheet(".a{color:red} td.a{font-size:9px}").of("td", "a b", "") == {"color": "red", "font-size": "9px"}


def test_a_rule_for_small_screens_is_not_taken() -> None:
    """What stands in an @ block may not hold for this reader."""
    assert Sheet("@media (max-width: 600px) { .a { display: none } } .b { color: red }").rules.keys() == {".b"}


def test_a_sheet_without_end_is_read() -> None:
    """Broken sheets give what they give."""
    assert Sheet("@media { .a { display: none").rules == {}


def test_the_distance_of_colours() -> None:
    """From black to white it is three channels."""
    assert distance(0x000000, 0xFFFFFF) == 765


def test_an_element_changes_what_its_tag_and_style_say() -> None:
    """The style goes before the tag; a box's measures change nothing that is seen."""
    assert written("b", "color: red") == Change(bold=True, colour=0xFF0000)
    assert written("b", "font-weight: 400") == Change(bold=False)
    assert written("div", "width: 600px") is None
    assert written("div", None) is None


def test_what_is_remembered_of_looks_is_small() -> None:
    """One letter writes 100 styles of 20,000 characters; what is never read of them is not remembered."""
    written.cache_clear()
    from_html("".join(f"<font style='{'top: 0;' * 600}{end}' color='{'x' * 300}{end}'>x</font>" for end in "abc"))
    assert written.cache_info().currsize == 1
    assert declarations(f"color: {'x' * 300}") == {"color": "x" * VALUE}


def test_old_attributes_change_looks() -> None:
    """A colour without its hash is one."""
    assert change("td", {}, {"bgcolor": "FFCC00", "align": "center"}) == Change(ground=0xFFCC00, centred=True, unfilled=True)


@pytest.mark.parametrize(
    ("style", "hidden"),
    [("display:none", True), ("max-height:0", True), ("opacity:0", True), ("overflow:hidden;height:0", True), ("height:0", False)],
)
def test_what_is_not_seen_says_why(style: str, hidden: bool) -> None:
    """A height alone cuts nothing off."""
    assert bool(hidden_by(declarations(style), {})) is hidden


def test_a_look_takes_on_what_an_element_changes() -> None:
    """Sizes are of what is around it; the rest stays."""
    inside = Look(*Look(size=20.0, italic=True).inside(Change(size="150%", ground=0xFF0000)))
    assert (inside.size, inside.italic, inside.ground, inside.filled) == (30.0, True, 0xFF0000, True)
