"""An IMAP server (pymap) and an SMTP server (aiosmtpd) inside this process, on free loopback ports, in memory.

`nutgraf demo` and the tests use them where there is no real server; they need the extra [demo]. What is sent to the address of a
user also lies in that user's INBOX, so that a digest can be read, looked for and met again as it would be in the world.
"""

from __future__ import annotations

import asyncio
import threading
from argparse import Namespace
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self, TypeVar

from aiosmtpd.smtp import SMTP, Envelope, Session
from proxyprotocol.reader import ProxyProtocolReader
from proxyprotocol.sock import SocketInfo
from pymap.backend.dict import Config, Identity, Login
from pymap.concurrent import Subsystem
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.user import Passwords, UserMetadata
from pysasl.hashing import Cleartext

T = TypeVar("T")
PATIENCE = 30.0  # seconds that a call into the servers' thread may take
SIZE_LIMIT = 64_000_000  # octets of one letter


@dataclass(frozen=True, slots=True)
class SentMail:
    """What the SMTP server was handed: the envelope and the bytes, line ends as they came."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes = field(repr=False)


class LoopbackServers:
    """Both servers, running between `with` and its end; `users` maps a user's name, an address, to the password."""

    host = "127.0.0.1"

    def __init__(self, users: Mapping[str, str]) -> None:
        self.users = dict(users)
        self.sent: list[SentMail] = []
        self.imap_port = 0
        self.smtp_port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="loopback-servers", daemon=True)
        self._servers: list[asyncio.Server] = []
        self._sessions: set[asyncio.Task[Any] | None] = set()
        self._config = Config(
            Namespace(proxy_protocol=None),
            host=self.host,
            port=0,
            tls_enabled=False,
            reject_dnsbl=False,
            hash_context=Cleartext(),
            cpu_subsystem=Subsystem.for_asyncio(),
            max_append_len=SIZE_LIMIT,
            demo_data=False,
            demo_user="",
            demo_password="",
            cert_file=None,
            key_file=None,
        )
        self._login = Login(self._config)

    def __enter__(self) -> Self:
        self._thread.start()
        self._call(self._start())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._call(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    def deliver(self, raw: bytes, *, user: str = "", folder: str = "INBOX", received: datetime | None = None) -> None:
        """Put a letter into a user's folder, made when it is missing; the first user and this moment unless said otherwise."""
        self._call(self._append(user or next(iter(self.users)), folder, raw, received or datetime.now(UTC)))

    def add_folder(self, folder: str, *, user: str = "") -> None:
        """Make a folder; when there is one of that name, it goes with its letters, so its UIDVALIDITY changes."""
        self._call(self._renew_folder(user or next(iter(self.users)), folder))

    def expunge(self, uid: int, *, user: str = "", folder: str = "INBOX") -> None:
        """Remove one letter for good, as another mail program would."""
        self._call(self._delete(user or next(iter(self.users)), folder, uid))

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    async def _start(self) -> None:
        passwords = Passwords(self._config)
        for name, password in self.users.items():
            user = UserMetadata(self._config, name, password=await passwords.hash_password(password))
            await self._identity(name).set(user)
        imap = ProxyProtocolReader(self._config.proxy_protocol).get_callback(self._imap_session)
        self._servers = [
            await asyncio.start_server(imap, self.host, 0),
            await self._loop.create_server(self._smtp_session, self.host, 0),
        ]
        self.imap_port, self.smtp_port = (server.sockets[0].getsockname()[1] for server in self._servers)

    async def _imap_session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, client: SocketInfo) -> None:
        """Serve one client, holding on to the task: asyncio holds it weakly, and nobody else does."""
        session = asyncio.current_task()
        self._sessions.add(session)
        try:
            await IMAPServer(self._login, self._config)(reader, writer, client)
        finally:
            self._sessions.discard(session)
            writer.close()

    async def _stop(self) -> None:
        for server in self._servers:
            server.close()
        sessions = asyncio.all_tasks() - {asyncio.current_task()}
        for session in sessions:
            session.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)
        await self._loop.shutdown_default_executor()

    def _identity(self, user: str) -> Identity:
        return Identity(user, self._login, None, frozenset())

    async def _append(self, user: str, folder: str, raw: bytes, received: datetime) -> None:
        async with self._identity(user).new_session() as session:
            folders = session.mailbox_set
            if not any(entry.name == folder for entry in (await folders.list_mailboxes()).list()):
                await folders.add_mailbox(folder)
            mailbox = await folders.get_mailbox(folder)
            await mailbox.append(AppendMessage(raw, received, frozenset()), recent=True)

    async def _renew_folder(self, user: str, folder: str) -> None:
        async with self._identity(user).new_session() as session:
            folders = session.mailbox_set
            if any(entry.name == folder for entry in (await folders.list_mailboxes()).list()):
                await folders.delete_mailbox(folder)
            await folders.add_mailbox(folder)

    async def _delete(self, user: str, folder: str, uid: int) -> None:
        async with self._identity(user).new_session() as session:
            mailbox = await session.mailbox_set.get_mailbox(folder)
            await mailbox.delete([uid])

    def _smtp_session(self) -> SMTP:
        return SMTP(self, hostname="loopback.example", data_size_limit=SIZE_LIMIT, enable_SMTPUTF8=True, loop=self._loop)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802
        """Keep what was sent, and lay it into the INBOX of every recipient who is a user here (called by aiosmtpd)."""
        content = envelope.original_content or b""
        recipients = tuple(envelope.rcpt_tos)
        for recipient in recipients:
            if recipient in self.users:
                await self._append(recipient, "INBOX", content, datetime.now(UTC))
        self.sent.append(SentMail(envelope.mail_from or "", recipients, content))
        return "250 2.0.0 Ok"
