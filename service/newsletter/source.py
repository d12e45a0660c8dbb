"""Who publishes a letter: an identity that stays the same through aliases and relays, and a name for people."""

from __future__ import annotations

from service.newsletter.headers import Headers, addresses


def identity(headers: Headers) -> str:
    """Return the source's identity."""
    return next((address.lower() for _, address in addresses(headers.get("from"))), "")


def publisher(headers: Headers) -> str | None:
    """Return the name under which the source publishes."""
    return next((name or address for name, address in addresses(headers.get("from"))), None)
