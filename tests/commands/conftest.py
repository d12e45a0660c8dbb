"""A letter for the commands to work on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journey.invented import newsletter


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    """Give a newsletter in a file."""
    file = tmp_path / "letter.eml"
    file.write_bytes(newsletter(7))
    return file
