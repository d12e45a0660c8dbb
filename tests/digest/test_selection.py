"""What a digest holds, in which order, and what becomes of the letters it does not hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.digest.entries import original, shorten
from service.digest.selection import NOBODY, Choice, PassedOver, choose, gather, sort_out
from service.records import Edition, Form, Kind, Material, Outcome, Summary
from tests.digest.letters import edition, headline, letter, story

FERRY = (
    story(
        "The ferry to Aldervik left on Monday with 400 passengers. Karsund Shipping asks 18 euros.",
        "Aldervik ferry returns after nine years",
    ),
    story(
        "With 400 passengers the ferry to Aldervik left on Monday. Karsund Shipping sells tickets for 18 euros.",
        "The Aldervik ferry is back",
    ),
)


def _choose(letters: Sequence[Material], asked: Edition | None = None, passed_over: PassedOver = NOBODY) -> Choice:
    asked = asked or edition()
    return choose(asked, letters, gather(letters), asked.entries, passed_over)


def _outcomes(choice: Choice) -> list[str]:
    return [one.outcome.value for one in choice.coverage]


def test_a_story_of_two_newsletters_is_shown_once() -> None:
    """It names both publishers and stands for both stories."""
    one, two = letter(1, FERRY[0]), letter(2, FERRY[1])
    (entry,) = _choose([one, two]).entries
    assert (entry.keys, entry.publishers) == ((one.stories[0].key, two.stories[0].key), ("Paper 1", "Paper 2"))


def test_the_letter_told_with_another_is_merged() -> None:
    """The letter that leads is shown, the other one merged."""
    assert _outcomes(_choose([letter(1, FERRY[0]), letter(2, FERRY[1])])) == ["shown", "merged"]


def test_what_several_tell_comes_first() -> None:
    """A story of two newsletters stands above the newest letter's own."""
    choice = _choose([letter(1, FERRY[0], hours=9), letter(2, FERRY[1], hours=8), letter(3, hours=1)])
    assert [section.publisher for section in choice.sections] == ["", "Paper 3"]


@pytest.mark.parametrize("title", ["Sent by Pigeon Post", None])
def test_the_same_words_in_several_newsletters_are_no_news(title: str | None) -> None:
    """What a mailing service puts under every letter is merged if it slips through, and never becomes the headline."""
    slip = story("You get this mail because you signed up with Pigeon Post in Karsund.", title)
    choice = _choose([letter(1, headline(1), slip), letter(2, headline(2), slip)])
    assert [section.publisher for section in choice.sections] == ["Paper 2", "Paper 1"]
    assert len(choice.entries) == 3


def test_letters_of_one_publisher_stand_side_by_side() -> None:
    """Newest publisher first, and nobody between two letters of one."""
    letters = [letter(1, publisher="Dawn", hours=1), letter(2, hours=2), letter(3, publisher="Dawn", hours=5)]
    assert [section.publisher for section in _choose(letters).sections] == ["Dawn", "Dawn", "Paper 2"]


def test_every_letter_gets_a_story_before_any_gets_two() -> None:
    """With room for three and two letters of many stories, neither takes all."""
    letters = [letter(1, *map(headline, range(10, 15))), letter(2, *map(headline, range(20, 25)))]
    assert sorted(len(section.entries) for section in _choose(letters, edition(entries=3)).sections) == [1, 2]


def test_stories_left_out_are_counted() -> None:
    """The letter's last entry says how many more there are."""
    choice = _choose([letter(1, *map(headline, range(10, 15)))], edition(entries=2))
    assert ([entry.more for entry in choice.entries], choice.more) == ([0, 3], 3)


def test_entries_keep_the_order_of_their_letter() -> None:
    """Chosen stories are shown as the editor placed them."""
    choice = _choose([letter(1, *map(headline, range(10, 15)))])
    assert [entry.keys[0][-1] for entry in choice.entries] == list("01234")


def test_an_article_goes_before_a_bare_link() -> None:
    """Where there is room for one story only, it is one with something to read."""
    link = (replace(headline(10)[0], form=Form.TEASER), Summary(()))
    choice = _choose([letter(1, link, headline(11))], edition(entries=1))
    assert choice.entries[0].keys[0].endswith("/1")


def test_what_the_subject_names_goes_first() -> None:
    """The editor put it there; the words around the title may differ a little."""
    named = story("It sails at six.", "Night ferry: the harbour of Vell gets a night ferry", url="https://news.example/ferry")
    asked = letter(1, headline(10), named, headline(12), subject="The harbour of Vell gets a night ferry!")
    assert _choose([asked], edition(entries=1)).entries[0].keys[0].endswith("/1")


