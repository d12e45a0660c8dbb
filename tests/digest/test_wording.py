"""A digest's own words: every language has them all, and is written in its direction."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from lxml import html as parser

from service.digest import default, preview
from service.digest.wording import isolated, languages, words
from service.records import Digest, Kind, Material, Notice, Outcome
from tests.digest.letters import NOW, edition, headline, letter, story

LANGUAGES = languages(default().words)


def _shown(language: str, *material: Material, notices: Sequence[Notice] = ()) -> Digest:
    return preview(edition(language=language, entries=2), NOW, material, notices)


def _page(digest: Digest) -> Any:
    return parser.document_fromstring(digest.html)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_word(language: str) -> None:
    """Nothing a digest says in its own voice is left in English, but for what English is the source of."""
    tables = tomllib.loads(default().words)
    reasons = set(tables["de"]) - set(tables["en"])
    assert set(tables[language]) == (set(tables["en"]) if language == "en" else set(tables["en"]) | reasons)
    assert (len(tables[language]["weekdays"]), len(tables[language]["months"])) == (7, 12)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_renders(language: str) -> None:
    """Every label can be filled in, and the page says its language."""
    lost = letter(9, outcome=Outcome.UNREADABLE, reason="broken", stories=())
    material = (letter(1, *map(headline, range(5))), letter(2, kind=Kind.PERSONAL), lost)
    digest = _shown(language, *material, notices=(Notice("k", "Said."),))
    assert (_page(digest).get("lang"), "{" in digest.text) == (language, False)


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("de", "Sonntag, 1. März 2026"),
        ("ja", "2026年3月1日（日曜日）"),
        ("ru", "воскресенье, 1 марта 2026 г."),
        ("pt-BR", "domingo, 1 de março de 2026"),
        ("xx", "Sunday, 1 March 2026"),
    ],
)
def test_dates_are_written_as_readers_write_them(language: str, shown: str) -> None:
    """Each language has its own order and words; an unknown one is English."""
    assert words(default().words, language).full_date(date(2026, 3, 1)) == shown


def test_reasons_are_told_in_the_editions_language() -> None:
    """What the service says of its own accord is translated, down to the footer."""
    assert "1 persönliche Post" in _shown("de", letter(1), letter(2, kind=Kind.PERSONAL)).text


def test_several_of_a_kind_are_said_as_several() -> None:
    """Three receipts are not three receipt."""
    receipts = (letter(number, kind=Kind.TRANSACTIONAL) for number in (2, 3))
    assert "(2 receipts or alerts, 1 discussion-list post)" in _shown("en", letter(1), *receipts, letter(4, kind=Kind.LIST)).html


@pytest.mark.parametrize("language", ["ar", "he", "fa"])
def test_a_language_from_right_to_left_turns_the_page(language: str) -> None:
    """The page says so in the cell that mail clients keep; a story in English stands on its own side."""
    page = _page(_shown(language, letter(1)))
    (card,) = page.xpath("//td[@class='card']")
    (shown,) = page.xpath("//div[@lang='en']")
    assert (card.get("dir"), "text-align:right" in card.get("style")) == ("rtl", True)
    assert (shown.get("dir"), "text-align:left" in shown.get("style")) == ("ltr", True)


def test_a_subject_of_the_other_direction_moves_nothing_beside_it() -> None:
    """The date after an Arabic subject stays after it in an English line."""
    arabic = letter(1, story("غادرت أول عبارة.", "العبارات تعود", language="ar"), subject="نشرة الميناء")
    assert "(“\u2068نشرة الميناء\u2069” · 22 November)" in _shown("en", arabic).text
    assert isolated("Harbour", "en") == "Harbour"


def test_norwegian_is_bokmal() -> None:
    """Both of its tags are in use."""
    assert words(default().words, "no").language == words(default().words, "nb-NO").language == "nb"


@pytest.mark.parametrize(("language", "shown"), [("en", "1 shown, 1 left out"), ("ja", "1 掲載、1 省略"), ("ar", "1 معروضة، 1 متروكة")])
def test_a_row_has_the_commas_of_its_language(language: str, shown: str) -> None:
    """Arabic, Persian, Chinese and Japanese have their own."""
    assert shown in _shown(language, letter(1), letter(2, kind=Kind.PERSONAL)).text
