"""Letters, issues and digests that we made up, and the ways to bring a store into a state."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from service.contracts import Store
from service.records import (
    Batch,
    ClaimedPosting,
    Coverage,
    Cursor,
    Digest,
    Entry,
    Kind,
    Letter,
    Material,
    Newsletter,
    Outcome,
    Posting,
    Sentence,
    Slot,
    Story,
    Summary,
    Unfetched,
)

NOW = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
LEASE = timedelta(minutes=5)
DAY = timedelta(days=1)
GRACE = timedelta(minutes=10)


def letter(text: str, received: datetime = NOW, size: int | None = None) -> Letter:
    """Return a letter that holds `text`."""
    raw = text.encode()
    return Letter(hashlib.sha256(raw).hexdigest(), "home", "INBOX", received, size or len(raw), raw)


def put(store: Store, *letters: Letter | Unfetched, now: datetime = NOW) -> int:
    """Store letters in the folder INBOX of the mailbox home; return how many were new."""
    before = store.cursor("home", "INBOX")
    after = Cursor(7, (before.next_uid if before else 1) + len(letters))
    fetched = tuple(item for item in letters if isinstance(item, Letter))
    unfetched = tuple(item for item in letters if isinstance(item, Unfetched))
    return store.add_batch(Batch("home", "INBOX", before, after, fetched, unfetched), now)


def newsletter(*titles: str, kind: Kind = Kind.NEWSLETTER, **more: object) -> Newsletter:
    """Return a newsletter with a story for each title."""
    stories = tuple(Story(title, f"{title} happened. Nobody knows why.", f"https://example.org/{title}", "en") for title in titles)
    issue = Newsletter("list.example.org", "The Example", kind, "Issue 1", NOW, "en", (), stories)
    return replace(issue, **more)  # type: ignore[arg-type]


def read_one(store: Store, issue: Newsletter, now: datetime = NOW) -> None:
    """Have the next letter read as `issue`."""
    claimed = store.claim_letter(now, LEASE)
    assert claimed is not None
    store.add_reading(claimed, issue, store.memory(issue.source), now)


def condense_all(store: Store, now: datetime = NOW) -> None:
    """Have every story condensed to its first sentence."""
    while story := store.claim_story(now, LEASE):
        store.add_summary(story, Summary((Sentence(story.story.text.split(". ")[0] + ".", 0),)), now)


def ready(store: Store, text: str = "one", *titles: str, now: datetime = NOW) -> Material:
    """Bring a letter all the way to being material."""
    store.started(now, DAY)
    item = letter(text, now)
    put(store, item, now=now)
    read_one(store, newsletter(*(titles or ("Rain",))), now)
    condense_all(store, now)
    return next(material for material in store.material("daily") if material.fingerprint == item.fingerprint)


def digest(*shown: Material, slot: str = "2026-03-02", to: tuple[str, ...] = ("ann@example.org",), **more: object) -> Digest:
    """Return a digest of the edition `daily` that shows every story of each letter."""
    stories = [told for material in shown for told in material.stories]
    entries = tuple(Entry((told.key,), told.story.title or "", ("It happened.",), told.story.url, ()) for told in stories)
    coverage = tuple(Coverage(material.fingerprint, Outcome.SHOWN) for material in shown)
    copies = tuple(Posting("daily", slot, "nutgraf@example.org", who, f"<{slot}.{who}>", f"to {who}".encode()) for who in to)
    made = Digest("daily", Slot(slot, NOW), NOW, "Three things", entries, coverage, copies, text="text", html="<p>html")
    return replace(made, **more)  # type: ignore[arg-type]


def sent_off(store: Store, **more: object) -> ClaimedPosting:
    """Compose a digest of one letter and claim its posting."""
    assert store.add_digest(digest(ready(store), **more))  # type: ignore[arg-type]
    return claimed(store)


def claimed(store: Store, now: datetime = NOW) -> ClaimedPosting:
    """Claim a posting that must be there."""
    posting = store.claim_posting(now, LEASE)
    assert posting is not None
    return posting


def run_at_once(work: Callable[[], object], threads: int) -> None:
    """Run `work` in several threads that start together; raise what any of them raised."""
    barrier = threading.Barrier(threads)
    failures: list[BaseException] = []

    def one() -> None:
        barrier.wait(10)
        try:
            work()
        except BaseException as failure:  # noqa: BLE001 -- handed to the test below
            failures.append(failure)

    workers = [threading.Thread(target=one) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert not failures, failures
