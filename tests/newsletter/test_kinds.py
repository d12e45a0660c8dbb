"""What sort of mail a letter is."""

from __future__ import annotations

import pytest

from service.newsletter import DEFAULT_RULES
from service.newsletter.kinds import automatic, kind_of
from service.newsletter.mime import fields, open_mail
from service.records import Kind
from tests.newsletter.making import letter, multipart

STORY = "The bridge opened on Monday after two years of work, and the mayor cut a ribbon in the rain. " * 20
UNSUBSCRIBE = "List-Unsubscribe: <https://paper.example/unsubscribe>"


def kind(raw: bytes) -> Kind:
    """Return the kind of a letter by the bundled words."""
    return kind_of(open_mail(raw), DEFAULT_RULES)


def test_a_letter_to_many_is_a_newsletter() -> None:
    """List-Unsubscribe is the surest sign."""
    assert kind(letter(STORY, headers=UNSUBSCRIBE)) is Kind.NEWSLETTER


def test_a_letter_without_bulk_fields_that_can_be_unsubscribed_is_a_newsletter() -> None:
    """Small senders have no fields for it; they say it in the body."""
    assert kind(letter(f"{STORY}\n\nTo unsubscribe from this newsletter, click here: https://paper.example/u")) is Kind.NEWSLETTER


@pytest.mark.parametrize("raw", [b"<html><body><p>A page.</p></body></html>", b"Running text, nothing more."])
def test_what_has_no_fields_is_a_newsletter(raw: bytes) -> None:
    """Pages and texts were given to be read."""
    assert kind(raw) is Kind.NEWSLETTER


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Please confirm your subscription", "Click below to confirm."),
        ("Bestätigen Sie Ihre Anmeldung", "Klicken Sie hier."),
        ("Confirmez votre inscription", "Cliquez ici."),
        ("Confirma tu suscripción", "Haz clic aquí."),
        ("Conferma la tua iscrizione", "Clicca qui."),
        ("Confirme a sua inscrição", "Clique aqui."),
        ("Bevestig je aanmelding", "Klik hier."),
        ("Potwierdź zapis", "Kliknij tutaj."),
        ("Bekräfta din prenumeration", "Klicka här."),
        ("Bekræft din tilmelding", "Klik her."),
        ("Подтвердите подписку", "Нажмите здесь."),
        ("メールアドレスの確認", "こちらをクリックしてください。"),
        ("Reset your password", "Somebody asked for a new password."),
        ("Your login code", "Your code is 482913. It expires in 10 minutes."),
        ("Almost there", "Click the button to confirm your subscription. If you did not sign up, you can ignore this email."),
    ],
)
def test_confirmations_in_many_languages(subject: str, body: str) -> None:
    """Somebody waits for them, even when they carry bulk fields."""
    assert kind(letter(body, subject=subject, headers=UNSUBSCRIBE)) is Kind.CONFIRMATION


def test_a_newsletter_about_confirming_is_a_newsletter() -> None:
    """A long letter has something else to tell than a code."""
    assert kind(letter(STORY, subject="Why senators confirm the judge", headers=UNSUBSCRIBE)) is Kind.NEWSLETTER


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Your order 12-34 has shipped", "Tracking number: 1Z999"),
        ("Ihre Rechnung vom Mai", "Rechnungsnummer 17, Gesamtbetrag 12 Euro"),
        ("Votre commande n° 17", "Numéro de commande : 17"),
        ("Tu pedido ha sido enviado", "Número de pedido: 17"),
        ("Uw bestelling is verzonden", "Ordernummer: 17"),
        ("Ваш заказ отправлен", "Номер заказа: 17"),
        ("ご注文の確認", "注文番号: 17"),
    ],
)
def test_papers_of_business(subject: str, body: str) -> None:
    """Orders, invoices and shipments are nobody's reading."""
    assert kind(letter(body, subject=subject, author="Shop <orders@shop.example>")) is Kind.TRANSACTIONAL


def test_an_advert_that_speaks_of_orders_is_a_newsletter() -> None:
    """What ten thousand readers get is a mailing, whatever it sells."""
    assert kind(letter(STORY, subject="Your order ships free this week", headers=UNSUBSCRIBE)) is Kind.NEWSLETTER


@pytest.mark.parametrize(
    "headers",
    ["Auto-Submitted: auto-replied", "X-Autoreply: yes", "Return-Path: <>", "X-Failed-Recipients: a@b.example", "Precedence: auto_reply"],
)
def test_what_a_machine_answers_is_a_notice(headers: str) -> None:
    """By the fields alone."""
    assert kind(letter("I am away.", headers=headers)) is Kind.NOTICE


@pytest.mark.parametrize("part", ["message/delivery-status", "message/disposition-notification", "message/feedback-report"])
def test_reports_are_notices_whatever_they_enclose(part: str) -> None:
    """A bounce of a newsletter is no newsletter."""
    raw = multipart("report", ("Content-Type: text/plain", STORY), (f"Content-Type: {part}", "x"), headers=UNSUBSCRIBE)
    assert kind(raw) is Kind.NOTICE


@pytest.mark.parametrize(
    "subject", ["Automatic reply: News", "Abwesenheitsnotiz", "Réponse automatique : News", "Autosvar: News", "自動返信: News"]
)
def test_replies_from_people_who_are_away(subject: str) -> None:
    """Some programs only say so in the subject."""
    assert kind(letter("Back on Monday.", subject=subject, author="Ann <ann@friend.example>")) is Kind.NOTICE


def test_a_post_to_a_discussion_list() -> None:
    """Many may write there."""
    fields = "List-Id: <bridges.lists.example>\nList-Post: <mailto:bridges@lists.example>\nPrecedence: list"
    assert kind(letter(STORY, headers=fields, subject="[bridges] Oak spans", author="Nora <nora@fields.example>")) is Kind.LIST


def test_a_mailing_through_a_list_manager_is_a_newsletter() -> None:
    """Only the list itself writes."""
    fields = "List-Id: <weekly.paper.example>\nList-Post: NO\nPrecedence: list"
    assert kind(letter(STORY, headers=fields)) is Kind.NEWSLETTER


@pytest.mark.parametrize("headers", ["In-Reply-To: <1@home.example>", "User-Agent: Mozilla Thunderbird", ""])
def test_letters_between_people(headers: str) -> None:
    """No sign of a machine or a crowd."""
    assert (
        kind(letter("Are you coming on Saturday?", subject="Saturday", headers=headers, author="Ann <ann@friend.example>")) is Kind.PERSONAL
    )


def test_our_own_digest_is_known() -> None:
    """It must never be digested again."""
    assert kind(letter(STORY, headers=f"X-Nutgraf-Digest: daily\n{UNSUBSCRIBE}")) is Kind.OWN


def test_an_invitation_is_no_newsletter() -> None:
    """A calendar part makes it an appointment."""
    raw = multipart(
        "alternative", ("Content-Type: text/plain", "Council, 3 June"), ("Content-Type: text/calendar; method=REQUEST", "BEGIN:VCALENDAR")
    )
    assert kind(raw) is Kind.TRANSACTIONAL


def test_a_person_s_letter_is_not_automatic() -> None:
    """The question that answering asks."""
    assert not automatic(fields(letter("Hello")))
    assert automatic(fields(letter("Hello", headers="Auto-Submitted: auto-generated")))
