"""How a login is said: SASL PLAIN (RFC 4616), LOGIN, OAUTHBEARER (RFC 7628) and XOAUTH2 (Google's and Microsoft's older form).

A dialogue is a callable for one login: given each challenge of the server it returns the answer, both without Base64. The first
call (an empty challenge, or none) returns the initial response. IMAPClient's `sasl_login` and our SMTP courier both take it.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

_BASE64 = re.compile(r"[A-Za-z0-9+/]{8,}")


class Mechanism(StrEnum):
    """The SASL mechanisms that we speak, by their registered names."""

    PLAIN = "PLAIN"
    LOGIN = "LOGIN"
    XOAUTH2 = "XOAUTH2"
    OAUTHBEARER = "OAUTHBEARER"


class TokenSource(Protocol):
    """Where a fresh access token comes from; `oauth_tokens.OAuthTokens` is one."""

    def __call__(self, refused: str = "") -> str:
        """Return an access token; never `refused`, the one that a server has just turned down.

        Raises Unauthorised when a person must log in again, Temporary when the issuer can't be reached.
        """


Dialogue = Callable[[bytes | None], bytes]


def plain(user: str, password: str) -> Dialogue:
    """Return the dialogue of PLAIN: one message, in UTF-8 as RFC 4616 wants it."""
    return lambda _challenge: b"\0%b\0%b" % (user.encode(), password.encode())


def login(user: str, password: str) -> Dialogue:
    """Return the dialogue of LOGIN (never standardised): the user, then the password; there is no initial response."""
    answers = iter((user.encode(), password.encode()))
    return lambda _challenge: next(answers, b"*")


def without(secret: str, said: str) -> str:
    """Return what a server said without the secret, which some repeat: as it is, or in the Base64 in which they got it."""
    octets = secret.encode()
    if not octets:
        return said
    for form in (secret, octets.decode("latin-1"), repr(octets)[2:-1]):
        said = said.replace(form, "...")
    return _BASE64.sub(lambda run: "..." if octets in b64decode(run[0] + "A" * (-len(run[0]) % 4)) else run[0], said)


class Bearer:
    """The dialogue of XOAUTH2 or OAUTHBEARER; `refusal` is what the server said against the token, empty when it said nothing.

    A server that refuses a token sends its reason as a challenge and waits for an empty answer before it says no.
    """

    def __init__(self, mechanism: Mechanism, user: str, token: str, host: str = "", port: int = 0) -> None:
        self.mechanism = mechanism
        self.secret = token
        self.refusal = ""
        self._first = _initial_response(mechanism, user, token, host, port)
        self._begun = False

    def __call__(self, challenge: bytes | None = None) -> bytes:
        """Answer the challenge: the token at first, then what ends the exchange (RFC 7628, 3.2.3)."""
        if not self._begun:
            self._begun = True
            return self._first
        self.refusal = read_refusal(challenge or b"")
        return b"\x01" if self.mechanism is Mechanism.OAUTHBEARER else b""


def read_refusal(challenge: bytes) -> str:
    """Return the reason in a server's error challenge: its `status`, else its `error` (RFC 7628, 3.2.2); never more than a word."""
    try:
        said = json.loads(challenge)
    except (ValueError, RecursionError):
        return "unreadable"
    if not isinstance(said, dict):
        return "unreadable"
    word = str(said.get("status") or said.get("error") or "unknown")
    return "".join(letter for letter in word[:40] if letter.isalnum() or letter in "_-")


def _initial_response(mechanism: Mechanism, user: str, token: str, host: str, port: int) -> bytes:
    if any(ord(letter) < 32 for letter in user + token + host):
        raise ValueError("a control character in the user, the token or the host would forge a SASL field")
    if mechanism is Mechanism.XOAUTH2:
        return f"user={user}\x01auth=Bearer {token}\x01\x01".encode()
    identity = user.replace("=", "=3D").replace(",", "=2C")
    where = (f"host={host}\x01" if host else "") + (f"port={port}\x01" if port else "")
    return f"n,a={identity},\x01{where}auth=Bearer {token}\x01\x01".encode()
