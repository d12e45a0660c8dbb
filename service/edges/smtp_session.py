"""One conversation with an SMTP server, in which every part has a deadline and every answer is looked at.

smtplib speaks; what it leaves open is closed here: no deadline for a whole answer (a server that drips an octet a second never
times out), no verification of certificates, a second mechanism tried after a refused password, the name of a container in EHLO.
"""

from __future__ import annotations

import base64
import contextlib
import re
import select
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import BinaryIO

from service.contracts import Failure, Permanent, Temporary, Unauthorised
from service.edges.sasl import Dialogue, without

# What a refusal means for the account rather than for this posting: RFC 4954, 6 and Exchange's "basic authentication is off".
_ACCOUNT_CODES = frozenset({530, 534, 535, 538})
_ACCOUNT_STATUS = ("5.7.8 ", "5.7.9 ", "5.7.30 ")
_ADDRESS = re.compile(r"[^\s<>()\"',;:]+@[^\s<>()\"',;:]+")


ROOM = 100_000
"""How many octets an answer may have."""


class Garbage(OSError):
    """The server's answer is no SMTP."""


class _Smtp(smtplib.SMTP):
    """smtplib's client; an answer that has no end does not fill the memory."""

    def getreply(self) -> tuple[int, bytes]:
        """Return the code and the text of the next answer."""
        if self.file is None and self.sock is not None:
            self.file = _Lines(self.sock.makefile("rb"))
        if self.file is not None:
            self.file.room = ROOM
        return super().getreply()


class _Lines:
    """The lines that come, as far as there is `room` for them, in octets."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.room = ROOM
        self.close = file.close

    def readline(self, limit: int) -> bytes:
        """Return the next line."""
        line = self._file.readline(limit)
        self.room -= len(line)
        if self.room < 0:
            raise Garbage("an answer without end")
        return line


class SmtpSession:
    """An open connection. Every method but `close` and `leave` raises OSError (lost, late, garbage) or a Failure (the server said no)."""

    def __init__(self, host: str, port: int, seconds: float) -> None:
        self.host = host
        self._smtp = _Smtp(local_hostname="unset.invalid")
        self._smtp.sock = socket.create_connection((host.strip("[]"), port), timeout=seconds)

    # -- the phases ----------------------------------------------------------------------------------------------------

    def secure(self, context: ssl.SSLContext, seconds: float) -> None:
        """Turn the connection into TLS; whatever came before in clear is forgotten (RFC 3207, 4.2)."""
        with self._within(seconds):
            self._smtp.sock = context.wrap_socket(self._socket, server_hostname=self.host.strip("[]").rstrip("."))
            self._smtp.file = None

    def greet(self, seconds: float) -> None:
        """Wait for the greeting."""
        with self._within(seconds):
            self._expect(self._smtp.getreply(), 2, "the connection")

    def hello(self, name: str, seconds: float) -> None:
        """Say EHLO with `name`, else this end's address as a literal (RFC 5321, 4.1.3): both are true, a container's name is not."""
        self._smtp.local_hostname = name or _literal(self._socket)
        with self._within(seconds):
            self._expect(self._smtp.ehlo(), 2, "EHLO")

    def say(self, line: str, expected: int, seconds: float) -> None:
        """Send one command; the first digit of its answer must be `expected` (RFC 5321, 4.2.1: the others may be news to us)."""
        with self._within(seconds):
            self._expect(self._smtp.docmd(line), expected, line.partition(" ")[0])

    def authenticate(self, mechanism: str, dialogue: Dialogue, secret: str, immediate: bool, seconds: float) -> None:
        """Log in by one mechanism, once (RFC 4954); `immediate` sends the initial response with the command."""
        first = " " + _armour(dialogue(None)) if immediate else ""
        with self._within(seconds):
            code, text = self._smtp.docmd(f"AUTH {mechanism}{first}")
            for _turn in range(4):
                if code != 334:
                    break
                code, text = self._smtp.docmd(_armour(dialogue(_unarmour(text))))
            self._expect((code, without(secret, text.decode("utf-8", "replace")).encode()), 2, "AUTH")

    def write(self, octets: bytes, seconds: float) -> None:
        """Send part of the message's content."""
        with self._within(seconds):
            self._smtp.send(octets)

    def spoken_early(self, seconds: float) -> None:
        """Raise what the server has said in the middle of the content, while the answer is still a definite one."""
        if not select.select([self._socket], [], [], 0)[0]:
            return
        with self._within(seconds):
            code, text = self._smtp.getreply()
        raise refusal(self.host, "the content", code, readable(text))

    def complete(self, seconds: float) -> tuple[int, str]:
        """Send the final dot and return the code and text of the answer; -1 is the code of garbage."""
        with self._within(seconds):
            self._smtp.send(b".\r\n")
            code, text = self._smtp.getreply()
        return code, readable(text)

    def offers(self, extension: str) -> str | None:
        """Return the parameters of an ESMTP extension, None when it is not offered."""
        return self._smtp.esmtp_features.get(extension.lower())

    def leave(self, seconds: float) -> None:
        """Say QUIT. What goes wrong in it changes nothing any more."""
        with contextlib.suppress(OSError), self._within(seconds):
            self._smtp.quit()

    def close(self) -> None:
        """Drop the connection."""
        self._smtp.close()

    # -- inside --------------------------------------------------------------------------------------------------------

    @property
    def _socket(self) -> socket.socket:
        if self._smtp.sock is None:
            raise smtplib.SMTPServerDisconnected("the connection is closed")
        return self._smtp.sock

    @contextlib.contextmanager
    def _within(self, seconds: float) -> Iterator[None]:
        """Cut the connection when the block takes longer than `seconds` in all; TimeoutError then says so."""
        late = threading.Event()

        def cut() -> None:
            late.set()
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # not SSLSocket's own: that would fall back to clear text

        self._socket.settimeout(seconds + 1)
        watch = threading.Timer(seconds, cut)
        watch.daemon = True
        watch.start()
        try:
            yield
        except OSError:
            if not late.is_set():
                raise
        finally:
            watch.cancel()
        if late.is_set():  # also when the cut made half a line look like an answer
            raise TimeoutError(f"no answer within {seconds:g} s")

    def _expect(self, reply: tuple[int, bytes], expected: int, asked: str) -> None:
        code, text = reply
        if code // 100 != expected:
            raise refusal(self.host, asked, code, readable(text))


