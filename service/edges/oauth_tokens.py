"""Access tokens that stay fresh: the grant is kept in a safe, renewed at 80 % of its life, and once when a server refuses it.

An issuer may replace the refresh token at every use (Microsoft always does). The new one is in the safe before anything uses it;
the one before is kept until the new one has worked, so that a crash between the two loses neither.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from service.contracts import Now, Permanent, Unauthorised

DEFAULT_LIFE = timedelta(hours=1)
_RENEWING = threading.Lock()  # one renewal at a time: two with one refresh token look like a theft to the issuer


class TokenSafe(Protocol):
    """Keeps secrets encrypted; `save` returns when they are durable."""

    def load(self, name: str) -> str | None:
        """Return what was saved under the name."""

    def save(self, name: str, text: str) -> None:
        """Keep `text` under the name, in place of what was there."""

    def renewing(self, name: str) -> AbstractContextManager[None]:
        """Be the only one, in all processes that share the safe, who renews what is under the name. Waits; raises Temporary."""


class Issuer(Protocol):
    """Renews a grant; `oauth_client.IssuerClient` is one."""

    def refresh(self, refresh_token: str) -> Mapping[str, Any]:
        """Return the token response. Raises Temporary or Unauthorised."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What an issuer gave us (RFC 6749, 5.1). `previous` is the refresh token before the newest one; '' when there is none."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    obtained: datetime
    life: timedelta
    previous: str = field(default="", repr=False)

    @classmethod
    def of_response(cls, response: Mapping[str, Any], now: datetime, used: str = "") -> Grant:
        """Return the grant in a token response; `used` is the refresh token that it was asked with."""
        newest = str(response.get("refresh_token") or used)
        return cls(str(response["access_token"]), newest, now, _life(response.get("expires_in")), used if newest != used else "")

    @classmethod
    def from_text(cls, text: str | None) -> Grant | None:
        """Return the grant that `to_text` wrote, None for anything else."""
        try:
            said = json.loads(text or "")
            obtained, life = datetime.fromtimestamp(said["obtained"], UTC), timedelta(seconds=said["life"])
            return cls(str(said["access"]), str(said["refresh"]), obtained, life, str(said.get("previous", "")))
        except (ValueError, TypeError, KeyError, OverflowError, OSError):
            return None

    def to_text(self) -> str:
        """Return the grant as JSON, for the safe."""
        times = {"obtained": self.obtained.timestamp(), "life": self.life.total_seconds()}
        return json.dumps({"access": self.access, "refresh": self.refresh, "previous": self.previous, **times})

    def is_fresh(self, now: datetime) -> bool:
        """Whether less than 80 % of its life is over; a clock set back behind its beginning proves nothing."""
        return self.obtained <= now < self.obtained + self.life * 0.8


@dataclass(frozen=True, slots=True)
class OAuthTokens:
    """A `sasl.TokenSource` over the grant that `safe` holds under `key`; `account` is what `nutgraf login` calls it."""

    account: str
    key: str
    safe: TokenSafe
    issuer: Callable[[], AbstractContextManager[Issuer]]
    now: Now

    def __call__(self, refused: str = "") -> str:
        """Return a token that is fresh and not `refused`. Raises Unauthorised when a person must act, Temporary otherwise."""
        try:
            return self._fresh(refused)
        except Unauthorised:
            raise
        except Permanent as failure:  # a safe or a CA file that does not open closes the way for every posting alike
            raise Unauthorised(str(failure), failure.fix) from None

    def _fresh(self, refused: str) -> str:
        grant = self._held()
        if self._serves(grant, refused):
            return grant.access
        with _RENEWING, self.safe.renewing(self.key):
            grant = self._held()  # another thread, or another process, may have renewed it meanwhile
            return grant.access if self._serves(grant, refused) else self._renew(grant).access

    def _serves(self, grant: Grant, refused: str) -> bool:
        return grant.access != refused and grant.is_fresh(self.now())

    def _held(self) -> Grant:
        grant = Grant.from_text(self.safe.load(self.key))
        if grant is None:
            raise Unauthorised(f"{self.account} needs a login", f"run `nutgraf login {self.account}`")
        return grant

    def _renew(self, held: Grant) -> Grant:
        """Renew with the newest refresh token, else with the one before it: the newest may have been lost on its way to the issuer."""
        try:
            return self._exchange(held.refresh)
        except Unauthorised:
            current = self._held()
            if current != held:
                return current
            if not held.previous:
                raise
            return self._exchange(held.previous)

    def _exchange(self, refresh_token: str) -> Grant:
        if not refresh_token:
            raise Unauthorised(f"{self.account} needs a new login: the issuer gave no refresh token", f"run `nutgraf login {self.account}`")
        asked = self.now()
        with self.issuer() as issuer:
            grant = Grant.of_response(issuer.refresh(refresh_token), asked, refresh_token)
        self.safe.save(self.key, grant.to_text())
        return grant


def _life(expires_in: object) -> timedelta:
    """Return how long a token lives: RFC 6749, 5.1 only recommends saying so, and nonsense is taken for silence."""
    try:
        seconds = float(str(expires_in))
    except ValueError:
        return DEFAULT_LIFE
    return timedelta(seconds=seconds) if 0 < seconds < 366 * 86_400 else DEFAULT_LIFE


def keep(safe: TokenSafe, key: str, response: Mapping[str, Any], now: datetime) -> None:
    """Put the grant of a finished login into the safe; a daemon that is renewing the old one comes first."""
    with safe.renewing(key):
        safe.save(key, Grant.of_response(response, now).to_text())
