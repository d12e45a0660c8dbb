"""The wire under IMAPClient: imaplib's connection with keepalive and verified TLS, read in large pieces."""

from __future__ import annotations

import imaplib
import socket
import ssl
from collections.abc import Callable
from typing import BinaryIO, cast

# Keepalive: a peer that vanished is noticed by the kernel after 30 + 3 * 10 s, also where we only wait.
_KEEPALIVE = (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))
_PIECE = 262_144  # octets: several letters in one system call; imaplib's 8 kB make it two for each

ROOM = 16_000_000
"""How many octets an answer may have beside the letters asked for; a server that says more would fill the memory."""


class Wire(imaplib.IMAP4):
    """An IMAP connection. `guard` is given its socket before anything is said, and before TLS where there is a `context`.

    `room` is how many octets may still come; whoever gives a command says so.
    """

    def __init__(
        self, host: str, port: int, seconds: float, context: ssl.SSLContext | None, guard: Callable[[socket.socket], None]
    ) -> None:
        self._context, self._guard = context, guard
        self._put_back: list[bytes] = []
        self.room = ROOM
        super().__init__(host, port, seconds)

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        """Connect."""
        super().open(host, port, timeout)
        if "file" in vars(self):  # from Python 3.14 on imaplib has a buffer of its own, and no such attribute
            self.file.close()
            self.file = cast("BinaryIO", self.sock.makefile("rb", _PIECE))

    def read(self, size: int) -> bytes:
        """Return a literal, unless it is longer than any answer to the command can be."""
        self._take(size)
        return super().read(size)

    def _take(self, octets: int) -> None:
        self.room -= octets
        if self.room < 0:
            raise self.abort("got more than was asked for")

    def put_back(self, line: bytes) -> None:
        """Have a line, read and found to be none of the reader's business, read once more."""
        self._put_back.append(line)

    def _get_line(self) -> bytes:
        """Return the next line. imaplib's own keeps the last ten, with a time each, which takes longer than the reading."""
        if self._put_back:
            return self._put_back.pop()
        line = self.readline()
        self._take(len(line))
        if not line.endswith(b"\r\n"):
            raise self.abort("socket error: unterminated line" if line else "socket error: EOF")
        return line[:-2]

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self.host, self.port), timeout)
        # imaplib sends a login's answer and its line end apart; without this the second waits 40 ms for the first one's acknowledgement.
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in _KEEPALIVE:
            if hasattr(socket, option):
                plain.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
        self._guard(plain)
        if self._context is None:
            return plain
        try:
            return self._context.wrap_socket(plain, server_hostname=self.host.rstrip("."))
        except BaseException:
            plain.close()
            raise
