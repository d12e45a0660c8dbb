"""The IMAP commands that we give (RFC 9051), each under a deadline, each answer checked, every surprise a Failure.

Read-only: EXAMINE and BODY.PEEK, so no flag ever changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from imapclient.imap_utf7 import decode as decode_utf7

from service.contracts import Failure, Permanent
from service.edges.fingerprints import letter_fingerprint
from service.edges.imap_answers import Facts, fetched
from service.edges.imap_connection import Deadline, ImapAccount, open_connection
from service.edges.imap_faults import BadAnswer, ConnectionLost, Refused, translated
from service.edges.imap_wire import ROOM
from service.records import Anchor

SLOWEST = 20_000  # octets a second: an answer that comes slower than this is given up
MOST = 2**63 - 1  # RFC 9051, 9: number64; UIDs are smaller
PROMPT = 10.0  # seconds within which a server answers what needs no work
_MESSAGE_ID = re.compile(rb"^message-id:[ \t]*(?:\r?\n[ \t]+)?([^\r\n]{1,998})", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FolderState:
    """What EXAMINE said. `uidnext` is None where the server keeps it to itself, `uidvalidity` then 0."""

    uidvalidity: int
    uidnext: int | None
    exists: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A letter by its size in octets and its arrival; None where the server has no true answer (it was expunged, or is broken)."""

    uid: int
    size: int | None
    received: datetime | None


@dataclass(frozen=True, slots=True)
class Body:
    """What came of a letter, with its fingerprint: taken as it came, while the server was sending the next one."""

    raw: bytes = b""
    fingerprint: str = ""


NOTHING = Body()


