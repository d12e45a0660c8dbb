"""Who issues tokens, and as whom we ask: Gmail, Microsoft, or any OAuth 2.0 authorization server by configuration.

Nutgraf has no client registration of its own at either: each operator registers one and gives its `client_id`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from service.contracts import Permanent
from service.edges.tls import is_loopback


@dataclass(frozen=True, slots=True)
class Endpoints:
    """An authorization server's addresses (RFC 8414); empty where it has no such thing."""

    token: str = ""
    authorization: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class Registration:
    """A client at an issuer. Endpoints that are not given are looked up in the metadata of `issuer`.

    `redirect_host` is how the browser is told to come back to this machine; `extra` goes into the authorization request.
    """

    provider: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str
    endpoints: Endpoints
    issuer: str = ""
    redirect_host: str = "127.0.0.1"
    redirect_port: int = 0
    extra: tuple[tuple[str, str], ...] = ()


def registration(provider: str, table: Mapping[str, str]) -> Registration:
    """Return the registration that the settings' table [oauth.PROVIDER] describes. Raises Permanent, with the fix, when it is unfit."""
    if not table.get("client_id"):
        raise Permanent(
            f"no client is registered at {provider}",
            f"register one there (docs/oauth.md says how), and set its client_id as NUTGRAF_OAUTH_{provider.upper()}_CLIENT_ID",
        )
    found = WELL_KNOWN.get(provider, _by_configuration)(provider, table)
    for address in (found.issuer, found.endpoints.token, found.endpoints.authorization, found.endpoints.device):
        refuse_clear_text(address)
    if not found.issuer and not found.endpoints.token:
        raise Permanent(f"{provider} is unknown", f"set issuer, or token_endpoint, in [oauth.{provider}] of service.toml")
    return found


def refuse_clear_text(address: str) -> None:
    """Raise Permanent when tokens would cross a network in clear."""
    parts = urlsplit(address)
    if address and not address.isprintable():  # it is shown to a person, on a terminal
        raise Permanent("an address of the issuer's holds a control character", "ask those who run it")
    if address and parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        raise Permanent(f"{address} is not https", "give an https address")


def _gmail(provider: str, table: Mapping[str, str]) -> Registration:
    """Google's device flow does not give out mail scopes, so its browser flow is the only one; `offline` asks for a refresh token."""
    return Registration(
        provider,
        table["client_id"],
        table.get("client_secret", ""),
        table.get("scope", "https://mail.google.com/"),
        Endpoints("https://oauth2.googleapis.com/token", "https://accounts.google.com/o/oauth2/v2/auth"),
        redirect_port=_port(table),
        extra=(("access_type", "offline"), ("prompt", "consent")),
    )


def _microsoft(provider: str, table: Mapping[str, str]) -> Registration:
    """A public client: no secret; `tenant` is common, organizations, consumers or a directory's own id."""
    base = f"https://login.microsoftonline.com/{table.get('tenant', 'common')}/oauth2/v2.0"
    resource = "https://outlook.office.com"
    return Registration(
        provider,
        table["client_id"],
        table.get("client_secret", ""),
        table.get("scope", f"{resource}/IMAP.AccessAsUser.All {resource}/SMTP.Send offline_access"),
        Endpoints(f"{base}/token", f"{base}/authorize", f"{base}/devicecode"),
        redirect_host="localhost",
        redirect_port=_port(table),
    )


WELL_KNOWN = {"gmail": _gmail, "microsoft": _microsoft}


def _by_configuration(provider: str, table: Mapping[str, str]) -> Registration:
    return Registration(
        provider,
        table["client_id"],
        table.get("client_secret", ""),
        table.get("scope", ""),
        Endpoints(table.get("token_endpoint", ""), table.get("authorization_endpoint", ""), table.get("device_authorization_endpoint", "")),
        table.get("issuer", ""),
        redirect_port=_port(table),
    )


def _port(table: Mapping[str, str]) -> int:
    """Return the port that the browser comes back to; 0 is any free one (RFC 8252, 7.3)."""
    given = str(table.get("redirect_port", "0"))
    if not given.isdigit() or int(given) > 65535:
        raise Permanent(f"redirect_port {given!r} is no port", "give a number up to 65535, or leave it out")
    return int(given)
