"""Which sentences can stand in a digest by themselves."""

from __future__ import annotations

import pytest

from service.summary import fitness
from service.summary.languages import words


def fit(sentence: str) -> bool:
    """Whether a sentence stands alone, its words counted."""
    return fitness.stands_alone(sentence, words(sentence))


@pytest.mark.parametrize(
    "sentence",
    [
        "The harbour of Vell will close on Monday.",
        "“Nobody wants another winter like that,” the mayor said.",
        "Das Rathaus („die alte Burg“) bleibt bis Mai geschlossen.",
        "By late Friday and into Saturday the harbour stayed closed.",
        "Prices rose (for the third time) in March! 🎉",
        "Learning to read is what the programme is about, says its founder.",
        "東京の港は月曜日から二週間閉鎖される。",
    ],
)
def test_good_sentences(sentence: str) -> None:
    """A whole sentence with closed quotes and brackets is fit."""
    assert fit(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Harbour news of the week",
        "By Ada Moss and Finn Pell",
        "Photo: the northern wall of the harbour.",
        "The harbour in winter (Ada Moss/Getty Images).",
        "Read more about the harbour on our website.",
        "Hier weiterlesen über den Hafen von Vell.",
        "“Nobody wants another winter like that, the mayor said.",
        "The council said that the harbour would…",
        "Here is what the council said:",
        "3. Boats may not enter the harbour.",
        "THE HARBOUR OF VELL IS CLOSED.",
        "and the harbour of Vell is closed.",
        "Write to the council at harbour@example.org today.",
        "Yes, it is.",
    ],
)
def test_unfit_sentences(sentence: str) -> None:
    """Headings, bylines, captions, calls to click, what is cut, open, enumerated, shouted or too short is not."""
    assert not fit(sentence)


def test_a_line_may_begin_in_lower_case() -> None:
    """After a salutation, German letters go on in lower case."""
    sentence = "das neue Jahr hat für den Hafen gut begonnen."
    assert fitness.stands_alone(sentence, words(sentence), begins_line=True)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "He had warned of this."),
        ("en", "On the other hand, boats are slow."),
        ("en", "To me, this is the better one."),
        ("en", "But when they came, it was closed."),
        ("de", "Dagegen wehrt sich der Rat."),
        ("nl", "Hij kwam niet."),
        ("fr", "Pourtant, le port est fermé."),
        ("nb", "Han kom ikke."),
    ],
)
def test_leaning_sentences(language: str, sentence: str) -> None:
    """A sentence that begins with what points back leans on the one before it."""
    assert fitness.leans(words(sentence), language)


@pytest.mark.parametrize("sentence", ["Mayor Okoro had warned of this.", "Officials say they have found cracks.", "Boats are slow."])
def test_standing_sentences(sentence: str) -> None:
    """A pronoun after its own antecedent does not lean."""
    assert not fitness.leans(words(sentence), "en")


def test_a_repeated_title_is_seen() -> None:
    """Most of the title's words in a sentence hardly longer than it are the title again."""
    title = frozenset(words("Harbour of Vell closes for two weeks"))
    assert fitness.repeats(words("The harbour of Vell closes for two weeks."), title)
    assert not fitness.repeats(words("The harbour of Vell closes for two weeks because cracks were found in its northern wall."), title)
