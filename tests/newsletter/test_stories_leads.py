"""How a story may begin: small questions about lines and groups."""

from __future__ import annotations

import pytest

from service.newsletter.blocks import Piece, Shape
from service.newsletter.stories_leads import LONGEST, ends_in_address, folded, is_item, unbracketed
from tests.newsletter.timing import seconds


@pytest.mark.parametrize("line", ["The bridge <https://a.example/b>", "The bridge [ www.a.example ]", "The bridge (http://a.example/?q=1)"])
def test_the_address_with_which_a_line_ends_is_taken_off(line: str) -> None:
    """Plain text has a title's address behind it in brackets."""
    assert unbracketed(line) == "The bridge"


@pytest.mark.parametrize("line", ["The bridge (open)", "The bridge (https://a.example) opens", "https://a.example/b"])
def test_other_lines_are_left_whole(line: str) -> None:
    """Nothing but an address in brackets, and only at the end."""
    assert unbracketed(line) == line


def test_an_address_may_be_the_last_word() -> None:
    """A mark before it does not hide it, a word after it does."""
    assert ends_in_address("Read on:\nhttps://a.example/b")
    assert ends_in_address("Read on (→www.a.example)")
    assert not ends_in_address("www.a.example is open")
    assert not ends_in_address("")


def test_words_are_compared_without_capitals() -> None:
    """No text is looked at further than any title goes."""
    assert folded("The BRIDGE, open") == {"the", "bridge", "open"}
    assert "end" not in folded("word " * LONGEST + "end")


def test_a_bullet_makes_an_item() -> None:
    """So does the markup; a dash within a line does not."""
    assert is_item(Piece("• Cars cross"))
    assert is_item(Piece("Cars cross", Shape.ITEM))
    assert not is_item(Piece("Cars - and people - cross"))


@pytest.mark.parametrize("line", ["www." * 60_000 + " x", "[www." * 50_000 + "]x", "Title" + " " * 250_000 + "x", "(http://a" * 25_000])
def test_lines_that_end_otherwise_take_linear_time(line: str) -> None:
    """However often an address or a gap begins in them."""
    assert seconds(lambda: (unbracketed(line), ends_in_address(line))) < 0.5
