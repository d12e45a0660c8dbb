"""Which digests are due, and what they account for."""

from __future__ import annotations

import email
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.digest import owes, plan, preview
from service.records import Digest, Edition, Kind, Material, Notice, Outcome
from tests.digest.letters import BEGAN, EACH, NOW, REPLY, SENDER, WHOLE, YESTERDAY, edition, headline, letter, story


def _plan(asked: Edition, *material: Material, notices: Sequence[Notice] = (), **changes: Any) -> tuple[Digest, ...]:
    last = changes.pop("last_slot", YESTERDAY)
    return plan(asked, changes.pop("now", NOW), last, BEGAN, material, notices, changes.pop("sender", SENDER), **changes)


def _outcomes(digests: Sequence[Digest]) -> dict[str, tuple[Outcome, str]]:
    return {one.fingerprint: (one.outcome, one.reason) for digest in digests for one in digest.coverage}


def test_nothing_is_due_before_the_hour() -> None:
    """Before 07:00 there is no digest, whatever waits."""
    assert _plan(edition(), letter(1), now=NOW - timedelta(hours=1)) == ()


def test_a_due_slot_has_one_digest_with_a_posting_a_recipient() -> None:
    """Two recipients get a posting each, with a Message-ID of its own, and neither sees the other."""
    (digest,) = _plan(edition(recipients=("anna@example.org", "Bo <bo@example.net>")), letter(1))
    assert [posting.recipient for posting in digest.postings] == ["anna@example.org", "bo@example.net"]
    assert len({posting.message_id for posting in digest.postings}) == 2
    assert b"bo@example.net" not in digest.postings[0].content


def test_a_recipient_named_twice_gets_one() -> None:
    """The same address in another case is the same reader."""
    (digest,) = _plan(edition(recipients=("anna@example.org", "Anna <ANNA@example.org>")), letter(1))
    assert len(digest.postings) == 1


def test_the_same_plan_has_the_same_bytes() -> None:
    """Planning again, after a crash, writes the same mail."""
    assert _plan(edition(), letter(1), letter(2)) == _plan(edition(), letter(1), letter(2))


def test_an_empty_slot_is_served_without_a_mail() -> None:
    """With nothing to show, the slot is taken, the letters are accounted for and nobody is written to."""
    (digest,) = _plan(edition(), letter(1, kind=Kind.PERSONAL))
    assert (digest.postings, digest.reason) == ((), "nothing new")
    assert list(_outcomes([digest]).values()) == [(Outcome.SKIPPED, "personal mail")]


def test_a_notice_is_told_even_when_nothing_is_new() -> None:
    """What a reader must know goes out without stories."""
    (digest,) = _plan(edition(), notices=(Notice("k1", "The digest of 21 November may not have arrived."),))
    assert digest.notices == ("k1",)
    assert "may not have arrived" in digest.postings[0].content.decode()


def test_missed_slots_are_one_digest() -> None:
    """After four days off one digest comes, for the latest slot, and says which days it stands for."""
    (digest,) = _plan(edition(), letter(1), last_slot=YESTERDAY - timedelta(days=3))
    assert digest.slot.name == "2026-11-22"
    assert "19 November, 20 November, 21 November" in digest.text


def test_every_letter_ends_in_one_state() -> None:
    """Whatever letters there are, coverage names each one once, and the footer adds them up."""
    material = [letter(n, kind=kind) for n, kind in enumerate(Kind)] + [
        letter(20, outcome=Outcome.UNREADABLE, reason="too deeply nested"),
        letter(21, kind=Kind.NEWSLETTER, stories=()),
        letter(22, publisher="Elsewhere", source="elsewhere.example"),
    ]
    digests = _plan(edition(sources=("list*", "Paper *")), *material)
    assert sorted(one.fingerprint for one in digests[0].coverage) == sorted(one.fingerprint for one in material)
    told = " ".join(digests[0].text.split())
    assert f"{len(material)} letters: 1 shown, 1 passed on, {len(material) - 3} left out" in told


def test_an_unreadable_letter_is_named_with_its_reason() -> None:
    """The reader learns which letter could not be read, and why, without the addresses in it."""
    lost = letter(9, outcome=Outcome.UNREADABLE, reason="too deeply nested", subject="Offer for ann@example.com", stories=())
    (digest,) = _plan(edition(), letter(1), lost)
    assert "Paper 9: Offer for (an address): too deeply nested" in digest.text


def test_a_letter_waits_for_room_a_week_at_most() -> None:
    """A letter that slots have passed over for a week is given up; one that came while the service was off has had no slot yet."""
    letters = [letter(1, hours=24 * 9), letter(2, hours=24 * 9 - 1)]
    ends = [
        _plan(edition(entries=1), *letters, last_slot=last)[0].coverage[1].outcome for last in (YESTERDAY, YESTERDAY - timedelta(days=9))
    ]
    assert ends == [Outcome.SKIPPED, Outcome.CARRIED_OVER]


