"""A TCP proxy on loopback that breaks a connection on order: it goes silent, resets, closes or flips a bit.

Silence is a half-open connection as a NAT box or a suspended laptop leaves it: both sockets live on, and nothing passes any more.
"""

from __future__ import annotations

import re
import select
import socket
import struct
import threading
from contextlib import suppress
from enum import StrEnum
from typing import Self

TICK = 0.02  # seconds between looks at what was ordered


class How(StrEnum):
    """What happens to the connection."""

    SILENCE = "silence"
    RESET = "reset"
    CLOSE = "close"
    FLIP = "flip"


class FaultProxy:
    """Passes everything on to a port of this machine until `break_now` is called, or what `break_on` matches has passed."""

    host = "127.0.0.1"

    def __init__(self, target: int, break_on: bytes = b"", how: How = How.SILENCE) -> None:
        self._target = target
        self._break_on = re.compile(break_on, re.DOTALL) if break_on else None
        self._how = how
        self._broken = threading.Event()
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._listener = socket.create_server((self.host, 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._closing.set()
        for thread in self._threads:
            thread.join(5)

    def break_now(self) -> None:
        """Break every connection there is, and every one that comes."""
        self._broken.set()

    def heal(self) -> None:
        """Let new connections pass."""
        self._broken.clear()
        self._break_on = None

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection((self.host, self._target))
            except OSError:
                return
            thread = threading.Thread(target=self._pass_on, args=(client, server), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        silent, other = False, {client: server, server: client}
        with client, server, suppress(OSError):
            while not self._closing.is_set():
                for source in select.select([client, server], [], [], TICK)[0]:
                    octets = source.recv(65536)
                    if not octets and not silent:
                        return
                    if not silent:
                        other[source].sendall(self._handled(octets))
                if self._broken.is_set() and self._how is How.RESET:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                if self._broken.is_set() and self._how in {How.RESET, How.CLOSE}:
                    return
                silent = silent or (self._broken.is_set() and self._how is How.SILENCE)

    def _handled(self, octets: bytes) -> bytes:
        """Return what passes of these octets: all of them, with a bit flipped where it is time for that."""
        if self._break_on is None or not self._break_on.search(octets):
            return octets
        self._broken.set()
        return bytes([octets[0] ^ 1]) + octets[1:] if self._how is How.FLIP else octets
