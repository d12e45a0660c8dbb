"""Story -> Summary. Pure, and light to import: sumy, NLTK and numpy are loaded by the first summary.

sentences > fitness > importance > extractive      where sentences end, which can stand alone, which words matter, which to take
methods                                            sumy's own summarisers by name
titles                                             a phrase of the story where it has no title
prompt, evidence                                   what a language model is asked, and what of its answer is believed
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from service.records import Story, Summary


class LetterSummary(NamedTuple):
    """What a digest would show of one letter: each story's sentences and title, and the sentences of the letter as a whole."""

    stories: tuple[tuple[str, ...], ...]
    titles: tuple[str | None, ...]
    letter: tuple[str, ...]


def summarise(text: str, *, title: str = "", language: str = "en", sentences: int = 3) -> tuple[str, ...]:
    """Return at most `sentences` sentences of a text, in reading order; none for an empty text alone.

    `language` is an ISO 639-1 code; one that we know nothing of is counted without stems and stop words.
    """
    from service.summary.condensing import condense as place

    chosen, _ = place(text, title, language, sentences, "nutgraf")
    return tuple(sentence.text for sentence in chosen)


def condense(story: Story, sentences: int, method: str = "nutgraf", *, beside_title: bool = True) -> Summary:
    """Return a story's summary by one of `methods.NAMES`, with a title where the story has none. Raises ValueError for another method.

    `beside_title` says that such a title is shown too: where there is room for few sentences, the one it was made of is not said again.
    A title with but a name or a number under it needs no sentence.
    """
    from service.summary import titles
    from service.summary.condensing import condense as place
    from service.summary.fitness import is_scrap
    from service.summary.languages import words

    language = story.language or ""
    if story.title and is_scrap(story.text, words(story.text[:200])):
        return Summary((), written_by=method)
    title = None if story.title else titles.title(story.text, language)
    said = story.title or (title if beside_title and sentences < 3 else None) or ""
    chosen, note = place(story.text, said, language, sentences, method)
    return Summary(chosen, title=title, written_by="nutgraf" if "stood in" in note else method, note=note)


def share(count_of_stories: int, sentences: int) -> int:
    """Return how many sentences each story of a letter gets: all for the only one, two for a few, one for many."""
    if count_of_stories <= 1:
        return sentences
    return min(sentences, 2 if count_of_stories <= 6 else 1)


def letter_summary(stories: Sequence[Story], sentences: int) -> LetterSummary:
    """Return what a digest would show of a letter, at most `sentences` for the letter as a whole; never none where there is a story."""
    from service.summary.letters import letter_summary as summary_of

    return summary_of(stories, sentences)
