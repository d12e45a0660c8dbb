"""OAuth against a real mail server: Dovecot checks the tokens, our issuer makes them, the product carries them across."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from service.contracts import Unauthorised
from service.edges.imap_session import ImapSession
from service.edges.oauth_client import IssuerClient
from service.edges.oauth_issuers import Endpoints, Registration
from service.edges.oauth_tokens import Grant, OAuthTokens
from service.edges.sasl import Mechanism, TokenSource
from service.edges.tls import Security
from tests.servers import dovecot
from tests.servers.dovecot import Dovecot
from tests.servers.token_issuer import TokenIssuer
from tests.servers.web_tokens import WebTokens
from tests.wire.oauth_grants import Safe

pytestmark = pytest.mark.dovecot
BOTH = pytest.mark.parametrize("mechanism", [Mechanism.XOAUTH2, Mechanism.OAUTHBEARER])


@pytest.fixture(scope="module")
def web_tokens() -> Iterator[WebTokens]:
    """Give a signing key."""
    keys = WebTokens()
    yield keys
    shutil.rmtree(keys.directory)


@pytest.fixture(scope="module")
def server(web_tokens: WebTokens) -> Iterator[Dovecot]:
    """Give a Dovecot that trusts the key."""
    if reason := dovecot.missing():
        pytest.skip(reason)
    with Dovecot(extra=web_tokens.configuration()) as running:
        yield running


def source(issuer: TokenIssuer, access: str, refresh: str = "refresh-0") -> OAuthTokens:
    """Return a token source whose grant holds the given tokens and looks fresh."""
    safe = Safe()
    safe.save("main", Grant(access, refresh, datetime.now(UTC), timedelta(hours=1)).to_text())
    client = Registration("example", "nutgraf", "", "mail", Endpoints(issuer.url + "/token"))
    return OAuthTokens("main", "main", safe, lambda: IssuerClient(client, "nutgraf login main"), lambda: datetime.now(UTC))


def examine(server: Dovecot, tokens: TokenSource, mechanism: Mechanism) -> int:
    """Log in as `ann` by token, over TLS, and return how many letters the INBOX holds."""
    account = replace(server.account("ann", Security.TLS), password="", tokens=tokens, mechanism=mechanism)
    session = ImapSession(account)
    try:
        return session.examine("INBOX").exists
    finally:
        session.close()


@BOTH
def test_a_token_opens_the_mailbox(server: Dovecot, web_tokens: WebTokens, mechanism: Mechanism) -> None:
    """By both mechanisms."""
    with TokenIssuer() as issuer:
        assert examine(server, source(issuer, web_tokens.mint("ann")), mechanism) == 0
    assert issuer.asked == []


@BOTH
def test_fault_18_an_expired_token_is_renewed_and_the_login_repeated(server: Dovecot, web_tokens: WebTokens, mechanism: Mechanism) -> None:
    """The grant looked fresh; the server said otherwise; one renewal, one more login."""
    with TokenIssuer(mint=lambda _: web_tokens.mint("ann")) as issuer:
        issuer.refresh_tokens = {"refresh-0"}
        assert examine(server, source(issuer, web_tokens.mint("ann", -60)), mechanism) == 0
    assert len(issuer.asked) == 1


@BOTH
def test_a_token_of_a_stranger_is_refused_for_good(server: Dovecot, mechanism: Mechanism) -> None:
    """Signed by another key, also after the renewal."""
    stranger = WebTokens()
    with TokenIssuer(mint=lambda _: stranger.mint("ann")) as issuer:
        issuer.refresh_tokens = {"refresh-0"}
        with pytest.raises(Unauthorised):
            examine(server, source(issuer, stranger.mint("ann")), mechanism)
    shutil.rmtree(stranger.directory)
    assert len(issuer.asked) == 1


def test_fault_20_a_revoked_grant_names_the_command(server: Dovecot, web_tokens: WebTokens) -> None:
    """The server refuses the token and the issuer the renewal."""
    with TokenIssuer() as issuer, pytest.raises(Unauthorised) as refused:
        examine(server, source(issuer, web_tokens.mint("ann", -60)), Mechanism.XOAUTH2)
    assert refused.value.fix == "run `nutgraf login main`"
