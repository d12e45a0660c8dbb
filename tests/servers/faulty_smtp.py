"""An SMTP server that fails on order: at a chosen point it says something else, keeps silent, drips, hangs up or resets.

Written on bare sockets, since the libraries are too well behaved for half of it. One thread a connection, loopback only.
"""

from __future__ import annotations

import base64
import re
import socket
import socketserver
import ssl
import struct
import threading
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self


class Then(StrEnum):
    """What the server does after the fault's reply."""

    GO_ON = "go on"
    CLOSE = "close"
    RESET = "reset"
    HANG = "hang"
    DRIP = "drip"


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong at `point`: a verb, or connect, content (its first line has come), dot. An empty reply says nothing.

    `stored` is whether a message whose dot meets the fault was kept all the same.
    """

    point: str
    reply: str = ""
    then: Then = Then.GO_ON
    stored: bool = False


@dataclass(frozen=True, slots=True)
class Received:
    """A message that the server took: envelope, and content with its dots undone."""

    sender: str
    recipients: tuple[str, ...]
    parameters: str
    hello: str
    encrypted: bool
    user: str
    content: bytes = field(repr=False)
    wire: bytes = field(repr=False)


class FaultySmtp:
    """The server, running between `with` and its end. `fault` holds for every connection until it is changed.

    `logins` maps users to passwords or tokens; with any, AUTH is offered with `mechanisms` and asked for.
    """

    host = "127.0.0.1"

    def __init__(
        self,
        fault: Fault | None = None,
        *,
        logins: dict[str, str] | None = None,
        mechanisms: tuple[str, ...] = ("PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"),
        certificate: tuple[Path, Path] | None = None,
        implicit: bool = False,
        extensions: tuple[str, ...] = ("PIPELINING", "SIZE 30000000", "8BITMIME"),
    ) -> None:
        self.fault = fault
        self.logins = logins or {}
        self.mechanisms = mechanisms
        self.implicit = implicit
        self.extensions = extensions
        self.received: list[Received] = []
        self.said: list[str] = []
        self.quitting = threading.Event()
        self.context = _context(certificate) if certificate else None
        self._server = _Server((self.host, 0), _Conversation)
        self._server.house = self
        self._server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)  # so that a long content meets its fault
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def count(self, verb: str) -> int:
        """Return how often a command was given."""
        return sum(line.split(" ")[0].upper() == verb for line in self.said)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.quitting.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    house: FaultySmtp

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that breaks is what this server is for."""


class _HangUp(Exception):
    """The conversation is over."""


