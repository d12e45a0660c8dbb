"""An IMAP server that is well behaved until a test says otherwise, command by command. Threads, loopback, nothing but sockets.

def cut(command):
    command.connection.reset()

with ScriptedImap([letter], {"FETCH": cut}) as server: ...
"""

from __future__ import annotations

import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from service.edges.imap_connection import ImapAccount
from service.edges.tls import Security
from tests.servers.certificates import Certificate

CAPABILITIES = "IMAP4rev1 IDLE"
RECEIVED = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)


class Connection:
    """One client's connection."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._lines = sock.makefile("rb")

    def send(self, octets: bytes) -> None:
        """Send octets as they are."""
        self._socket.sendall(octets)

    def read_line(self) -> bytes:
        """Return the next line, b'' at the end."""
        return self._lines.readline()

    def secure(self, certificate: Certificate) -> None:
        """Go on in TLS."""
        self._socket = certificate.context().wrap_socket(self._socket, server_side=True)
        self._lines = self._socket.makefile("rb")

    def reset(self) -> None:
        """End it with RST."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def hang_up(self) -> None:
        """End it from another thread, which may be reading: closing a file that is being read waits for its end."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End it with FIN."""
        with suppress(OSError):
            self._lines.close()
            self._socket.close()


@dataclass(frozen=True, slots=True)
class Command:
    """One command; `count` is how many of its name came before it, on any connection."""

    tag: bytes
    name: str
    line: bytes
    count: int
    connection: Connection
    server: ScriptedImap

    def usual(self) -> bytes:
        """Return what the well-behaved server would answer."""
        return self.server.usual(self)

    def ok(self, text: str = "done") -> bytes:
        """Return a tagged OK."""
        return self.tag + b" OK " + text.encode() + b"\r\n"

    def no(self, text: str) -> bytes:
        """Return a tagged NO."""
        return self.tag + b" NO " + text.encode() + b"\r\n"


Answer = Callable[[Command], bytes | None]


class ScriptedImap:
    """Serves letters with the UIDs 1, 2, ... in INBOX; `answers` says what is answered otherwise, by the command's name."""

    host = "127.0.0.1"

    def __init__(
        self,
        letters: Sequence[bytes] = (),
        answers: Mapping[str, Answer] | None = None,
        *,
        greeting: bytes = b"* OK ready\r\n",
        capabilities: str = CAPABILITIES,
        certificate: Certificate | None = None,
        starttls: Certificate | None = None,
    ) -> None:
        self.letters: dict[int, bytes] = dict(enumerate(letters, 1))
        self.uidvalidity = 7
        self.lines: list[bytes] = []
        self.connections = 0
        self._answers = dict(answers or {})
        self._greeting, self._capabilities = greeting, capabilities
        self._certificate, self._starttls = certificate, starttls
        self._counts: dict[str, int] = {}
        self._open: list[Connection] = []
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._listener = socket.create_server((self.host, 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        # A blocked accept() keeps a closed listener alive; shutdown() ends it.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            connection.hang_up()
        for thread in self._threads:
            thread.join(5)

    def account(self, security: Security = Security.PLAIN) -> ImapAccount:
        """Return a login that this server takes."""
        return ImapAccount(self.host, "reader", "secret", self.port, security)

    def said(self, word: bytes) -> list[bytes]:
        """Return the commands that hold a word."""
        return [line for line in self.lines if word in line]

    def usual(self, command: Command) -> bytes:
        """Return the well-behaved answer to a command."""
        match command.name:
            case "CAPABILITY":
                return b"* CAPABILITY " + self._capabilities.encode() + b"\r\n" + command.ok()
            case "EXAMINE":
                uidnext = max(self.letters, default=0) + 1
                facts = f"* {len(self.letters)} EXISTS\r\n* OK [UIDVALIDITY {self.uidvalidity}] v\r\n* OK [UIDNEXT {uidnext}] n\r\n"
                return facts.encode() + command.ok("[READ-ONLY] done")
            case "SEARCH":
                found = " ".join(str(uid) for uid in self._matching(command.line))
                return f"* SEARCH {found}".rstrip().encode() + b"\r\n" + command.ok()
            case "FETCH":
                return b"".join(self.fetched(command, uid) for uid in self._requested(command.line)) + command.ok()
            case "LIST":
                return b'* LIST () "/" INBOX\r\n' + command.ok()
            case "IDLE":
                command.connection.send(b"+ idling\r\n")
                command.connection.read_line()
                return command.ok()
            case "LOGOUT":
                return b"* BYE bye\r\n" + command.ok()
            case "STARTTLS" if self._starttls:
                command.connection.send(command.ok())
                command.connection.secure(self._starttls)
                return b""
            case _:
                return command.ok()

    def fetched(self, command: Command, uid: int) -> bytes:
        """Return the well-behaved FETCH answer for one letter."""
        raw = self.letters[uid]
        items = [b"UID %d" % uid]
        if b"RFC822.SIZE" in command.line:
            items += [b"RFC822.SIZE %d" % len(raw), b'INTERNALDATE "%b"' % RECEIVED.strftime("%d-%b-%Y %H:%M:%S +0000").encode()]
        if b"HEADER.FIELDS" in command.line:
            header = b"".join(line + b"\r\n" for line in raw.split(b"\r\n") if line.lower().startswith(b"message-id:")) + b"\r\n"
            items.append(b"BODY[HEADER.FIELDS (MESSAGE-ID)] {%d}\r\n%b" % (len(header), header))
        elif part := re.search(rb"BODY.PEEK\[\](?:<0\.(\d+)>)?", command.line):
            body = raw[: int(part.group(1))] if part.group(1) else raw
            items.append(b"BODY[]%b {%d}\r\n%b" % (b"<0>" if part.group(1) else b"", len(body), body))
        return b"* %d FETCH (%b)\r\n" % (uid, b" ".join(items))  # nobody minds that this is no sequence number

    def _matching(self, line: bytes) -> list[int]:
        found = re.search(rb"UID SEARCH (?:UID )?(\d+|\*)(?::(\d+|\*))?", line)
        if not found:
            return list(self.letters)
        top = max(self.letters, default=0)
        ends = [top if end == b"*" else int(end) for end in found.groups() if end]
        return [uid for uid in sorted(self.letters) if min(ends) <= uid <= max(ends)]

    def _requested(self, line: bytes) -> list[int]:
        uids = line.split()[3].split(b",")
        return [int(uid) for uid in uids if int(uid) in self.letters]

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._threads.append(threading.Thread(target=self._serve, args=(sock,), daemon=True))
            self._threads[-1].start()

    def _serve(self, sock: socket.socket) -> None:
        connection = Connection(sock)
        self._open.append(connection)
        with suppress(OSError, ValueError, ssl.SSLError):
            if self._certificate:
                connection.secure(self._certificate)
            connection.send(self._greeting)
            while line := connection.read_line():
                self._answer(connection, line)
        connection.close()

    def _answer(self, connection: Connection, line: bytes) -> None:
        self.lines.append(line)
        words = line.split()
        if len(words) < 2:
            return  # DONE, after an idle that a test has cut short
        name = words[2 if words[1].upper() == b"UID" else 1].decode("latin-1").upper()
        with self._lock:
            count = self._counts.get(name, 0)
            self._counts[name] = count + 1
        command = Command(words[0], name, line, count, connection, self)
        reply = self._answers.get(name, self.usual)(command)
        if reply:
            connection.send(reply)
