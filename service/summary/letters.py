"""What a digest would show of a whole letter."""

from __future__ import annotations

from collections.abc import Sequence

from service.records import Form, Story, Summary
from service.summary import LetterSummary, condense, share


def letter_summary(stories: Sequence[Story], sentences: int) -> LetterSummary:
    """Return each story's summary and title, and at most `sentences` for the letter: first a sentence of each of the best stories,
    then, while there is room, further ones of theirs; all in reading order.
    """
    told = [condense(story, max(1, share(len(stories), sentences))) for story in stories]
    return LetterSummary(
        stories=tuple(tuple(sentence.text for sentence in one.sentences) for one in told),
        titles=tuple(story.title or one.title for story, one in zip(stories, told, strict=True)),
        letter=_letter(stories, told, max(1, sentences)),
    )


def _letter(stories: Sequence[Story], told: Sequence[Summary], most: int) -> tuple[str, ...]:
    """Return the letter's lines. A story that is no more than its title is shown by it, after those with a text."""
    chosen = _best(stories, told)[:most]
    room = most - len(chosen)
    lines: list[str] = []
    for number in sorted(chosen):
        said = [sentence.text for sentence in told[number].sentences] or [stories[number].title or ""]
        lines += said[: 1 + room]
        room -= min(room, len(said) - 1)
    return tuple(lines)


def _best(stories: Sequence[Story], told: Sequence[Summary]) -> list[int]:
    """Return the numbers of the stories, best first: with a text, articles, with more to say, and else in the letter's order."""

    def rank(number: int) -> tuple[bool, bool, bool, int]:
        story = stories[number]
        return not told[number].sentences, story.form is not Form.ARTICLE, len(story.text) < 200, number

    return sorted((number for number, story in enumerate(stories) if told[number].sentences or story.title), key=rank)
