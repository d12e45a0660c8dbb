"""From the settings to logins by token: which registration an account uses, and under which name its grant is kept.

A mailbox and the SMTP server of one user at one provider share a grant: one `nutgraf login` opens both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING

from service.contracts import Permanent
from service.edges.oauth_issuers import Registration, registration
from service.edges.oauth_tokens import Issuer, OAuthTokens, TokenSafe

if TYPE_CHECKING:
    from service.edges.sql_store import SqlStore
    from service.settings import Account, Settings


class LazySafe:
    """A safe that is opened when it is first needed. Every method raises Permanent when it can't be opened."""

    def __init__(self, opening: Callable[[], TokenSafe]) -> None:
        self._opening = opening
        self._safe: TokenSafe | None = None

    def load(self, name: str) -> str | None:
        """Return what was saved under the name."""
        return self.opened().load(name)

    def save(self, name: str, text: str) -> None:
        """Keep the text under the name."""
        self.opened().save(name, text)

    def renewing(self, name: str) -> AbstractContextManager[None]:
        """Be the only one who renews what is under the name."""
        return self.opened().renewing(name)

    def opened(self) -> TokenSafe:
        """Return the safe itself."""
        if self._safe is None:
            self._safe = self._opening()
        return self._safe


def grant_name(settings: Settings, account: Account) -> str:
    """Return the name of the first account with this account's user and provider: what `nutgraf login` is told."""
    accounts = (*settings.accounts, *((settings.smtp,) if settings.smtp else ()))
    return next((each.name for each in accounts if (each.user, each.oauth) == (account.user, account.oauth)), account.name)


def registered(settings: Settings, account: Account) -> Registration:
    """Return the client registration of the account's provider. Raises Permanent, with the fix."""
    if find_spec("authlib") is None:
        raise Permanent(f"the login of {account.name} by {account.oauth} needs the library Authlib", "pip install 'nutgraf[oauth]'")
    return registration(account.oauth, settings.oauth.get(account.oauth, {}))


def token_source(settings: Settings, account: Account, safe: TokenSafe) -> OAuthTokens:
    """Return where the account's access tokens come from. Raises Permanent when the registration can't work."""
    name, client = grant_name(settings, account), registered(settings, account)

    def issuer() -> AbstractContextManager[Issuer]:
        from service.edges.oauth_client import IssuerClient  # 30 MB that only a renewal needs

        return IssuerClient(client, f"nutgraf login {name}", settings.ca_file)

    return OAuthTokens(name, name, safe, issuer, lambda: datetime.now(UTC))


def safe_in(store: Callable[[], SqlStore], key: str) -> LazySafe:
    """Return the safe in a store, under the operator's `key`."""

    def opening() -> TokenSafe:
        from service.edges.token_safe import TokenSafe as StoredSafe

        return StoredSafe(store(), key)

    return LazySafe(opening)


@dataclass(frozen=True, slots=True)
class PassingSafe:
    """The safe in the settings' own store, opened for each question and closed again: for a process without an open store."""

    settings: Settings

    def load(self, name: str) -> str | None:
        """Return what was saved under the name. Raises Permanent when the safe can't be opened."""
        with self._opened() as safe:
            return safe.load(name)

    def save(self, name: str, text: str) -> None:
        """Keep the text under the name. Raises Permanent when the safe can't be opened."""
        with self._opened() as safe:
            safe.save(name, text)

    @contextmanager
    def renewing(self, name: str) -> Iterator[None]:
        """Be the only one who renews what is under the name. Raises Permanent when the safe can't be opened."""
        with self._opened() as safe, safe.renewing(name):
            yield

    @contextmanager
    def _opened(self) -> Iterator[TokenSafe]:
        from service.edges.sql_store import open_store
        from service.edges.token_safe import TokenSafe as StoredSafe

        self.settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        store = open_store(self.settings.database_url)
        try:
            yield StoredSafe(store, self.settings.secret_key)
        finally:
            store.close()
