"""Records to rows and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from service.records import (
    NO_ROOM,
    SECOND_COPY,
    Anchor,
    Cursor,
    Form,
    Kind,
    Letter,
    Material,
    Memory,
    Newsletter,
    Outcome,
    Posting,
    Sentence,
    Story,
    Summary,
    Told,
    Unfetched,
)

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Row

WAITING, READ, UNREADABLE, SKIPPED = "waiting", "read", "unreadable", "skipped"
"""The states of a letter: to be read, read, never to be read (and every edition says so), left alone at the door."""

READABLE = frozenset({Kind.NEWSLETTER, Kind.LIST, Kind.CONFIRMATION})
"""Mail that an edition may be made of; of other mail next to nothing is kept."""

KEPT_WHOLE = frozenset({Kind.NEWSLETTER, Kind.CONFIRMATION})
"""Mail whose bytes are kept until `purge`."""


READ_BY_SOMEBODY = (Outcome.SHOWN.value, Outcome.MERGED.value, Outcome.PASSED_ON.value)
"""The outcomes of letters that a digest brought to its readers."""


def cursor_of(row: Row[Any]) -> Cursor:
    """Return the cursor of a folder's row."""
    anchor = None
    if row.anchor_uid is not None:
        anchor = Anchor(row.anchor_uid, row.anchor_size, row.anchor_date, row.anchor_message_id)
    return Cursor(row.uidvalidity, row.next_uid, anchor)


def cursor_values(cursor: Cursor) -> dict[str, Any]:
    """Return the columns of a cursor."""
    anchor = cursor.anchor
    return {
        "uidvalidity": cursor.uidvalidity,
        "next_uid": cursor.next_uid,
        "anchor_uid": anchor and anchor.uid,
        "anchor_size": anchor and anchor.size,
        "anchor_date": anchor and anchor.internal_date,
        "anchor_message_id": anchor and anchor.message_id,
    }


def letter_values(letter: Letter, now: datetime) -> dict[str, Any]:
    """Return the columns of a letter that is to be read."""
    return _door(letter, now) | {"partial": letter.partial, "state": WAITING, "reason": ""}


def unfetched_values(known: Unfetched, now: datetime) -> dict[str, Any]:
    """Return the columns of a letter that was left at the door."""
    state = SKIPPED if known.outcome is Outcome.SKIPPED else UNREADABLE
    return _door(known, now) | {"partial": False, "state": state, "reason": known.reason}


def _door(item: Letter | Unfetched, now: datetime) -> dict[str, Any]:
    columns = ("fingerprint", "mailbox", "folder", "received", "size")
    return {name: getattr(item, name) for name in columns} | {"stored": now, "due": now}


def wanted(newsletter: Newsletter) -> bool:
    """Whether an edition can be made of it: readable mail, or a letter that asks for an answer."""
    return newsletter.kind in READABLE or newsletter.answer_to is not None


def reading_values(newsletter: Newsletter) -> dict[str, Any]:
    """Return the columns that reading a letter fills; of mail that nobody wants here only what tells letters apart."""
    always = {"kind": newsletter.kind.value, "source": newsletter.source, "message_id": newsletter.message_id}
    if not wanted(newsletter):
        return always
    return always | {
        "publisher": newsletter.publisher,
        "sender": newsletter.sender,
        "subject": newsletter.subject,
        "date": newsletter.date,
        "language": newsletter.language,
        "thread": list(newsletter.references),
        "url": newsletter.url,
        "answer_to": newsletter.answer_to,
    }


def story_values(story: Story, fingerprint: str, position: int) -> dict[str, Any]:
    """Return the columns of a story."""
    return {
        "position": position,
        "key": f"{fingerprint}/{position}",
        "title": story.title,
        "text": story.text,
        "url": story.url,
        "language": story.language,
        "form": story.form.value,
    }


def story_of(row: Row[Any]) -> Story:
    """Return the story of a row."""
    return Story(row.title, row.text, row.url, row.language, Form(row.form))


def summary_values(summary: Summary) -> dict[str, Any]:
    """Return the columns of a summary."""
    return {
        "sentences": [[sentence.text, sentence.start] for sentence in summary.sentences],
        "summary_title": summary.title,
        "written_by": summary.written_by,
        "note": summary.note,
        "tokens": summary.tokens,
    }


def told_of(row: Row[Any]) -> Told:
    """Return a condensed story."""
    sentences = tuple(Sentence(text, start) for text, start in row.sentences)
    return Told(row.key, story_of(row), Summary(sentences, row.summary_title, row.written_by, row.note, row.tokens))


def memory_of(row: Row[Any] | None, salt: bytes) -> Memory:
    """Return what is remembered of a source."""
    if row is None:
        return Memory(salt)
    return Memory(salt, tuple(row.issues), tuple((word, count) for word, count in row.seen))


def memory_values(memory: Memory) -> dict[str, Any]:
    """Return the columns of a memory; the salt is the store's."""
    return {"issues": list(memory.issues), "seen": [list(pair) for pair in memory.seen]}


def material_of(row: Row[Any]) -> Material:
    """Return a letter as an edition gets it, but for stories and bytes; `row.copied` says that it has had another copy of it."""
    outcome, reason = None, ""
    if row.state == UNREADABLE:
        outcome, reason = Outcome.UNREADABLE, row.reason
    elif row.copied:
        outcome, reason = Outcome.MERGED, SECOND_COPY
    return Material(
        fingerprint=row.fingerprint,
        received=row.received,
        source=row.source,
        publisher=row.publisher,
        sender=row.sender,
        kind=Kind(row.kind) if row.kind else None,
        subject=row.subject,
        date=row.date,
        language=row.language,
        message_id=row.message_id,
        references=tuple(row.thread or ()),
        url=row.url,
        answer_to=row.answer_to,
        partial=row.partial,
        outcome=outcome,
        reason=reason,
    )


def without_room(row: Row[Any]) -> Material:
    """Return a letter of which an edition learns that it is there, and no more."""
    return Material(row.fingerprint, row.received, row.source, outcome=Outcome.CARRIED_OVER, reason=NO_ROOM)


def posting_of(row: Row[Any]) -> Posting:
    """Return the posting of a row joined with its digest and its bytes."""
    return Posting(row.edition, row.slot, row.sender, row.recipient, row.message_id, row.content)
