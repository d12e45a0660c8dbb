"""An OAuth 2.0 issuer on loopback HTTP: device codes, authorization codes with PKCE, rotating refresh tokens, faults on order."""

from __future__ import annotations

import base64
import hashlib
import http.server
import json
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.servers.quiet_http import QuietServer

Answer = tuple[int, dict[str, object] | bytes]


class TokenIssuer:
    """The server, running between `with` and its end.

    `mint` makes the access tokens; `pending` device polls are answered with each of these first; `faults` are answered by /token
    first of all, one after the other. With `rotates` each refresh replaces the refresh token, and an old one is refused.
    """

    def __init__(self, mint: Callable[[int], str] | None = None, *, rotates: bool = True, life: object = 3600) -> None:
        self.mint = mint or (lambda number: f"access-{number}")
        self.rotates = rotates
        self.life = life
        self.faults: list[Answer] = []
        self.pending: list[str] = []
        self.asked: list[dict[str, str]] = []
        self.refresh_tokens: set[str] = set()
        self.consents = True
        self.drips = False
        self.named: str | None = None
        self._challenges: dict[str, tuple[str, str]] = {}
        self._issued = 0
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Request)
        self._server.issuer = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """The issuer's identifier."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def metadata(self) -> Answer:
        """Answer with the endpoints (RFC 8414)."""
        ends = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "device_authorization_endpoint": "/device"}
        return 200, {"issuer": self.named or self.url, **{name: self.url + path for name, path in ends.items()}}

    def authorize(self, query: dict[str, str]) -> str:
        """Return where the browser of a person who consents (or does not) is sent."""
        code = f"code-{len(self._challenges)}"
        self._challenges[code] = (query["code_challenge"], query["redirect_uri"])
        assert query["code_challenge_method"] == "S256"
        said = {"code": code} if self.consents else {"error": "access_denied"}
        return query["redirect_uri"] + "?" + urlencode({**said, "state": query["state"]})

    def device(self, form: dict[str, str]) -> Answer:
        """Answer with a device code (RFC 8628, 3.2)."""
        self.asked.append(form)
        words = {"device_code": "device-1", "user_code": "WDJB-MJHT", "verification_uri": self.url + "/activate"}
        return 200, {**words, "expires_in": 600, "interval": 1}

    def token(self, form: dict[str, str]) -> Answer:
        """Answer a token request."""
        with self._lock:
            self.asked.append(form)
            if self.faults:
                return self.faults.pop(0)
            return self._grant(form)

    def _grant(self, form: dict[str, str]) -> Answer:
        kind = form.get("grant_type", "")
        if kind.endswith("device_code") and self.pending:
            return 400, {"error": self.pending.pop(0)}
        if kind == "refresh_token" and form["refresh_token"] not in self.refresh_tokens:
            return 400, {"error": "invalid_grant", "error_description": f"AADSTS70008: {form['refresh_token']} has expired"}
        if kind == "authorization_code" and not self._redeems(form):
            return 400, {"error": "invalid_grant"}
        self._issued += 1
        answer: dict[str, object] = {"access_token": self.mint(self._issued), "token_type": "Bearer"}
        if self.life is not None:
            answer["expires_in"] = self.life
        if kind != "refresh_token" or self.rotates:
            self.refresh_tokens = {f"refresh-{self._issued}"}
            answer["refresh_token"] = f"refresh-{self._issued}"
        return 200, answer

    def _redeems(self, form: dict[str, str]) -> bool:
        """Check the PKCE verifier and the address (RFC 7636, 4.6); a code works once."""
        challenge, redirect_uri = self._challenges.pop(form["code"], ("", ""))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge and form["redirect_uri"] == redirect_uri


class _Server(QuietServer):
    issuer: TokenIssuer


class _Request(http.server.BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        """Answer for the metadata and the browser."""
        parts, issuer = urlsplit(self.path), self.server.issuer
        if parts.path == "/.well-known/oauth-authorization-server":
            self._say(*issuer.metadata())
        elif parts.path == "/authorize":
            self.send_response(302)
            self.send_header("Location", issuer.authorize(_single(parts.query)))
            self.end_headers()
        else:
            self._say(404, {})

    def do_POST(self) -> None:
        """Answer for codes and tokens."""
        form = _single(self.rfile.read(int(self.headers["Content-Length"])).decode())
        answer = {"/token": self.server.issuer.token, "/device": self.server.issuer.device}[self.path](form)
        self._say(*answer)

    def _say(self, status: int, content: dict[str, object] | bytes) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status == 429:
            self.send_header("Retry-After", "120")
        if 300 <= status < 400:
            self.send_header("Location", self.server.issuer.url + "/elsewhere")
        self.end_headers()
        for octet in body if self.server.issuer.drips else b"":
            self.wfile.write(bytes([octet]))
            time.sleep(0.05)  # far below any read's patience
        if not self.server.issuer.drips:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _single(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
