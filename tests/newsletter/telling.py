"""Stories told of a body of which everything is kept, for the tests of splitting."""

from __future__ import annotations

from service.newsletter.blocks import Judged, from_html, from_text
from service.newsletter.stories import split
from service.records import Story

PROSE = "The ferry has crossed the sound every hour since the spring, and nobody on the island would do without it any more. "
LONG = f"<p>{PROSE * 4}</p>"


def told(html: str, subject: str = "") -> tuple[Story, ...]:
    """Return the stories of an HTML body of which everything is kept."""
    return split([Judged(piece) for piece in from_html(f"<body>{html}</body>")], subject)[1]


def told_text(text: str) -> tuple[Story, ...]:
    """Return the stories of a plain text of which everything is kept."""
    return split([Judged(piece) for piece in from_text(text)])[1]


def titles(stories: tuple[Story, ...]) -> list[str | None]:
    """Return the titles of stories."""
    return [story.title for story in stories]
