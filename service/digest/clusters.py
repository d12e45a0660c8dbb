"""Which stories tell the same thing. (First form: the same words or the same link.)"""

from __future__ import annotations

from collections.abc import Sequence

from service.records import Story


def group(stories: Sequence[Story]) -> tuple[tuple[int, ...], ...]:
    """Return the indexes of `stories` in groups that tell the same thing, in the order of each group's first."""
    groups: dict[str, list[int]] = {}
    for index, story in enumerate(stories):
        groups.setdefault(" ".join((story.title or story.text).casefold().split()), []).append(index)
    return tuple(tuple(group) for group in groups.values())
