"""A mailbox on an IMAP server, collected read-only.

(UIDVALIDITY, UID) is a cursor and nothing more: a restored backup or a rebuilt index hands out both again for other letters. So the
last letter collected is kept as an anchor; when another one stands at its UID, the folder is read from the start, and the store
knows by their fingerprints the letters that it has. Nothing is skipped unseen: a letter is stored, proved gone, or named Unfetched.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from service.contracts import Temporary
from service.edges.fingerprints import place_fingerprint
from service.edges.imap_connection import ImapAccount
from service.edges.imap_faults import BadAnswer, ConnectionLost
from service.edges.imap_idle import IdlePace, idle
from service.edges.imap_session import NOTHING, Body, FolderState, ImapSession, Listed, read_message_id
from service.records import Anchor, Batch, Cursor, Letter, Outcome, Unfetched

_log = logging.getLogger("nutgraf.imap")


@dataclass(frozen=True, slots=True)
class ImapLimits:
    """How much is asked for at once. Sizes in octets, windows in UIDs.

    A SEARCH answer of more than 1,000,000 octets breaks imaplib, a command of more than 8,000 some servers.
    """

    letter: int = 25_000_000
    part: int = 2_097_152
    batch: int = 8_000_000
    letters: int = 100
    listing: int = 500
    window: int = 50_000
    answers: int = 3  # bad answers to a letter fetched alone before it is set aside
    losses: int = 5  # connections lost over a letter fetched alone before it is set aside


class ImapMailbox:
    """One account. `collect` belongs to one thread; `watch` has a connection of its own and may run in another."""

    def __init__(
        self,
        name: str,
        account: ImapAccount,
        folders: tuple[str, ...] = ("INBOX",),
        limits: ImapLimits | None = None,
        pace: IdlePace | None = None,
    ) -> None:
        self.name = name
        self._account = account
        self._folders = folders
        self._limits = limits or ImapLimits()
        self._pace = pace or IdlePace()
        self._session: ImapSession | None = None
        self._widths: dict[str, int] = {}
        self._strikes: dict[tuple[str, int, int], int] = {}

    def folders(self) -> tuple[str, ...]:
        """Return the folders to collect from, as configured."""
        return self._folders

    def collect(self, folder: str, cursor: Cursor | None, since: datetime) -> Iterator[Batch]:
        """Yield what came after `cursor`; see `contracts.Mailbox`. After any Failure the connection is thrown away."""
        try:
            yield from self._collect(folder, cursor, since.replace(microsecond=0))
        except Exception:
            self._drop()
            raise

    def watch(self, changed: Callable[[], None], stopping: Callable[[], bool]) -> None:
        """Idle on the first folder; see `contracts.Mailbox`."""
        session = ImapSession(self._account)
        try:
            session.examine(self._folders[0])
            idle(session, changed, stopping, self._pace)
        finally:
            session.drop()

    def close(self) -> None:
        """Log out."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _collect(self, folder: str, stored: Cursor | None, since: datetime) -> Iterator[Batch]:
        state = self._open(folder)
        reason = "" if stored is None else self._distrust(state, stored)
        if reason:
            _log.warning("reading %s from the start: %s", folder, reason, extra={"action": "rescan", "mailbox": self.name})
        known = Cursor(state.uidvalidity, 1) if stored is None or reason else stored
        if known is not stored and state.exists == 0:
            yield Batch(self.name, folder, stored, known)
        before = stored
        for uids in self._new_uids(state, known.next_uid):
            listed = self._connected.sizes(uids)
            letters = deque(listed.get(uid) or Listed(uid, None, None) for uid in uids)
            while letters:
                batch = self._next_batch(folder, state, letters, since)
                if batch is None:
                    continue
                batch = replace(batch, before=before, after=_with_anchor(batch.after, known.anchor))
                yield batch
                before = known = batch.after

    # -- where to begin ------------------------------------------------------------------------------------------------

    def _open(self, folder: str) -> FolderState:
        if self._session is not None and not self._session.alive():
            self._drop()
        return self._connected.examine(folder)

    def _distrust(self, state: FolderState, cursor: Cursor) -> str:
        """Return why the cursor no longer points where it did, '' when it does. An expunged anchor proves nothing."""
        if state.uidvalidity != cursor.uidvalidity:
            return "UIDVALIDITY changed"
        if state.uidnext is not None and state.uidnext < cursor.next_uid:
            return "UIDNEXT went backwards"
        there = self._connected.anchor(cursor.anchor.uid) if cursor.anchor else None
        if cursor.anchor is None or there is None:
            return ""
        if not cursor.anchor.message_id:
            there = replace(there, message_id="")
        return "" if there == cursor.anchor else "another letter stands at the last UID"

    def _new_uids(self, state: FolderState, start: int) -> Iterator[list[int]]:
        """Yield the UIDs from `start` on, `listing` at a time."""
        for found in self._windows(state, start):
            # n:* always finds the last letter, however small its UID is.
            uids = [uid for uid in found if uid >= start]
            for first in range(0, len(uids), self._limits.listing):
                yield uids[first : first + self._limits.listing]

    def _windows(self, state: FolderState, start: int) -> Iterator[list[int]]:
        if state.exists <= self._limits.window:
            yield self._connected.search("UID", f"{start}:*")
            return
        last = state.uidnext - 1 if state.uidnext else max(self._connected.search("UID", "*"), default=0)
        width = self._limits.window
        while start <= last:
            found = self._connected.search("UID", f"{start}:{min(last, start + width - 1)}")
            yield found
            start += width
            # Where UIDs are sparse the answers are short, and the windows may be wide.
            width = width * 4 if len(found) * 8 < self._limits.window else self._limits.window

    # -- a batch -------------------------------------------------------------------------------------------------------

    def _next_batch(self, folder: str, state: FolderState, letters: deque[Listed], since: datetime) -> Batch | None:
        """Take the next letters off the queue as a batch; None, and smaller steps from here on, when the server's answer was bad."""
        group = self._next_group(folder, letters, since)
        found: dict[int, Letter | Unfetched] | None
        try:
            found = self._fetch(folder, group, since)
        except (BadAnswer, ConnectionLost) as failure:
            self._drop()
            found = self._set_aside(folder, state, group, failure)
            if self._open(folder).uidvalidity != state.uidvalidity:
                raise Temporary(f"{folder} was replaced while it was read") from None
            if found is None:
                letters.extendleft(reversed(group))
                return None
        else:
            self._widths[folder] = min(self._limits.letters, 2 * self._widths.get(folder, self._limits.letters))
        fetched = tuple(item for item in found.values() if isinstance(item, Letter))
        unfetched = tuple(item for item in found.values() if isinstance(item, Unfetched))
        after = Cursor(state.uidvalidity, group[-1].uid + 1, _anchor(group, found))
        return Batch(self.name, folder, None, after, fetched, unfetched)

    def _next_group(self, folder: str, letters: deque[Listed], since: datetime) -> list[Listed]:
        group: list[Listed] = []
        octets = count = 0
        while letters:
            if not _is_old(letters[0], since):
                octets += self._cost(letters[0])
                count += 1
            if group and (octets > self._limits.batch or count > self._widths.get(folder, self._limits.letters)):
                break
            group.append(letters.popleft())
        return group

    def _fetch(self, folder: str, group: list[Listed], since: datetime) -> dict[int, Letter | Unfetched]:
        wanted = [item for item in group if not _is_old(item, since)]
        whole = [item for item in wanted if not self._is_large(item)]
        bodies = self._bodies(whole)
        for item in wanted:
            if item.uid not in bodies and self._is_large(item):
                bodies |= self._bodies([item], part=self._limits.part)
        found: dict[int, Letter | Unfetched] = {}
        for item in group:
            if _is_old(item, since):
                found[item.uid] = self._unfetched(folder, item, Outcome.SKIPPED, "before the start")
            elif (letter := self._complete(folder, item, bodies.get(item.uid, NOTHING))) is not None:
                found[item.uid] = letter
        return found

    def _bodies(self, items: list[Listed], part: int | None = None) -> dict[int, Body]:
        if not items:
            return {}
        return self._connected.bodies([item.uid for item in items], sum(self._cost(item) for item in items), part)

    def _complete(self, folder: str, item: Listed, body: Body) -> Letter | None:
        """Return the letter; None when it is gone from the folder. Raises BadAnswer when it is there but does not come whole."""
        part = self._limits.part if self._is_large(item) else None
        expected = None if item.size is None else min(item.size, part or item.size)
        if len(body.raw) != expected:
            # Gone, or cut short, or the server counts wrongly (Exchange does): what comes twice the same is the letter, if it is
            # not much too short: a server may also repeat its nonsense.
            again = self._bodies([item], part).get(item.uid, NOTHING)
            if again == NOTHING and item.uid not in self._connected.search("UID", str(item.uid)):
                return None
            if again == NOTHING or again != body or 2 * len(body.raw) < (expected or 0):
                raise BadAnswer(f"a letter in {folder} does not come whole")
        size = item.size if item.size is not None and self._is_large(item) else len(body.raw)
        return Letter(body.fingerprint, self.name, folder, item.received or datetime.now(UTC), size, body.raw)

    def _set_aside(
        self, folder: str, state: FolderState, group: list[Listed], failure: BadAnswer | ConnectionLost
    ) -> dict[int, Letter | Unfetched] | None:
        """Return the one letter left of a failing group as unreadable once it failed often enough, None to try a smaller group now.

        Raises the failure where only time can tell: a lost connection, or a letter that has not failed often enough.
        """
        lost = isinstance(failure, ConnectionLost)
        if len(group) > 1:
            self._widths[folder] = len(group) // 2
            if lost:
                raise failure
            return None
        item = group[0]
        place = (folder, state.uidvalidity, item.uid)
        self._strikes[place] = self._strikes.get(place, 0) + 1
        if self._strikes[place] < (self._limits.losses if lost else self._limits.answers):
            raise failure
        reason = "the connection breaks whenever it is fetched" if lost else "the server does not hand it out"
        _log.warning("a letter in %s is set aside: %s", folder, reason, extra={"action": "set_aside", "mailbox": self.name})
        return {item.uid: self._unfetched(folder, item, Outcome.UNREADABLE, reason)}

    def _unfetched(self, folder: str, item: Listed, outcome: Outcome, reason: str) -> Unfetched:
        fingerprint = place_fingerprint(self.name, item.received, item.size)
        return Unfetched(fingerprint, self.name, folder, item.received or datetime.now(UTC), item.size or 0, outcome, reason)

    def _is_large(self, item: Listed) -> bool:
        # A letter of unknown size may be of any size.
        return item.size is None or item.size > self._limits.letter

    def _cost(self, item: Listed) -> int:
        return self._limits.part if item.size is None or self._is_large(item) else item.size

    # -- the connection ------------------------------------------------------------------------------------------------

    @property
    def _connected(self) -> ImapSession:
        if self._session is None:
            self._session = ImapSession(self._account)
        return self._session

    def _drop(self) -> None:
        if self._session is not None:
            self._session.drop()
            self._session = None


def _is_old(item: Listed, since: datetime) -> bool:
    return item.received is not None and item.received < since


def _anchor(group: list[Listed], found: dict[int, Letter | Unfetched]) -> Anchor | None:
    """Return the last letter of the group that is there with a size, None when there is none."""
    for item in reversed(group):
        letter = found.get(item.uid)
        if letter is not None and item.size is not None:
            return Anchor(item.uid, item.size, item.received, read_message_id(letter.raw) if isinstance(letter, Letter) else "")
    return None


def _with_anchor(cursor: Cursor, older: Anchor | None) -> Cursor:
    return cursor if cursor.anchor else replace(cursor, anchor=older)
