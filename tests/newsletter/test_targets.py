"""What a link's address gives away."""

from __future__ import annotations

import pytest

from service.newsletter.targets import kinds


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://paper.example/unsubscribe?u=1", "leave"),
        ("https://brief.example/abmelden/77", "leave"),
        ("https://www.facebook.com/sharer/sharer.php?u=x", "share"),
        ("https://www.instagram.com/paper", "social"),
        ("https://paper.example/privacy", "legal"),
        ("https://apps.apple.com/app/id1", "app"),
        ("https://paper.example/donate", "money"),
        ("https://paper.example/x?utm_medium=paid", "sale"),
        ("mailto:news@paper.example", "mail"),
    ],
)
def test_telling_addresses(url: str, kind: str) -> None:
    """Each kind has its signs."""
    assert kind in kinds(url)


def test_an_article_gives_nothing_away() -> None:
    """Most addresses say nothing."""
    assert kinds("https://paper.example/2024/05/the-bridge-is-open") == frozenset()