def refusal(host: str, asked: str, code: int, said: str) -> Failure | Garbage:
    """Return what the answer `code` to `asked` means: 4xx Temporary, 5xx Permanent, or Unauthorised when it is about the account."""
    message = f"{host} answered {asked} with {code} {said}"
    if 500 <= code <= 599 and (code in _ACCOUNT_CODES or said.startswith(_ACCOUNT_STATUS)):
        return Unauthorised(message, "check the user, the password and the security of the SMTP server")
    if asked in {"the connection", "EHLO", "STARTTLS"} and 400 <= code <= 599:
        return Temporary(message)  # about the server's day, not about this posting; Postfix waits as well (smtp_skip_5xx_greeting)
    if 500 <= code <= 599:
        return Permanent(message, f"ask those who run {host}, or correct the recipient")
    if 400 <= code <= 499:
        return Temporary(message)
    return Garbage(f"{host} answered {asked} with something that is no SMTP")


def readable(text: bytes) -> str:
    """Return a server's text fit for a log: one line of at most 500 characters, no control characters, no addresses."""
    line = " ".join(text[:4000].decode("utf-8", "replace").split())
    return _ADDRESS.sub("(address)", "".join(letter for letter in line if letter.isprintable())[:500])


def _literal(connection: socket.socket) -> str:
    own = connection.getsockname()[0]
    return f"[IPv6:{own}]" if ":" in own else f"[{own}]"


def _armour(octets: bytes) -> str:
    return base64.b64encode(octets).decode() if octets else ""


def _unarmour(text: bytes) -> bytes:
    try:
        return base64.b64decode(text)
    except ValueError:
        return b""
