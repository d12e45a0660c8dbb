"""Headings are known by their look as well as by their tag."""

from __future__ import annotations

from service.newsletter.blocks import Shape, from_html

BODY = "<p>" + "Plain words that make up the running text of the letter. " * 6 + "</p>"


def level_of(html: str) -> int:
    """Return the level of the first piece of a letter that goes on with running text."""
    return from_html(html + BODY)[0].level


def test_a_tag_makes_a_heading() -> None:
    """<h3> is of the third level."""
    assert level_of("<h3>The bridge is open</h3>") == 3


def test_large_letters_make_a_heading() -> None:
    """Twice the size of the text is the first level."""
    assert level_of('<p style="font-size:32px">The bridge is open</p>') == 1


def test_a_bold_line_is_a_heading() -> None:
    """A line that is bold as a whole."""
    assert level_of("<p><strong>The bridge is open</strong></p>") == 4


def test_a_sentence_with_a_bold_word_is_none() -> None:
    """Emphasis is no heading."""
    assert level_of("<p>The <strong>bridge</strong> is open again</p>") == 0


def test_a_bold_sentence_with_a_full_stop_is_none() -> None:
    """A sentence is set in bold to be read, not to head."""
    assert level_of("<p><strong>The bridge is open again.</strong></p>") == 0


def test_a_button_is_none() -> None:
    """However large its letters."""
    html = (
        '<table><tr><td bgcolor="#c00"><a href="https://a.example" style="font-size:30px;color:#fff">Read the story</a></td></tr></table>'
    )
    assert level_of(html) == 0


def test_running_text_in_heading_tags_is_text() -> None:
    """Some templates set everything in <h4>."""
    html = "".join(f"<h4>{'A paragraph that somebody set in a heading tag. ' * 5}{n}</h4>" for n in range(6))
    assert all(piece.shape is Shape.PARAGRAPH for piece in from_html(html))
