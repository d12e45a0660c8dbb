"""The five verbs on fakes: what each does when the world does not do its part."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import pytest

from service import steps
from service.contracts import Failure, Permanent, Temporary, Unauthorised
from service.digest import warning
from service.records import Edition, Posting, PostingState, Rhythm, Timetable
from tests.fakes import MemoryStore
from tests.journey.world import AT_ONCE, World


def world(**faults: Failure | str) -> World:
    """Return a world with one letter, one edition and these faults, by the names of edges."""
    named = {name.replace("_", " "): fault for name, fault in faults.items()}
    return World(MemoryStore(), letters=[b"bridge one"], faults=named.get, editions=(AT_ONCE,))


def test_a_letter_that_kills_its_reader_three_times_is_set_aside_and_named() -> None:
    """Neither a crash loop nor a loss: the digest says which letter could not be read, and why."""
    made = world(reader=Temporary("reading took too much processor time"))
    made.pass_time(2)

    assert made.store.statistics()["letters unreadable"] == 1
    assert any("reading took too much processor time" in text for text in made.texts("bob@example.org"))


@pytest.mark.parametrize("failing", ["memory", "add_reading", "add_summary"])
def test_a_failure_of_the_store_is_no_attempt_at_a_letter(failing: str) -> None:
    """A disk that is full for an hour sets no letter aside, and leaves no story without its summary."""
    made = world()
    whole = getattr(made.store, failing)

    def broken(*_: object) -> None:
        raise Temporary("the disk is full")

    setattr(made.store, failing, broken)
    made.pass_time(5)
    setattr(made.store, failing, whole)
    made.pass_time(1)

    assert made.shown("bob@example.org", b"bridge one") == 1
    assert "no summary could be made" not in "".join(made.texts("bob@example.org"))


def test_a_story_that_cannot_be_condensed_goes_on_without_a_summary_and_says_so() -> None:
    """The title and the link are better than nothing."""
    made = world(summariser=Temporary("reading took too long"))
    made.pass_time(2)

    (text,) = made.texts("bob@example.org")
    assert "About bridge one" in text
    assert "no summary could be made" in text


def test_a_refused_login_leaves_the_posting_ready_and_stops_the_step() -> None:
    """It is no posting's fault, and knocking on would lock the account."""
    made = world(before_the_dot=Unauthorised("535", "mend the password"))
    made.run()
    made.now += timedelta(hours=2)

    with pytest.raises(Unauthorised):
        steps.deliver(made, made, made.store, made.clock)
    assert made.store.statistics()["postings ready"] == 1


def test_a_refused_login_of_a_mailbox_is_told_in_the_next_digest() -> None:
    """People look at their digest, not at the log."""
    made = world()
    made.run()
    made.faults = {"mailbox": Unauthorised("the server refuses the login", "set the password")}.get
    made.run()
    made.faults = lambda _edge: None
    made.letters.append(b"ferry two")
    made.pass_time(1)

    assert any("The mailbox home could not be read" in text for text in made.texts("bob@example.org"))


@pytest.mark.parametrize(("edge", "failing"), [("mailbox", "add_notice"), ("before the dot", "settle")])
def test_a_refused_login_is_not_hidden_by_a_store_that_fails(edge: str, failing: str) -> None:
    """Whoever only heard of a full disk would knock every minute, until the account is locked."""
    made = world()
    made.faults = {edge: Unauthorised("the server refuses the login", "set the password")}.get

    def broken(*_: object, **__: object) -> None:
        raise Temporary("the disk is full")

    setattr(made.store, failing, broken)
    with pytest.raises(Unauthorised):
        everything(made)


def everything(made: World) -> None:
    """Collect, read, condense, compose and deliver, and hold no failure back."""
    steps.collect(made, "INBOX", made.store, made.clock, timedelta(days=1))
    steps.read(made, made.store, made.clock)
    steps.condense(made, made.store, made.clock, 3)
    steps.compose(AT_ONCE, made.store, made.clock, "nutgraf@example.org")
    steps.deliver(made, made, made.store, made.clock)


def test_the_owner_is_told_once_when_a_login_begins_to_be_refused() -> None:
    """Who reads no digest gets a mail: on the first day, not on the second or third, and again when it was well in between."""
    made = world()
    owner = Edition("passed on", ("olga@example.org",), Timetable(Rhythm.EACH_LETTER), whole=True)
    refused = Unauthorised("the server refuses the login", "set the password")

    def knock() -> None:
        with suppress(Unauthorised):
            warn = partial(warning, owner, sender="nutgraf@example.org")
            steps.collect(made, "INBOX", made.store, made.clock, timedelta(days=1), warn=warn)
        while steps.deliver(made, made, made.store, made.clock):
            pass

    for hour in range(120):
        made.faults = {"mailbox": refused if not 60 <= hour < 100 else None}.get
        made.now += timedelta(hours=1)
        knock()

    told = made.texts("olga@example.org")
    assert [text.split(": ")[0] for text in told] == [f"The mailbox home could not be read on 2026-03-0{day}" for day in (2, 6)]
    assert all("set the password" in text for text in told)


