"""Glue inside running text is cut to the word, and the article around it stays whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.newsletter.blocks import Judged, from_text
from service.newsletter.glue import cuts, part
from service.newsletter.phrases import DEFAULT_RULES
from service.records import Verdict
from tests.newsletter.timing import seconds

BEFORE = "The river rose by two metres overnight, officials said."
AFTER = "Farmers in the valley moved their cattle to higher ground."


def kept(text: str) -> str:
    """Return what is left of a running text."""
    found = part([Judged(piece) for piece in from_text(text)], DEFAULT_RULES)
    return " ".join(item.piece.text for item in found if item.verdict is Verdict.KEPT)


@pytest.mark.parametrize(
    "glued",
    [
        "Sign up to our Morning Post email for your daily guide Please enter a valid email address SIGN UP Read our privacy notice",
        "Get the free Evening Post email Sign up to our free Evening Post email {{ #error }} {{ message }} {{ /error }}",
        "Advertisement",
        "Story continues below advertisement",
        "skip past newsletter promotion Sign up to Rivers Weekly Free newsletter All about water after newsletter promotion",
        "READ MORE: Why the levees were never built Advertisement",
        "READ MORE: IS YOUR HOUSE NEXT TO BE FLOODED",
        "Follow us on Facebook and Instagram.",
        "Please use Chrome browser for a more accessible video player 2:06",
        "FIVE THINGS TO DO WHEN THE WATER COMES",
        "Enable Cookies Allow Cookies Once",
        "Tell us what you think! Take our quick survey.",
        "[item name=module id=123 style=plain /]",
        "<!-- ad: top -->",
        "View image in fullscreen",
    ],
)
def test_glue_between_sentences_is_cut(glued: str) -> None:
    """The article comes out as it was before something was glued into it."""
    assert kept(f"{BEFORE} {glued} {AFTER}") == f"{BEFORE} {AFTER}"


@pytest.mark.parametrize(
    ("text", "article"),
    [
        (
            "Der Fluss stieg in der Nacht um zwei Meter. Anzeige Die Bauern brachten ihr Vieh in Sicherheit.",
            "Der Fluss stieg in der Nacht um zwei Meter. Die Bauern brachten ihr Vieh in Sicherheit.",
        ),
        (
            "La rivière est montée de deux mètres. La suite après cette publicité Les éleveurs ont déplacé le bétail.",
            "La rivière est montée de deux mètres. Les éleveurs ont déplacé le bétail.",
        ),
        (
            "El río subió dos metros. Suscríbete a nuestra newsletter Los ganaderos trasladaron el ganado.",
            "El río subió dos metros. Los ganaderos trasladaron el ganado.",
        ),
    ],
)
def test_glue_of_other_languages_is_cut(text: str, article: str) -> None:
    """The phrases of each language apply to any text."""
    assert kept(text) == article


@pytest.mark.parametrize(
    "text",
    [
        "She asked people to sign up to our newsletter before the meeting, which nobody did.",
        "The advertisement had cost them dearly, and they knew it.",
        "Readers who want to read more about dams will find a shelf of books.",
        "Die Polizei nahm die Anzeige auf und schwieg.",
        "He told the NATO and EU envoys that NASA had called.",
        "You can watch the river from the bridge.",
        "They said: READ THE SIGN before you swim.",
        "The survey, a company that we follow on Facebook said, was small.",
    ],
)
def test_the_same_words_in_a_sentence_stay(text: str) -> None:
    """What an article says in its own sentence is not glue."""
    assert kept(text) == text


def test_the_reason_says_what_was_cut() -> None:
    """Each cut is judged, with a reason for people; slots for advertising are adverts."""
    found = part([Judged(piece) for piece in from_text(f"{BEFORE} Advertisement {AFTER}")], DEFAULT_RULES)
    assert [(item.verdict, item.reason) for item in found][1] == (Verdict.ADVERT, "glued into the text: a place for advertising")


def test_a_date_line_is_cut_from_the_beginning() -> None:
    """What scrapers write before a text is no part of it."""
    assert kept(f"date 2023-02-03 {BEFORE}") == BEFORE


def test_judged_pieces_are_left_alone() -> None:
    """What has a verdict already keeps it whole."""
    piece = from_text(f"{BEFORE} Advertisement {AFTER}")[0]
    (found,) = part([Judged(piece, Verdict.ADVERT, "an offer")], DEFAULT_RULES)
    assert (found.piece.text, found.reason) == (piece.text, "an offer")


@given(
    st.lists(
        st.sampled_from([BEFORE, AFTER, "Advertisement", "SIGN UP", "READ MORE:", "Sign up to our", "newsletter", "{{ x }}", "»", "\n"])
    )
)
def test_no_word_is_lost_or_made(parts: list[str]) -> None:
    """Kept and cut text together are the text that came in."""
    text = " ".join(parts)
    pieces = from_text(text)
    found = part([Judged(piece) for piece in pieces], DEFAULT_RULES)
    assert " ".join(i.piece.text for i in found if i.piece.text).split() == " ".join(p.text for p in pieces if p.text).split()


@given(st.text())
def test_cuts_stand_apart_and_in_order(text: str) -> None:
    """Whatever the text, cuts lie inside it and do not overlap."""
    at = 0
    for cut in cuts(text, DEFAULT_RULES):
        assert at <= cut.start < cut.end <= len(text)
        at = cut.end


@pytest.mark.parametrize(
    "part_of_it", ["Sign up to our ", "READ MORE: Foo bar ", "{{ a ", "skip past newsletter promotion ", "get the get the ", "SHOUT "]
)
def test_hostile_text_takes_linear_time(part_of_it: str) -> None:
    """A hundred thousand characters of nothing but beginnings of glue are searched within seconds."""
    assert seconds(lambda: cuts((part_of_it * 100_000)[:100_000], DEFAULT_RULES)) < 5
