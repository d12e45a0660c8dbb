"""Tokens at rest: encrypted with a key that is derived from NUTGRAF_SECRET_KEY and never stored.

Fernet (AES-128-CBC with HMAC-SHA256) under scrypt (RFC 7914; 16 MB, about 50 ms) of the operator's secret with the store's salt.
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from service.contracts import Failure, Permanent, Temporary
from service.edges import sql_facts as facts
from service.edges.sql_schema import fact, secret

if TYPE_CHECKING:
    from cryptography.fernet import Fernet
    from sqlalchemy import Connection

    from service.edges.sql_store import SqlStore

RENEWAL = timedelta(minutes=2)
"""Longer than a renewal takes: two questions to the issuer, each of 30 seconds at most."""


class TokenSafe:
    """Named secrets in the store. `key` is the operator's NUTGRAF_SECRET_KEY, of any length; Permanent without one."""

    def __init__(self, store: SqlStore, key: str) -> None:
        if not key:
            raise Permanent("tokens can't be stored without NUTGRAF_SECRET_KEY", "set it to a long random text and keep it")
        self._database = store.database
        self._fernet = _fernet(key, self._database.read(facts.salt))

    def load(self, name: str) -> str | None:
        """Return what was saved under a name; None for nothing. Raises Permanent when the key is another one than then."""
        from cryptography.fernet import InvalidToken

        sealed = self._database.read(lambda db: db.scalar(select(secret.c.value).where(secret.c.name == name)))
        try:
            return None if sealed is None else self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            fix = f"set NUTGRAF_SECRET_KEY to what it was, or log in again: nutgraf login {name}"
            raise Permanent(f"the token of {name} was stored under another key", fix) from None

    def save(self, name: str, text: str) -> None:
        """Keep a secret under a name, in place of an earlier one; it is on the disk when this returns."""
        sealed = self._fernet.encrypt(text.encode())

        def work(db: Connection) -> None:
            db.execute(delete(secret).where(secret.c.name == name))
            db.execute(insert(secret).values(name=name, value=sealed))

        self._database.write(work)

    @contextmanager
    def renewing(self, name: str) -> Iterator[None]:
        """Be the only one, in all processes that share the store, who renews what is under a name; wait for others, a while.

        A claim of a process that was killed runs out. Raises Temporary when somebody else goes on and on.
        """
        mark, patience = token_hex(8), time.monotonic() + 2 * RENEWAL.total_seconds()
        while not self._database.write(lambda db: _claimed(db, f"renewing {name}", mark, datetime.now(UTC))):
            if time.monotonic() > patience:
                raise Temporary(f"the token of {name} is being renewed by another process")
            time.sleep(0.2)
        try:
            yield
        finally:
            with suppress(Failure):
                self._database.write(lambda db: db.execute(delete(fact).where(fact.c.value.endswith(mark))))


def _claimed(db: Connection, name: str, mark: str, now: datetime) -> bool:
    """Claim a renewal; return whether nobody else has."""
    held = facts.known(db, name)
    if held and now < datetime.fromisoformat(held.partition(" ")[0]) <= now + RENEWAL:
        return False
    db.execute(delete(fact).where(fact.c.name == name, fact.c.value == held))
    return facts.once(db, name, f"{(now + RENEWAL).isoformat()} {mark}").endswith(mark)


def _fernet(key: str, salt: bytes) -> Fernet:
    try:
        from cryptography.fernet import Fernet
    except ImportError:
        raise Permanent("storing tokens needs the library cryptography", "pip install 'nutgraf[oauth]'") from None
    derived = hashlib.scrypt(key.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)
    return Fernet(base64.urlsafe_b64encode(derived))
