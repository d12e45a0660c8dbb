"""The conversation with a token issuer, through Authlib on Requests (which sumy brings along anyway).

Authlib knows the grants, PKCE and the ways of client authentication; this module makes its connections verified and bounded, and
its errors ours. No secret stands in an address, and no text of the issuer in an error but its error codes.
"""

from __future__ import annotations

import contextlib
import re
import ssl
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc8414 import get_well_known_url
from requests.adapters import HTTPAdapter

from service.contracts import Temporary, Unauthorised
from service.edges.in_time import in_time
from service.edges.oauth_issuers import Endpoints, Registration, refuse_clear_text
from service.edges.tls import verified_context

SECONDS = 30.0  # for one conversation in all, and for each silence in it
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_A_PERSON_MUST_ACT = frozenset(
    {"invalid_grant", "interaction_required", "consent_required", "login_required", "access_denied", "expired_token"}
)
_LATER = frozenset({"temporarily_unavailable", "server_error", "slow_down", "authorization_pending"})


class IssuerClient:
    """One client at one issuer, for one `with`. `command` is what a person runs when the issuer wants to see one.

    Every method raises Temporary (not reached, or no sense in the answer) or Unauthorised (a person must act).
    """

    def __init__(self, registered: Registration, command: str, ca_file: Path | None = None, seconds: float = SECONDS) -> None:
        self._registered = registered
        self._command = command
        self._seconds = seconds
        self._session = OAuth2Session(
            registered.client_id,
            registered.client_secret or None,
            token_endpoint_auth_method="client_secret_post" if registered.client_secret else "none",
            scope=registered.scope or None,
            code_challenge_method="S256",
        )
        self._session.mount("https://", _VerifiedAdapter(verified_context(ca_file)))
        self._endpoints: Endpoints | None = registered.endpoints if registered.endpoints.token else None

    def __enter__(self) -> IssuerClient:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def endpoints(self) -> Endpoints:
        """Return the issuer's endpoints, looked up where they are not configured."""
        if self._endpoints is None:
            with self._translated():
                self._endpoints = in_time(self._seconds, self._discover)
        return self._endpoints

    def authorization_url(self, redirect_uri: str, verifier: str) -> tuple[str, str]:
        """Return where the browser is sent, with a PKCE challenge (RFC 7636), and the state that must come back."""
        address, state = self._session.create_authorization_url(
            self.endpoints().authorization, redirect_uri=redirect_uri, code_verifier=verifier, **dict(self._registered.extra)
        )
        return str(address), str(state)

    def redeem(self, code: str, redirect_uri: str, verifier: str) -> Mapping[str, Any]:
        """Return the token response for an authorization code."""
        return self._fetch(grant_type="authorization_code", code=code, redirect_uri=redirect_uri, code_verifier=verifier)

    def refresh(self, refresh_token: str) -> Mapping[str, Any]:
        """Return the token response for a refresh token."""
        return self._fetch(grant_type="refresh_token", refresh_token=refresh_token)

    def start_device(self) -> Mapping[str, Any]:
        """Return the device authorization response (RFC 8628, 3.2)."""
        address = self.endpoints().device
        scope = {"scope": self._registered.scope} if self._registered.scope else {}
        client = self._session.client_auth(self._session.token_endpoint_auth_method)
        with self._translated():
            said = _object(in_time(self._seconds, lambda: self._session.post(address, scope, auth=client, **self._manner())))
            if "error" in said:
                raise OAuthError(str(said["error"]), str(said.get("error_description", "")))
            return {"verification_uri": said.get("verification_url"), **said}  # Google's older spelling

    def poll_device(self, device_code: str) -> Mapping[str, Any] | str:
        """Return the token response, or `authorization_pending` or `slow_down` (RFC 8628, 3.5)."""
        try:
            return self._fetch(grant_type=_DEVICE_GRANT, device_code=device_code)
        except Temporary as failure:
            cause = failure.__cause__
            if isinstance(cause, OAuthError) and cause.error in {"authorization_pending", "slow_down"}:
                return str(cause.error)
            raise

    def _fetch(self, **grant: str) -> Mapping[str, Any]:
        address = self.endpoints().token
        with self._translated():
            response = dict(in_time(self._seconds, lambda: self._session.fetch_token(address, **self._manner(), **grant)))
            if not isinstance(response.get("access_token"), str):
                raise TypeError("no access token")
            return response

    def _discover(self) -> Endpoints:
        """Read the issuer's metadata (RFC 8414, else OpenID Connect's), which must name that very issuer (3.3: mix-up)."""
        issuer = self._registered.issuer
        said: Mapping[str, Any] = {}
        for address in (get_well_known_url(issuer, external=True), issuer.rstrip("/") + "/.well-known/openid-configuration"):
            response = self._session.get(address, withhold_token=True, **self._manner())
            if response.status_code == 200:
                said = _object(response)
                break
        if said.get("issuer") != issuer:
            raise ValueError("its metadata are missing, or another issuer's")
        found = Endpoints(*(str(said.get(f"{name}_endpoint", "")) for name in ("token", "authorization", "device_authorization")))
        for endpoint in (found.token, found.authorization, found.device):
            refuse_clear_text(endpoint)
        return found

    def _manner(self) -> dict[str, Any]:
        return {"timeout": self._seconds, "allow_redirects": False}

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        provider = self._registered.provider
        try:
            yield
        except OAuthError as error:
            raise self._refusal(error) from error
        except requests.RequestException as error:
            status = f" (HTTP {error.response.status_code})" if error.response is not None else ""
            raise Temporary(f"{provider} can't be asked for a token now: {type(error).__name__}{status}", _patience(error)) from None
        except OSError as error:
            raise Temporary(f"{provider} can't be asked for a token now: {type(error).__name__}") from None
        except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError) as error:
            raise Temporary(f"{provider} gave an answer without sense ({type(error).__name__})") from None

    def _refusal(self, error: OAuthError) -> Temporary | Unauthorised:
        provider, word = self._registered.provider, _words(str(error.error), str(error.description))
        if error.error in _LATER:
            return Temporary(f"{provider} gives no token yet ({word})")
        if error.error in _A_PERSON_MUST_ACT:
            return Unauthorised(f"{provider} needs a new login ({word})", f"run `{self._command}`")
        return Unauthorised(f"{provider} refuses this client ({word})", f"check client_id, client_secret and scope in [oauth.{provider}]")


class _VerifiedAdapter(HTTPAdapter):
    """Connections under our own TLS context, which knows the operator's authority beside the system's."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, ssl_context=self._context, **options)


def _object(response: requests.Response) -> Mapping[str, Any]:
    """Return a response's JSON object. Raises RequestException, ValueError or TypeError."""
    if response.status_code >= 500 or response.status_code == 429:
        response.raise_for_status()
    said = response.json()
    if not isinstance(said, dict):
        raise TypeError("no JSON object")
    return said


def _patience(error: requests.RequestException) -> timedelta | None:
    """Return how long the issuer wants to be left alone (RFC 9110, 10.2.3, in seconds), at most a day."""
    asked = error.response.headers.get("Retry-After", "") if error.response is not None else ""
    return timedelta(seconds=min(int(asked), 86_400)) if re.fullmatch(r"[0-9]{1,9}", asked) else None


def _words(error: str, description: str) -> str:
    """Return the error code, and Microsoft's number where there is one; the rest of a description may hold anything."""
    code = re.sub(r"[^A-Za-z0-9_.-]", "", error)[:60] or "no reason"
    number = re.search(r"AADSTS\d+", description)
    return f"{code}, {number[0]}" if number else code
