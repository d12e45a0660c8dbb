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
    chosen = _best(stories, told)[: max(1, sentences)]
    room = max(1, sentences) - len(chosen)
    lines = []
    for number in sorted(chosen):
        said = [sentence.text for sentence in told[number].sentences]
        lines += said[: 1 + room]
        room -= max(0, min(room, len(said) - 1))
    return LetterSummary(
        stories=tuple(tuple(sentence.text for sentence in one.sentences) for one in told),
        titles=tuple(story.title or one.title for story, one in zip(stories, told, strict=True)),
        letter=tuple(lines) or tuple(story.title for story in stories if story.title)[:1],
    )


def _best(stories: Sequence[Story], told: Sequence[Summary]) -> list[int]:
    """Return the numbers of the stories that have a summary: articles first, then those with more to say, then in the letter's order."""
    having = [number for number, one in enumerate(told) if one.sentences]
    return sorted(having, key=lambda number: (stories[number].form is not Form.ARTICLE, len(stories[number].text) < 200, number))
