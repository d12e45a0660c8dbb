"""The registrations of OAuth clients: from `[oauth.NAME]` in service.toml, or `NUTGRAF_OAUTH_<NAME>_CLIENT_ID` and the like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from service.contracts import Permanent
from service.edges.oauth_issuers import WELL_KNOWN, registration
from service.settings import values
from service.settings.records import Account
from service.settings.sources import PREFIX, Sources, as_name, did_you_mean

KEYS = (
    "client_id",
    "client_secret",
    "scope",
    "tenant",
    "issuer",
    "token_endpoint",
    "authorization_endpoint",
    "device_authorization_endpoint",
    "redirect_port",
)


def registrations(sources: Sources, accounts: Iterable[Account | None], secret_key: str) -> Mapping[str, Mapping[str, str]]:
    """Return the table of every provider that is described or used; one that is used and can't work is a fault."""
    tables: Mapping[str, Any] = sources.toml.get("oauth", {})
    used = sorted({account.oauth for account in accounts if account and account.oauth})
    found = {name: _registration(sources, name, tables.get(name, {})) for name in sorted({*tables, *used})}
    for name in used:
        if not found[name] and name not in WELL_KNOWN:
            sources.faults.append(f"oauth: {name!r}: no such provider; known are {', '.join(WELL_KNOWN)}; describe it as [oauth.{name}]")
            continue
        try:
            registration(name, found[name])
        except Permanent as failure:
            sources.faults.append(f"oauth.{name}: {failure}; {failure.fix}")
    if used and not secret_key:
        sources.faults.append(
            f"{PREFIX}SECRET_KEY: not set: a long random text (`openssl rand -base64 32`) to encrypt the tokens of {used[0]}"
        )
    return found


def _registration(sources: Sources, name: str, table: object) -> Mapping[str, str]:
    if not isinstance(table, Mapping):
        sources.faults.append(f"service.toml: oauth.{name}: not a table; write [oauth.{name}]")
        table = {}
    place, prefix = f"service.toml: oauth.{name}", "OAUTH_" + as_name(name)
    for key in sorted(set(table) - set(KEYS)):
        sources.faults.append(f"{place}.{key}: no such setting{did_you_mean(key, KEYS)}")
    found = {key: sources.row(prefix, table, place, key, values.text, "") for key in KEYS}
    return {key: value for key, value in found.items() if value}
