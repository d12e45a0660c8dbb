"""Digests of single letters: each letter, letters passed on whole, and answers."""

from __future__ import annotations

import email
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from service.digest import plan
from service.records import Digest, Edition, Kind, Material, Notice, Outcome
from tests.digest.letters import BEGAN, EACH, NOW, REPLY, SENDER, WHOLE, YESTERDAY, edition, headline, letter


def _plan(asked: Edition, *material: Material, notices: Sequence[Notice] = (), **changes: Any) -> tuple[Digest, ...]:
    last = changes.pop("last_slot", YESTERDAY)
    return plan(asked, changes.pop("now", NOW), last, BEGAN, material, notices, changes.pop("sender", SENDER), **changes)


def _outcomes(digests: Sequence[Digest]) -> dict[str, tuple[Outcome, str]]:
    return {one.fingerprint: (one.outcome, one.reason) for digest in digests for one in digest.coverage}


def test_each_letter_has_a_digest_of_its_own() -> None:
    """`each letter` answers at once; its slot is the letter's fingerprint."""
    one, two = letter(1), letter(2)
    digests = _plan(edition(timetable=EACH), one, two)
    assert [digest.slot.name for digest in digests] == [one.fingerprint, two.fingerprint]


def test_letters_that_each_letter_does_not_want_share_one_empty_digest() -> None:
    """They are accounted for without a mail."""
    digests = _plan(edition(timetable=EACH), letter(1), letter(2, kind=Kind.PERSONAL), letter(3, kind=Kind.OWN))
    assert [(len(digest.postings), len(digest.coverage)) for digest in digests] == [(1, 1), (0, 2)]


def test_each_letter_names_what_it_could_not_read() -> None:
    """A reader of single letters learns of one that failed by a mail of its own."""
    (digest,) = _plan(edition(timetable=EACH), letter(1, outcome=Outcome.UNREADABLE, reason="too deeply nested", stories=()))
    assert "too deeply nested" in digest.postings[0].content.decode()


def test_an_answer_tells_no_notices() -> None:
    """An answer goes to one of several readers, and a notice may name another's letter."""
    (digest,) = _plan(REPLY, letter(1, answer_to="anna@example.org"), notices=(Notice("k", 'The digest "Re: Private" is lost.'),))
    assert (digest.notices, "Private" in digest.postings[0].content.decode()) == ((), False)


def test_a_letter_passed_on_tells_notices() -> None:
    """A code that may not have arrived is said with the next one."""
    (digest,) = _plan(WHOLE, letter(1, kind=Kind.CONFIRMATION), notices=(Notice("k", "One is lost."),))
    assert (digest.notices, "One is lost." in digest.postings[0].content.decode()) == (("k",), True)


def test_a_second_copy_has_no_digest() -> None:
    """The same letter through two folders differs in its bytes and is answered once."""
    copy = letter(2, headline(1), source="list1.example", message_id="<issue.1@list.example>")
    digests = _plan(edition(timetable=EACH), letter(1), copy)
    assert _outcomes(digests)[copy.fingerprint] == (Outcome.MERGED, "a second copy of a letter")


def test_issues_with_one_message_id_are_no_copies() -> None:
    """Some senders write the same Message-ID into every issue; their dates differ."""
    issues = [letter(n, source="list.example", message_id="<same@list.example>", date=NOW - timedelta(days=n)) for n in (1, 2)]
    assert {outcome for outcome, _ in _outcomes(_plan(edition(timetable=EACH), *issues)).values()} == {Outcome.SHOWN}


def test_a_notice_is_told_by_the_first_of_several_digests() -> None:
    """Two digests in one go don't both tell it."""
    digests = _plan(edition(timetable=EACH), letter(1), letter(2), notices=(Notice("k", "Said once."),))
    assert [digest.notices for digest in digests] == [("k",), ()]


def test_the_reply_mode_answers_the_writer_in_the_thread() -> None:
    """An answer goes to the letter's writer alone, threaded, marked as automatic and without list headers."""
    asked = letter(
        1, subject="Fwd: The Ledger", answer_to="anna@example.org", references=("<root@example.org>",), message_id="<ask@example.org>"
    )
    (digest,) = _plan(REPLY, asked)
    mail = email.message_from_bytes(digest.postings[0].content)
    assert (mail["To"], mail["Subject"]) == ("anna@example.org", "Re: Fwd: The Ledger")
    assert (mail["In-Reply-To"], mail["References"]) == ("<ask@example.org>", "<root@example.org> <ask@example.org>")
    assert (mail["Auto-Submitted"], mail["List-Id"]) == ("auto-replied", None)


def test_the_reply_mode_answers_nobody_else() -> None:
    """A letter without a writer that is vouched for, or by another one, is not answered."""
    digests = _plan(REPLY, letter(1), letter(2, answer_to="mallory@example.com"))
    assert [digest.postings for digest in digests] == [()]


def test_the_reply_mode_says_when_there_is_no_article() -> None:
    """Someone who asks gets an answer, even an empty one."""
    (digest,) = _plan(REPLY, letter(1, stories=(), answer_to="anna@example.org"))
    assert "No article was found" in digest.postings[0].content.decode()
    assert list(_outcomes([digest]).values()) == [(Outcome.SKIPPED, "without an article")]


def test_answers_over_the_limit_wait() -> None:
    """What may not go out now is neither answered nor accounted for, and comes again."""
    asked = [letter(n, answer_to="anna@example.org") for n in range(3)]
    assert len(_plan(REPLY, *asked, answers_left=2)) == 2


def test_the_reply_mode_never_answers_itself() -> None:
    """Even when the service's own address is on the list of those who are answered."""
    own = replace(REPLY, recipients=("nutgraf@example.org",))
    assert [digest.postings for digest in _plan(own, letter(1, answer_to="nutgraf@example.org"))] == [()]


def test_a_confirmation_is_passed_on_whole() -> None:
    """The letter goes on as it came, attached."""
    raw = b"From: a@shop.example\r\nSubject: Your code\r\n\r\n1234\r\n"
    (digest,) = _plan(WHOLE, letter(1, kind=Kind.CONFIRMATION, subject="Your code", raw=raw))
    *_, attached = email.message_from_bytes(digest.postings[0].content).walk()
    assert attached.as_bytes().replace(b"\n", b"\r\n") == raw
    assert digest.coverage[0].outcome is Outcome.PASSED_ON


def test_confirmations_over_the_limit_wait() -> None:
    """Whoever signs the owner up to a thousand lists has a thousand of them come in, not go out again."""
    asked = [letter(n, kind=Kind.CONFIRMATION, subject="Your code", raw=b"From: a@shop.example\n\n1234\n") for n in range(3)]
    assert [digest.coverage[0].outcome for digest in _plan(WHOLE, *asked, answers_left=2)] == [Outcome.PASSED_ON] * 2


def test_a_confirmation_whose_bytes_are_gone_is_still_told() -> None:
    """The reader learns that something came."""
    (digest,) = _plan(WHOLE, letter(1, kind=Kind.CONFIRMATION, subject="Your code", raw=None))
    assert "Your code" in digest.postings[0].content.decode()


@pytest.mark.parametrize("asked", [edition(timetable=EACH), WHOLE], ids=["each letter", "whole"])
def test_the_slot_of_a_letter_was_due_when_it_came(asked: Edition) -> None:
    """So that a restored store knows which of them may have gone out before; the digest bears the date of the day it is made."""
    one = letter(1, hours=30, kind=next(iter(asked.kinds)))
    (digest,) = _plan(asked, one)
    assert digest.slot.due == one.received
    assert "21 November" not in digest.text
