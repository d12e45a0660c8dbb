"""The road through the parser: each step is a module of its own; this one only calls them in order."""

from __future__ import annotations

from typing import Any

from service.newsletter import kinds, mime, sanitise, source
from service.newsletter.blocks import Judged, Letterhead, Piece, from_html, from_text
from service.newsletter.boilerplate import judge
from service.records import Block, Memory, Newsletter, Story, Unreadable, Verdict


def read(raw: bytes, rules: Any, memory: Memory) -> Newsletter | Unreadable:
    """Return the letter read; whatever goes wrong inside becomes an Unreadable, so that one letter can't stop the others."""
    try:
        return _read(raw, rules, memory)
    except Exception as fault:  # noqa: BLE001 - the promise of this package: no letter raises
        return Unreadable(f"the letter could not be read ({type(fault).__name__})", identify(raw))


def identify(raw: bytes) -> str:
    """Return the identity of the source from the header fields alone."""
    return source.identity(mime.fields(raw))


def _read(raw: bytes, rules: Any, memory: Memory) -> Newsletter | Unreadable:
    mail = mime.open_mail(raw)
    identity = source.identity(mail.headers)
    if not (mail.html or mail.text):
        return Unreadable("the letter holds no text", identity)
    pieces: tuple[Piece, ...] = from_html(sanitise.tame(mail.html)) if mail.html else from_text(mail.text)
    head = Letterhead(mail.headers.text("subject"), source.publisher(mail.headers) or "", "", "", dict(mail.headers.fields[::-1]))
    blocks, stories = _split(judge(pieces, rules, memory, head), head)
    return Newsletter(identity, source.publisher(mail.headers), kinds.kind_of(mail), head.subject or None, None, None, blocks, stories)


def _split(judged: tuple[Judged, ...], head: Letterhead) -> tuple[tuple[Block, ...], tuple[Story, ...]]:
    """Stand-in until `stories` is there: one story of all that was kept."""
    kept = "\n".join(j.piece.text for j in judged if j.verdict is Verdict.KEPT)
    blocks = tuple(Block(j.piece.text, j.verdict, j.reason, 0 if j.verdict is Verdict.KEPT else None) for j in judged)
    return blocks, (Story(None, kept),) if kept else ()
