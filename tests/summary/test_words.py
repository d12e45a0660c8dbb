"""Words, stems and stop words; titles; the question to a model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.records import Story
from service.summary import languages, prompt, titles
from service.summary.importance import importance, tally

WITH_BOTH = "ar ca cs da de el en es fi fr hu id it nl no pl pt ro ru sk sv tr uk"


@pytest.mark.parametrize("language", WITH_BOTH.split())
def test_stems_and_stop_words(language: str) -> None:
    """Twenty languages and more have both, without a download."""
    assert len(languages.stop_words(language)) > 60
    assert languages.stemmer(language)("x") == "x"


def test_word_forms_share_a_stem() -> None:
    """Forms of a word count as one, also in languages whose stemmer is not sumy's."""
    assert languages.stemmer("en")("harbours") == languages.stemmer("en")("harbour")
    assert languages.stemmer("pl")("kobietami") == languages.stemmer("pl")("kobietach")


@pytest.mark.parametrize("language", ["xx", "", "EN-us", "nb", "ja"])
def test_any_code_has_a_stemmer(language: str) -> None:
    """An unknown language is counted as it is written; a tag is cut to its language."""
    assert isinstance(languages.stemmer(language)("boats"), str)
    assert isinstance(languages.stop_words(language), frozenset)


def test_norwegian_has_three_codes() -> None:
    """«nb» and «nn» are known as «no»."""
    assert languages.stop_words("nb") == languages.stop_words("no") == languages.stop_words("nn")


def test_numbers_are_words_and_scripts_without_spaces_are_pairs() -> None:
    """Numbers count; where there are no spaces, pairs of characters do for words."""
    assert languages.words("In 2024, 3.5 boats") == ["in", "2024", "3.5", "boats"]
    assert languages.words("東京の港") == ["東京", "京の", "の港"]


def test_what_is_said_early_and_often_matters() -> None:
    """The first sentence's repeated word is likelier in a summary than the last one's single word."""
    sentences = [["harbour", "closes"], ["wall", "broke"], ["harbour", "wall"], ["seagulls", "cry"]]
    words = tally(sentences, str, frozenset())
    chances = dict(zip(["harbour", "closes", "wall", "broke", "seagulls", "cry"], importance(words), strict=True))
    assert chances["harbour"] > chances["wall"] > chances["seagulls"]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("The pool is open. It was closed.", "The pool is open"),
        ("Read more.\nThe pool is open.", "The pool is open"),
        ("Good morning! The pool is open.", "The pool is open"),
        ("Good morning!", "Good morning!"),
        ("* Swimming for all\nThe pool is open.", "Swimming for all"),
        (
            "The pool at the end of Mill Lane is open again, and swimming lessons for children will begin in the first week of June.",
            "The pool at the end of Mill Lane is open again",
        ),
        ("The new swimming pool of the old town of Vell near the harbour and of (as some call it " + "x" * 30 + ") Old Vell is open.",
         "The new swimming pool of the old town of Vell near the harbour"),
        ("", None),
        ("!!!", None),
    ],
)  # fmt: skip
def test_titles(text: str, title: str | None) -> None:
    """A title is a phrase of the story, cut where a clause or a word ends."""
    assert titles.title(text, "en") == title


@given(st.text(max_size=300))
def test_a_title_stands_in_its_story(text: str) -> None:
    """Nothing is invented for a title."""
    title = titles.title(text)
    assert title is None or (title in " ".join(text.split()) and len(title) <= 80)


@given(st.text(max_size=300))
def test_a_story_cannot_close_its_fence(text: str) -> None:
    """The mark around the story does not stand in it: it is made of it."""
    content = prompt.messages(Story(None, text), 3)[1]["content"]
    mark = content.splitlines()[0].strip("<>")
    assert content.count(f"<{mark}>") == content.count(f"</{mark}>") == 1


@pytest.mark.parametrize(
    "answer",
    [
        "The pool is open.\nLessons begin.",
        "Here is a summary of the story:\n\n1. The pool is open.\n2. Lessons begin.",
        "<think>Let me see. A pool.</think>\n- The pool is open.\n- Lessons begin.",
        "```\n**The pool is open.** Lessons begin.\n```",
    ],
)
def test_answers_are_undressed(answer: str) -> None:
    """Thoughts, preambles, list marks and emphasis are no part of a summary."""
    assert prompt.answered(answer, "en") == ("The pool is open.", "Lessons begin.")


def test_tokens_are_not_underestimated() -> None:
    """A budget holds: text in any script is counted rather too high."""
    assert prompt.tokens("word " * 300) >= 300
    assert prompt.tokens("港" * 300) >= 300
