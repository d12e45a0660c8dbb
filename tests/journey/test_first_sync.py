"""A large mailbox, looked at for the first time; benchmarks/first_sync.py does it with 100,000 letters."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journey.first_sync import sync
from tests.servers import dovecot


@pytest.mark.slow
@pytest.mark.dovecot
def test_a_first_sync_killed_half_way_goes_on_where_it_was(tmp_path: Path) -> None:
    """Every letter is known in the end, old ones by a line each, and none was looked at from the start again."""
    if reason := dovecot.missing():
        pytest.skip(reason)
    found = sync(4000, 50, tmp_path)
    assert (found.letters, found.skipped) == (4000, 3950)
    assert found.killed >= 2000
    assert not found.restarted
    assert found.peak < found.early + 60
