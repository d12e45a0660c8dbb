"""Letters that broke a library or an earlier version, kept as files: none breaks reading any more. Add one for each that is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.newsletter import read
from service.records import Newsletter

FOLDER = Path(__file__).parent.parent / "crashers"


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.stem)
def test_a_crasher_is_read(path: Path) -> None:
    """Its text too, where it has one."""
    found = read(path.read_bytes())
    assert isinstance(found, Newsletter)
    assert any("bridge opened" in block.text for block in found.blocks) or path.stem == "uuencoded-without-end"
