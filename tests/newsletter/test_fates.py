"""Where earlier issues had wrapping each time there is wrapping; what they always kept is trusted."""

from __future__ import annotations

import pytest

from service.newsletter import EMPTY, read, remember
from service.newsletter.blocks import Box, Judged, Piece
from service.newsletter.fates import Past, fates, framed, pasts
from service.newsletter.memory import MOST_HASHES
from service.newsletter.reasons import SELLS, SHUNNED
from service.records import Block, Kind, Memory, Newsletter, Verdict
from tests.newsletter.series import ARTICLES, MAKERS, issue

FRAME, BODY = (Box(7, "td", "maker"), Box(8, "p", "")), (Box(1, "div", "body"), Box(2, "p", ""))


def judged(text: str, boxes: tuple[Box, ...], verdict: Verdict = Verdict.KEPT, reason: str = "") -> Judged:
    """Return a piece in these containers, judged."""
    return Judged(Piece(text, boxes=boxes), verdict, reason)


def after(*issues: tuple[Judged, ...]) -> Memory:
    """Return the memory of issues of these pieces."""
    memory = EMPTY
    for number, pieces in enumerate(issues, start=1):
        blocks = (Block("once upon a time " * number),)
        memory = remember(memory, Newsletter("paper.example", None, Kind.NEWSLETTER, None, None, "en", blocks, (), fates=fates(pieces)))
    return memory


def past(memory: Memory, boxes: tuple[Box, ...]) -> Past:
    """Return what memory has of pieces in these containers."""
    return pasts(memory, [Piece("Something new.", boxes=boxes)])[0]


ISSUE = (judged("A story of the town.", BODY), judged("Boots, half price.", FRAME, Verdict.ADVERT))


def test_a_frame_that_always_held_wrapping_is_shunned() -> None:
    """Whatever stands in it this time."""
    memory = after(*[ISSUE] * 3)
    assert past(memory, FRAME) == Past(3, 3.0)
    assert past(memory, FRAME).shunned


def test_a_place_that_always_held_text_is_trusted() -> None:
    """After several issues, not after two."""
    assert past(after(*[ISSUE] * 3), BODY).trusted
    assert not past(after(*[ISSUE] * 2), BODY).trusted


def test_one_issue_shuns_nothing() -> None:
    """A frame dropped once may have been a mistake."""
    assert not past(after(ISSUE), FRAME).shunned


def test_a_frame_of_both_kinds_is_neither() -> None:
    """Adverts that look like the stories around them teach nothing."""
    memory = after(*[(*ISSUE, judged("A story in a frame.", FRAME))] * 5)
    assert not past(memory, FRAME).shunned
    assert not past(memory, FRAME).trusted


def test_half_dropped_is_suspected() -> None:
    """It goes where more speaks against it."""
    memory = after(*[(judged("A story.", FRAME), judged("A boot!!", FRAME, Verdict.ADVERT))] * 2)
    assert past(memory, FRAME).suspected
    assert not past(memory, FRAME).shunned


def test_a_frame_is_opened_by_its_first_line() -> None:
    """Not by one in its midst, and the letter itself is no frame."""
    letter, frame = Box(1, "body", ""), Box(2, "td", "older")
    pieces = [Piece("A story.", boxes=(letter,))] * 8 + [Piece("Keep reading", boxes=(letter, frame)), Piece("Owls", boxes=(letter, frame))]
    assert framed(pieces, [piece.text == "Keep reading" for piece in pieces]) == {9}
    assert framed(pieces, [piece.text in ("Owls", "A story.") for piece in pieces]) == set()


def test_a_verdict_does_not_prove_itself_right() -> None:
    """What was dropped for its frame alone is not counted again."""
    memory = after(*[(judged("Boots.", FRAME, Verdict.BOILERPLATE, SHUNNED),)] * 5)
    assert past(memory, FRAME) == Past()


def test_a_letter_that_sells_as_a_whole_teaches_nothing() -> None:
    """Its stories are not wrapping in the next issue."""
    memory = after(*[(judged("A story of our sale.", BODY, Verdict.ADVERT, SELLS), judged("Bye.", FRAME, Verdict.BOILERPLATE))] * 3)
    assert past(memory, BODY) == past(memory, FRAME) == Past()


def test_numbers_in_the_names_of_containers_may_change() -> None:
    """Editors number their blocks anew in every issue."""
    memory = after(*(((judged("Boots.", (Box(3, "td", f"block-{number}"),), Verdict.ADVERT)),) for number in (17, 29, 31)))
    assert past(memory, (Box(5, "td", "block-4"),)).shunned


def test_hidden_text_does_not_count() -> None:
    """A preheader is nowhere on the page."""
    assert fates([judged("Psst.", BODY, Verdict.HIDDEN)]) == ()


def test_plain_text_has_no_frames() -> None:
    """All of it is built alike."""
    assert fates([Judged(Piece("Boots, half price."), Verdict.ADVERT)]) == ()


def test_builds_are_hashed() -> None:
    """What containers are called may give a publisher away."""
    assert "maker" not in repr(after(*[ISSUE] * 3))


def test_builds_fade_with_the_rest() -> None:
    """After many issues a frame is still known, within the same bounds."""
    memory = after(*((*ISSUE, judged("Boots.", (Box(n, "td", "x" * n),))) for n in range(1, 60)))
    assert past(memory, FRAME).shunned
    assert len(memory.seen) <= MOST_HASHES


@pytest.fixture(scope="module")
def last() -> Newsletter:
    """Return the sixth issue, read with the memory of five."""
    memory = EMPTY
    for number in range(5):
        memory = remember(memory, read(issue(number), memory=memory))
    newsletter = read(issue(5), memory=memory)
    assert isinstance(newsletter, Newsletter)
    return newsletter


def told(newsletter: Newsletter) -> str:
    """Return all that a digest could show."""
    return "\n".join(f"{story.title}\n{story.text}" for story in newsletter.stories)


def test_a_maker_is_known_by_the_frame(last: Newsletter) -> None:
    """Five makers were labelled as sponsors; the sixth is not, and praises itself in new words."""
    assert not [text for text in MAKERS[5] if text in told(last)]


def test_articles_and_recurring_sections_stay(last: Newsletter) -> None:
    """Though the heading of the section stood in every issue."""
    assert [text for text in (*ARTICLES[5], "From the harbour") if text not in told(last)] == []
