"""The tables of the store. What must never happen twice is a UNIQUE constraint here, not an `if` elsewhere.

A letter is stored once (`letter.fingerprint`), an edition has one digest a slot (`digest.edition, slot`) and shows a story once
(`entry.edition, story`), a letter has one outcome an edition (`coverage`), a digest goes to a recipient once (`posting`).

Bytes have tables of their own (`octets`, `frozen`): SQLite rewrites a whole row, blobs included, when one of its columns changes.
A row that somebody works on has a `token`; `due` is then the end of the lease, and else the instant from which it may be claimed.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    literal_column,
)

if TYPE_CHECKING:
    from sqlalchemy import Dialect

REVISION = "0001"
"""The newest migration; a store that says this needs none, and Alembic is not imported."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware time, stored as whole microseconds since 1970 UTC: one order and one meaning on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Return the microseconds; a naive time raises TypeError."""
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the time in UTC."""
        return None if value is None else EPOCH + value * MICROSECOND


class Words(TypeDecorator[str]):
    """Text from letters: what no database takes (NUL, lone surrogates) is replaced, one character by one."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return the text as UTF-8 can hold it."""
        return None if value is None else value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


class Packed(TypeDecorator[Any]):
    """A short list as JSON, in ASCII, so that any character survives."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return the JSON text."""
        return None if value is None else json.dumps(value, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """Return what the JSON text holds."""
        return None if value is None else json.loads(value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _work() -> tuple[Column[Any], ...]:
    """Return the columns of a row that workers claim."""
    return (
        Column("due", Instant, nullable=False),
        Column("token", Text),
        Column("attempt", Integer, nullable=False, default=0, server_default="0"),
    )


def _parent(table: str, **options: Any) -> Column[Any]:
    return Column(table, ForeignKey(f"{table}.id"), nullable=False, **options)


fact = Table("fact", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))
"""What is true of the whole store: its salt, when it started, whether its outbox is held."""

folder = Table(
    "folder",
    metadata,
    Column("mailbox", Text, primary_key=True),
    Column("folder", Text, primary_key=True),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("next_uid", BigInteger, nullable=False),
    Column("anchor_uid", BigInteger),
    Column("anchor_size", BigInteger),
    Column("anchor_date", Instant),
    Column("anchor_message_id", Words),
)

letter = Table(
    "letter",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("fingerprint", Text, nullable=False, unique=True),
    Column("mailbox", Text, nullable=False),
    Column("folder", Text, nullable=False),
    Column("received", Instant, nullable=False),
    Column("stored", Instant, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("partial", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    *_work(),
    Column("reason", Words, nullable=False, default="", server_default=""),
    Column("read", Instant),
    Column("kind", Text),
    Column("source", Words, nullable=False, default="", server_default=""),
    Column("publisher", Words),
    Column("sender", Words),
    Column("subject", Words),
    Column("date", Instant),
    Column("language", Words),
    Column("message_id", Words, index=True),
    Column("thread", Packed),
    Column("url", Words),
    Column("answer_to", Words),
)
waiting = letter.c.state == literal_column("'waiting'")
"""Whether a letter is to be read; written out, since SQLite uses the index only for a condition that it can see."""
Index("ix_letter_waiting", letter.c.due, letter.c.id, sqlite_where=waiting, postgresql_where=waiting)
Index("ix_letter_stored", letter.c.stored)

octets = Table("octets", metadata, _parent("letter", primary_key=True), Column("raw", LargeBinary, nullable=False))
"""A letter's bytes, for as long as they are kept."""

story = Table(
    "story",
    metadata,
    Column("id", Integer, primary_key=True),
    _parent("letter"),
    Column("position", Integer, nullable=False),
    Column("key", Text, nullable=False, unique=True),
    Column("created", Instant, nullable=False),
    Column("title", Words),
    Column("text", Words, nullable=False),
    Column("url", Words),
    Column("language", Words),
    Column("form", Text, nullable=False),
    Column("condensed", Boolean, nullable=False, default=False, server_default="0"),
    *_work(),
    Column("reason", Words, nullable=False, default="", server_default=""),
    Column("sentences", Packed),
    Column("summary_title", Words),
    Column("written_by", Words),
    Column("note", Words),
    Column("tokens", Integer),
    UniqueConstraint("letter", "position"),
)
Index("ix_story_waiting", story.c.due, story.c.id, sqlite_where=~story.c.condensed, postgresql_where=~story.c.condensed)

memory = Table(
    "memory",
    metadata,
    Column("source", Words, primary_key=True),
    Column("issues", Packed, nullable=False),
    Column("seen", Packed, nullable=False),
)
"""What recurred in earlier issues of a source, as hashes salted with the store's salt."""

edition = Table(
    "edition",
    metadata,
    Column("name", Text, primary_key=True),
    Column("first_seen", Instant, nullable=False),
    Column("floor", Integer, nullable=False, default=0, server_default="0"),
)
"""`floor`: every letter with a smaller id is accounted for in this edition, for good; keeps `material` fast for ever."""

digest = Table(
    "digest",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("edition", Text, nullable=False),
    Column("slot", Text, nullable=False),
    Column("due", Instant, nullable=False),
    Column("created", Instant, nullable=False),
    Column("subject", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("html", Words, nullable=False),
    UniqueConstraint("edition", "slot"),
)
Index("ix_digest_due", digest.c.edition, digest.c.due)

entry = Table(
    "entry",
    metadata,
    Column("edition", Text, primary_key=True),
    Column("story", Text, ForeignKey("story.key"), primary_key=True),
    _parent("digest", index=True),
    Column("position", Integer, nullable=False),
)
"""A story that stands in a digest; those with the same position share an entry."""

coverage = Table(
    "coverage",
    metadata,
    Column("edition", Text, primary_key=True),
    _parent("letter", primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("reason", Words, nullable=False),
    _parent("digest", index=True),
    Column("returned", Integer, nullable=False, default=0, server_default="0"),
)
"""What an edition did with a letter; `returned` counts how often its digest was refused and it came again."""

notice = Table(
    "notice",
    metadata,
    Column("key", Words, primary_key=True),
    Column("text", Words, nullable=False),
    Column("created", Instant, nullable=False),
    Column("edition", Text),
)
"""What must be told, in one edition or (null) in every one there is."""

told = Table(
    "told",
    metadata,
    Column("notice", Words, ForeignKey("notice.key"), primary_key=True),
    Column("edition", Text, primary_key=True),
    _parent("digest", index=True),
)

posting = Table(
    "posting",
    metadata,
    Column("id", Integer, primary_key=True),
    _parent("digest"),
    Column("sender", Words, nullable=False),
    Column("recipient", Words, nullable=False),
    Column("message_id", Words, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    *_work(),
    Column("probes", Integer, nullable=False, default=0, server_default="0"),
    Column("reason", Words, nullable=False, default="", server_default=""),
    Column("created", Instant, nullable=False),
    Column("settled", Instant),
    UniqueConstraint("digest", "recipient"),
)
Index("ix_posting_due", posting.c.due, posting.c.id, sqlite_where=posting.c.settled.is_(None), postgresql_where=posting.c.settled.is_(None))

frozen = Table("frozen", metadata, _parent("posting", primary_key=True), Column("content", LargeBinary, nullable=False))
"""A posting's bytes: written with its digest, never changed, dropped by `purge` once it is settled."""

secret = Table(
    "secret",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
"""Tokens, encrypted with the operator's key (token_safe.py)."""
