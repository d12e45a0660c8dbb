"""What can be counted of a piece, and around it."""

from __future__ import annotations

from service.newsletter.blocks import Piece, from_html
from service.newsletter.features import SPOKEN, turned, visible, worded
from service.newsletter.surroundings import runs


def test_rows_are_turned_into_columns() -> None:
    """A letter without pieces has columns too, empty ones."""
    assert turned(("a", "b"), [(1.0, 2.0), (3.0, 4.0)]) == {"a": [1.0, 3.0], "b": [2.0, 4.0]}
    assert turned(("a", "b"), []) == {"a": [], "b": []}


def test_a_text_is_known_by_its_bare_words() -> None:
    """Small, without the marks around them, each once, and of a long text the first."""
    assert worded("“Read on”, read ON: it's here") == {"read", "on", "it's", "here"}
    assert "end" not in worded("word " * SPOKEN + "end")


def test_containers_hold_runs_of_pieces() -> None:
    """Each by the first piece in it and the one after the last."""
    pieces = visible(from_html("<div><p>One</p><div><p>Two</p><p>Three</p></div></div><div><p>Four</p></div>"))
    texts = [[piece.text for piece in pieces[start:end]] for start, end in runs(pieces).values()]
    assert ["One", "Two", "Three"] in texts
    assert ["Two", "Three"] in texts
    assert ["Four"] in texts
    assert runs([Piece("Plain")]) == {}
