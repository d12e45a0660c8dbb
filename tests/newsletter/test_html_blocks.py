"""HTML becomes pieces in reading order, and every visible word lands in exactly one of them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.newsletter.blocks import Piece, Shape, from_html
from service.newsletter.html_blocks import BOX_DEPTH
from service.newsletter.html_gathering import PIECES


def seen(html: str) -> list[Piece]:
    """Return the pieces that a reader sees."""
    return [piece for piece in from_html(html) if not piece.hidden]


def texts(html: str) -> list[str]:
    """Return the texts that a reader sees."""
    return [piece.text for piece in seen(html) if piece.text]


def test_paragraphs_are_pieces_in_reading_order() -> None:
    """What is set apart on the page is a piece of its own."""
    assert texts("<p>One.</p><div>Two <b>bold</b>.</div><p>Three.</p>") == ["One.", "Two bold.", "Three."]


def test_pieces_are_capped_and_the_words_stay() -> None:
    """What follows more pieces than any letter has is one; hidden text still is apart."""
    found = from_html("<p>x" * (PIECES + 10) + '<div style="display:none">y</div><p>z<br>z')
    assert [piece.text for piece in found[PIECES - 1 :]] == ["x", " ".join("x" * 10), "y", "z z"]
    assert [bool(piece.hidden) for piece in found[PIECES - 1 :]] == [False, False, True, False]


def test_what_is_for_outlook_alone_is_capped() -> None:
    """It is hidden, so that no word that a reader sees is lost."""
    assert len(from_html("<p>x<!--[if mso]>y<![endif]-->" * PIECES)) == PIECES + 1


def test_depth_loses_no_word() -> None:
    """Elements may lie in each other as deep as a letter has tags; of the boxes only the outermost count."""
    (deep,) = seen("<div>" * 5000 + "deep" + "</div>" * 5000)
    assert (deep.text, len(deep.boxes)) == ("deep", BOX_DEPTH)


@pytest.mark.parametrize("tag", ["section", "main", "custom><table"])
def test_a_head_without_end_hides_no_text(tag: str) -> None:
    """What no head holds ends it, as browsers have it, also what the parser does not know."""
    assert texts(f"<html><head><title>Town</title><style>p {{}}</style><{tag}>One.<p>Two.") == ["One.", "Two."]


def test_text_after_the_end_of_the_page_is_kept() -> None:
    """Of letters that hold several pages, and where a list's server adds its footer."""
    assert texts("<html>One.</html><div>Two.</div>") == ["One.", "Two."]


def test_cells_of_a_layout_table_are_pieces() -> None:
    """A table that lays out the page parts its cells, nested ones too."""
    html = "<table><tr><td><table><tr><td><p>Left side.</p></td></tr></table></td><td><h2>Right</h2><p>Side.</p></td></tr></table>"
    assert texts(html) == ["Left side.", "Right", "Side."]


def test_a_row_of_a_data_table_is_one_piece() -> None:
    """Figures stay beside what they are figures of."""
    html = "<table><tr><th>City</th><th>Rain</th></tr><tr><td>Oslo</td><td>12 mm</td></tr><tr><td>Rome</td><td>3 mm</td></tr></table>"
    assert [(piece.shape, piece.text) for piece in seen(html)] == [
        (Shape.TABLE, "City | Rain"),
        (Shape.TABLE, "Oslo | 12 mm"),
        (Shape.TABLE, "Rome | 3 mm"),
    ]


def test_a_line_break_ends_a_piece_softly() -> None:
    """One break parts lines of one paragraph, two breaks part paragraphs."""
    assert [(piece.text, piece.soft) for piece in seen("<p>A<br>B<br><br>C</p>")] == [("A", False), ("B", True), ("C", False)]


def test_items_of_a_numbered_list_know_their_numbers() -> None:
    """The number that the reader sees is the marker, not part of the text."""
    assert [(p.marker, p.text) for p in seen("<ol start='4'><li>Four</li><li>Five</li></ol>")] == [("4. ", "Four"), ("5. ", "Five")]


def test_a_bullet_in_a_cell_of_its_own_marks_its_row() -> None:
    """Old letters draw lists as tables of two columns."""
    (piece,) = seen("<table><tr><td>•</td><td>Bread is cheaper.</td></tr></table>")
    assert (piece.marker, piece.text) == ("• ", "Bread is cheaper.")


def test_a_link_knows_its_place_in_the_text() -> None:
    """`start` is where the link's text stands in the piece."""
    (piece,) = seen('<p>Read <a href="https://a.example/x">the  story</a> now</p>')
    (link,) = piece.links
    assert (link.url, piece.text[link.start : link.start + len(link.text)]) == ("https://a.example/x", "the story")


def test_a_link_around_blocks_links_each_of_them() -> None:
    """Cards are often one link around a heading and a paragraph."""
    assert [len(piece.links) for piece in seen('<a href="https://a.example"><h3>Title</h3><p>Text</p></a>')] == [1, 1]


