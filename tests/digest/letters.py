"""Letters and editions to plan digests from, invented for the tests."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from email.message import Message
from typing import Any

from service.records import Edition, Kind, Material, Rhythm, Sentence, Story, Summary, Timetable, Told

NOW = datetime(2026, 11, 22, 6, 0, 5, tzinfo=UTC)
YESTERDAY = datetime(2026, 11, 21, 6, tzinfo=UTC)
BEGAN = datetime(2026, 11, 1, tzinfo=UTC)
SENDER = "Nutgraf <nutgraf@example.org>"
DAILY = Timetable(Rhythm.DAILY, "Europe/Amsterdam", time(7))
EACH = Timetable(Rhythm.EACH_LETTER)
TOPICS = (
    "Hedges hold twice as many bees as fences in {place}",
    "Rain for nine days fills the wells around {place}",
    "A bridge near {place} folds itself within ninety seconds",
    "Bakers from {place} revive a rye loaf of 1890",
    "Choir of {place} sings every evening until spring",
    "Tram drivers in {place} vote on a shorter week",
)
PLACES = ("Karsund", "Tromsdal", "Velmer", "Aldervik", "Sandholm", "Quillby", "Norvane", "Ystermo", "Dunlea", "Breckfell")


def edition(**changes: Any) -> Edition:
    """Return a daily edition for one reader."""
    return Edition(**{"name": "daily", "recipients": ("anna@example.org",), "timetable": DAILY, **changes})


def story(text: str, title: str | None = None, **changes: Any) -> tuple[Story, Summary]:
    """Return a story whose summary is its whole text, a sentence a full stop."""
    sentences = [part.strip() + "." for part in text.split(".") if part.strip()]
    return Story(title, text, **changes), Summary(tuple(Sentence(sentence, max(0, text.find(sentence))) for sentence in sentences))


def headline(number: int) -> tuple[Story, Summary]:
    """Return a story that is like no other one of another number."""
    place = PLACES[number % len(PLACES)]
    title = TOPICS[number // len(PLACES) % len(TOPICS)].format(place=place)
    return story(f"{title}, said person{number} of street{number}.", title, url=f"https://news.example/{number}")


def letter(number: int, *stories: tuple[Story, Summary], hours: float = 3, **changes: Any) -> Material:
    """Return a newsletter that came some hours ago."""
    fingerprint = f"{number:064x}"
    told = tuple(Told(f"{fingerprint}/{place}", *one) for place, one in enumerate(stories or [headline(number)]))
    facts = {
        "received": NOW - timedelta(hours=hours),
        "source": f"list{number}.example",
        "publisher": f"Paper {number}",
        "sender": f"news@list{number}.example",
        "kind": Kind.NEWSLETTER,
        "subject": f"Issue {number}",
        "language": "en",
        "message_id": f"<issue.{number}@list.example>",
        "stories": told,
        **changes,
    }
    return Material(fingerprint, **facts)


def decoded(part: Message) -> bytes:
    """Return what a part of a mail holds."""
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


REPLY = edition(name="reply", recipients=("anna@example.org",), timetable=EACH, answers=True)
WHOLE = edition(name="codes", timetable=EACH, whole=True, kinds=frozenset({Kind.CONFIRMATION}))
