"""How long something that failed rests before it is tried again."""

from __future__ import annotations

from datetime import timedelta


def backoff(attempt: int) -> timedelta:
    """Return how long to wait after the `attempt`-th failure: 30 s, then twice as long each time, 4 hours at most."""
    return min(timedelta(seconds=30 << min(attempt - 1, 12)), timedelta(hours=4))