@pytest.mark.parametrize(("age", "end"), [(1, Outcome.CARRIED_OVER), (9, Outcome.SKIPPED)])
def test_a_letter_that_comes_bare_is_accounted_for(age: int, end: Outcome) -> None:
    """Of more letters than a digest looks at, the older ones are carried over, for a week at most; an edition at once lets them wait."""
    bare = letter(1, hours=24 * age, stories=(), outcome=Outcome.CARRIED_OVER, reason="no room in this digest")
    assert _outcomes(_plan(edition(), bare, letter(2)))[bare.fingerprint][0] is end
    assert list(_outcomes(_plan(edition(timetable=EACH), bare, letter(2)))) == [letter(2).fingerprint]


def test_a_letter_from_before_the_first_day_waits_a_week_from_then_on() -> None:
    """Who looks back for months does not get last winter's letters on every quiet day."""
    letters = [letter(1, hours=24 * 90), letter(2, source="list1.example")]
    ends = [
        _outcomes(plan(edition(entries=1), NOW, YESTERDAY, began, letters, (), SENDER))[letters[0].fingerprint][0]
        for began in (YESTERDAY - timedelta(days=3), YESTERDAY - timedelta(days=9))
    ]
    assert ends == [Outcome.CARRIED_OVER, Outcome.SKIPPED]


def test_a_letter_that_is_answered_joins_no_other_digest() -> None:
    """The daily edition leaves it out and says why."""
    digests = _plan(edition(), letter(1, answer_to="anna@example.org"), answered=frozenset({"ANNA@example.org"}))
    assert list(_outcomes(digests).values()) == [(Outcome.SKIPPED, "answered by mail")]


def test_what_is_not_due_need_not_be_gathered() -> None:
    """A step can ask whether there may be anything to plan before it reads letters from the store."""
    early = NOW - timedelta(hours=1)
    assert [owes(edition(), moment, YESTERDAY, BEGAN) for moment in (early, NOW)] == [False, True]
    assert owes(edition(timetable=EACH), early, YESTERDAY, BEGAN)


def test_nobody_without_the_key_can_work_out_a_message_id() -> None:
    """A stranger who could would have a digest held back, by a mail that looks like it; who has the key comes to the same."""
    mine, again, guessed = (_plan(edition(), letter(1), key=key)[0].postings[0] for key in ("k", "k", ""))
    assert mine.message_id == again.message_id != guessed.message_id
    assert guessed.message_id.strip("<>").partition("@")[0] not in mine.content.decode()


def test_a_wrong_sender_is_refused() -> None:
    """An address that isn't one never gets into a mail."""
    with pytest.raises(ValueError, match="mail address"):
        _plan(edition(), letter(1), sender="nutgraf@example.org, evil@example.com")


def test_html_stays_under_what_mail_clients_clip() -> None:
    """An edition of five hundred long entries is cut to what Gmail shows, and says how many stories stayed out."""
    long = [letter(n, *[headline(n * 6 + k) for k in range(6)]) for n in range(100)]
    (digest,) = _plan(edition(entries=500), *long)
    assert 60_000 < len(digest.html.encode()) <= 100_000
    assert "Stories not shown: " in " ".join(digest.text.split())


def test_a_preview_is_the_digest_without_postings() -> None:
    """It shows what is due now, and sends nothing."""
    (digest,) = _plan(edition(), letter(1))
    shown = preview(edition(), NOW, [letter(1)])
    assert (shown.text, shown.postings) == (digest.text, ())


LINE = st.none() | st.text(st.characters() | st.sampled_from("\ud800\0\x0b\u202e\u2028\r\n=?"), max_size=60)
LETTERS = st.lists(
    st.builds(
        lambda number, title, said, page, **facts: letter(number, story(said, title, url=page), **facts),
        st.integers(0, 6),
        LINE,
        st.text(st.characters() | st.sampled_from("\ud800\0\x0b\u202e."), max_size=80),
        LINE,
        hours=st.integers(-5, 400),
        publisher=LINE,
        sender=LINE,
        subject=LINE,
        language=LINE,
        message_id=LINE,
        url=LINE,
        source=st.text(max_size=20),
        kind=st.none() | st.sampled_from(Kind),
        outcome=st.sampled_from([None, None, None, Outcome.UNREADABLE, Outcome.SKIPPED]),
        reason=st.text(max_size=40),
        answer_to=st.none() | st.just("anna@example.org"),
        raw=st.none() | st.binary(max_size=60),
    ),
    max_size=6,
    unique_by=lambda one: one.fingerprint,
)


@given(LETTERS, st.sampled_from([edition(), edition(timetable=EACH), REPLY, WHOLE]), st.text(max_size=40))
def test_any_letters_can_be_planned(letters: list[Material], asked: Edition, title: str) -> None:
    """Whatever the letters hold, planning returns, accounts for each letter once, and every posting reads back as one mail."""
    digests = _plan(replace(asked, title=title), *letters)
    assert sorted(one.fingerprint for digest in digests for one in digest.coverage) == sorted(one.fingerprint for one in letters)
    for written in (text for digest in digests for text in (digest.subject, digest.text, digest.html)):
        assert written.encode().find(b"\0") == -1
    for posting in (posting for digest in digests for posting in digest.postings):
        mail = email.message_from_bytes(posting.content)
        assert (mail["To"], mail["Message-ID"]) == ("anna@example.org", posting.message_id)
        assert not mail.defects
