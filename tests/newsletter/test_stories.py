"""Kept pieces become the items that a digest would list: their titles, texts, links and forms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.newsletter.blocks import Judged, Link, Piece, Shape, from_html
from service.newsletter.stories import split
from service.newsletter.titles import page_title
from service.records import Block, Form, Verdict
from tests.newsletter.telling import LONG, PROSE, titles, told
from tests.newsletter.timing import seconds


def test_the_button_is_the_storys_link() -> None:
    """Where the title is no link, the button that was taken out leads on."""
    pieces = from_html(
        f'<body><h2>Ferries</h2><p>{PROSE}</p><p><a href="https://e.example/1" style="background:#00f;padding:9px">Read more</a></p></body>'
    )
    judged = [Judged(p, Verdict.BOILERPLATE, "a button") if p.text == "Read more" else Judged(p) for p in pieces]
    assert split(judged)[1][0].url == "https://e.example/1"


def test_a_heading_over_nothing_is_in_no_story() -> None:
    """A heading whose text was taken out is explained, not told."""
    pieces = from_html(f"<body><h2>Ferries</h2>{LONG}<h2>Our partner</h2><p>Buy boats now.</p><h2>Buses</h2>{LONG}</body>")
    judged = [Judged(p, Verdict.ADVERT, "an offer") if "boats" in p.text else Judged(p) for p in pieces]
    blocks, stories = split(judged)
    assert titles(stories) == ["Ferries", "Buses"]
    assert Block("Our partner", Verdict.KEPT, "a heading over several stories, or the letter's own name", None) in blocks


def test_a_short_text_with_a_link_is_a_teaser() -> None:
    """It only announces what stands on the web."""
    (story,) = told('<p>We tested five ferries: <a href="https://e.example/1">see which won</a></p>')
    assert (story.form, story.url) == (Form.TEASER, "https://e.example/1")


def test_a_letter_of_one_picture_is_a_picture() -> None:
    """Its title is what the picture says of itself, its link the picture's."""
    (story,) = told('<a href="https://e.example/1"><img src="x.png" width="600" height="900" alt="Five ferries in the evening sun"></a>')
    assert (story.form, story.title, story.url) == (Form.PICTURE, "Five ferries in the evening sun", "https://e.example/1")


def test_a_letter_of_adverts_has_no_story() -> None:
    """Pictures do not make a story of a letter that was judged to be advertising."""
    pieces = from_html('<body><p>Buy boats now.</p><img src="x.png" width="600" height="900" alt="Five ferries in the evening sun"></body>')
    judged = [Judged(p, Verdict.ADVERT, "an offer") if p.text.startswith("Buy") else Judged(p) for p in pieces]
    assert split(judged)[1] == ()


def test_a_title_dropped_by_mistake_comes_back() -> None:
    """The heading that says what the subject says was never wrapping."""
    pieces = from_html(f"<body><h1>The Ferry Question</h1>{LONG}</body>")
    judged = [Judged(p, Verdict.BOILERPLATE, "a masthead") if p.shape is Shape.HEADING else Judged(p) for p in pieces]
    assert titles(split(judged, "The ferry question")[1]) == ["The Ferry Question"]


@pytest.mark.parametrize(("html", "title"), [("<title>The&nbsp;Ferry &amp; I</title>", "The Ferry & I"), ("<p>x</p>", "")])
def test_a_page_says_its_title(html: str, title: str) -> None:
    """It stands in for the subject that a page does not have."""
    assert page_title(html) == title


SHAPES = st.sampled_from([Shape.HEADING, Shape.PARAGRAPH, Shape.ITEM, Shape.RULE, Shape.IMAGE, Shape.TABLE, Shape.QUOTE])
WORDS = st.lists(st.sampled_from(["ferry", "1.", "News:", "■", "Harbour", "https://e.example/1", "橋", "—", "x"]), max_size=8).map(" ".join)


