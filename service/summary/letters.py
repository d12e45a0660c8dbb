"""What a digest would show of a whole letter."""

from __future__ import annotations

from collections.abc import Sequence

from service.records import Form, Story, Summary
from service.summary import LetterSummary, condense, share
from service.summary.fitness import is_furniture, stands_alone
from service.summary.languages import words

# A text shorter than this (characters) says little, a sentence shorter than that (words) nothing.
SHORT = 200
SCRAP = 5


def letter_summary(stories: Sequence[Story], sentences: int) -> LetterSummary:
    """Return each story's summary and title, and at most `sentences` for the letter: first a sentence of each of the best stories,
    then, while there is room, further ones of theirs; all in reading order.
    """
    told = [condense(story, max(1, share(len(stories), sentences)), beside_title=False) for story in stories]
    return LetterSummary(
        stories=tuple(tuple(sentence.text for sentence in one.sentences) for one in told),
        titles=tuple(story.title or one.title for story, one in zip(stories, told, strict=True)),
        letter=_letter(stories, told, max(1, sentences)),
    )


def _letter(stories: Sequence[Story], told: Sequence[Summary], most: int) -> tuple[str, ...]:
    """Return the letter's lines: one of each story, and what room is left goes to the longest ones.

    A story that is no more than its title is shown by it.
    """
    lines = {number: _said(stories[number], told[number]) for number in _best(stories, told)[:most]}
    room = most - len(lines)
    for number in sorted(lines, key=lambda number: -len(stories[number].text)):
        taken = min(room, len(lines[number]) - 1)
        lines[number] = lines[number][: 1 + taken]
        room -= taken
    return tuple(line for number in sorted(lines) for line in lines[number])


def _said(story: Story, summary: Summary) -> list[str]:
    """Return a story's sentences, or its title where they are but scraps."""
    said = [sentence.text for sentence in summary.sentences]
    return said if any(len(words(one)) >= SCRAP for one in said) or not story.title else [story.title]


def _best(stories: Sequence[Story], told: Sequence[Summary]) -> list[int]:
    """Return the numbers of the stories, best first: with a whole sentence to show, with a title where most have one (the others are
    greetings and remains), articles, with more to say, in the letter's order. Titles with nothing to say are left out where they are
    not the most: below an article they lead to others.
    """
    titled = 2 * sum(story.title is not None for story in stories) > len(stories)

    def rank(number: int) -> tuple[bool, bool, bool, bool, bool, int]:
        story, said = stories[number], told[number].sentences
        whole = bool(said) and stands_alone(said[0].text, words(said[0].text), begins_line=True)
        return not whole, titled and not story.title, not said, story.form is not Form.ARTICLE, len(story.text) < SHORT, number

    shown = [number for number, story in enumerate(stories) if told[number].sentences or story.title]
    telling = [number for number in shown if told[number].sentences]
    shown = telling if 2 * len(telling) >= len(shown) else shown
    return sorted([number for number in shown if not _is_furniture(told[number])] or shown, key=rank)


def _is_furniture(summary: Summary) -> bool:
    """Whether a story is but greetings and calls to click: nothing better was found in it."""
    return any(is_furniture(sentence.text, words(sentence.text)) for sentence in summary.sentences[:1])
