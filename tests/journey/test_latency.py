"""IDLE brings letters in at once: bounds that a busy machine keeps too; benchmarks/latency.py has the figures."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest

from tests.journey.latency import measure
from tests.servers import dovecot


@pytest.mark.slow
@pytest.mark.dovecot
def test_a_letter_is_stored_and_digested_at_once(tmp_path: Path) -> None:
    """Polling would take an hour; the server's word takes about a second."""
    if reason := dovecot.missing():
        pytest.skip(reason)
    latency = measure(5, tmp_path)
    assert statistics.median(latency.stored) < 3
    assert statistics.median(latency.sent) < 6
