"""What every summary promises, whatever the text."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.records import Form, Story
from service.summary import condense, letter_summary, share, summarise
from service.summary.condensing import LONGEST
from service.summary.methods import NAMES

NEWS = """The harbour of Vell will close for two weeks from Monday, the town council said on Friday.
Engineers found cracks in the northern wall after the storm of early March, and repairs will cost about two million euros.
He had warned of this for years. The council, however, never listened. Photo: Ada Moss / Vell Courier
Mayor Ines Okoro told fishermen at a meeting in the old market hall that they would be paid for every day they lose.
Ferries to the islands will leave from Port Anselm, an hour to the south, where berths are free of charge this month.
"Nobody wants another winter like the last one, the mayor said. Read more on our website!
The northern wall of the harbour was built in 1874 and was last repaired fifty years ago, after another storm in the same month.
Some forty boats have already moved, and the fish market of Vell stays shut until the harbour opens again.
"""


def flat(text: str) -> str:
    """Return a text without white space."""
    return "".join(text.split())


def test_a_summary_is_made_of_the_texts_sentences() -> None:
    """Three sentences, each of them in the text, in its order."""
    summary = summarise(NEWS, sentences=3)
    places = [flat(NEWS).index(flat(sentence)) for sentence in summary]
    assert 2 <= len(summary) <= 3
    assert places == sorted(places)


def test_the_news_comes_first() -> None:
    """What the story is about is said."""
    assert summarise(NEWS, sentences=1)[0].startswith("The harbour of Vell will close")


@pytest.mark.parametrize("unfit", ["He had warned", "The council, however", "Photo:", "Nobody wants", "Read more"])
def test_unfit_sentences_are_not_chosen(unfit: str) -> None:
    """No sentence that hangs on an unseen one, no credit, no open quotation, no call to click."""
    assert not any(unfit in sentence for sentence in summarise(NEWS, sentences=5))


def test_the_title_is_not_repeated() -> None:
    """A sentence that says the title over again is left to the title."""
    title = "Harbour of Vell will close for two weeks from Monday, the council said"
    assert not any("will close for two weeks" in one for one in summarise(NEWS, title=title))


def test_nothing_is_said_twice() -> None:
    """A sentence that stands in the text twice is chosen once."""
    summary = summarise(NEWS + NEWS, sentences=6)
    assert len(set(summary)) == len(summary)


def test_a_short_story_is_shown_as_it_is() -> None:
    """Where there is nothing to choose, nothing is left out but calls to click."""
    text = "The pool is open again. It was closed for a year. Click here for the times."
    assert summarise(text) == ("The pool is open again.", "It was closed for a year.")


def test_a_text_that_is_only_a_call_is_shown() -> None:
    """A story is never shown as nothing."""
    assert summarise("Read more.") == ("Read more.",)


def test_a_list_mark_stays_behind() -> None:
    """Bullets belong to the list, not to the sentence, and its place is after them."""
    summary = condense(Story("Pool", "* The pool is open again.\n* Swimming lessons begin in June.", language="en"), 2)
    assert [(one.text, one.start) for one in summary.sentences] == [
        ("The pool is open again.", 2),
        ("Swimming lessons begin in June.", 28),
    ]


@pytest.mark.parametrize("text", ["-5 degrees were measured in Vell.", "»Das ist gut«, sagte sie am Abend.", "#1 of the list is Vell."])
def test_what_only_looks_like_a_list_mark_stays(text: str) -> None:
    """A minus, an opening quotation mark and a hash before a number belong to the sentence."""
    assert summarise(text) == (text,)


def test_a_sentence_without_end_is_cut_after_a_word() -> None:
    """A table or a list without marks does not flood the digest."""
    (sentence,) = summarise("boats nets " * 200)
    assert len(sentence) <= LONGEST
    assert sentence.endswith(("boats", "nets"))


@pytest.mark.parametrize("method", NAMES)
def test_every_method_keeps_the_promises(method: str) -> None:
    """The methods of sumy choose fit sentences of ours, in order, each once."""
    summary = condense(Story(None, NEWS, language="en"), 2, method)
    assert 1 <= len(summary.sentences) <= 2
    assert all(" ".join(NEWS[one.start :].split()).startswith(one.text) for one in summary.sentences)
    assert (summary.written_by, summary.note) == (method, "")


@pytest.mark.parametrize("text", ["1 2 3. 4 5 6. 7 8 9. 10 11 12.", "Aa bb. " * 9, "Oh! Ah! Eh! Uh!", "?"])
@pytest.mark.parametrize("method", NAMES)
def test_odd_texts_break_no_method(method: str, text: str) -> None:
    """Where a method fails, nutgraf stands in and the note says so."""
    summary = condense(Story(None, text, language="en"), 2, method)
    assert summary.sentences
    assert (summary.written_by == method) != ("stood in" in summary.note)


def test_a_method_gets_no_more_than_it_bears() -> None:
    """A long text is cut for a slow method, and the note says so."""
    text = " ".join(f"The boat number {number} of the fleet came in at pier {number * 7}." for number in range(150))
    assert "first 100 of 150" in condense(Story(None, text, language="en"), 2, "kl").note


def test_an_unknown_method_is_named() -> None:
    """A misspelt setting is no summary."""
    with pytest.raises(ValueError, match="nosuch"):
        condense(Story(None, NEWS), 2, "nosuch")


def test_a_story_without_a_title_gets_a_phrase_of_its_own() -> None:
    """The title stands in the story; a story with a title keeps it."""
    title = condense(Story(None, NEWS, language="en"), 2).title
    assert title is not None
    assert title in NEWS
    assert len(title) <= 80
    assert condense(Story("Harbour", NEWS), 2).title is None


@pytest.mark.parametrize(("stories", "expected"), [(0, 3), (1, 3), (2, 2), (6, 2), (7, 1), (60, 1)])
def test_how_many_sentences_a_story_gets(stories: int, expected: int) -> None:
    """The only story gets all, a few get two each, many get one."""
    assert share(stories, 3) == expected


def test_nobody_gets_more_than_was_asked_for() -> None:
    """One sentence is one sentence."""
    assert share(3, 1) == 1


def test_a_letters_summary() -> None:
    """A letter of several stories is shown by its best ones, in its order, within the number."""
    stories = (
        Story("Sponsor link", "A short line.", form=Form.TEASER, language="en"),
        Story("Harbour", NEWS, language="en"),
        Story("Pool", "The swimming pool at the end of Mill Lane is open again after a year of repairs. " * 3, language="en"),
    )
    told = letter_summary(stories, 2)
    assert len(told.stories) == 3
    assert [line.split()[1] for line in told.letter] == ["harbour", "swimming"]


def test_a_letter_of_titles_is_shown_by_them() -> None:
    """Where stories are links alone, their titles are what a digest would show."""
    assert letter_summary((Story("One link", ""), Story("Another", "")), 3).letter == ("One link", "Another")


def test_a_link_below_an_article_takes_no_line_of_it() -> None:
    """It leads to another article; among many links it is what the letter tells."""
    article, link = Story("Harbour", NEWS, language="en"), Story("The year of the storm", "")
    assert all(line in NEWS.replace("\n", " ") for line in letter_summary((article, link), 3).letter)
    assert "The year of the storm" in letter_summary((article, link, link, link), 3).letter


def test_a_letter_without_stories_has_no_summary() -> None:
    """Nothing comes of nothing."""
    assert letter_summary((), 3).letter == ()


def test_a_long_text_is_quick() -> None:
    """Ten thousand sentences take no more than two seconds."""
    text = " ".join(
        f"Boat {number} of the fleet met ship {number * 31 % 997} near buoy {number * 17 % 89} at dawn." for number in range(10_000)
    )
    summarise(NEWS)
    started = time.perf_counter()
    summarise(text)
    assert time.perf_counter() - started < 10  # five times the promise: the machine may be busy


def test_importing_is_light() -> None:
    """sumy, NLTK and numpy are loaded by the first summary, not before."""
    code = "import sys, service.summary, service.summary.sentences; print([m for m in ('sumy', 'nltk', 'numpy') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"  # noqa: S603


texts = st.text(st.one_of(st.characters(), st.sampled_from(list('.!?。 \n"“”()abcABC19-•'))), max_size=400)
languages = st.one_of(st.sampled_from(["en", "de", "no", "el", "zh", "xx", "", "pt-BR", "EN"]), st.text(max_size=4))


@given(texts, st.text(max_size=40), languages, st.integers(-1, 8))
def test_any_text_in_any_language(text: str, title: str, language: str, count: int) -> None:
    """At most so many sentences, each in the text, in its order; none only for an empty text or none asked for."""
    summary = summarise(text, title=title, language=language, sentences=count)
    assert len(summary) <= max(count, 0)
    assert bool(summary) == (count > 0 and bool(text.split()))
    assert all(len(sentence) <= LONGEST for sentence in summary)
    place, whole = 0, flat(text)
    for sentence in summary:
        place = whole.index(flat(sentence), place) + len(flat(sentence))


@given(texts, languages)
def test_places_point_into_the_story(text: str, language: str) -> None:
    """A sentence's place is where it stands, up to white space."""
    for one in condense(Story("", text, language=language or None), 3).sentences:
        assert flat(text[one.start :]).startswith(flat(one.text))


@pytest.mark.parametrize("scrap", ["//ferrynews comments→", "by Nora Vell", "2 341", "(2026-05-03 10:12:00)"])
def test_a_source_under_a_title_is_no_summary(scrap: str) -> None:
    """A name, a number or a source says nothing about the story; its title does."""
    assert condense(Story("The pool is open again", scrap, language="en"), 2).sentences == ()


def test_a_short_sentence_under_a_title_is_shown() -> None:
    """What ends like a sentence is one."""
    assert [one.text for one in condense(Story("The pool", "It is open.", language="en"), 2).sentences] == ["It is open."]


@pytest.mark.parametrize("call", ["...READ MORE.", "… [Read more]", ". Weiterlesen »"])
def test_a_call_that_runs_on_is_left_out(call: str) -> None:
    """A teaser that breaks off into its button ends where it breaks off."""
    teased = "Many families around the harbour have had to leave their homes to save themselves"
    assert " ".join(summarise(f"{teased}{call}")).rstrip(".… ") == teased


def test_a_typed_list_mark_in_a_list_stays_behind_too() -> None:
    """A letter in plain text has marks of its own, and gets ours."""
    assert summarise("- * The pool is open again.\n- * Swimming lessons begin in June.")[0] == "The pool is open again."