def test_a_link_on_a_coloured_cell_is_a_button() -> None:
    """Buttons are drawn as cells with a ground of their own."""
    (piece,) = seen('<table><tr><td bgcolor="#003366"><a style="color:#fff" href="https://a.example">Read more</a></td></tr></table>')
    assert piece.links[0].button


def test_a_picture_gives_its_alternative_text_and_link() -> None:
    """It is no visible text, yet the only text of a letter that is one picture."""
    (piece,) = seen('<a href="https://shop.example"><img src="x" width="600" alt="Our summer market"></a>')
    assert (piece.shape, piece.text, piece.href) == (Shape.IMAGE, "Our summer market", "https://shop.example")


def test_a_counting_pixel_is_no_piece() -> None:
    """Pictures of a few pixels show nothing."""
    assert seen('<p>Text</p><img src="x" width="1" height="1">')[1:] == []


def test_scripts_and_styles_are_no_text() -> None:
    """What a browser does not show as text is none."""
    assert texts("<style>p{color:red}</style><script>var a = 1</script><p>Text</p>") == ["Text"]


def test_containers_of_pieces_are_known() -> None:
    """Two pieces of one card share its box."""
    first, second, other = seen('<div class="card"><p>One</p><p>Two</p></div><p>Three</p>')
    card = next(box for box in first.boxes if box.label == "card")
    assert card in second.boxes
    assert card not in other.boxes


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ('<div style="display:none">Hidden words</div>', "not displayed"),
        ('<div style="DISPLAY: none !important">Hidden words</div>', "not displayed"),
        ("<style>.pre{display:none}</style><span class='pre'>Hidden words</span>", "not displayed"),
        ('<p style="visibility:hidden">Hidden words</p>', "not displayed"),
        ('<p style="opacity:0">Hidden words</p>', "transparent"),
        ('<p style="font-size:1px">Hidden words</p>', "too small to be read"),
        ('<p style="color:#ffffff">Hidden words</p>', "colour of its background"),
        ('<table><tr><td bgcolor="112233"><font color="#112234">Hidden words</font></td></tr></table>', "colour of its background"),
        ('<div style="max-height:0;overflow:hidden">Hidden words</div>', "no height"),
        ('<div style="height:0;overflow:hidden">Hidden words</div>', "no height"),
        ('<div style="width:0;overflow:hidden">Hidden words</div>', "no width"),
        ('<p style="text-indent:-9999px">Hidden words</p>', "off the page"),
        ('<div style="position:absolute;left:-5000px">Hidden words</div>', "off the page"),
        ("<p hidden>Hidden words</p>", "not displayed"),
        ("<!--[if mso]><p>Hidden words</p><![endif]-->", "for Outlook alone"),
    ],
)
def test_hidden_text_is_remembered_with_its_reason(html: str, reason: str) -> None:
    """Text that a reader does not see is kept apart, never judged, never shown."""
    assert [(piece.text, piece.hidden) for piece in from_html(f"<p>Seen.</p>{html}") if piece.hidden] == [("Hidden words", reason)]


@pytest.mark.parametrize(
    "html",
    [
        '<div style="font-size:0"><p style="font-size:16px">Words</p></div>',
        "<style>@media (max-width:600px){.wide{display:none}}</style><p class='wide'>Words</p>",
        '<table><tr><td background="x.png"><p style="color:#fff">Words</p></td></tr></table>',
        "<!--[if !mso]><!--><p>Words</p><!--<![endif]-->",
        '<p style="max-height:none;opacity:0.9">Words</p>',
        "<style>.a .b{background:#000}</style><div class='a'><p class='b' style='color:#fff'>Words</p></div>",
    ],
)
def test_text_that_only_looks_hidden_is_seen(html: str) -> None:
    """Tricks of layout that leave the text readable."""
    assert texts(html) == ["Words"]


TAGS = ("p", "div", "b", "span", "td", "tr", "table", "li", "ul", "ol", "h2", "blockquote", "a", "pre", "center", "br", "hr")


@st.composite
def pages(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A page of nested elements, well formed or not, and its words in order."""
    words, html = [], []
    for number in range(draw(st.integers(1, 25))):
        tag = draw(st.sampled_from(TAGS))
        opening = draw(st.sampled_from((f"<{tag}>", f"</{tag}>", f'<{tag} style="font-weight:bold" href="x">', "")))
        words.append(f"word{number}x")
        html.append(f"{opening} word{number}x ")
    return "".join(html), words


@given(pages())
def test_every_visible_word_is_in_exactly_one_piece(page: tuple[str, list[str]]) -> None:
    """Nothing is lost and nothing doubled, whatever the nesting; tables may move what stands outside of cells."""
    html, words = page
    assert sorted(re.findall(r"word\d+x", " ".join(texts(f"<body>{html}</body>")))) == sorted(words)


@given(st.text(max_size=300))
def test_any_text_as_html_is_read(text: str) -> None:
    """Whatever stands there, pieces come back."""
    assert isinstance(from_html(text), tuple)
