"""Golden letters: `tests/letters/NAME.eml` and what reading it must give, `NAME.toml`.

kind, source, publisher, subject, language, url, reason   equal to the newsletter's (reason: of an unreadable letter, a part of it)
date = 2024-05-06T08:00:00+02:00                          the same instant
kept = ["..."]         phrases that stand in a story      dropped = ["..."]   phrases that stand in none
titles = ["..."]       titles of stories, in order        stories = 2         how many there are
links = ["..."]        addresses that stories link to
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.newsletter import identify, read
from service.records import Newsletter, Unreadable

FOLDER = Path(__file__).parent.parent / "letters"
LETTERS = sorted(path for path in FOLDER.glob("*.eml") if path.with_suffix(".toml").exists())
PLAIN = ("kind", "source", "publisher", "subject", "language", "url", "date")


def folded(text: str) -> str:
    """Return the text with its white space folded, so that wrapping does not matter."""
    return " ".join(text.split())


def told(newsletter: Newsletter) -> str:
    """Return all that a digest could show of a letter."""
    return folded("\n".join(f"{story.title or ''}\n{story.text}" for story in newsletter.stories))


def wanted(path: Path) -> dict[str, Any]:
    """Return what the letter's TOML file asks for."""
    return tomllib.loads(path.with_suffix(".toml").read_text(encoding="utf-8"))


def test_there_are_letters() -> None:
    """An empty folder would prove nothing."""
    assert LETTERS


@pytest.mark.parametrize("path", LETTERS, ids=lambda path: path.stem)
def test_golden_letter(path: Path) -> None:
    """The letter is read as its TOML file says."""
    asked, found = wanted(path), read(path.read_bytes())
    if "reason" in asked:
        assert isinstance(found, Unreadable)
        assert asked["reason"] in found.reason
        return
    assert isinstance(found, Newsletter), found
    assert {key: getattr(found, key) for key in PLAIN if key in asked} == {key: asked[key] for key in PLAIN if key in asked}
    text = told(found)
    assert [phrase for phrase in asked.get("kept", []) if folded(phrase) not in text] == []
    assert [phrase for phrase in asked.get("dropped", []) if folded(phrase) in text] == []
    assert len(found.stories) == asked.get("stories", len(found.stories))
    assert asked.get("titles", []) == ([story.title for story in found.stories] if "titles" in asked else [])
    assert set(asked.get("links", [])) <= {story.url for story in found.stories}


@pytest.mark.parametrize("path", LETTERS, ids=lambda path: path.stem)
def test_the_source_is_known_before_reading(path: Path) -> None:
    """`identify` and `read` agree."""
    raw = path.read_bytes()
    assert identify(raw) == read(raw).source


@given(st.sampled_from(LETTERS or [FOLDER]), st.floats(0, 1))
def test_a_letter_cut_off_anywhere_is_read(path: Path, share: float) -> None:
    """A partial letter is read as far as it goes, or is unreadable; nothing is raised."""
    raw = path.read_bytes()
    assert isinstance(read(raw[: int(share * len(raw))]), Newsletter | Unreadable)