def test_a_permanent_refusal_fails_the_posting_and_is_told() -> None:
    """A 5xx is the server's last word."""
    made = world(before_the_dot=Permanent("550 no such user"))
    made.run()

    assert made.store.statistics()["postings failed"] == 1


def test_temporary_refusals_are_tried_for_days_and_then_given_up() -> None:
    """RFC 5321 asks for four to five days."""
    made = world(before_the_dot=Temporary("451 later"))
    made.pass_time(72, timedelta(hours=4))
    assert made.store.statistics().get("postings failed", 0) == 0
    made.pass_time(72, timedelta(hours=4))

    assert made.store.statistics()["postings failed"] == 1


def test_days_off_are_no_days_of_trying() -> None:
    """A service that was off for a week, or a clock that was ahead, gives nothing up at the first refusal."""
    made = world(before_the_dot=Temporary("451 later"))
    made.run()
    made.now += timedelta(days=7)
    made.run()
    assert made.store.statistics()["postings ready"] == 1
    made.faults = lambda _edge: None
    made.pass_time(1)

    assert made.shown("bob@example.org", b"bridge one") == 1


def test_what_another_daemon_sent_to_a_mailbox_we_watch_is_not_sent_again() -> None:
    """Two daemons with two stores on one mailbox: the same slot has the same Message-ID."""
    made = world(before_the_dot=Temporary("451 later"))
    made.run()
    made.faults = lambda _edge: None
    made.store.arrived = lambda message_id: message_id != ""  # type: ignore[method-assign]
    made.now += timedelta(hours=1)
    made.run()

    assert made.accepted == []
    assert made.store.statistics()["postings sent"] == 1


def test_a_server_that_keeps_what_it_refuses_after_the_dot_is_seen_through() -> None:
    """Fault 59: 451 after the dot, and the mail is there all the same; it is looked for before it is sent again."""
    made = world()

    def lying(posting: Posting, dot: Callable[[], None]) -> str:
        dot()
        made.accepted.append(posting)
        raise Temporary("451 local error")

    made.send = lying  # type: ignore[method-assign]
    made.pass_time(2)

    assert len(made.accepted) == 1
    assert made.store.statistics()["postings sent"] == 1


@pytest.mark.parametrize("trouble", [Temporary("no answer"), Unauthorised("the login is refused", "set the password")])
def test_a_posting_that_can_never_be_looked_for_ends_and_is_told(trouble: Failure) -> None:
    """A mailbox that has gone keeps no posting for ever: after the days that sending is tried, too, the readers are told."""
    made = world(after_the_dot="lost", probe=trouble)
    made.pass_time(90, timedelta(hours=2))
    assert made.store.statistics()["postings unknown"] == 1
    made.pass_time(20, timedelta(hours=2))

    assert made.store.statistics()["postings carried"] == 1
    assert any("may not have arrived" in notice.text for notice in made.store.notices(AT_ONCE.name))


def test_a_mailbox_that_refuses_to_be_looked_into_holds_no_other_posting_up() -> None:
    """The password of the recipient's mailbox is none of the mail server's business."""
    made = world()
    fate: list[str | Failure | None] = ["lost"]
    trouble = Unauthorised("the login is refused", "set the password")
    made.faults = lambda edge: (fate.pop() if fate else None) if edge == "after the dot" else trouble if edge == "probe" else None
    made.run()
    made.letters.append(b"ferry two")
    made.now += timedelta(hours=1)
    made.run()

    assert [made.shown("bob@example.org", letter) for letter in made.letters] == [0, 1]


def test_collecting_from_a_large_mailbox_comes_back_in_between() -> None:
    """The first look may take hours: a turn ends with 1 at least, were there nothing but letters known, until all are stored."""
    made = World(MemoryStore(), letters=[f"letter {number}".encode() for number in range(6)])

    def later() -> datetime:
        made.now += timedelta(minutes=1)
        return made.now

    def turns(folder: str) -> list[int]:
        return list(iter(lambda: steps.collect(made, folder, made.store, later, timedelta(days=1), timedelta(seconds=1)), 0))

    assert turns("INBOX") == [2, 2, 2]
    assert turns("All Mail") == [1, 1, 1]
    assert made.store.statistics()["letters"] == 6


def test_waiting_grows_and_is_bounded() -> None:
    """30 seconds, then twice as long each time, four hours at most, for any number of attempts."""
    waits = [steps.backoff(attempt) for attempt in (1, 2, 3, 100, 10**6)]

    assert waits == [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2), timedelta(hours=4), timedelta(hours=4)]


def test_each_outcome_of_a_posting_is_one_log_line_without_an_address(caplog: pytest.LogCaptureFixture) -> None:
    """People grep for `action`; nobody's address stands in a log."""
    caplog.set_level("INFO", "nutgraf")
    world().run()

    actions = [getattr(record, "action", "") for record in caplog.records]
    assert actions == ["collected", "read", "condensed", "composed", f"posting {PostingState.SENT}"]
    assert "example.org" not in caplog.text
