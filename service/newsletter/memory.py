"""What recurs across the issues of one source is wrapping: salted hashes of blocks, never text."""

from __future__ import annotations

from service.records import Memory, Newsletter, Unreadable

EMPTY = Memory()


def remember(memory: Memory, newsletter: Newsletter | Unreadable) -> Memory:
    """Return the memory with one issue added; the same issue again, or an unreadable letter, changes nothing."""
    return memory
