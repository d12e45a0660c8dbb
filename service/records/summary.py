"""A story in a few of its own sentences."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and its place: `text == story.text[start:start + len(text)]` up to white space."""

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Sentences of a story in reading order. `title` is a phrase of the story where it has no title of its own.

    `written_by` is the method's or the model's name; `note` says so when another stood in for it. `tokens` is what a
    model charged.
    """

    sentences: tuple[Sentence, ...]
    title: str | None = None
    written_by: str = "extractive"
    note: str = ""
    tokens: int = 0
