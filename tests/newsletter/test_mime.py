"""Octets to mail: structure, the best body, what can't be read, and bounds."""

from __future__ import annotations

import hashlib

import pytest

from service.newsletter.mime import PARTS, fields, open_mail, unreadable
from tests.newsletter.making import letter, multipart

STORY = "<p>The bridge opened on Monday after two years of work, and the mayor cut a ribbon in the rain.</p>"
PLAIN = "Content-Type: text/plain; charset=utf-8"
HTML = "Content-Type: text/html; charset=utf-8"


def test_html_is_preferred_among_alternatives() -> None:
    """The richer alternative is the body."""
    mail = open_mail(multipart("alternative", (PLAIN, "The bridge opened."), (HTML, STORY)))
    assert STORY in mail.html
    assert not mail.text


def test_a_text_part_that_only_points_to_the_web_is_not_the_body() -> None:
    """Plain text that says "view this in a browser" does not hide the HTML, in whatever order the parts come."""
    mail = open_mail(multipart("alternative", (HTML, STORY), (PLAIN, "View this letter in a browser: https://paper.example/1")))
    assert "bridge" in mail.html


def test_an_empty_html_alternative_is_not_the_body() -> None:
    """HTML that shows nothing gives way to the text that says something."""
    text = "The bridge opened on Monday after two years of work. " * 10
    mail = open_mail(
        multipart("alternative", (PLAIN, text), (HTML, "<html><head><style>p {color: red}</style></head><body><p>&nbsp;</p></body></html>"))
    )
    assert mail.text.startswith("The bridge")


def test_several_inline_texts_are_joined_in_order() -> None:
    """A mailing list's footer is a part of its own and belongs to the letter."""
    mail = open_mail(multipart("mixed", (PLAIN, "The bridge opened."), (PLAIN, "To unsubscribe write to us.")))
    assert mail.text.split() == ["The", "bridge", "opened.", "To", "unsubscribe", "write", "to", "us."]


def test_a_text_between_two_html_parts_keeps_its_place() -> None:
    """Apple Mail cuts a letter around a picture; the pieces are put together again."""
    mail = open_mail(multipart("mixed", (HTML, "<p>one</p>"), (PLAIN, "two < three"), (HTML, "<p>four</p>")))
    assert mail.html.index("one") < mail.html.index("two &lt; three") < mail.html.index("four")


def test_a_text_attachment_is_not_the_body() -> None:
    """What is attached is not read."""
    mail = open_mail(
        multipart("mixed", (PLAIN, "See attached."), (f"{PLAIN}\nContent-Disposition: attachment; filename=log.txt", "secret"))
    )
    assert "secret" not in mail.text


def test_related_pictures_do_not_hide_the_html() -> None:
    """The root of multipart/related is the body, pictures are beside it."""
    mail = open_mail(multipart("related", (HTML, STORY), ("Content-Type: image/png\nContent-Transfer-Encoding: base64", "iVBORw0KGgo=")))
    assert "bridge" in mail.html
    assert "image/png" in mail.types


def test_a_letter_attached_whole_is_kept() -> None:
    """message/rfc822 is handed on as octets, for a forward to be unwrapped."""
    mail = open_mail(multipart("mixed", (PLAIN, "fyi"), ("Content-Type: message/rfc822", "From: a@b.example\nSubject: Inside\n\nText.")))
    assert b"Subject: Inside" in mail.attached


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable"])
def test_a_broken_transfer_encoding_is_read_as_far_as_it_goes(encoding: str) -> None:
    """Damage in the encoding costs a few letters, not the letter."""
    body = {"base64": "VGhlIGJyaWRnZSBvcGVuZWQ*IG9uIE1vbmRheQ", "quoted-printable": "The bridge opened=ZZ on =\nMonday="}[encoding]
    raw = f"From: a@b.example\nContent-Type: text/plain\nContent-Transfer-Encoding: {encoding}\n\n{body}".encode()
    assert "The bridge opened" in open_mail(raw).text


