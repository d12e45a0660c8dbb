"""Which digests are due now, whole: entries, coverage, and the bytes of each posting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from service.digest import envelope, timetable, wording
from service.digest.entries import publisher, shorten
from service.digest.rendering import Frame, Rendered, Templates, default, discreet, render, wrap
from service.digest.selection import NOBODY, Choice, PassedOver, choose, gather, sort_out
from service.records import Coverage, Digest, Edition, Material, Notice, Outcome, Posting, Rhythm, Slot

# Gmail clips a mail whose HTML is longer than 102 kB.
HTML_OCTETS = 100_000
NOTICES = 10
PATIENCE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _Order:
    """What plan() was asked for, handed on as one."""

    edition: Edition
    now: datetime
    notices: tuple[Notice, ...]
    sender: envelope.Address
    templates: Templates
    key: str = field(default="", repr=False)
    passed_over: PassedOver = NOBODY


def plan(
    edition: Edition,
    now: datetime,
    last_slot: datetime | None,
    first_seen: datetime,
    material: Sequence[Material],
    notices: Sequence[Notice],
    sender: str,
    templates: Templates | None = None,
    *,
    answered: frozenset[str] = frozenset(),
    answers_left: int = 20,
    key: str = "",
) -> tuple[Digest, ...]:
    """Return the digests that are due now.

    A timetabled edition has one at most, which stands for all slots missed; `each letter`, passing on and the reply mode have one a
    letter, and one without postings for the letters that they are not made of. `answered` are the addresses that the reply mode
    answers: their letters join no other digest. `answers_left` is how many replies, or letters passed on, may go out now; others wait.
    `key` makes Message-IDs that nobody else can guess. Raises ValueError when `sender` or a recipient is not one mail address.
    """
    order = _Order(_never_itself(edition, sender), now, tuple(notices)[:NOTICES], envelope.address(sender), templates or default(), key)
    answered = frozenset(map(str.lower, answered))
    if _at_once(edition):
        return tuple(_one_a_letter(order, material, answered, answers_left))
    slots = list(timetable.missed(edition.timetable, last_slot, first_seen, now))
    order = replace(order, passed_over=_passed_over(material, last_slot, first_seen))
    return (_timetabled(order, slots, material, answered),) if slots else ()


def owes(edition: Edition, now: datetime, last_slot: datetime | None, first_seen: datetime) -> bool:
    """Return whether plan() could have anything to do: for a timetabled edition, whether a slot is due. Costs next to nothing."""
    return _at_once(edition) or timetable.due(edition.timetable, last_slot, first_seen, now) is not None


def preview(
    edition: Edition,
    now: datetime,
    material: Sequence[Material],
    notices: Sequence[Notice] = (),
    templates: Templates | None = None,
    *,
    answered: frozenset[str] = frozenset(),
) -> Digest:
    """Return what a digest would hold if it were due now; it has no postings."""
    order = _Order(edition, now, tuple(notices)[:NOTICES], envelope.Address("preview@invalid"), templates or default())
    slot = Slot(str(_local_date(edition, now)), now)
    rendered, choice = _composed(order, slot, *sort_out(edition, material, answered))
    return replace(_digest(order, slot, rendered, choice), reason="" if choice.entries else "nothing new")


def warning(edition: Edition, notice: Notice, now: datetime, sender: str, templates: Templates | None = None, key: str = "") -> Digest:
    """Return a mail that tells the edition's recipients a notice at once. Its slot is the notice's key: it can't be told twice."""
    order = _Order(edition, now, (notice,), envelope.address(sender), templates or default(), key)
    slot = Slot(notice.key, now)
    rendered = Rendered(f"{shorten(edition.title, 80)}: {shorten(notice.text, 100)}", wrap(envelope.clean(notice.text)) + "\n", "")
    postings = tuple(_posting(order, slot, recipient, rendered) for recipient in _recipients(edition))
    return Digest(edition.name, slot, now, rendered.subject, postings=postings, notices=(notice.key,), text=rendered.text)


