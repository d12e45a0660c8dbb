"""Opening a connection to an IMAP server: verified TLS, one login, and a deadline for every command as a whole.

IMAPClient's timeouts count from one octet to the next, so a server that drips never times out; `Deadline` cuts such a connection.
"""

from __future__ import annotations

import imaplib
import logging
import math
import select
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import LoginError

from service.contracts import Permanent, Temporary, Unauthorised
from service.edges import sasl
from service.edges.imap_faults import ConnectionLost, login_failure, translated
from service.edges.imap_wire import Wire
from service.edges.sasl import Mechanism, TokenSource
from service.edges.tls import Security, refuse_clear_text, verified_context


@dataclass(frozen=True, slots=True)
class ImapAccount:
    """A login on an IMAP server: a password, or `tokens` with a bearer mechanism. `read` is the patience between two octets."""

    host: str
    user: str
    password: str = field(default="", repr=False)
    port: int = 993
    security: Security = Security.TLS
    tokens: TokenSource | None = field(default=None, repr=False)
    mechanism: Mechanism = Mechanism.XOAUTH2
    ca_file: Path | None = None
    connect: timedelta = timedelta(seconds=30)
    read: timedelta = timedelta(seconds=60)


class Deadline:
    """Cuts a connection when a command takes too long as a whole, however steadily its answer drips.

    One thread watches a connection and sleeps until the first deadline: a timer for each command costs a seventh of the speed.
    """

    def __init__(self) -> None:
        self._handle: socket.socket | None = None
        self._watcher: threading.Thread | None = None
        self._turn = threading.Condition()
        self._end = self._wake = math.inf  # in monotonic time: of the command, of the watcher's sleep
        self._late = False

    def guard(self, connection: socket.socket) -> None:
        """Take a connection into care, before TLS: the handle of its own stays valid when TLS takes the socket over."""
        self._handle = connection.dup()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Raise ConnectionLost when the block takes longer than `seconds`. Not to be nested."""
        self._begin(time.monotonic() + seconds)
        try:
            yield
        except Exception:
            if self._late:
                raise ConnectionLost(f"no complete answer in {seconds:.0f} s") from None
            raise
        finally:
            with self._turn:
                self._end = math.inf

    def release(self) -> None:
        """Let go of the connection."""
        with self._turn:
            self._watcher = None
            self._turn.notify()
        if self._handle is not None:
            self._handle.close()

    def _begin(self, end: float) -> None:
        with self._turn:
            self._end, self._late = end, False
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, name="imap deadline", daemon=True)
                self._watcher.start()
            elif end < self._wake:
                self._turn.notify()

    def _watch(self) -> None:
        with self._turn:
            while self._watcher is threading.current_thread():
                if self._end <= time.monotonic():
                    self._end, self._late = math.inf, True
                    if self._handle is not None:
                        with suppress(OSError):
                            self._handle.shutdown(socket.SHUT_RDWR)
                self._wake = self._end
                self._turn.wait(None if self._wake == math.inf else max(0.0, self._wake - time.monotonic()))


def open_connection(account: ImapAccount, deadline: Deadline) -> IMAPClient:
    """Return a client that is logged in; an access token that is refused is renewed once.

    Raises Unauthorised (the login is refused), Permanent (settings, certificate) or Temporary.
    """
    _refuse_control_characters(account)
    refuse_clear_text(account.host, account.security)
    if account.tokens is None:
        return _open(account, sasl.plain(account.user, account.password), deadline)
    token = account.tokens()
    try:
        return _open(account, _bearer(account, token), deadline)
    except Unauthorised:
        return _open(account, _bearer(account, account.tokens(token)), deadline)


def _open(account: ImapAccount, dialogue: sasl.Dialogue, deadline: Deadline) -> IMAPClient:
    client: IMAPClient | None = None
    try:
        with translated(f"connecting to {account.host}:{account.port}"), deadline.within(account.connect.total_seconds() * 2):
            # Loading the system's authorities takes 30 ms.
            context = verified_context(account.ca_file) if account.security is Security.TLS else None
            client = _Client(account, context, deadline)
            _secure(client, account)
        _log_in(client, account, dialogue, deadline)
    except BaseException:
        if client is not None:
            with suppress(Exception):
                client.shutdown()
        deadline.release()
        raise
    return client


def _secure(client: IMAPClient, account: ImapAccount) -> None:
    if client._imap.state != "NONAUTH":  # noqa: SLF001
        # PREAUTH would skip STARTTLS and the login: whoever sits in the line could show us a mailbox of his own.
        raise Permanent(f"{account.host} greets with PREAUTH, without a login", "set the security to tls")
    if account.security is Security.STARTTLS:
        if not client.has_capability("STARTTLS"):
            raise Permanent(
                f"{account.host} does not offer STARTTLS (or someone between here and there hides it)",
                "set the security to tls and the port to 993, if the server offers that",
            )
        client.starttls(verified_context(account.ca_file))


def _log_in(client: IMAPClient, account: ImapAccount, dialogue: sasl.Dialogue, deadline: Deadline) -> None:
    doing = f"logging in to {account.host}"
    try:
        with deadline.within(account.read.total_seconds() * 2), translated(doing):
            try:
                _say_login(client, account, dialogue)
            except LoginError as error:
                raise login_failure(doing, _without_secrets(error, account, dialogue), _fix(account, dialogue)) from None
    except UnicodeError:
        raise Permanent(f"{doing}: this server takes no letters beyond ASCII in a password", "change the password") from None


def _say_login(client: IMAPClient, account: ImapAccount, dialogue: sasl.Dialogue) -> None:
    if account.tokens is not None:
        client.sasl_login(account.mechanism.value, dialogue)
    elif client.has_capability("AUTH=PLAIN"):
        client.sasl_login(Mechanism.PLAIN.value, dialogue)
    else:
        # imaplib quotes the password but not the user.
        quoted = account.user.replace("\\", "\\\\").replace('"', '\\"')
        client.login(f'"{quoted}"', account.password)


def _bearer(account: ImapAccount, token: str) -> sasl.Bearer:
    return sasl.Bearer(account.mechanism, account.user, token, account.host, account.port)


def _fix(account: ImapAccount, dialogue: sasl.Dialogue) -> str:
    if isinstance(dialogue, sasl.Bearer):
        reason = f" (the server says: {dialogue.refusal})" if dialogue.refusal else ""
        return f"log in again with `nutgraf login`{reason}"
    settings = "NUTGRAF_IMAP_USER and NUTGRAF_IMAP_PASSWORD, or those of its [[mailbox]]"
    return f"check the user and the password for {account.host} ({settings}); Gmail, Yahoo and iCloud want an app password"


def _without_secrets(error: Exception, account: ImapAccount, dialogue: sasl.Dialogue) -> Any:
    """Return the refusal, and what it came from, without the password, the token and the address, which some servers repeat in it."""
    text = str(error)
    for secret in (account.password, dialogue.secret if isinstance(dialogue, sasl.Bearer) else "", account.user):
        text = sasl.without(secret, text)
    clean = type(error)(text)
    if isinstance(error.__context__, imaplib.IMAP4.error):
        clean.__context__ = _without_secrets(error.__context__, account, dialogue)
    return clean


def _refuse_control_characters(account: ImapAccount) -> None:
    for name, value in (("host", account.host), ("user", account.user), ("password", account.password)):
        if any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
            raise Permanent(f"the IMAP {name} holds a control character", f"remove it (often a line end) from the {name}")


class _Client(IMAPClient):  # type: ignore[misc]  # IMAPClient has no types
    """IMAPClient over a connection that the deadline can cut from its first octet on."""

    def __init__(self, account: ImapAccount, context: ssl.SSLContext | None, deadline: Deadline) -> None:
        self._account, self._deadline = account, deadline
        logging.getLogger("imapclient").setLevel(logging.WARNING)  # at DEBUG it logs users and letters
        times = SocketTimeout(connect=account.connect.total_seconds(), read=account.read.total_seconds())
        try:
            super().__init__(account.host, account.port, ssl=account.security is Security.TLS, ssl_context=context, timeout=times)
        except imaplib.IMAP4.error as error:
            raise _greeting_failure(account, error) from None
        # IMAPClient sets 5, and imaplib then builds the repr() of every literal, logged or not: five times slower, three times the memory.
        self._imap.debug = 0
        # Local time with today's DST offset otherwise: summer's letters would be an hour off in winter.
        self.normalise_times = False

    def idle(self) -> None:
        """Begin to idle. IMAPClient's own takes a letter announced before the continuation for a refusal."""
        self._idle_tag = self._imap._command("IDLE")  # noqa: SLF001
        while (line := self._imap._get_response()) is not None:  # noqa: SLF001
            if not line.startswith(b"* "):
                raise imaplib.IMAP4.error("IDLE is refused")

    def idle_line(self, seconds: float) -> bytes:
        """Return the next line that begins within `seconds`, b'' when none does.

        IMAPClient's own idle_check fails on a line that comes in two pieces, and takes an end of the connection for silence.
        """
        connection = self.socket()
        if not (isinstance(connection, ssl.SSLSocket) and connection.pending()):
            readable = select.poll()
            readable.register(connection.fileno(), select.POLLIN)
            if not readable.poll(seconds * 1000):
                return b""
        return bytes(self._imap._get_line())  # noqa: SLF001

    def _create_IMAP4(self) -> Any:  # noqa: N802
        account, context = self._account, self.ssl_context if self.ssl else None
        return Wire(account.host.strip("[]"), account.port, account.connect.total_seconds(), context, self._deadline.guard)


def _greeting_failure(account: ImapAccount, error: Exception) -> Exception:
    """Return what a refusing greeting means; imaplib hands it over as the octets of the line."""
    words = error.args[0] if error.args else b""
    text = words.decode("latin-1") if isinstance(words, bytes) else str(words)
    if isinstance(error, imaplib.IMAP4.abort):
        return imaplib.IMAP4.abort(text)
    return imaplib.IMAP4.error(f"{account.host} refuses the connection: {text}") if text.startswith("* ") else Temporary(text)
