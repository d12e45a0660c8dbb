"""The tables of docs/reliability.md name tests; each of them is there."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parent
TEXT = (TESTS.parent / "docs" / "reliability.md").read_text("utf-8")
FILES = {path.name for path in TESTS.rglob("test_*.py")}
FUNCTIONS = {name for path in TESTS.rglob("*.py") for name in re.findall(r"def (test_\w+)\(", path.read_text("utf-8"))}


def is_there(name: str, whole: bool) -> bool:
    """Return whether there is a test of this name, or (not `whole`) one that begins so."""
    return any(each == name or (not whole and each.startswith(name)) for each in FUNCTIONS)


def test_every_file_named_is_there() -> None:
    """Files in the tables exist, whatever folder they are in."""
    assert set(re.findall(r"\b(test_\w+\.py)", TEXT)) - FILES == set()


def test_every_test_named_is_there() -> None:
    """A name with a star is the beginning of one; `…` stands for the beginning."""
    named = re.findall(r"\b(test_\w+)(\*?)(?!\w|\.py|_?\*)", re.sub(r"test_\w+\.py|test_imap_\*", "", TEXT))
    assert named
    assert [name for name, star in named if not is_there(name, whole=not star)] == []
    ends = [end.rstrip("*") for end in re.findall(r"`…(?:test_)?([a-z_0-9]+\*?)`", TEXT)]
    assert [end for end in ends if not any(end in name for name in FUNCTIONS)] == []
