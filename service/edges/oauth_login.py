"""`nutgraf login`: a person lets us into a mailbox, by a code typed on any device (RFC 8628) or in this machine's browser (RFC 8252)."""

from __future__ import annotations

import http.server
import os
import secrets
import select
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from service.contracts import Permanent, Temporary, Unauthorised
from service.edges.oauth_accounts import PassingSafe, grant_name, registered
from service.edges.oauth_issuers import Registration
from service.edges.oauth_tokens import keep

if TYPE_CHECKING:
    from service.edges.oauth_client import IssuerClient
    from service.settings import Account, Settings

Say = Callable[[str], None]
Pause = Callable[[float], None]
PATIENCE = timedelta(minutes=10)
_PAGE = b"<!doctype html><meta charset=utf-8><title>Nutgraf</title><p>Thank you. Nutgraf goes on in the terminal; this page can be closed."


def log_in(settings: Settings, account: Account, say: Say) -> None:
    """Let a person log an account in and keep the grant. Raises Permanent (nothing is registered), Temporary or Unauthorised."""
    if not account.oauth:
        raise Permanent(
            f"{account.name} logs in with a password", f"set the oauth of {account.name} to gmail, microsoft or an issuer of your own"
        )
    name, client = grant_name(settings, account), registered(settings, account)
    from service.edges.oauth_client import IssuerClient

    safe = PassingSafe(settings)
    safe.load(name)  # before the person goes to the browser: it may not open
    with IssuerClient(client, f"nutgraf login {name}", settings.ca_file) as issuer:
        response = obtain(issuer, client, say, sys.stdin if sys.stdin.isatty() else None)
        keep(safe, name, response, datetime.now(UTC))


def obtain(client: IssuerClient, registered: Registration, say: Say, typed: IO[str] | None = None) -> Mapping[str, Any]:
    """Return the token response of a login that a person has finished; by device code where the issuer knows it.

    `typed` is where the person may paste the address that the browser ended at. Raises Temporary or Unauthorised.
    """
    if client.endpoints().device:
        return by_device_code(client, say)
    return by_browser(client, registered, say, typed)


def by_device_code(client: IssuerClient, say: Say, pause: Pause = time.sleep) -> Mapping[str, Any]:
    """Show a code, and ask the issuer every few seconds, as often as it allows, whether it has been typed in."""
    started = client.start_device()
    lifetime, interval = _seconds(started.get("expires_in"), 900), _seconds(started.get("interval"), 5)
    say(f"Open {_shown(started.get('verification_uri'))} on any device and type the code {_shown(started.get('user_code'))}")
    waited = 0.0
    while waited <= lifetime:
        pause(interval)
        waited += max(interval, 1)
        answer = client.poll_device(str(started.get("device_code")))
        if not isinstance(answer, str):
            return answer
        if answer == "slow_down":
            interval += 5
    raise Temporary("nobody typed the code in time; run the command again")


def by_browser(
    client: IssuerClient, registered: Registration, say: Say, typed: IO[str] | None, patience: timedelta = PATIENCE
) -> Mapping[str, Any]:
    """Send the browser to the issuer, and wait on loopback until it comes back with a code; PKCE makes a stolen code worthless."""
    verifier = secrets.token_urlsafe(48)
    with _Return(registered.redirect_port) as desk:
        redirect_uri = f"http://{registered.redirect_host}:{desk.server_port}/"
        address, state = client.authorization_url(redirect_uri, verifier)
        say(f"Open this in a browser and let Nutgraf in:\n\n{address}\n")
        if typed is not None:
            say("If the browser then shows an error because it runs on another machine, paste the address it ended at here:")
        query = desk.wait(state, typed, patience)
    if "code" not in query:
        raise Unauthorised(f"{registered.provider} did not let us in", "run the command again, and allow what it asks for")
    return client.redeem(query["code"], redirect_uri, verifier)


class _Return(http.server.HTTPServer):
    """Where the browser comes back to: loopback only, for as long as one login takes. Nothing is logged, for a code is a secret."""

    timeout = 0

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Visitor)
        self.seen: list[str] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """Pass by a visitor that broke off; the base class would print a traceback amid what the person reads."""

    def wait(self, state: str, typed: IO[str] | None, patience: timedelta) -> Mapping[str, str]:
        """Return the parameters of the first address that carries our state; others are strangers and change nothing."""
        end = time.monotonic() + patience.total_seconds()
        sources: list[_Return | IO[str]] = [self, *([typed] if typed else [])]
        while (left := end - time.monotonic()) > 0:
            for ready in select.select(sources, [], [], left)[0]:
                if ready is self:
                    self.handle_request()
                elif typed is not None and not self._take(typed):
                    sources.remove(typed)
            for query in map(_query, self.seen):
                if secrets.compare_digest(query.get("state", "").encode(), state.encode()):
                    return query
            self.seen.clear()
        raise Temporary("nobody came back from the browser in time; run the command again")

    def _take(self, typed: IO[str]) -> bool:
        """Note what was pasted; False at the end of input. Read past the stream's own buffer, which `select` knows nothing of."""
        pasted = os.read(typed.fileno(), 65_536)
        self.seen.extend(pasted.decode("utf-8", "replace").split())
        return bool(pasted)


class _Visitor(http.server.BaseHTTPRequestHandler):
    """One request to the desk; whatever it says, the answer is the same page."""

    server: _Return
    timeout = 5

    def do_GET(self) -> None:
        """Take the address and say thank you."""
        self.server.seen.append(self.path)
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(_PAGE)

    def log_message(self, *_: object) -> None:
        """Say nothing: the path holds the code."""


def _shown(value: object) -> str:
    """Return the value fit for a terminal."""
    return "".join(letter for letter in str(value)[:500] if letter.isprintable())


def _query(address: str) -> Mapping[str, str]:
    try:
        return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    except ValueError:
        return {}


def _seconds(value: object, default: float) -> float:
    try:
        return min(max(float(str(value)), 0), 3600)
    except ValueError:
        return default
