"""Where sentences end."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.summary.sentences import spans, split
from tests.newsletter.timing import seconds


@pytest.mark.parametrize(
    "sentences",
    [
        ["The boat left.", "It came back at noon."],
        ["Is it late?", "Yes!", "We must go."],
        ["Dr. Ada Moss met Mr. Pell on Elm St. near the quay."],
        ["The firm paid J. R. Hale $2.50 a share."],
        ["She works for the U.S. Treasury in Ohio."],
        ["He sold Brill Inc. last year.", "The buyer is unknown."],
        ["See Fig. 3 and pp. 12 to 14 of vol. 2.", "Nothing else is known."],
        ["“We are done,” she said.", "“Go home.”", "They went."],
        ["(The bridge was closed.)", "Nobody crossed it."],
        ["Read it at https://example.org/a.b/c?d=e.f today.", "Then reply."],
        ["Wait... what?", "Nobody knows."],
        ["Great news! 🎉", "Tickets are back."],
        ["Prices rose 3.5% in May.", "2024 was worse."],
        ["The law was passed in 1998.[12]", "It was never applied."],
        ["1. Open the box.", "2. Take out the lamp."],
        ["He said no.", "Ferries leave at noon.", "See no. 5 of the list."],
        ["It closed on Sat. May 3.", "They sat.", "Boats came."],
        ["Yahoo! shares fell.", "Others rose."],
    ],
)
def test_english(sentences: list[str]) -> None:
    """Abbreviations, initials, quotes, brackets, links, numbers and emoji do not end a sentence where none ends."""
    assert split(" ".join(sentences)) == tuple(sentences)


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("de", ["Am 3. Mai kam Dr. Vogt z. B. nach Ulm.", "Er blieb bis zum 12. Juni."]),
        ("de", ["Er kaufte die Kern GmbH.", "Sie gehört ihm.", "Das ist so.", "Wir gehen am Mo. um neun."]),
        ("es", ["Vieron el mar.", "El barco salió."]),
        ("fr", ["M. Roux habite av. Foch.", "Il est parti hier."]),
        ("nl", ["Dhr. Smit kwam o.a. uit Delft.", "Hij bleef niet."]),
        ("ja", ["今日は晴れです。", "明日は雨でしょう。"]),
        ("ja", ["「行こう。」と彼は言った。", "雨だった。"]),
        ("zh", ["今天天气很好。", "我们去公园！"]),
        ("hi", ["वह घर गया।", "मैं यहाँ हूँ।"]),
        ("ar", ["كيف حالك؟", "أنا بخير."]),
        ("ur", ["یہ کتاب ہے۔", "وہ قلم ہے۔"]),
        ("el", ["Ο κ. Παππάς ήρθε.", "Έφυγε νωρίς."]),
        ("ru", ["Он родился в 1900 г. в Москве.", "Потом уехал."]),
    ],
)
def test_other_languages(language: str, sentences: list[str]) -> None:
    """Each language has its abbreviations, and each script its marks."""
    joint = "" if language in ("ja", "zh") else " "
    assert split(joint.join(sentences), language) == tuple(sentences)


def test_a_line_is_a_boundary() -> None:
    """A heading without a full stop ends with its line."""
    assert split("Harbour news\nThe boats are in.") == ("Harbour news", "The boats are in.")


def test_a_wrapped_paragraph_is_one() -> None:
    """Lines that were broken at a margin belong together, also where the next one begins with a name."""
    text = (
        "The council met on Thursday to hear what the engineers\n"
        "had found, and asked the mayor of the neighbouring town,\n"
        "Olga Brandt, to join them."
    )
    assert len(split(text)) == 1


def test_a_soft_line_break_joins() -> None:
    """A line that ends in a space flows on (format=flowed)."""
    assert split("It was a cold \nnight in the town.") == ("It was a cold night in the town.",)


def test_short_lines_are_not_joined() -> None:
    """An address or a list is not a wrapped paragraph."""
    assert split("Boats\nNets\nLines and hooks") == ("Boats", "Nets", "Lines and hooks")


def test_list_items_are_sentences() -> None:
    """A bullet begins a sentence, in its own line or in a row."""
    assert split("Today • boats are in • nets are out") == ("Today", "• boats are in", "• nets are out")


@pytest.mark.parametrize("marks", [("1)", "2)", "3)"), ("1.", "2.", "3."), ("a.", "b.", "c.")])
def test_a_list_in_one_line(marks: tuple[str, str, str]) -> None:
    """Numbered items are sentences, whether they end in a full stop or not."""
    items = [f"{mark} Open the lid of the box" for mark in marks]
    assert split(" ".join(items)) == tuple(items)


def test_a_missing_space_is_seen() -> None:
    """«ended.The» are two sentences, «Node.js» and «example.com» are one word."""
    assert split("The storm ended.The boats left. Node.js and example.com stay.") == (
        "The storm ended.",
        "The boats left.",
        "Node.js and example.com stay.",
    )


def test_a_writer_without_capitals() -> None:
    """Sentences end in lower-case writing too."""
    assert split("i went home. it was late. nobody was there") == ("i went home.", "it was late.", "nobody was there")


def test_nothing_is_no_sentence() -> None:
    """White space holds none."""
    assert split(" \n\t\n") == ()


texts = st.text(st.one_of(st.characters(), st.sampled_from(list(".!?…。।؟ \n\t\"“”()[]•:;,'’aA1é"))), max_size=300)


@given(texts, st.sampled_from(["en", "de", "ja", "ar", "xx", "", "pt-BR"]))
def test_no_character_is_lost(text: str, language: str) -> None:
    """Every character but white space is in exactly one sentence, in order."""
    assert "".join("".join(split(text, language)).split()) == "".join(text.split())


@given(texts)
def test_places_are_those_of_the_sentences(text: str) -> None:
    """A span holds its sentence, without white space at either end; spans do not overlap."""
    places = spans(text)
    assert tuple(" ".join(text[start:end].split()) for start, end in places) == split(text)
    assert all(end <= start for (_, end), (start, _) in pairwise(places))


@pytest.mark.parametrize("piece", ["a. ", "A. ", ". ", "[1]", "e.g. ", "!) ", "• ", "( ", "\n", "a\n", "“", "1. "])
def test_a_hostile_text_takes_linear_time(piece: str) -> None:
    """Half a million characters of anything are split in time."""
    assert seconds(lambda: spans(piece * (500_000 // len(piece)))) < 8


def test_a_list_without_end_takes_linear_time() -> None:
    """Each item is looked for once, by one pattern."""
    assert seconds(lambda: spans(" ".join(f"{number}) x" for number in range(1, 60_000)))) < 5
