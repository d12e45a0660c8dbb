"""Which stories tell the same thing: hard pairs on both sides, written for the purpose."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.digest.clusters import group
from service.records import Story

PAIRS = tomllib.loads(Path(__file__).with_name("pairs.toml").read_text("utf-8"))
SAME, OTHER = ({name: (pair["one"], pair["other"]) for name, pair in PAIRS[kind].items()} for kind in ("same", "other"))
LOOSE = next(iter(PAIRS["loose"].values()))

Pair = tuple[Sequence[str], Sequence[str]]


def _group(pair: Pair, *, languages: tuple[str, str] = ("en", "en"), urls: tuple[str | None, str | None] = (None, None)) -> int:
    """Return the number of groups that two publishers' tellings make, among other news of the day."""
    others = [(f"paper {n}", Story(f"Notice {n}", f"Museum number {n} opens late on Friday.", None, "en")) for n in range(1)]
    told = [(f"list {n}", Story(title, text, urls[n], languages[n])) for n, (title, text) in enumerate(pair)]
    return len(group([*told, *others])) - 1


@pytest.mark.parametrize("pair", SAME.values(), ids=list(SAME))
def test_one_story_in_two_tellings_is_one(pair: Pair) -> None:
    """The same event in other words makes one group."""
    assert _group(pair) == 1


@pytest.mark.parametrize("pair", OTHER.values(), ids=list(OTHER))
def test_two_stories_in_like_words_stay_two(pair: Pair) -> None:
    """Different events in nearly the same words stay apart."""
    assert _group(pair) == 2


def test_languages_stay_apart() -> None:
    """The same words in two languages are not compared: a reader of one may not read the other."""
    assert _group(SAME["German"], languages=("de", "nl")) == 2


def test_one_link_needs_less() -> None:
    """Two publishers who link to one page need to share little more."""
    pair = (
        (
            "A kayak for the rucksack",
            "The folding kayak by Orbelia weighs little and packs small, which campers without a car have long waited for.",
        ),
        (
            "Light, foldable, dear",
            "Our tester paddled for a whole day, sank once and laughed a lot: notes on a folding kayak that packs small.",
        ),
    )
    page = "https://www.orbelia.example/paddra/the-folding-kayak"
    assert (_group(pair), _group(pair, urls=(page, page + "/?utm_source=x"))) == (2, 1)


def test_a_front_page_is_no_evidence() -> None:
    """Two items that link to the same front page are two."""
    assert _group(OTHER["one company, two events"], urls=("https://orbelia.example/", "https://orbelia.example/")) == 2


def test_issues_of_one_source_need_more() -> None:
    """A source repeats its phrases from day to day; its own stories are merged only when they are nearly the same."""
    one, other = LOOSE["one"], LOOSE["other"]
    assert [len(group([(a, Story(*one)), (b, Story(*other))])) for a, b in (("list", "list"), ("list", "paper"))] == [2, 1]


def test_stories_are_not_chained() -> None:
    """A story like two others that differ joins one of them, and does not pull them together."""
    court, both, strike = (
        "The high court in Karsund halted the Velmer dam after the river council complained.",
        "The high court in Karsund halted the Velmer dam; dockers in Aldervik began a strike over night shifts.",
        "Dockers in Aldervik began a strike over night shifts at the northern terminal.",
    )
    groups = group([(name, Story(None, text)) for name, text in (("a", court), ("b", strike), ("c", both))])
    assert all(not {0, 1} <= set(members) for members in groups)


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.text(max_size=40), st.text(max_size=80), st.none() | st.text(max_size=30)), max_size=12)
)
def test_every_story_is_in_one_group(stories: list[tuple[str, str, str, str | None]]) -> None:
    """Whatever the texts, the groups hold each story once, each group in order."""
    groups = group([(source, Story(title, text, url)) for source, title, text, url in stories])
    assert sorted(index for members in groups for index in members) == list(range(len(stories)))
    assert all(list(members) == sorted(members) for members in groups)