class _Conversation(socketserver.BaseRequestHandler):
    request: socket.socket
    server: _Server

    def setup(self) -> None:
        self.house = self.server.house
        self.encrypted = False
        self.user = ""
        self.name = ""
        self._read_from(self.request)

    def _read_from(self, connection: socket.socket) -> None:
        self.connection = connection
        self.lines = connection.makefile("rb")

    def handle(self) -> None:
        try:
            if self.house.implicit:
                self._encrypt()
            self._reply("connect", "220 faulty.test ESMTP")
            while line := self.lines.readline(70_000):
                self._obey(line.decode("latin-1").rstrip("\r\n"))
        except (_HangUp, OSError):
            pass
        finally:
            self.lines.close()
            self.connection.close()

    def _obey(self, line: str) -> None:
        self.house.said.append(line)
        verb, _, rest = line.partition(" ")
        act = {
            "EHLO": self._ehlo,
            "STARTTLS": self._starttls,
            "AUTH": self._auth,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
        }
        act.get(verb.upper(), self._other)(verb.upper(), rest)

    # -- the verbs -----------------------------------------------------------------------------------------------------

    def _ehlo(self, verb: str, rest: str) -> None:
        self.name = rest
        offers = ["faulty.test", *self.house.extensions]
        if self.house.context and not self.encrypted:
            offers.append("STARTTLS")
        if self.house.logins:
            offers.append("AUTH " + " ".join(self.house.mechanisms))
        lines = [f"250{' ' if offer is offers[-1] else '-'}{offer}" for offer in offers]
        self._reply(verb, "\r\n".join(lines))

    def _starttls(self, verb: str, _rest: str) -> None:
        self._reply(verb, "220 2.0.0 go ahead")
        self._encrypt()

    def _auth(self, verb: str, rest: str) -> None:
        mechanism, _, initial = rest.partition(" ")
        known = {"PLAIN": self._plain, "LOGIN": self._login, "XOAUTH2": self._bearer, "OAUTHBEARER": self._bearer}
        self.user = known[mechanism](_decoded(initial))
        self._reply(verb, "235 2.7.0 welcome" if self.user else "535 5.7.8 authentication failed")

    def _mail(self, verb: str, rest: str) -> None:
        found = re.fullmatch(r"FROM:<([^<>]*)>(.*)", rest)
        if found is None:
            self._reply(verb, "501 5.5.4 syntax")
            return
        self.sender, self.parameters, self.recipients = found[1], found[2].strip(), list[str]()
        needs_login = bool(self.house.logins) and not self.user
        self._reply(verb, "530 5.7.0 authentication required" if needs_login else "250 2.1.0 ok")

    def _rcpt(self, verb: str, rest: str) -> None:
        self.recipients.append(rest.removeprefix("TO:<").removesuffix(">"))
        self._reply(verb, "250 2.1.5 ok")

    def _data(self, verb: str, _rest: str) -> None:
        self._reply(verb, "354 go ahead")
        if self._fault(verb):
            return
        wire = bytearray()
        while (line := self.lines.readline()) != b".\r\n":
            if not line:
                raise _HangUp
            if not wire and self._fault("content"):
                self._reply("content", "")
            wire += line
        fault = self._fault("dot")
        if fault is None or fault.stored:
            content = b"".join(line.removeprefix(b".") for line in bytes(wire).splitlines(keepends=True))
            envelope = (self.sender, tuple(self.recipients), self.parameters)
            self.house.received.append(Received(*envelope, self.name, self.encrypted, self.user, content, bytes(wire)))
        self._reply("dot", "250 2.0.0 queued")

    def _other(self, verb: str, _rest: str) -> None:
        self._reply(verb, {"QUIT": "221 2.0.0 bye", "RSET": "250 2.0.0 ok", "NOOP": "250 2.0.0 ok"}.get(verb, "502 5.5.2 what?"))
        if verb == "QUIT":
            raise _HangUp

    # -- logins --------------------------------------------------------------------------------------------------------

    def _plain(self, initial: bytes) -> str:
        _, user, password = (initial or self._challenge(b"")).split(b"\0")
        return self._known(user, password)

    def _login(self, _initial: bytes) -> str:
        return self._known(self._challenge(b"Username:"), self._challenge(b"Password:"))

    def _bearer(self, initial: bytes) -> str:
        user = re.search(rb"(?:user|,a)=([^\x01,]+)", initial)
        token = re.search(rb"auth=Bearer ([^\x01]+)\x01\x01$", initial)
        known = self._known(user[1], token[1]) if user and token else ""
        if not known:
            self._challenge(b'{"status":"401","schemes":"bearer"}')
        return known

    def _known(self, user: bytes, password: bytes) -> str:
        name = user.decode()
        return name if self.house.logins.get(name) == password.decode() else ""

    def _challenge(self, question: bytes) -> bytes:
        self._say(f"334 {base64.b64encode(question).decode()}")
        return _decoded(self.lines.readline().decode().strip())

    # -- speaking ------------------------------------------------------------------------------------------------------

    def _encrypt(self) -> None:
        assert self.house.context is not None
        self.connection.settimeout(10)
        self._read_from(self.house.context.wrap_socket(self.connection, server_side=True))
        self.encrypted = True

    def _fault(self, point: str) -> Fault | None:
        fault = self.house.fault
        return fault if fault is not None and fault.point == point else None

    def _reply(self, point: str, right: str) -> None:
        fault = self._fault(point)
        if fault is None:
            self._say(right)
            return
        if fault.then is Then.DRIP:
            self._drip(fault.reply or right)
        elif fault.reply:
            self._say(fault.reply)
        if fault.then is not Then.GO_ON:
            self._end(fault.then)

    def _end(self, then: Then) -> None:
        if then is Then.HANG:
            self.house.quitting.wait(60)
        if then is Then.RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise _HangUp

    def _drip(self, text: str) -> None:
        """Say an octet every 50 ms, so that no read ever times out."""
        for octet in text.encode() * 1000:
            self.connection.sendall(bytes([octet]).replace(b"\n", b"x"))
            if self.house.quitting.wait(0.05):
                return

    def _say(self, text: str) -> None:
        self.connection.sendall(text.encode("latin-1") + b"\r\n")


def _decoded(text: str) -> bytes:
    return base64.b64decode(text) if text and text != "=" else b""


def _context(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context
