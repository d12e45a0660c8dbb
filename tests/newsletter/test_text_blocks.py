"""Plain text becomes pieces: wrapped lines are joined, drawn lines are rules, footnotes are links."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from service.newsletter.blocks import Shape, from_text

WRAPPED = """\
The council met on Tuesday evening and spent most of its three hours on the
question of the bridge, which has been closed to lorries since the spring and
which nobody expects to be open again before the winter comes around.

A second paragraph follows.
"""


def test_wrapped_lines_are_joined() -> None:
    """A line that was broken because it was full goes on in the next one."""
    first, second = from_text(WRAPPED)
    assert first.text.endswith("before the winter comes around.")
    assert second.text == "A second paragraph follows."


def test_short_lines_are_not_joined() -> None:
    """Lines that had room for the next word were ended on purpose."""
    assert [piece.text for piece in from_text(WRAPPED + "\nMaria Lind\nMill Lane 3\n")][2:] == ["Maria Lind", "Mill Lane 3"]


NARROW = """\
Set to a narrower column than the rest of the letter, this
paragraph is one all the same, since each of its lines was
full before the next one began.
"""


def test_a_paragraph_is_joined_by_its_own_width() -> None:
    """Letters quote, indent and paste: not every paragraph is as wide as the others."""
    assert len(from_text(f"{WRAPPED}\n{NARROW}")) == 3


def test_titles_in_a_row_are_not_joined() -> None:
    """Lines that begin with capitals one and all are no running text, however long."""
    titles = "Ferry to leave the northern harbour at five\nBaker of Mill Lane closes shop after sixty\nRain on Sunday in the whole county\n"
    assert len(from_text(titles)) == 3


def test_an_address_follows_the_line_that_announces_it() -> None:
    """What ends in a colon and its address are one line."""
    assert [piece.text for piece in from_text("Read on at:\nhttps://paper.example/bridge\n")] == [
        "Read on at: https://paper.example/bridge"
    ]


def test_a_framed_line_is_a_heading_without_its_frame() -> None:
    """Stars on both sides are large letters, too."""
    first, second = from_text("******** >> SPONSORED BY ACME << ********\nBoots for the whole family.\n")
    assert (first.text, first.shape, second.text) == ("SPONSORED BY ACME", Shape.HEADING, "Boots for the whole family.")


def test_rules_part_a_letter() -> None:
    """What stands between two rules lies in one container, as a card of a page does."""
    pieces = from_text("One.\nTwo.\n\n-----\n\nThree.\nFour.\n")
    first, *_, last = (piece.boxes for piece in pieces)
    assert first != last


def test_drawn_lines_are_rules() -> None:
    """Dashes, stars and boxes divide; they are no text."""
    shapes = [piece.shape for piece in from_text("One.\n\n-----\n\nTwo.\n\n* * *\n\nThree.\n\n━━━━━━\n")]
    assert shapes.count(Shape.RULE) == 3


def test_capitals_are_a_heading() -> None:
    """Plain text has no other large letters."""
    assert from_text("THE BRIDGE IS OPEN\n\nCars crossed it on Monday.\n")[0].shape is Shape.HEADING


def test_an_underlined_line_is_a_heading() -> None:
    """A line with a drawn line right under it."""
    assert from_text("The bridge\n----------\n\nCars crossed it on Monday.\n")[0].shape is Shape.HEADING


def test_items_are_told_apart() -> None:
    """Each bullet begins an item."""
    assert [(piece.marker, piece.text) for piece in from_text("- One\n- Two\n")] == [("- ", "One"), ("- ", "Two")]


def test_footnotes_are_links() -> None:
    """[1] links to what the list at the end says."""
    first = from_text("The bridge [1] is open.\n\n[1] https://paper.example/bridge\n")[0]
    assert [(link.text, link.url) for link in first.links] == [("[1]", "https://paper.example/bridge")]


def test_addresses_are_links_without_their_full_stop() -> None:
    """The mark that ends the sentence is not part of the address."""
    (piece,) = from_text("Read on at https://paper.example/bridge.\n")
    assert piece.links[0].url == "https://paper.example/bridge"


@given(st.lists(st.from_regex(r"[a-z]{1,9}", fullmatch=True), min_size=1, max_size=60), st.integers(5, 90))
def test_every_word_is_in_exactly_one_piece(words: list[str], width: int) -> None:
    """However the text is wrapped."""
    lines, line = [], ""
    for word in words:
        if len(line) + len(word) > width:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    found = " ".join(piece.marker + piece.text for piece in from_text("\n".join([*lines, line])))
    assert re.findall(r"[a-z]+", found) == words


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    """Whatever stands there, pieces come back."""
    assert isinstance(from_text(text), tuple)