@st.composite
def pieces(draw: st.DrawFn) -> Judged:
    """Any piece with any verdict."""
    shape, text = draw(SHAPES), draw(WORDS)
    level = draw(st.integers(1, 6)) if shape is Shape.HEADING else 0
    piece = Piece(
        "" if shape is Shape.RULE else text, shape, level=level, bold=draw(st.sampled_from([0.0, 0.2, 1.0])), soft=draw(st.booleans())
    )
    return Judged(piece, draw(st.sampled_from([Verdict.KEPT, Verdict.KEPT, Verdict.ADVERT, Verdict.BOILERPLATE, Verdict.HIDDEN])), "why")


@given(st.lists(pieces(), max_size=30), WORDS)
def test_every_kept_block_is_in_one_story_or_says_why_not(judged: list[Judged], subject: str) -> None:
    """No block is lost: its index names a story, or a reason stands there."""
    blocks, stories = split(judged, subject)
    for block in blocks:
        assert block.story is None or 0 <= block.story < len(stories)
        assert block.verdict is not Verdict.KEPT or block.story is not None or block.reason
        assert block.verdict is Verdict.KEPT or block.story is None


@given(st.lists(pieces(), max_size=30))
def test_no_word_of_a_told_block_is_lost(judged: list[Judged]) -> None:
    """The words of a story's blocks stand in its title and text, but for numbers of items, signs and bare addresses."""
    blocks, stories = split(judged)
    for number, story in enumerate(story for story in stories if story.form is not Form.PICTURE):
        said = f"{story.title or ''} {story.text} {story.url or ''}".split()
        words = [
            word for block in blocks if block.story == number for word in block.text.split() if word in ("ferry", "Harbour", "橋", "x")
        ]
        assert sorted(words) == sorted(word for word in said if word in ("ferry", "Harbour", "橋", "x"))


@pytest.mark.parametrize("shape", [Shape.HEADING, Shape.ITEM, Shape.PARAGRAPH])
def test_a_hostile_letter_takes_linear_time(shape: Shape) -> None:
    """Five thousand pieces that could all begin a story are split within seconds."""
    link = (Link("Harbour opens", "https://e.example/1"),)
    judged = [
        Judged(Piece("Harbour opens", shape, level=n % 6 + 1 if shape is Shape.HEADING else 0, links=link, place=n)) for n in range(5000)
    ]
    assert seconds(lambda: split(judged, "Harbour opens")) < 5


def test_headings_ever_smaller_take_linear_time() -> None:
    """Each of five thousand stands under all those before it."""
    judged = [Judged(Piece(f"Harbour {n} opens", Shape.HEADING, level=1, size=9000.0 - n, place=n)) for n in range(5000)]
    assert seconds(lambda: split(judged, "Harbour opens")) < 5


@pytest.mark.parametrize("address", ["https://cdn.example/photo_640x480.JPG?w=2", "https://e.example/api/v1/post/like"])
def test_a_picture_is_no_storys_link(address: str) -> None:
    """What a picture or a button of the platform leads to is no page to read on."""
    first, _ = told(f'<h2>Ferries</h2><p>{PROSE} <a href="{address}">See</a></p><h2>Buses</h2>{LONG}')
    assert first.url is None


def test_a_logo_is_no_storys_link() -> None:
    """What leads to a front page is the publisher's or the platform's picture; in the story's own words such a link is meant."""
    logo = '<a href="https://platform.example/"><img src="x.png" width="90" height="30" alt="Publish with us"></a>'
    *_, last = told(f"<h2>Buses</h2>{LONG}<h2>Ferries</h2><p>{PROSE}</p>{logo}")
    assert last.url is None
    *_, last = told(f'<h2>Buses</h2>{LONG}<h2><a href="https://ferries.example/">Ferries</a></h2><p>{PROSE}</p>')
    assert last.url == "https://ferries.example/"
