"""Access tokens that Dovecot checks by itself: JSON Web Tokens (RFC 7519) under a key that it finds in a directory."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import tempfile
import time
from pathlib import Path


class WebTokens:
    """A signing key of our own, and what Dovecot's configuration must say to trust it. The caller removes `directory`."""

    def __init__(self) -> None:
        # Not in pytest's own directory: the server's processes drop root, and could not get in there.
        self.directory = Path(tempfile.mkdtemp(prefix="nutgraf-tokens-"))
        self._secret = secrets.token_bytes(32)
        keys = self.directory / "keys" / "default" / "HS256"
        keys.mkdir(parents=True)
        (keys / "default").write_bytes(base64.b64encode(self._secret))
        (self.directory / "oauth2.conf").write_text(
            f"introspection_mode = local\nlocal_validation_key_dict = fs:posix:prefix={self.directory}/keys/\nusername_attribute = sub\n"
        )
        self.directory.chmod(0o755)

    def configuration(self) -> str:
        """Return what Dovecot's configuration has in addition."""
        return f"""
auth_mechanisms = plain login xoauth2 oauthbearer
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {self.directory}/oauth2.conf
}}
"""

    def mint(self, user: str, seconds: int = 3600) -> str:
        """Return a token for the user that lives for so long; one with less than none has expired."""
        now = int(time.time())
        claims = {"sub": user, "iat": now - 5, "nbf": now - 5 + min(seconds, 0), "exp": now + seconds, "jti": secrets.token_hex(4)}
        signed = b".".join(_encoded(part) for part in ({"alg": "HS256", "typ": "JWT", "kid": "default"}, claims))
        signature = hmac.new(self._secret, signed, hashlib.sha256).digest()
        return b".".join((signed, _unpadded(signature))).decode()


def _encoded(part: object) -> bytes:
    return _unpadded(json.dumps(part).encode())


def _unpadded(octets: bytes) -> bytes:
    return base64.urlsafe_b64encode(octets).rstrip(b"=")
