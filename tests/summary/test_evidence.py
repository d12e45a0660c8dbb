"""What of a model's answer is believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.records import Story
from service.summary import quantities
from service.summary.evidence import Evidence

STORY = Story(
    "Harbour closes",
    "The harbour of Vell will close for 14 days from Monday, the council said. Engineers found cracks in the northern wall after the "
    "storm of 3 March, and repairs will cost $2 million, about 5% of the town's budget. Mayor Ines Okoro told fishermen they would be "
    'paid for each day lost. "We keep our word," she said. The ferry does not stop at Vell until the work is done. '
    "More at https://vell.example/harbour.",
    language="en",
)


@pytest.mark.parametrize(
    "sentence",
    [
        "The harbour of Vell will close for 14 days from Monday.",
        "Repairs of the northern wall will cost two million dollars.",
        "Repairs will cost 2,000,000, 5 per cent of the town's budget.",
        "The mayor said “we keep our word”.",
        "Fishermen will be paid for each day lost, Ines Okoro told them.",
        "The ferry does not stop at Vell.",
    ],
)
def test_what_the_story_says(sentence: str) -> None:
    """A sentence that says it in other words and forms is believed."""
    assert Evidence(STORY).judge(sentence).reason == ""


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("The harbour of Vell will close for 15 days from Monday.", "number"),
        ("Repairs of the northern wall will cost $2 billion.", "number"),
        ("Repairs of the northern wall will cost €2 million.", "number"),
        ("The harbour of Vell will close for $2 million days.", "number"),
        ("Seven engineers found cracks in the northern wall.", "number"),
        ("The harbour of Vell will close from Tuesday.", "date"),
        ("The harbour of Vell will close in april.", "date"),
        ("Mayor Tom Brandt told fishermen they would be paid.", "name"),
        ("Brandt told fishermen they would be paid.", "name"),
        ("The council of NATO said the harbour will close.", "name"),
        ("The harbour of Vell will close, see https://evil.example.", "link"),
        ("The harbour of Vell will close, says @vell_council.", "link"),
        ("The mayor said “we are ruined”.", "quotation"),
        ("The ferry does stop at Vell until the work is done.", "contrary"),
        ("Fishermen would not be paid for each day lost.", "contrary"),
        ("Der Hafen von Vell wird für 14 Tage geschlossen.", "language"),
        ("Гавань закрыта на 14 дней.", "script"),
        ("The economy faces an uncertain future amid global turmoil.", "words"),
        ("Read more about the harbour of Vell.", "click"),
        ("Closed.", "short"),
        ("They will do it.", "says nothing"),
    ],
)
def test_what_it_does_not_say(sentence: str, reason: str) -> None:
    """Whatever is added, changed or turned round is refused, and for the right reason."""
    assert reason in Evidence(STORY).judge(sentence).reason


def test_the_place_of_the_evidence() -> None:
    """A reader can look up what bears a sentence out."""
    start = Evidence(STORY).judge("Repairs of the wall cost $2 million.").start
    assert STORY.text[start:].startswith("Engineers")


def test_a_german_story() -> None:
    """Checks hold in other languages, with their words for numbers, dates and denials."""
    story = Story(None, "Der Hafen von Vell schließt am 3. Mai für zwei Wochen. Die Reparatur kostet 2,5 Mio. Euro.", language="de")
    evidence = Evidence(story)
    assert evidence.judge("Die Reparatur kostet 2,5 Millionen Euro.").reason == ""
    assert "number" in evidence.judge("Der Hafen von Vell schließt für drei Wochen.").reason
    assert "date" in evidence.judge("Der Hafen von Vell schließt am 3. Juni.").reason
    assert "contrary" in evidence.judge("Der Hafen von Vell schließt nicht.").reason


@pytest.mark.parametrize(
    ("language", "text", "true", "invented"),
    [
        (
            "ja",
            "ヴェル港は月曜日から二週間閉鎖される。市長の大黒氏が発表した。",
            "ヴェル港は月曜日から二週間閉鎖される。",
            "市長の田中氏が発表した。",
        ),
        (
            "ar",
            "أعلن رئيس البلدية سامي أن ميناء فيل سيغلق لمدة أسبوعين.",
            "ميناء فيل سيغلق لمدة أسبوعين.",
            "أعلن رئيس البلدية كريم أن ميناء فيل سيغلق.",
        ),
    ],
)
def test_scripts_without_capitals(language: str, text: str, true: str, invented: str) -> None:
    """Where names are not capitalised, an invented one is refused all the same."""
    evidence = Evidence(Story(None, text, language=language))
    assert evidence.judge(true).reason == ""
    assert evidence.judge(invented).reason != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("$5 million", "5,000,000 dollars"),
        ("five million", "5m"),
        ("1,234.5", "1.234,5"),
        ("5 per cent", "5%"),
        ("£3bn", "3 billion pounds"),
        ("1’000", "1000"),
    ],
)
def test_one_quantity_in_two_forms(one: str, other: str) -> None:
    """Separators, magnitudes and units are read, not compared letter by letter."""
    said, told = quantities.of(one, "en"), quantities.of(other, "en")
    assert quantities.borne_out({max(said)}, told)


def test_a_unit_may_be_left_out_but_not_added() -> None:
    """«2 million» is borne out by «$2 million», not the other way round."""
    bare, priced = quantities.of("2 million", "en"), quantities.of("$2 million", "en")
    assert quantities.borne_out(bare, priced)
    assert not quantities.borne_out(priced, bare)


@given(st.text(max_size=200), st.text(max_size=200), st.sampled_from(["en", "de", "xx", "", "zh", "ar"]))
def test_any_text_is_judged(text: str, sentence: str, language: str) -> None:
    """No text and no answer breaks the judge, and a place stands in the text."""
    finding = Evidence(Story("", text, language=language)).judge(sentence)
    assert 0 <= finding.start <= len(text)


@given(st.text(st.characters(categories=["L", "Nd", "Zs", "Po"]), max_size=200))
def test_a_sentence_of_nothing_but_the_story_invents_nothing(text: str) -> None:
    """What stands in the story word for word holds no invented name, number, date, link or quotation."""
    assert "not the story's" not in Evidence(Story("", text, language="en")).judge(text).reason