def _passed_over(material: Iterable[Material], last_slot: datetime | None, first_seen: datetime) -> PassedOver:
    """Return the letters that earlier slots had no room for; hopeless are those that have waited a week since the edition's first day."""
    came = {letter.fingerprint: max(letter.received, first_seen) for letter in material}
    waiting, hopeless = (
        frozenset(fingerprint for fingerprint, at in came.items() if last_slot and at < last_slot - since)
        for since in (timedelta(), PATIENCE)
    )
    return PassedOver(waiting, hopeless)


def _at_once(edition: Edition) -> bool:
    return edition.answers or edition.whole or edition.timetable.rhythm is Rhythm.EACH_LETTER


def _never_itself(edition: Edition, sender: str) -> Edition:
    """Return the edition, without the service's own address where it would answer letters of its own."""
    if not edition.answers:
        return edition
    specs = [envelope.address(text).spec for text in edition.recipients]
    return replace(edition, recipients=tuple(spec for spec in specs if spec.lower() != envelope.address(sender).spec.lower()))


def _timetabled(order: _Order, slots: Sequence[Slot], material: Sequence[Material], answered: frozenset[str]) -> Digest:
    letters, aside = sort_out(order.edition, material, answered)
    aside = [(one, order.passed_over.again(one) if known.outcome is Outcome.CARRIED_OVER else known) for one, known in aside]
    missed = tuple(dict.fromkeys(date.fromisoformat(slot.name[:10]) for slot in reversed(slots[1:])))
    rendered, choice = _composed(order, slots[0], letters, aside, missed)
    if not (choice.entries or choice.unread or order.notices):
        return Digest(order.edition.name, slots[0], order.now, rendered.subject, coverage=choice.coverage, reason="nothing new")
    postings = tuple(_posting(order, slots[0], recipient, rendered) for recipient in _recipients(order.edition))
    reason = f"also stands for {len(slots) - 1} earlier slots" if missed else ""
    return replace(_digest(order, slots[0], rendered, choice), postings=postings, reason=reason)


def _one_a_letter(order: _Order, material: Sequence[Material], answered: frozenset[str], answers_left: int) -> Iterable[Digest]:
    """Yield a digest for each letter, whose slot is the letter's fingerprint, and one that accounts for the other letters.

    The first one tells the notices; not an answer, since it goes to one of several readers, and the notice may be about another's.
    """
    letters, aside = sort_out(order.edition, [one for one in material if one.outcome is not Outcome.CARRIED_OVER], answered)
    if order.edition.answers or order.edition.whole:  # what strangers can have us send
        letters = letters[:answers_left]
    if order.edition.answers:
        order = replace(order, notices=())
    for letter in letters:
        slot = Slot(letter.fingerprint, letter.received)
        yield _passed_on(order, slot, letter) if order.edition.whole else _about(order, slot, letter)
        order = replace(order, notices=())
    if aside:
        yield _of_the_others(order, Slot(aside[0][0].fingerprint, aside[0][0].received), aside)


def _of_the_others(order: _Order, slot: Slot, aside: Sequence[tuple[Material, Coverage]]) -> Digest:
    """Return what accounts for letters that an edition is not made of: a mail only to name those that could not be read."""
    edition = order.edition
    if edition.answers or edition.whole or not any(_unread(aside)):
        coverage = tuple(coverage for _, coverage in aside)
        return Digest(edition.name, slot, order.now, "", coverage=coverage, reason="letters that this edition is not made of")
    rendered, choice = _composed(order, slot, [], aside)
    postings = tuple(_posting(order, slot, recipient, rendered) for recipient in _recipients(edition))
    return replace(_digest(order, slot, rendered, choice), postings=postings)


def _about(order: _Order, slot: Slot, letter: Material) -> Digest:
    """Return the digest of one letter: to every recipient, or (reply mode) as an answer to its writer."""
    rendered, choice = _composed(order, slot, [letter], [])
    if not order.edition.answers:
        postings = tuple(_posting(order, slot, recipient, rendered) for recipient in _recipients(order.edition))
    else:
        rendered = replace(rendered, subject=_reply_subject(letter))
        postings = (_posting(order, slot, envelope.address(letter.answer_to or ""), rendered, letter),)
    return replace(_digest(order, slot, rendered, choice), postings=postings)


