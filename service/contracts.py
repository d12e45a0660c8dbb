"""What the core asks of the world, and how the world may fail.

    Failure
    ├── Temporary   try again later; nothing is lost (edges raise this for whatever they do not know)
    ├── Permanent   this item will never succeed; record it, set it aside, go on
    │   └── Unauthorised   no item's fault: the login was refused; nobody tries again before a person has acted
    └── Unknown     the server may have accepted the message or not: look for it, never send it blindly again

A step that meets any other exception has a bug: it is logged with its traceback and the daemon restarts the step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from service.records import (
    Backlog,
    Batch,
    ClaimedLetter,
    ClaimedPosting,
    ClaimedStory,
    Cursor,
    Digest,
    Material,
    Memory,
    Newsletter,
    Notice,
    Posting,
    PostingState,
    Story,
    Summary,
    Unreadable,
)


class Failure(Exception):
    """Something in the world did not work. The message is for people and holds no secret and no text of a letter."""

    @property
    def told(self) -> str:
        """What went wrong, and how to mend it where waiting does not."""
        return str(self)


class Temporary(Failure):
    """It may work later. `retry_after` is the world's own wish, where it has one."""

    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Permanent(Failure):
    """It will never work without a person. `fix` says what that person should do."""

    def __init__(self, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.fix = fix

    @property
    def told(self) -> str:
        """What went wrong, and how to mend it."""
        return f"{str(self).rstrip('.')}. To mend: {self.fix}" if self.fix else str(self)


class Unauthorised(Permanent):
    """The server refused the login, or a token needs a new `nutgraf login`: the way is closed for every item alike."""


class Unknown(Failure):
    """The connection was lost after the final dot and before the answer."""


Now = Callable[[], datetime]
"""The clock, handed to whatever takes longer than a moment; aware, UTC."""


class Mailbox(Protocol):
    """Where letters come from. Read-only: nothing in it is changed by any of these."""

    @property
    def name(self) -> str:
        """The name under which cursors and letters of this mailbox are stored."""

    def folders(self) -> tuple[str, ...]:
        """Return the folders to collect from."""

    def collect(self, folder: str, cursor: Cursor | None, since: datetime) -> Iterator[Batch]:
        """Yield what came after `cursor`, in batches bounded by octets and count; letters received before `since` as Unfetched.

        Each batch must be stored before the next one is asked for. Raises Temporary (connection, server), Permanent (no such
        folder) or Unauthorised (password).
        """

    def watch(self, changed: Callable[[], None], stopping: Callable[[], bool]) -> None:
        """Call `changed` whenever something may have come, until `stopping()`; returns at once where the mailbox can't tell.

        A hint beside polling, never instead of it. Raises Temporary when the connection is lost.
        """

    def close(self) -> None:
        """Let go of the connection; the next call opens a new one."""


class Reader(Protocol):
    """Reads letters within limits of processor time and memory."""

    def identify(self, raw: bytes) -> str:
        """Return the identity of the letter's source. Raises Temporary when reading was cut short by a limit."""

    def read(self, raw: bytes, memory: Memory) -> tuple[Newsletter | Unreadable, Memory]:
        """Return the letter read, and the memory with this issue added. Raises Temporary when cut short by a limit."""


class Summariser(Protocol):
    """Condenses one story."""

    def summarise(self, story: Story, sentences: int) -> Summary:
        """Return at most `sentences` sentences of the story, in reading order. Raises Temporary when cut short by a limit."""


class Courier(Protocol):
    """Hands postings to the world."""

    def send(self, posting: Posting, dot: Callable[[], None]) -> str:
        """Send the posting's bytes and return the server's answer.

        `dot` is called when all but the final dot has been sent: it commits that from here on the outcome may be unknown; when it
        raises, the message is not completed. Raises Temporary or Permanent (definite: the server did not take it), Unauthorised,
        Unknown (no answer after the dot).
        """


class Probe(Protocol):
    """Looks whether a posting has arrived."""

    def find(self, posting: Posting) -> bool | None:
        """Return whether the posting stands in its recipient's mailbox or in Sent; None where we can't look.

        Raises Temporary, or Unauthorised when that mailbox refuses the login.
        """


class Store(Protocol):
    """The only hand-off between the steps. Each method that writes is one transaction, or raises Temporary and changes nothing.

    A method that takes a claim raises Stale when the claim has been lost to another worker.
    """

    # collect
    def cursor(self, mailbox: str, folder: str) -> Cursor | None:
        """Return where collecting goes on; None for a folder never seen."""

    def started(self, now: datetime, lookback: timedelta) -> datetime:
        """Return the instant from which letters count: `now - lookback` at the very first call, the same for ever after.

        One that lies ahead, of a clock that was ahead, is fixed anew and every cursor forgotten: letters were taken for old.
        """

    def add_batch(self, batch: Batch, now: datetime) -> int:
        """Store the letters not stored yet and move the cursor; return how many fetched letters were new.

        Raises Temporary when the cursor is no longer `batch.before` (another worker collected meanwhile) and when the disk is
        nearly full.
        """

    # read
    def claim_letter(self, now: datetime, lease: timedelta) -> ClaimedLetter | None:
        """Return the next letter to read, its attempt counted and committed; None when nothing is due.

        A letter whose lease ran out is given again, with a higher `claim.attempt` each time: it killed whoever read it, so the caller
        sets it aside unread once the attempt is beyond its limit.
        """

    def memory(self, source: str) -> Memory:
        """Return what is remembered of a source: the store's salt and nothing more for a new one."""

    def add_reading(self, letter: ClaimedLetter, newsletter: Newsletter, memory: Memory, now: datetime) -> None:
        """Store a letter read, its stories (each to be condensed) and the source's memory.

        The bytes are kept for newsletters and confirmations alone. Of personal and transactional mail, notices and our own digests
        nothing is kept but the kind, the source and the Message-ID, unless the letter has `answer_to`: then its stories are wanted.
        """

    def add_unreadable(self, letter: ClaimedLetter, reason: str, now: datetime, source: str = "") -> None:
        """Set a letter aside for good, with the reason that the next digest names; its bytes are kept for `purge`."""

    def postpone_letter(self, letter: ClaimedLetter, due: datetime, reason: str, *, counted: bool = True) -> None:
        """Give a letter back, to be read again at `due`; not `counted`, this attempt is none, since it ended by no fault of the letter."""

    # condense
    def claim_story(self, now: datetime, lease: timedelta) -> ClaimedStory | None:
        """Return the next story to condense, its attempt counted and committed; None when nothing is due."""

    def add_summary(self, story: ClaimedStory, summary: Summary, now: datetime) -> None:
        """Store the summary of a story."""

    def postpone_story(self, story: ClaimedStory, due: datetime, reason: str, *, counted: bool = True) -> None:
        """Give a story back, to be condensed again at `due`; see `postpone_letter` for `counted`."""

    # compose
    def last_slot(self, edition: str, now: datetime) -> datetime | None:
        """Return when the edition's last slot was due, of those due by now (a clock that was ahead served more); None before its first."""

    def first_seen(self, edition: str, now: datetime) -> datetime:
        """Return when this edition was first seen, `now` at the first call: slots before it are not owed. One that lies ahead gives way.

        (It was a clock that was ahead then; not where it is behind now, as letters that came later show.)
        """

    def posted(self, edition: str, since: datetime, until: datetime) -> int:
        """Return how many postings the edition has had between two instants; what the reply mode's rate is limited by."""

    def material(self, edition: str, limit: int = 1000, takes: Callable[[Material], bool] | None = None) -> tuple[Material, ...]:
        """Return the letters that the edition has not accounted for for good, oldest first; none with a story still to be condensed.

        Those that it `takes` (all, where that is not said) come with their stories: the `limit` newest; the others of them come bare, as
        CARRIED_OVER for want of room. A letter that it does not take comes without its stories.
        Letters collected more than `started`'s lookback before the edition was first seen are none of its business. CARRIED_OVER is
        not for good: such a letter is given again. Letters skipped at the door (before the start) are never given. A further copy of
        a letter that a digest has shown, merged or passed on (same source, Message-ID and date, other bytes) is given as MERGED.
        """

    def notices(self, edition: str) -> tuple[Notice, ...]:
        """Return what the edition's next digest must tell and has not told (`Digest.notices` names the keys of those it tells)."""

    def add_notice(self, notice: Notice, now: datetime) -> None:
        """Have something told once, by the next digest of each edition there is; the same key again changes nothing."""

    def noticed(self, key: str) -> bool:
        """Return whether there was ever a notice of this key."""

    def add_digest(self, digest: Digest) -> bool:
        """Store a digest, its coverage, notices told and postings; False, and nothing changed, when the slot is taken.

        Raises Temporary, and nothing changed, when a story was shown to this edition before, or a letter has another final outcome:
        the digest was planned on material that another worker has used meanwhile.
        """

    # deliver
    def claim_posting(self, now: datetime, lease: timedelta) -> ClaimedPosting | None:
        """Return the next posting due for sending (READY) or for looking (UNKNOWN), claimed; None when nothing is due.

        A CLAIMED posting whose lease is over becomes READY; a DOT posting whose lease is over becomes UNKNOWN, to be looked for after
        ten minutes more: longer than a server keeps a dead connection's message open. None while the store is held (`release`).
        """

    def reach_dot(self, posting: ClaimedPosting, now: datetime) -> None:
        """Commit that the final dot is about to be sent."""

    def settle(
        self,
        posting: ClaimedPosting,
        state: PostingState,
        now: datetime,
        reason: str = "",
        due: datetime | None = None,
        *,
        looked: bool = False,
    ) -> None:
        """Commit what became of a posting: READY (at `due`, else now), UNKNOWN (at `due`, else in ten minutes), SENT, FAILED or CARRIED.

        `looked` says that we could look and did not find it: only then is `probes` counted (a look that failed proves nothing).
        CARRIED and FAILED leave a notice for the edition's next digest. When every posting of a digest is FAILED nobody has read it:
        its letters come again with the next slot (CARRIED_OVER), at most twice; not so where the slot was the letter itself.
        """

    def arrived(self, message_id: str) -> bool:
        """Return whether a letter with this Message-ID was collected: our own digest came back to a mailbox we watch."""

    def release(self) -> None:
        """Let postings go out again that are held because the store was restored from a backup."""

    # housekeeping
    def take_over(self, now: datetime) -> None:
        """End every lease now. For whoever has just become the store's only user: what a killed daemon held need not wait."""

    def backlog(self) -> Backlog:
        """Return what waits, and since when."""

    def purge(self, before: datetime, now: datetime) -> int:
        """Drop the bytes of letters read, and of postings settled, before `before`; return of how many letters.

        The texts of the stories go with them; titles, links and summaries stay.
        """

    def statistics(self) -> Mapping[str, int]:
        """Return the number of letters by state, for people and for tests."""

    def close(self) -> None:
        """Let go of the database."""


class Stale(Temporary):
    """The claim was lost: its lease ran out and another worker took the row."""

    def __init__(self) -> None:
        super().__init__("another worker took this over")
