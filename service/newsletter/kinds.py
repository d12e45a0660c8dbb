"""What sort of mail a letter is."""

from __future__ import annotations

from service.newsletter.mime import Mail
from service.records import Kind


def kind_of(mail: Mail) -> Kind:
    """Return the kind of a letter."""
    return Kind.NEWSLETTER