def test_a_link_makes_no_lead_where_most_stories_are_told_in_full() -> None:
    """A download at the end has a page, the article that the letter begins with has none."""
    articles = [story(f"The {word} is mended. It took a year.", f"{word.title()} mended") for word in ("bridge", "organ")]
    download = story("A clock for the screen.", "Download of the day", url="https://news.example/clock.zip")
    assert _choose([letter(1, *articles, download)], edition(entries=1)).entries[0].keys[0].endswith("/0")


def test_a_letter_without_room_is_carried_over() -> None:
    """It comes again with the next digest."""
    choice = _choose([letter(n, hours=n) for n in (1, 2, 3)], edition(entries=2))
    assert sorted(_outcomes(choice)) == ["carried over", "shown", "shown"]


@pytest.mark.parametrize("hours", [(1, 2, 3), (3, 2, 1)])
def test_no_hour_of_the_day_is_at_an_advantage(hours: tuple[int, ...]) -> None:
    """Who comes first, or last, every day must not be left out every day: the room is given by lot."""
    choice = _choose([letter(n, hours=hour) for n, hour in enumerate(hours)], edition(entries=1))
    assert _outcomes(choice) == ["shown", "carried over", "carried over"]


def test_a_letter_that_waits_comes_before_todays() -> None:
    """What found no room yesterday is first today."""
    letters = [letter(1, hours=1), letter(2, hours=30)]
    choice = _choose(letters, edition(entries=1), PassedOver(waiting=frozenset({letters[1].fingerprint})))
    assert _outcomes(choice) == ["carried over", "shown"]


def test_a_sources_newest_letter_comes_first() -> None:
    """News, not what was news: an older issue waits behind the newest of every source, though it has waited before."""
    letters = [letter(1, source="a", hours=30), letter(2, source="a", hours=1), letter(3, hours=2)]
    choice = _choose(letters, edition(entries=2), PassedOver(waiting=frozenset({letters[0].fingerprint})))
    assert _outcomes(choice) == ["carried over", "shown", "shown"]


def test_a_letter_that_is_hopeless_is_given_up() -> None:
    """What found no room for long enough is left out, and said so, unless there is room at last."""
    letters = [letter(1, hours=2), letter(2, hours=1)]
    passed_over = PassedOver(hopeless=frozenset(one.fingerprint for one in letters))
    choice = _choose(letters, edition(entries=1), passed_over)
    assert [(one.outcome, one.reason) for one in choice.coverage] == [(Outcome.SHOWN, ""), (Outcome.SKIPPED, "no room for a week")]


def test_an_entry_holds_the_editions_number_of_sentences() -> None:
    """A summary made for a longer edition is cut to this one's length."""
    (entry,) = _choose([letter(1, story("One is here. Two is here. Three is here.", "T"))], edition(sentences=2)).entries
    assert entry.sentences == ("One is here.", "Two is here.")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("A library that never closes Villalba lends books until six in the morning.", 2),
        ("A library that never closes its doors to anybody.", 1),
    ],
)
def test_a_sentence_that_begins_with_the_title_is_not_said_twice(text: str, lines: int) -> None:
    """What follows the title stands alone where it can; else the sentence is the title."""
    one, summary = story(text)
    entry = _choose([letter(1, (one, replace(summary, title="A library that never closes")), headline(2))]).entries[0]
    assert [entry.title, *entry.sentences] == ([text[:27], text[28:]] if lines == 2 else [text[:-1]])


def test_a_sentence_that_repeats_the_title_is_left_out() -> None:
    """A story without a title is headed by its text, which is not said twice."""
    (entry,) = _choose([letter(1, story("Rain is coming."), headline(2))]).entries[:1]
    assert (entry.title, entry.sentences) == ("Rain is coming", ())


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"partial": True}, "the letter is large, only its beginning was read"),
        ({}, ""),
    ],
)
def test_a_letter_read_in_part_says_so(changes: dict[str, bool], note: str) -> None:
    """The reader knows that there is more than was read."""
    assert _choose([letter(1, **changes)]).entries[0].note == note