def test_a_boundary_that_was_not_declared_is_guessed() -> None:
    """Without the parameter the delimiter lines themselves tell where the parts begin."""
    raw = b"From: a@b.example\nContent-Type: multipart/alternative\n\n--x1\nContent-Type: text/plain\n\nThe bridge opened.\n--x1--\n"
    assert open_mail(raw).text.strip() == "The bridge opened."


def test_a_multipart_without_delimiters_is_text() -> None:
    """What claims to have parts and has none is read as it stands."""
    assert "bridge" in open_mail(b"From: a@b.example\nContent-Type: multipart/mixed; boundary=q\n\nThe bridge opened.").text


def test_html_sent_as_plain_text_is_html() -> None:
    """A sender that forgot the content type does not make readers look at tags."""
    assert "bridge" in open_mail(letter(f"<!DOCTYPE html><html><body>{STORY}</body></html>")).html


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
def test_every_line_ending_is_known(ending: bytes) -> None:
    """CRLF, LF and CR letters are the same letter."""
    raw = ending.join([b"From: a@b.example", b"Subject: News", b"", b"The bridge opened."])
    mail = open_mail(raw)
    assert (mail.headers.get("subject"), mail.text.strip()) == ("News", "The bridge opened.")


def test_an_mbox_line_before_the_fields_is_passed_over() -> None:
    """A letter saved from an mbox starts with "From " without a colon."""
    assert (
        open_mail(b"From a@b.example Mon May  6 10:00:00 2024\nFrom: a@b.example\nSubject: News\n\nText.").headers.get("subject") == "News"
    )


def test_a_page_is_not_a_letter() -> None:
    """HTML without header fields is a page."""
    mail = open_mail(f"\ufeff<!DOCTYPE html>\n<html><body>{STORY}</body></html>".encode())
    assert mail.bare
    assert "bridge" in mail.html


def test_running_text_is_not_a_letter() -> None:
    """Text whose first line happens to hold a colon is text."""
    mail = open_mail(b"Note: the bridge opened on Monday.\n\nIt rained.")
    assert mail.bare
    assert mail.text.startswith("Note: the bridge")


def test_a_letter_cut_off_in_its_html_is_read_to_the_cut() -> None:
    """A partial letter has no closing delimiter."""
    raw = multipart("alternative", (HTML, STORY * 50))
    assert "bridge" in open_mail(raw[: len(raw) // 2]).html


def test_depth_is_bounded() -> None:
    """Parts within parts within parts end somewhere, without a recursion error."""
    raw = b"From: a@b.example\n" + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(3000))
    assert len(open_mail(raw).types) < 20


def test_the_number_of_parts_is_bounded() -> None:
    """The hundred thousandth part is not looked at."""
    raw = b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 20_000
    assert len(open_mail(raw).types) <= PARTS


def test_fields_are_read_without_the_body() -> None:
    """The cheap look gives the same fields."""
    raw = letter(headers="List-Id: <news.paper.example>")
    assert fields(raw).fields == open_mail(raw).headers.fields


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "nothing"),
        (b"From: a@b.example\n\n", "empty"),
        (b"From: a@b.example\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nMIAGCSqGSIb3DQ==", "S/MIME"),
        (
            b"From: a@b.example\nContent-Type: multipart/encrypted; boundary=b\n\n--b\n\n1\n--b--",
            "PGP",
        ),
        (b"From: a@b.example\nContent-Type: application/ms-tnef; name=winmail.dat\n\nAAAA", "winmail.dat"),
        (b"From: a@b.example\nContent-Type: image/png\n\nAAAA", "pictures"),
        (b"From: a@b.example\nContent-Type: application/zip\n\nAAAA", "attachments"),
    ],
)
def test_why_a_letter_cannot_be_read(raw: bytes, reason: str) -> None:
    """Each reason is in words for people."""
    assert reason in unreadable(open_mail(raw))


def test_bytes_of_chance_are_no_text() -> None:
    """A picture or an archive without a header is not shown as somebody's article."""
    noise = b"".join(hashlib.sha256(bytes([number])).digest() for number in range(100))

    assert unreadable(open_mail(noise)) == "the bytes are no text"
    assert unreadable(open_mail("The bridge opened on Monday.".encode("utf-16"))) == ""
