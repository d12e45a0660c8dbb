"""The tables of the first release."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "digest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest")),
        sa.UniqueConstraint("edition", "slot", name=op.f("uq_digest_edition_slot")),
    )
    op.create_index("ix_digest_due", "digest", ["edition", "due"], unique=False)
    op.create_table(
        "edition",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("floor", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_edition")),
    )
    op.create_table(
        "fact",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_fact")),
    )
    op.create_table(
        "folder",
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("next_uid", sa.BigInteger(), nullable=False),
        sa.Column("anchor_uid", sa.BigInteger(), nullable=True),
        sa.Column("anchor_size", sa.BigInteger(), nullable=True),
        sa.Column("anchor_date", sa.BigInteger(), nullable=True),
        sa.Column("anchor_message_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("mailbox", "folder", name=op.f("pk_folder")),
    )
    op.create_table(
        "letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("stored", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("partial", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("read", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("publisher", sa.Text(), nullable=True),
        sa.Column("sender", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("date", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("thread", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("answer_to", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_letter_fingerprint")),
    )
    op.create_index(op.f("ix_letter_message_id"), "letter", ["message_id"], unique=False)
    op.create_index("ix_letter_stored", "letter", ["stored"], unique=False)
    op.create_index(
        "ix_letter_waiting",
        "letter",
        ["due", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "memory",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("issues", sa.Text(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_memory")),
    )
    op.create_table(
        "notice",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_notice")),
    )
    op.create_table(
        "secret",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_secret")),
    )
    op.create_table(
        "coverage",
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("letter", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("digest", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["digest.id"], name=op.f("fk_coverage_digest")),
        sa.ForeignKeyConstraint(["letter"], ["letter.id"], name=op.f("fk_coverage_letter")),
        sa.PrimaryKeyConstraint("edition", "letter", name=op.f("pk_coverage")),
    )
    op.create_index(op.f("ix_coverage_digest"), "coverage", ["digest"], unique=False)
    op.create_table(
        "octets",
        sa.Column("letter", sa.Integer(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["letter"], ["letter.id"], name=op.f("fk_octets_letter")),
        sa.PrimaryKeyConstraint("letter", name=op.f("pk_octets")),
    )
    op.create_table(
        "posting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Integer(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("probes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["digest"], ["digest.id"], name=op.f("fk_posting_digest")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting")),
        sa.UniqueConstraint("digest", "recipient", name=op.f("uq_posting_digest_recipient")),
        sa.UniqueConstraint("message_id", name=op.f("uq_posting_message_id")),
    )
    op.create_index(
        "ix_posting_due",
        "posting",
        ["due", "id"],
        unique=False,
        sqlite_where=sa.text("settled IS NULL"),
        postgresql_where=sa.text("settled IS NULL"),
    )
    op.create_table(
        "story",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("letter", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("condensed", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("sentences", sa.Text(), nullable=True),
        sa.Column("summary_title", sa.Text(), nullable=True),
        sa.Column("written_by", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("tokens", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["letter"], ["letter.id"], name=op.f("fk_story_letter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story")),
        sa.UniqueConstraint("key", name=op.f("uq_story_key")),
        sa.UniqueConstraint("letter", "position", name=op.f("uq_story_letter_position")),
    )
    op.create_index(
        "ix_story_waiting",
        "story",
        ["due", "id"],
        unique=False,
        sqlite_where=sa.text("condensed = 0"),
        postgresql_where=sa.text("NOT condensed"),
    )
    op.create_table(
        "told",
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("digest", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["digest.id"], name=op.f("fk_told_digest")),
        sa.ForeignKeyConstraint(["notice"], ["notice.key"], name=op.f("fk_told_notice")),
        sa.PrimaryKeyConstraint("notice", "edition", name=op.f("pk_told")),
    )
    op.create_index(op.f("ix_told_digest"), "told", ["digest"], unique=False)
    op.create_table(
        "entry",
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("digest", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["digest.id"], name=op.f("fk_entry_digest")),
        sa.ForeignKeyConstraint(["story"], ["story.key"], name=op.f("fk_entry_story")),
        sa.PrimaryKeyConstraint("edition", "story", name=op.f("pk_entry")),
    )
    op.create_index(op.f("ix_entry_digest"), "entry", ["digest"], unique=False)
    op.create_table(
        "frozen",
        sa.Column("posting", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["posting"], ["posting.id"], name=op.f("fk_frozen_posting")),
        sa.PrimaryKeyConstraint("posting", name=op.f("pk_frozen")),
    )