@pytest.mark.parametrize(("form", "note"), [(Form.TEASER, "only links to the web"), (Form.PICTURE, "one picture")])
def test_a_letter_with_little_text_says_so(form: Form, note: str) -> None:
    """A teaser and a picture are listed, and called what they are."""
    assert _choose([letter(1, story("Look.", "Spring", form=form))]).entries[0].note == note


def test_a_stand_in_says_so() -> None:
    """When another method wrote the summary than was asked for, the entry passes the note on."""
    one, summary = headline(1)
    assert _choose([letter(1, (one, replace(summary, note="the model did not answer")))]).entries[0].note == "the model did not answer"


def test_a_sentence_that_is_not_in_the_story_is_noticed() -> None:
    """The digest claims that every sentence stood in a letter only when it did."""
    one, _ = headline(1)
    assert (_choose([letter(1, headline(1))]).verbatim, _choose([letter(1, (one, headline(2)[1]))]).verbatim) == (True, False)


def test_a_link_that_names_its_recipient_is_not_shown() -> None:
    """A digest is passed on; whoever follows such a link is taken for the first reader. The web version stands in."""
    one = letter(1, url="https://list1.example/web")
    told = replace(one.stories[0], story=replace(one.stories[0].story, url="https://click.news.example/ls/click?upn=" + "u001aZ9" * 9))

    assert original(one, told) == "https://list1.example/web"


def test_the_original_is_the_storys_page() -> None:
    """A story's own link goes first, then the letter's web version, then the mail itself."""
    one = letter(1, url="https://list1.example/web", message_id="<a%b c@x.example>")
    bare = replace(one, url=None)
    assert original(one, one.stories[0]) == "https://news.example/1"
    assert (original(one), original(bare)) == ("https://list1.example/web", "mid:a%25b%20c@x.example")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "http://a b", "data:text/html,x", 'https://x.example/"onclick="', "https://x\n.example"]
)
def test_only_web_links_are_shown(url: str) -> None:
    """Anything that is no plain http or https URL is not linked."""
    one = letter(1, story("Text is here.", "T", url=url))
    assert (original(one, one.stories[0]) or "").startswith("mid:")


@pytest.mark.parametrize("pattern", ["list1.example", "LIST1.*", "paper 1", "news@*"])
def test_sources_are_globs(pattern: str) -> None:
    """A source is known by its identity, its publisher or its sender, in any case."""
    letters, _ = sort_out(edition(sources=(pattern,)), [letter(1), letter(2, sender="other@list2.example")])
    assert [one.subject for one in letters] == ["Issue 1"]


def test_a_letter_from_nobody_belongs_to_editions_of_everything_alone() -> None:
    """An empty file has no source; an edition of one newsletter does not mail about it."""
    nobody = letter(1, source="", publisher=None, sender=None)

    assert [len(sort_out(edition(sources=(pattern,)), [nobody])[0]) for pattern in ("*", "*lantern*")] == [1, 0]


def test_kinds_that_are_not_wanted_are_left_out() -> None:
    """A digest is made of newsletters unless its edition says otherwise."""
    _, aside = sort_out(edition(), [letter(n, kind=kind) for n, kind in enumerate(Kind)])
    assert len({coverage.reason for _, coverage in aside}) == len(Kind) - 1


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 240), st.lists(st.integers(0, 59), max_size=5)), max_size=12),
    st.integers(1, 12),
)
def test_nothing_is_lost_and_nothing_is_shown_twice(letters: list[tuple[int, int, list[int]]], entries: int) -> None:
    """Each letter ends in one state, each story in one entry at most, and shown letters lead an entry."""
    material = [letter(n, *map(headline, told), publisher=f"P{p}", hours=h) for n, (p, h, told) in enumerate(letters) if told]
    choice = _choose(material, edition(entries=entries))
    keys = [key for entry in choice.entries for key in entry.keys]
    assert len(keys) == len(set(keys))
    assert [one.fingerprint for one in choice.coverage] == [one.fingerprint for one in material]
    assert len(choice.entries) <= entries
    finished = {one.fingerprint for one in choice.coverage if one.outcome in {Outcome.SHOWN, Outcome.MERGED}}
    assert {key.partition("/")[0] for key in keys} == finished


@given(st.text(), st.integers(2, 50))
def test_what_is_shortened_fits(text: str, limit: int) -> None:
    """A text is cut to the limit, or one more for the mark."""
    assert len(shorten(text, limit)) <= limit + 1


def test_a_text_is_cut_after_a_word() -> None:
    """No word is cut in two."""
    assert shorten("The quick brown fox jumps", 16) == "The quick brown…"
