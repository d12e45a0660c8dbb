"""Registrations at issuers: the well-known ones, any other, and what can't work."""

from __future__ import annotations

import pytest

from service.contracts import Permanent
from service.edges.oauth_issuers import Endpoints, registration


def test_gmail_and_microsoft_are_known() -> None:
    """Their addresses and scopes need no configuration, only a client."""
    gmail, microsoft = registration("gmail", {"client_id": "x"}), registration("microsoft", {"client_id": "x", "tenant": "contoso"})
    assert (gmail.scope, gmail.endpoints.device) == ("https://mail.google.com/", "")
    assert "offline_access" in microsoft.scope
    assert microsoft.endpoints.device == "https://login.microsoftonline.com/contoso/oauth2/v2.0/devicecode"


def test_any_issuer_is_described_by_its_endpoints() -> None:
    """Without metadata."""
    table = {"client_id": "x", "token_endpoint": "https://id.example.org/t", "scope": "mail"}
    assert registration("example", table).endpoints == Endpoints("https://id.example.org/t")


@pytest.mark.parametrize(
    ("provider", "table", "reason"),
    [
        ("gmail", {}, "no client is registered"),
        ("example", {"client_id": "x"}, "unknown"),
        ("example", {"client_id": "x", "issuer": "http://id.example.org"}, "not https"),
        ("example", {"client_id": "x", "token_endpoint": "ftp://127.0.0.1/t"}, "not https"),
        ("gmail", {"client_id": "x", "redirect_port": "many"}, "no port"),
    ],
)
def test_a_registration_that_can_not_work_is_refused_with_the_fix(provider: str, table: dict[str, str], reason: str) -> None:
    """Before anything is asked for."""
    with pytest.raises(Permanent, match=reason) as refused:
        registration(provider, table)
    assert refused.value.fix