class ImapSession:
    """An open connection, used by one thread. After any Failure it is to be closed, never used again."""

    def __init__(self, account: ImapAccount) -> None:
        self._host = account.host
        self._patience = account.read.total_seconds()
        self._soon = min(PROMPT, self._patience)
        self._deadline = Deadline()
        self._client = open_connection(account, self._deadline)

    def alive(self) -> bool:
        """Return whether the server still answers, and promptly."""
        try:
            with self._doing("asking for a sign of life", seconds=self._soon):
                self._client.noop()
        except Failure:
            return False
        return True

    def examine(self, folder: str) -> FolderState:
        """Open a folder read-only. Raises Permanent when there is no such folder, naming those there are."""
        if any(ord(letter) < 32 or ord(letter) == 127 for letter in folder):
            raise Permanent("the name of an IMAP folder holds a control character", "remove it from the folder's name")
        try:
            with self._doing(f"opening the folder {folder}"):
                answer = self._client.select_folder(folder, readonly=True)
        except Refused as refused:
            raise self._no_such_folder(folder) or refused from None
        if any(isinstance(number, int) and number > MOST for number in answer.values()):
            raise BadAnswer(f"opening the folder {folder} at {self._host}: the server counts beyond what IMAP has numbers for")
        return FolderState(answer.get(b"UIDVALIDITY", 0), answer.get(b"UIDNEXT"), answer.get(b"EXISTS", 0))

    def search(self, *criteria: str) -> list[int]:
        """Return the UIDs that match, in ascending order."""
        with self._doing("searching"):
            return sorted({int(uid) for uid in self._client.search(list(criteria)) if int(uid) < MOST})

    def sizes(self, uids: Sequence[int]) -> dict[int, Listed]:
        """Return sizes and arrival times; letters that the server says nothing of are missing."""
        with self._doing("asking for sizes"):
            answer = self._facts(uids, "RFC822.SIZE", "INTERNALDATE")
        return {uid: _listed(uid, answer[uid]) for uid in uids if uid in answer}

    def bodies(self, uids: Sequence[int], expected: int, part: int | None = None) -> dict[int, Body]:
        """Return the octets of letters, about `expected` in all, at most the first `part` of each; those without are missing."""
        item = "BODY.PEEK[]" if part is None else f"BODY.PEEK[]<0.{part}>"
        key = b"BODY[]" if part is None else b"BODY[]<0>"
        found = {}
        with self._doing("fetching letters", seconds=2 * self._patience + expected / SLOWEST, octets=2 * expected):
            for uid, facts in fetched(self._client, uids, [item]):
                octets = facts.get(key)
                if isinstance(octets, bytes) and octets:
                    found[uid] = Body(octets, letter_fingerprint(octets))
        return found

    def anchor(self, uid: int) -> Anchor | None:
        """Return what stands at a UID now; None when nothing does any more."""
        item = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"
        with self._doing("looking at the last letter"):
            facts = self._facts([uid], "RFC822.SIZE", "INTERNALDATE", item).get(uid, {})
        listed, header = _listed(uid, facts), facts.get(b"BODY[HEADER.FIELDS (MESSAGE-ID)]")
        if listed.size is None:
            return None
        return Anchor(uid, listed.size, listed.received, read_message_id(header) if isinstance(header, bytes) else "")

    def folder_names(self) -> tuple[str, ...]:
        """Return the folders that can be opened."""
        return tuple(name for name, flags in self._folders() if b"\\noselect" not in flags)

    def sent_folders(self) -> tuple[str, ...]:
        """Return the folder marked as the one for sent mail (RFC 6154), else the ones that are named so."""
        folders = self._folders()
        marked = tuple(name for name, flags in folders if b"\\sent" in flags)
        return marked or tuple(name for name, _ in folders if name.rpartition("/")[2].rpartition(".")[2].lower().startswith("sent"))

    def _folders(self) -> list[tuple[str, frozenset[bytes]]]:
        """Return names and flags (in lower case); a name that is no modified UTF-7 is left out, not the whole list."""
        self._client.folder_encode = False
        try:
            with self._doing("listing the folders"):
                found = self._client.list_folders()
        finally:
            self._client.folder_encode = True
        return [(name, frozenset(flag.lower() for flag in flags)) for flags, _, raw in found if (name := _folder_name(raw))]

    def can_idle(self) -> bool:
        """Return whether the server offers IDLE (RFC 2177)."""
        with self._doing("asking for capabilities"):
            return bool(self._client.has_capability("IDLE"))

    def idle(self) -> None:
        """Begin to idle. Raises Refused when the server does not want it now."""
        with self._doing("beginning to idle", seconds=self._soon):
            self._client.idle()

    def hear(self, seconds: float) -> bool:
        """Return whether the server says anything within `seconds` of an idle. Raises ConnectionLost at FIN, RST and BYE."""
        with self._doing("idling", seconds=seconds + self._soon):
            line = self._client.idle_line(seconds)
        if line.upper().startswith(b"* BYE"):
            raise ConnectionLost(f"idling at {self._host}: the server said goodbye")
        return bool(line)

    def idle_done(self) -> None:
        """Stop idling. A peer that does not answer promptly is gone, however alive its socket looks."""
        with self._doing("ending an idle", seconds=self._soon):
            self._client.idle_done()

    def close(self) -> None:
        """Say goodbye, or drop the connection when that does not work within two seconds."""
        with suppress(Failure), self._doing("logging out", seconds=2):
            self._client.logout()
        self.drop()

    def drop(self) -> None:
        """Drop the connection without a word: it is broken, or not to be trusted."""
        with suppress(Exception):
            self._client.shutdown()
        self._deadline.release()

    def _facts(self, uids: Sequence[int], *items: str) -> dict[int, Facts]:
        gathered: dict[int, Facts] = {}
        for uid, facts in fetched(self._client, uids, items):
            gathered.setdefault(uid, {}).update(facts)
        return gathered

    @contextmanager
    def _doing(self, what: str, seconds: float | None = None, octets: int = 0) -> Iterator[None]:
        self._client._imap.room = ROOM + octets  # noqa: SLF001
        with translated(f"{what} at {self._host}"), self._deadline.within(seconds or 2 * self._patience):
            yield

    def _no_such_folder(self, folder: str) -> Permanent | None:
        names = self.folder_names()
        if folder in names:
            return None
        return Permanent(f"there is no folder {folder!r} at {self._host}", f"choose from: {', '.join(names[:50]) or 'no folder at all'}")


def read_message_id(letter: bytes) -> str:
    """Return the Message-ID in a letter or its header as it stands there, '' when there is none."""
    found = _MESSAGE_ID.search(letter, 0, (letter.find(b"\r\n\r\n") + 2) or len(letter))
    return found.group(1).strip().decode("latin-1") if found else ""


def _listed(uid: int, facts: dict[bytes, Any]) -> Listed:
    size, received = facts.get(b"RFC822.SIZE"), facts.get(b"INTERNALDATE")
    if not isinstance(size, int) or not 0 < size < MOST:
        return Listed(uid, None, None)  # Dovecot's answer for an expunged letter: OK, size 0, the year 1970
    return Listed(uid, size, received.astimezone(UTC) if isinstance(received, datetime) and received.tzinfo else None)


def _folder_name(raw: bytes | str) -> str:
    try:
        return raw if isinstance(raw, str) else str(decode_utf7(raw))
    except (UnicodeError, ValueError):
        return ""
