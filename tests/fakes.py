"""A store in memory: the same promises as the store in a database, in the plainest way; what the store is compared with."""
# ruff: noqa: D102, ARG002 -- what each method promises is said in `contracts.Store`

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from service.contracts import Stale, Temporary
from service.records import (
    SECOND_COPY,
    Backlog,
    ClaimedPosting,
    Coverage,
    Digest,
    Material,
    Notice,
    Outcome,
    PostingState,
)
from tests.fake_letters import MemoryLetters, locked
from tests.fake_rows import FIRST, Account, LetterRow, PostingRow, as_material, claim, copy_key, finish, next_due, without_room

FINAL = {PostingState.SENT, PostingState.FAILED, PostingState.CARRIED}


class MemoryStore(MemoryLetters):
    """`contracts.Store` without a database. `held` holds the outbox, as a restored store does."""

    def __init__(self, grace: timedelta = timedelta(minutes=10)) -> None:
        super().__init__()
        self.held = ""
        self.digests: dict[tuple[str, str], Digest] = {}
        self._grace = grace
        self._editions: dict[str, datetime] = {}
        self._entries: dict[tuple[str, str], str] = {}
        self._accounts: dict[tuple[str, str], Account] = {}
        self._notices: dict[str, tuple[Notice, datetime, str | None]] = {}
        self._told: dict[tuple[str, str], str] = {}
        self._postings: dict[str, PostingRow] = {}

    @locked
    def last_slot(self, edition: str, now: datetime) -> datetime | None:
        slots = [digest.slot for (name, _), digest in self.digests.items() if name == edition]
        return max((slot.due for slot in slots if slot.due <= now), default=None)

    @locked
    def first_seen(self, edition: str, now: datetime) -> datetime:
        if self._was_ahead(self._editions.setdefault(edition, now), now):
            self._editions[edition] = now
        return self._editions[edition]

    @locked
    def posted(self, edition: str, since: datetime, until: datetime) -> int:
        digests = [digest for (name, _), digest in self.digests.items() if name == edition]
        return sum(len(digest.postings) for digest in digests if since <= digest.created <= until)

    @locked
    def material(self, edition: str, limit: int = 1000, takes: Callable[[Material], bool] | None = None) -> tuple[Material, ...]:
        owed = [row for row in self._letters.values() if self._is_owed(row, edition)]
        given = [self._given(row, edition) for row in sorted(owed, key=lambda row: row.received)]
        bare = [replace(item, stories=(), raw=None) for item in given]
        taken = [item.outcome is None and (takes is None or takes(item)) for item in bare]
        late = [sum(taken[place:]) > limit for place in range(len(given))]
        return tuple(
            (without_room(item) if too_many else item) if wanted else plain
            for item, plain, wanted, too_many in zip(given, bare, taken, late, strict=True)
        )

    @locked
    def notices(self, edition: str) -> tuple[Notice, ...]:
        due = [
            (created, notice.key, notice)
            for notice, created, only in self._notices.values()
            if (edition, notice.key) not in self._told and (only == edition or (only is None and created >= self._horizon(edition)))
        ]
        return tuple(notice for _, _, notice in sorted(due, key=lambda item: item[:2]))

    @locked
    def add_notice(self, notice: Notice, now: datetime) -> None:
        self._notices.setdefault(notice.key, (notice, now, None))

    @locked
    def noticed(self, key: str) -> bool:
        return key in self._notices

    @locked
    def add_digest(self, digest: Digest) -> bool:
        name, slot = digest.edition, digest.slot.name
        if (name, slot) in self.digests:
            return False
        self._refuse(digest)
        self.digests[name, slot] = digest
        self._entries |= {(name, key): slot for entry in digest.entries for key in entry.keys}
        for covered in digest.coverage:
            old = self._accounts.get((name, covered.fingerprint))
            if old is None or old.coverage.outcome is Outcome.CARRIED_OVER:
                self._accounts[name, covered.fingerprint] = Account(covered, slot, old.returned if old else 0)
        self._told |= {(name, key): slot for key in digest.notices}
        for posting in digest.postings:
            self._postings[posting.message_id] = PostingRow(digest.created, posting=posting, digest=digest)
        return True

    @locked
    def claim_posting(self, now: datetime, lease: timedelta) -> ClaimedPosting | None:
        if self.held:
            return None
        for lost in self._postings.values():
            if lost.state is PostingState.DOT and lost.is_due(now):
                lost.state, lost.due = PostingState.UNKNOWN, now + self._grace
        rows = list(self._postings.values())
        number, row = next_due(rows, lambda row: row.state not in FINAL and row.state is not PostingState.DOT, now)
        if row is None or row.posting is None or row.digest is None:
            return None
        looking = row.state is PostingState.UNKNOWN
        right = claim(number, row, now, lease, counted=not looking)
        row.state = PostingState.UNKNOWN if looking else PostingState.CLAIMED
        return ClaimedPosting(right, row.posting, row.state, row.digest.created, row.probes)

    @locked
    def reach_dot(self, posting: ClaimedPosting, now: datetime) -> None:
        row = self._postings[posting.posting.message_id]
        if row.token != posting.claim.token or row.state is not PostingState.CLAIMED:
            raise Stale
        row.state, row.probes = PostingState.DOT, 0

    @locked
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
        row = self._postings[posting.posting.message_id]
        finish(row, posting.claim)
        row.state, row.settled = state, now if state in FINAL else None
        row.due = due or now + (self._grace if state is PostingState.UNKNOWN else timedelta())
        row.probes += looked
        if state in {PostingState.FAILED, PostingState.CARRIED} and row.digest is not None:
            self._miss(row.digest, state, now)

    @locked
    def arrived(self, message_id: str) -> bool:
        return any(row.newsletter is not None and row.newsletter.message_id == message_id for row in self._letters.values())

    @locked
    def release(self) -> None:
        self.held = ""

    @locked
    def take_over(self, now: datetime) -> None:
        waiting = [row for row in self._letters.values() if row.state == "waiting"]
        unsent = [row for row in self._postings.values() if row.state is not PostingState.UNKNOWN]
        for work in (*waiting, *self._stories.values(), *unsent):
            if work.token is not None:
                work.due = now

    @locked
    def backlog(self) -> Backlog:
        unread = [row.stored for row in self._letters.values() if row.state == "waiting"]
        uncondensed = [row.created for row in self._stories.values() if row.summary is None]
        unsent = [row.digest.created for row in self._postings.values() if row.state not in FINAL and row.digest]
        first, second, third = (min(times, default=None) for times in (unread, uncondensed, unsent))
        return Backlog(len(unread), len(uncondensed), len(unsent), first, second, third, self.held)

    @locked
    def purge(self, before: datetime, now: datetime) -> int:
        read = [row for row in self._letters.values() if row.read and row.read < before]
        old = [row for row in read if all(story.summary for story in row.stories)]
        gone = sum(row.raw is not None for row in old)
        for row in old:
            row.raw = None
            for told in row.stories:
                told.story = replace(told.story, text="")
        return gone

    @locked
    def statistics(self) -> Mapping[str, int]:
        letters = Counter(f"letters {row.state}" for row in self._letters.values())
        postings = Counter(f"postings {row.state}" for row in self._postings.values())
        totals = {"letters": len(self._letters), "stories": len(self._stories), "digests": len(self.digests)}
        return totals | {"postings": len(self._postings)} | letters | postings

    def close(self) -> None:
        """Nothing is open."""

    def _horizon(self, edition: str) -> datetime:
        newest = max((row.stored for row in self._letters.values()), default=None)
        since = self._editions.get(edition) or newest
        return since - (self._start[1] if self._start else timedelta()) if since else FIRST

    def _is_owed(self, row: LetterRow, edition: str) -> bool:
        account = self._accounts.get((edition, row.fingerprint))
        is_open = account is None or account.coverage.outcome is Outcome.CARRIED_OVER
        ready = row.state == "unreadable" or (row.state == "read" and all(story.summary for story in row.stories))
        return is_open and ready and row.stored >= self._horizon(edition)

    def _given(self, row: LetterRow, edition: str) -> Material:
        given = as_material(row)
        had = [known for known in self._letters.values() if known is not row and self._was_brought(known, edition)]
        copied = given.message_id and any(copy_key(as_material(known)) == copy_key(given) for known in had)
        return replace(given, outcome=Outcome.MERGED, reason=SECOND_COPY) if copied else given

    def _was_brought(self, row: LetterRow, edition: str) -> bool:
        account = self._accounts.get((edition, row.fingerprint))
        return account is not None and account.coverage.outcome in {Outcome.SHOWN, Outcome.MERGED, Outcome.PASSED_ON}

    def _refuse(self, digest: Digest) -> None:
        """Raise Temporary for a digest that would show, account for or send anything a second time."""
        keys = [(digest.edition, key) for entry in digest.entries for key in entry.keys]
        if len(set(keys)) < len(keys) or self._entries.keys() & set(keys) or any(key not in self._stories for _, key in keys):
            raise Temporary("a story was shown before")
        for covered in digest.coverage:
            old = self._accounts.get((digest.edition, covered.fingerprint))
            final = old is not None and old.coverage.outcome not in {Outcome.CARRIED_OVER, covered.outcome}
            if final or covered.fingerprint not in self._letters:
                raise Temporary("a letter is accounted for")
        if any(posting.message_id in self._postings for posting in digest.postings):
            raise Temporary("a posting is there")

    def _miss(self, digest: Digest, state: PostingState, now: datetime) -> None:
        """Leave a notice of a digest that did not arrive, and put its letters back when it reached nobody."""
        key = f"{state} {digest.edition} {digest.slot.name}"
        missing = "was refused by a mail server and has not reached everybody" if state is PostingState.FAILED else "may not have arrived"
        text = f'The digest "{digest.subject}", made on {digest.created:%Y-%m-%d at %H:%M} UTC, {missing}.'
        self._notices.setdefault(key, (Notice(key, text), now, digest.edition))
        copies = [self._postings[posting.message_id] for posting in digest.postings]
        if all(row.state is PostingState.FAILED for row in copies):
            self._put_back(digest)

    def _put_back(self, digest: Digest) -> None:
        name, slot = digest.edition, digest.slot.name
        for (edition, fingerprint), account in list(self._accounts.items()):
            shown = account.coverage.outcome in {Outcome.SHOWN, Outcome.MERGED, Outcome.PASSED_ON}
            if edition != name or account.slot != slot or not shown or account.returned >= 2 or fingerprint == slot:
                continue
            again = Coverage(fingerprint, Outcome.CARRIED_OVER, "its digest was refused")
            self._accounts[edition, fingerprint] = Account(again, slot, account.returned + 1)
            mine = {(name, story.key) for story in self._letters[fingerprint].stories}
            self._entries = {shown_as: at for shown_as, at in self._entries.items() if at != slot or shown_as not in mine}
            self._told = {told: at for told, at in self._told.items() if told[0] != name or at != slot}
