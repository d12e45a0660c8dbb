"""The door of the parser: total, and the promises that hold for any octets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.newsletter import EMPTY, identify, read, remember
from service.records import Form, Kind, Newsletter, Unreadable
from tests.newsletter.making import letter
from tests.newsletter.timing import seconds

ARTICLE = "".join(
    f"<p>On day {number} the builders set span {number}, and the people of both banks came to look at it, to wager on it and to eat.</p>"
    for number in range(1, 8)
)


@given(st.binary(max_size=2000))
def test_any_octets_are_read(raw: bytes) -> None:
    """Nothing is raised."""
    assert isinstance(read(raw), Newsletter | Unreadable)
    assert isinstance(identify(raw), str)


@given(
    st.lists(
        st.sampled_from(
            [
                "From: ",
                "Subject: ",
                "Content-Type: ",
                "multipart/mixed; boundary=b",
                "\n",
                "\n\n",
                "--b\n",
                "=?utf-8?q?",
                "<p>",
                "<div style='",
                "&#0;",
                "\x00",
                "é",
                ">",
                "http://",
            ]
        ),
        max_size=60,
    ),
    st.binary(max_size=50),
)
def test_near_letters_are_read(pieces: list[str], tail: bytes) -> None:
    """Octets that look like letters reach deeper than noise."""
    assert isinstance(read("".join(pieces).encode() + tail), Newsletter | Unreadable)


def test_nothing_is_unreadable_with_a_reason() -> None:
    """In words for people."""
    found = read(b"")
    assert isinstance(found, Unreadable)
    assert found.reason


def test_what_stands_in_the_fields() -> None:
    """Source, publisher, sender, subject, identifiers and date."""
    found = read(
        letter(ARTICLE, html=True, headers="Message-ID: <1@paper.example>\nReferences: <0@a> <9@b>\nDate: Mon, 20 May 2024 08:15:00 +0200")
    )
    assert isinstance(found, Newsletter)
    assert (found.source, found.publisher, found.sender) == ("news@paper.example", "The Paper", "news@paper.example")
    assert (found.subject, found.message_id, found.references) == ("News", "<1@paper.example>", ("<0@a>", "<9@b>"))
    assert found.date is not None
    assert found.date.isoformat() == "2024-05-20T08:15:00+02:00"


def test_running_text_states_its_date() -> None:
    """There is no Date field to go by."""
    found = read(
        b"date 2023-02-03\n\n" + b"The bridge opened on Monday after two years of work, and it is the first over the river.\n\n" * 5
    )
    assert isinstance(found, Newsletter)
    assert found.date is not None
    assert found.date.date().isoformat() == "2023-02-03"


def test_the_addresses_of_stories_are_cleaned() -> None:
    """No token of the reader in a digest."""
    linked = '<h2><a href="https://paper.example/span?utm_source=mail&mc_eid=reader">The last span</a></h2>'
    found = read(letter(linked + ARTICLE, html=True, headers="List-Unsubscribe: <https://paper.example/u>"))
    assert isinstance(found, Newsletter)
    assert {story.url for story in found.stories} <= {None, "https://paper.example/span"}


def test_each_story_has_its_language() -> None:
    """The language is asked for each story, not for the letter alone."""
    german = "<p>Die Fähre fährt seit dem Frühling jede Stunde über den Sund, und auf der Insel will niemand mehr ohne sie auskommen.</p>"
    found = read(letter(f"<h2>The bridge</h2>{ARTICLE}<h2>Die Fähre</h2>{german * 3}", html=True))
    assert isinstance(found, Newsletter)
    assert [story.language for story in found.stories] == ["en", "de"]


def test_one_headline_in_another_language_does_not_speak_for_the_letter() -> None:
    """The language is that of most of what the stories say, also where hardly any of them is long enough to tell its own."""
    german = [
        "Der Bahnhof wird umgebaut",
        "Neue Brücke für die Stadt",
        "Wer zahlt für das Bad?",
        "Ein Fest auf dem Markt",
        "Stau an der Mole",
    ]
    titles = ["Review: The Last of Us, what is it", *german]
    page = "".join(f'<h2><a href="https://paper.example/{number}">{title}</a></h2>' for number, title in enumerate(titles))
    found = read(letter(page, html=True))
    assert isinstance(found, Newsletter)
    assert found.language == "de"


def test_a_picture_has_no_language() -> None:
    """What is drawn in it is not known."""
    page = '<img src="https://comic.example/1.png" width="600" height="400" alt="The cat and the clock">'
    found = read(letter(f'{page}<p><a href="https://comic.example/unsubscribe">Unsubscribe from the letter of the cat</a></p>', html=True))
    assert isinstance(found, Newsletter)
    assert [(story.form, story.language) for story in found.stories] == [(Form.PICTURE, None)]


def test_a_bounce_without_words_is_still_a_notice() -> None:
    """It must be known as one, not reported as unreadable."""
    found = read(b"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: failure\n\n")
    assert isinstance(found, Newsletter)
    assert found.kind is Kind.NOTICE


def test_the_same_letter_is_read_the_same_way() -> None:
    """There is no clock and no chance in it."""
    raw = letter(ARTICLE, html=True)
    assert read(raw, memory=EMPTY) == read(raw, memory=EMPTY)


BOMBS = {
    "folds": b"From: a@b.example\nSubject: x\n" + b" y\n" * 200_000 + b"\nhi",
    "parameters": b"From: a@b.example\nContent-Type: multipart/mixed" + b"; a=b" * 50_000 + b"\n\nhi",
    "encoded words": b"From: a@b.example\nSubject: " + b"=?utf-8?q?abc?= " * 20_000 + b"\n\nhi",
    "quotes": b"From: " + b'"\\' * 200_000 + b"\n\nhi",
    "brackets": b"From: " + b"(" * 500_000 + b"\n\nhi",
    "attributes": letter("<p " + " ".join(f"a{i}=1" for i in range(200_000)) + ">hi", html=True),
    "depth": letter("<div>" * 100_000 + "hi", html=True),
    "comments": letter("<!--" * 500_000, html=True),
    "styles": letter("<style>" * 300_000, html=True),
    "for Outlook": letter(("<p>x<!--[if mso]>" + "<" * 19_000 + "<![endif]-->") * 100, html=True),
    "less than": letter("<" * 2_000_000, html=True),
    "paragraphs": letter("<p>x" * 500_000, html=True),
    "one word": letter("a" * 1_000_000),
    "lines": letter("* a\n" * 500_000),
    "addresses": letter(ARTICLE + "<p>" + "www." * 200_000 + " x", html=True),
    "bracketed addresses": letter(ARTICLE + "<p>" + "[www." * 200_000 + " x", html=True),
    "gap": letter(ARTICLE + "<pre>Title" + " " * 1_000_000 + "x</pre>", html=True),
    "linked titles": letter("".join(f"<p><a href=http://a.example/{n}>Title number {n}</a><p>The text." for n in range(2400)), html=True),
    "linked headings": letter(
        "<h1>News</h1>" + ARTICLE + "".join(f"<h2><a href=http://a.example/{n}>Title {n}</a></h2><h2>Part {n}</h2>" for n in range(2400)),
        html=True,
    ),
    "parts": b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nhello\n" * 100_000,
    "levels": b"From: a@b.example\n" + b"Content-Type: message/rfc822\n\n" * 5_000 + b"hi",
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_read_and_remembered_in_time(name: str) -> None:
    """Five seconds of processor time at most; a child process with harder limits stands behind this."""
    assert seconds(lambda: remember(EMPTY, read(BOMBS[name]))) < 5
