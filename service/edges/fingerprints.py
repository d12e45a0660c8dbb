"""What tells one letter from another, the same for every kind of mailbox."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime


def letter_fingerprint(raw: bytes) -> str:
    """Return the identity of a letter: the SHA-256 of its octets, in hex."""
    return hashlib.sha256(raw).hexdigest()


def place_fingerprint(mailbox: str, received: datetime | None, size: int | None) -> str:
    """Return the identity of a letter that was not fetched: where it lies, when it came and its size, so that it is met again."""
    when = received.astimezone(UTC).isoformat() if received else "unknown"
    return hashlib.sha256(f"{mailbox}\0{when}\0{size}".encode()).hexdigest()