def _passed_on(order: _Order, slot: Slot, letter: Material) -> Digest:
    """Return a letter passed on as it came, attached to a few words."""
    words = wording.words(order.templates.words, order.edition.language)
    said = words.passed_on if letter.raw is not None else words.passed_on_lost
    subject = envelope.clean(letter.subject or "", 160)
    text = "\n\n".join([said, f"{publisher(letter)}: {subject}", *(discreet(notice.text, words) for notice in order.notices)]) + "\n"
    rendered = Rendered(f"{shorten(order.edition.title, 80)}: {subject or publisher(letter)}", text, "")
    coverage = (Coverage(letter.fingerprint, Outcome.PASSED_ON),)
    postings = tuple(_posting(order, slot, recipient, rendered, letter) for recipient in _recipients(order.edition))
    told = tuple(notice.key for notice in order.notices)
    return Digest(order.edition.name, slot, order.now, rendered.subject, coverage=coverage, postings=postings, notices=told, text=text)


def _composed(
    order: _Order, slot: Slot, letters: Sequence[Material], aside: Sequence[tuple[Material, Coverage]], missed: tuple[date, ...] = ()
) -> tuple[Rendered, Choice]:
    """Return the digest of these letters, with as many entries as its edition wants and a mail client shows unclipped."""
    edition = order.edition
    alone = _at_once(edition) and bool(letters)
    told = tuple(notice.text for notice in order.notices)
    day = _local_date(edition, order.now if _at_once(edition) else slot.due)
    frame = Frame(shorten(edition.title, 100) or edition.name, day, edition.language, missed, alone, told)
    room, found = edition.entries, gather(letters)
    while True:
        choice = choose(edition, letters, found, room, order.passed_over)
        choice = replace(choice, coverage=(*choice.coverage, *(one for _, one in aside)), unread=tuple(_unread(aside)))
        rendered = render(frame, choice, order.templates)
        if len(rendered.html.encode(errors="replace")) <= HTML_OCTETS or room <= 1:
            return rendered, choice
        room = room * 3 // 4


def _unread(aside: Iterable[tuple[Material, Coverage]]) -> Iterable[tuple[str, str]]:
    for letter, coverage in aside:
        if coverage.outcome is Outcome.UNREADABLE:
            known = [letter.publisher or "", letter.subject or ""]
            yield ": ".join(name for name in known if name), coverage.reason


def _digest(order: _Order, slot: Slot, rendered: Rendered, choice: Choice) -> Digest:
    told = tuple(notice.key for notice in order.notices)
    return Digest(
        order.edition.name,
        slot,
        order.now,
        rendered.subject,
        choice.entries,
        choice.coverage,
        notices=told,
        text=rendered.text,
        html=rendered.html,
    )


def _posting(order: _Order, slot: Slot, recipient: envelope.Address, rendered: Rendered, letter: Material | None = None) -> Posting:
    """Return the digest as it goes to one recipient; an answer where the reply mode's `letter` is given."""
    edition, sender = order.edition, order.sender
    token = envelope.token(edition.name, slot.name, recipient.spec, sender.spec, order.key)
    message_id = f"<{token}@{sender.domain}>"
    answers, references = (letter.message_id, letter.references) if letter and edition.answers else (None, ())
    head = envelope.Head(
        sender if sender.name else replace(sender, name=edition.title),
        recipient,
        rendered.subject,
        order.now,
        message_id,
        edition.name,
        answers,
        references,
        edition.answers,
    )
    if edition.whole:
        body = envelope.with_letter(rendered.text, letter.raw if letter else None, token)
    else:
        body = envelope.alternative(rendered.text, rendered.html, token)
    return Posting(edition.name, slot.name, sender.spec, recipient.spec, message_id, envelope.seal(head, body))


def _recipients(edition: Edition) -> tuple[envelope.Address, ...]:
    """Return each recipient once."""
    return tuple({one.spec.lower(): one for one in reversed([envelope.address(text) for text in edition.recipients])}.values())[::-1]


def _reply_subject(letter: Material) -> str:
    subject = envelope.clean(letter.subject or "")
    return subject if subject.lower().startswith("re:") else f"Re: {subject}".strip()


def _local_date(edition: Edition, when: datetime) -> date:
    return when.astimezone(ZoneInfo(edition.timetable.zone)).date()
