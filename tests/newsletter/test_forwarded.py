"""Letters inside letters that people forwarded."""

from __future__ import annotations

import pytest

from service.newsletter.forwarded import unwrap
from service.newsletter.mime import Mail, open_mail
from service.newsletter.source import publisher, sender
from tests.newsletter.making import letter

BODY = "The bridge opened on Monday."
# What mail programs print above a forwarded letter: mark, From, Date, Subject, To.
PROGRAMS = {
    "en": ("Forwarded message", "From", "Date", "Subject", "To"),
    "de": ("Weitergeleitete Nachricht", "Von", "Datum", "Betreff", "An"),
    "fr": ("Message transféré", "De", "Date", "Objet", "À"),
    "es": ("Mensaje reenviado", "De", "Fecha", "Asunto", "Para"),
    "it": ("Messaggio inoltrato", "Da", "Data", "Oggetto", "A"),
    "pt": ("Mensagem encaminhada", "De", "Data", "Assunto", "Para"),
    "nl": ("Doorgestuurd bericht", "Van", "Datum", "Onderwerp", "Aan"),
    "pl": ("Przekazana wiadomość", "Od", "Data", "Temat", "Do"),
    "sv": ("Vidarebefordrat meddelande", "Från", "Datum", "Ämne", "Till"),
    "da": ("Videresendt besked", "Fra", "Dato", "Emne", "Til"),
    "ru": ("Пересылаемое сообщение", "От", "Дата", "Тема", "Кому"),
    "ja": ("転送されたメッセージ", "差出人", "日付", "件名", "宛先"),
}


def block(language: str, ending: str = "\n") -> str:
    """Return the header fields as a program of that language prints them."""
    mark, author, date, subject, to = PROGRAMS[language]
    lines = (
        f"---------- {mark} ----------",
        f"{author}: The Paper <news@paper.example>",
        f"{date}: 2024-05-20 08:15",
        f"{subject}: The bridge",
        f"{to}: r@home.example",
    )
    return ending.join(lines) + ending


def opened(body: str, *, html: bool = False, subject: str = "Fwd: The bridge", headers: str = "") -> Mail:
    """Return the letter inside one that Ann forwarded."""
    return unwrap(open_mail(letter(body, html=html, subject=subject, headers=headers, author="Ann <ann@friend.example>")))


@pytest.mark.parametrize("language", PROGRAMS)
def test_a_forward_in_plain_text(language: str) -> None:
    """The original's author, subject, date and body come to light."""
    mail = opened(f"Read this!\n\n{block(language)}\n{BODY}\n")
    assert (sender(mail.headers).address, mail.headers.text("subject")) == ("news@paper.example", "The bridge")
    assert mail.headers.get("date").startswith("Mon, 20 May 2024")
    assert mail.text.strip() == BODY


@pytest.mark.parametrize("language", PROGRAMS)
def test_a_forward_in_html(language: str) -> None:
    """The same, with the fields between tags."""
    mail = opened(
        f"<style>.x {{color: red}}</style><div>Read this!<br>{block(language, '<br>')}</div><p>{BODY}</p>".replace(
            " <news@", " &lt;news@"
        ).replace("example><br>", "example&gt;<br>"),
        html=True,
    )
    assert publisher(mail.headers) == "The Paper"
    assert BODY in mail.html
    assert "Read this" not in mail.html
    assert ".x {color: red}" in mail.html


def test_a_block_without_a_mark_needs_the_subject_to_say_so() -> None:
    """Outlook prints the same fields above the letter that a reply answers."""
    fields = f"From: The Paper <news@paper.example>\nSent: Monday, May 20, 2024\nTo: Ann\nSubject: The bridge\n\n{BODY}"
    assert sender(opened(f"Yes!\n\n{fields}", subject="Re: The bridge").headers).address == "ann@friend.example"
    assert sender(opened(f"Look!\n\n{fields}", subject="FW: The bridge").headers).address == "news@paper.example"


@pytest.mark.parametrize(
    "headers", ["List-Unsubscribe: <https://a.example/u>", "Precedence: bulk", "Feedback-ID: 1:2", "List-Id: <a.example>"]
)
def test_a_campaign_s_fwd_is_a_trick(headers: str) -> None:
    """What went to many was forwarded by nobody."""
    assert sender(opened(f"{block('en')}\n{BODY}", headers=headers).headers).address == "ann@friend.example"


def test_quote_marks_are_taken_off() -> None:
    """Apple Mail quotes the forwarded letter in plain text."""
    text = "\n".join(f"> {line}" for line in f"{block('en')}\n{BODY}".splitlines())
    assert opened(f"fyi\n\n{text}").text.strip() == BODY


def test_a_forward_of_a_forward_is_followed() -> None:
    """To the letter that started it."""
    inner = f"{block('de')}\n{BODY}"
    outer = "---------- Forwarded message ----------\nFrom: Bob <bob@friend.example>\nDate: 2024-05-21\nSubject: Fwd: The bridge\nTo: Ann"
    assert sender(opened(f"{outer}\n\n{inner}").headers).address == "news@paper.example"


def test_an_author_without_an_address_keeps_the_name() -> None:
    """Some programs print the name alone."""
    assert "The Paper" in opened(f"{block('en')}\n{BODY}".replace(" <news@paper.example>", "")).headers.get("from")


def test_fields_in_an_article_are_no_forward() -> None:
    """A lone "From:" in a text proves nothing."""
    assert sender(opened("From: the river\nTo: the sea\nA poem.", subject="Poem").headers).address == "ann@friend.example"
