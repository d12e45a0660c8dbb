"""The road through the parser: each step is a module of its own; this one only calls them in order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from service.newsletter import authentication, dates, forwarded, glue, kinds, language, links, mime, sanitise, source, stories, titles
from service.newsletter.blocks import HIDDEN, Judged, Letterhead, Piece, from_html, from_text
from service.newsletter.boilerplate import judge
from service.newsletter.fates import fates
from service.newsletter.features import extent
from service.newsletter.headers import Headers
from service.newsletter.mime import Mail
from service.newsletter.phrases import Rules
from service.records import Form, Kind, Memory, Newsletter, Story, Unreadable

_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,990}>")
_SCRAPED = 900  # characters: a longer paragraph may be a page scraped into one line


def read(raw: bytes, rules: Rules, memory: Memory) -> Newsletter | Unreadable:
    """Return the letter read; whatever goes wrong inside becomes an Unreadable, so that one letter can't stop the others."""
    try:
        return _read(raw, rules, memory)
    except Exception as fault:  # noqa: BLE001 - the promise of this package: no letter raises
        return Unreadable(f"the letter could not be read ({type(fault).__name__})", identify(raw))


def identify(raw: bytes) -> str:
    """Return the identity of the source; the body is looked at only where the header fields leave a forward possible."""
    try:
        found = mime.fields(raw)
        return source.identity(forwarded.unwrap(mime.open_mail(raw)).headers if forwarded.may_be_forward(found) else found)
    except Exception:  # noqa: BLE001 - as for `read`
        return ""


def _read(raw: bytes, rules: Rules, memory: Memory) -> Newsletter | Unreadable:
    outer = mime.open_mail(raw)
    mail = forwarded.unwrap(outer)
    kind = kinds.kind_of(mail, rules)
    if (reason := mime.unreadable(mail)) and kind is not Kind.NOTICE:
        return Unreadable(reason, source.identity(mail.headers))
    pieces = from_html(sanitise.tame(mail.html)) if mail.html else from_text(sanitise.tame_text(mail.text))
    head = _letterhead(mail)
    judged = _judged(mail, pieces, rules, memory, head)
    web = links.web_version(pieces, rules)
    blocks, told = stories.split(judged, head.subject or titles.page_title(mail.html))
    tongue, finished = _finished(told, pieces, web)
    return Newsletter(
        source=source.identity(mail.headers),
        publisher=head.publisher or None,
        kind=kind,
        subject=head.subject or None,
        date=_date(mail, judged),
        language=tongue,
        blocks=blocks,
        stories=finished,
        sender=head.sender or None,
        message_id=next(iter(_ids(outer.headers, "message-id")), None),
        references=_ids(outer.headers, "references") or _ids(outer.headers, "in-reply-to"),
        url=web,
        answer_to=authentication.answer_to(outer.headers, rules.trusted_authserv_ids),
        fates=fates(judged),
    )


def _finished(told: Sequence[Story], pieces: Sequence[Piece], web: str | None) -> tuple[str | None, tuple[Story, ...]]:
    """Return the letter's language, and its stories with theirs, else the letter's (a picture has none), and with their links: a letter
    that is one article is found at its web version.
    """
    said = ["" if story.form is Form.PICTURE else f"{story.title or ''}\n{story.text}" for story in told]
    spoken = list(map(language.detect, said))
    tongue = _tongue(said, spoken, pieces)
    own = web if len(told) == 1 else None
    found = zip(told, said, spoken, strict=True)
    return tongue, tuple([replace(one, language=(its or tongue) if text else None, url=one.url or own) for one, text, its in found])


def _tongue(said: Sequence[str], spoken: Sequence[str | None], pieces: Sequence[Piece]) -> str | None:
    """Return the language that most of what the stories say is in; where it can't be told, that of all they say, or of all that is seen."""
    sizes: dict[str | None, int] = {}
    for text, its in zip(said, spoken, strict=True):
        sizes[its] = sizes.get(its, 0) + extent(text)
    if most := max(sizes, key=sizes.__getitem__, default=None):
        return most
    seen = "\n".join([piece.text for piece in pieces if not piece.hidden])
    return language.detect("\n".join(said)) or language.detect(seen) or language.detect(seen[len(seen) // 2 :])


def _judged(mail: Mail, pieces: tuple[Piece, ...], rules: Rules, memory: Memory, head: Letterhead) -> tuple[Judged, ...]:
    """Judge the pieces. Running text has no wrapping of its own but what is glued into its paragraphs; a letter may hold one."""
    if mail.bare and not mail.html:
        return glue.part([Judged(piece) for piece in pieces], rules)
    return glue.part(judge(pieces, rules, memory, head), rules, _SCRAPED)


def _letterhead(mail: Mail) -> Letterhead:
    return Letterhead(
        subject=source.subject(mail.headers),
        publisher=source.publisher(mail.headers) or "",
        sender=source.sender(mail.headers).address,
        headers=dict(mail.headers.fields[::-1]),
    )


def _date(mail: Mail, judged: tuple[Judged, ...]) -> datetime | None:
    """The Date field's date, else what the text states, also in what was dropped: a date line is wrapping."""
    if found := dates.sent(mail.headers.get("date")):
        return found
    seen = "\n".join([one.piece.text for one in judged[:40] if one.verdict is not HIDDEN])
    return dates.stated(seen) or dates.received(mail.headers.get("received"))


def _ids(headers: Headers, name: str) -> tuple[str, ...]:
    return tuple(_MESSAGE_ID.findall(headers.get(name)))[:100]
