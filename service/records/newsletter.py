"""A letter read: what it is, who sent it, its blocks and stories."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What sort of mail a letter is; only newsletters are digested."""

    NEWSLETTER = "newsletter"
    LIST = "list"
    CONFIRMATION = "confirmation"
    PERSONAL = "personal"
    TRANSACTIONAL = "transactional"
    NOTICE = "notice"
    OWN = "own"


class Verdict(StrEnum):
    """What a block of text was judged to be."""

    KEPT = "kept"
    ADVERT = "advert"
    BOILERPLATE = "boilerplate"
    HIDDEN = "hidden"


class Form(StrEnum):
    """How much of a story stands in its letter."""

    ARTICLE = "article"
    TEASER = "teaser"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text in reading order, judged, never deleted. `story` is the index of the story it went into, if any."""

    text: str
    verdict: Verdict = Verdict.KEPT
    reason: str = ""
    story: int | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """One item that a digest would list. `title` stood in the letter or is None; `text` does not repeat it."""

    title: str | None
    text: str
    url: str | None = None
    language: str | None = None
    form: Form = Form.ARTICLE


@dataclass(frozen=True, slots=True)
class Memory:
    """What recurred in earlier issues of one source: salted hashes and counts, never text.

    `issues` names the issues remembered; `seen` maps the hash of a block or a build to the number of issues it stood in, and another
    one of a build to the tenths of its text that were dropped.
    """

    salt: bytes = b""
    issues: tuple[str, ...] = ()
    seen: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Newsletter:
    """A letter read. `source` is its publisher's stable identity, `url` its web version.

    `answer_to` is the address a reply may go to: the one From, vouched for by a trusted server, of a mail no machine sent.
    `fates` are the builds (look and containers) of its blocks, each with the share of the text so built that was dropped, 0 to 1.
    """

    source: str
    publisher: str | None
    kind: Kind
    subject: str | None
    date: datetime | None
    language: str | None
    blocks: tuple[Block, ...]
    stories: tuple[Story, ...]
    sender: str | None = None
    message_id: str | None = None
    references: tuple[str, ...] = ()
    url: str | None = None
    answer_to: str | None = None
    fates: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Bytes in which no letter could be read, and why, in words for people."""

    reason: str
    source: str = ""
