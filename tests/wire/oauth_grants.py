"""A grant at an issuer of our own, a safe that holds it, and a clock that a test sets."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import cast

from service.contracts import Temporary
from service.edges.oauth_client import IssuerClient
from service.edges.oauth_issuers import Endpoints, Registration
from service.edges.oauth_tokens import OAuthTokens
from tests.servers.token_issuer import TokenIssuer

START = datetime(2026, 5, 1, 7, 0, tzinfo=UTC)


class Safe:
    """A token safe in memory that remembers every text it was given; `broken` makes saving fail."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.saved: list[str] = []
        self.broken = False
        self.claimed = threading.Lock()

    def renewing(self, name: str) -> AbstractContextManager[None]:  # noqa: ARG002
        """Let one at a time renew."""
        return cast("AbstractContextManager[None]", self.claimed)

    def load(self, name: str) -> str | None:
        """Return the text."""
        return self.texts.get(name)

    def save(self, name: str, text: str) -> None:
        """Keep the text."""
        if self.broken:
            raise Temporary("disk full")
        self.texts[name] = text
        self.saved.append(text)


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        """Return the time set."""
        return self.time


def registered(issuer: TokenIssuer, secret: str = "") -> Registration:
    """Return a registration at the issuer, its token endpoint given."""
    return Registration("example", "nutgraf", secret, "mail", Endpoints(issuer.url + "/token"))


def tokens(issuer: TokenIssuer, safe: Safe, clock: Clock, secret: str = "") -> OAuthTokens:
    """Return the token source of the account `main`."""
    return OAuthTokens("main", "main", safe, lambda: IssuerClient(registered(issuer, secret), "nutgraf login main"), clock)
