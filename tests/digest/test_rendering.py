"""How a digest looks: escaped, wrapped, in its reader's language, with nothing loaded from anywhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as parser

from service.digest import Templates, default, preview
from service.digest.rendering import WIDTH, columns, wrap
from service.records import Digest, Edition, Form, Kind, Material, Notice, Outcome, Sentence, Story, Summary
from tests.digest.letters import NOW, edition, headline, letter, story

EVIL = '<script>alert(1)</script><img src="https://evil.example/p.gif" onerror=x>"\'>{{ 7*7 }}{% raw %}'
ARABIC = story("غادرت أول عبارة في الساعة السادسة.", "العبارات تعود", language="ar", url="https://a.example/1")
JAPANESE = story("最初のフェリーは月曜日に出港した. この航路は閉鎖されていた.", "フェリーが再開", language="ja")


def _shown(asked: Edition, *material: Material, notices: Sequence[Notice] = (), templates: Templates | None = None) -> Digest:
    return preview(asked, NOW, material, notices, templates)


def _page(digest: Digest) -> Any:
    return parser.document_fromstring(digest.html)


def test_text_of_a_letter_is_escaped() -> None:
    """Mark-up and template code in titles, sentences, names, subjects and notices is shown as text."""
    evil = letter(1, story(EVIL, EVIL), publisher=EVIL, subject=EVIL)
    lost = letter(2, stories=(), outcome=Outcome.UNREADABLE, reason=EVIL, subject=EVIL, publisher=EVIL)
    page = _page(_shown(edition(title=EVIL), evil, lost, notices=(Notice("k", EVIL),)))
    assert not page.xpath("//script | //img | //*[@onerror]")
    assert page.xpath("string(//h1)") == EVIL


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200), st.text(max_size=60))
def test_no_text_changes_the_structure(text: str, url: str) -> None:
    """Whatever a story says or links to, the page has the same elements, and its links go to the web or the mailbox."""
    digest = _shown(edition(), letter(1, story(f"x {text}", f"y {text}", url=url), publisher=f"z {text}"))
    page = _page(digest)
    assert {element.tag for element in page.iter() if isinstance(element.tag, str)} <= {
        "html", "head", "meta", "title", "style", "body", "table", "tr", "td", "tbody", "h1", "h2", "h3", "p", "div", "a", "span",
    }  # fmt: skip
    assert all(re.match(r"https?://|mid:", link) for link in page.xpath("//a/@href"))


def test_nothing_is_loaded_from_anywhere() -> None:
    """No picture, font, script or style sheet: opening a digest tells nobody."""
    digest = _shown(edition(), letter(1), letter(2, ARABIC))
    assert not re.search(r"\bsrc=|url\(|@import|<link|<img|<script|<iframe|background=", digest.html)


def test_every_colour_can_be_read() -> None:
    """Text has a contrast of 4.5 or more against its ground, in light and in dark (WCAG 2.2, 1.4.3)."""
    source = default().html
    light = re.findall(r'set \w+ = "color:(#[0-9a-f]{6});"', source)
    dark = re.findall(r"\.(?:ink|muted|accent)\{color:(#[0-9a-f]{6})", source)
    assert len(light) == len(dark) == 3
    assert min(_contrast(colour, "#fffdf9") for colour in light) >= 4.5
    assert min(_contrast(colour, "#1b1e21") for colour in dark) >= 4.5


def _contrast(one: str, other: str) -> float:
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_each_entry_says_its_language_and_direction() -> None:
    """A screen reader speaks each story in its own language; Arabic runs from right to left."""
    page = _page(_shown(edition(), letter(1, ARABIC, language="ar"), letter(2)))
    assert {(one.get("lang"), one.get("dir")) for one in page.xpath("//div[h3]")} == {("ar", "rtl"), ("en", "ltr")}


def test_an_unknown_language_is_left_to_the_reader() -> None:
    """Without a language the text decides on its direction."""
    page = _page(_shown(edition(), letter(1, language=None)))
    assert [(one.get("lang"), one.get("dir")) for one in page.xpath("//div[h3]")] == [(None, "auto")]


def test_headings_are_in_order() -> None:
    """One title, publishers beneath it, stories beneath them."""
    page = _page(_shown(edition(), letter(1), letter(2)))
    assert [element.tag for element in page.iter("h1", "h2", "h3")] == ["h1", "h2", "h3", "h2", "h3"]


def test_sentences_are_joined_as_their_language_does() -> None:
    """No space between Japanese sentences."""
    digest = _shown(edition(), letter(1, JAPANESE))
    assert "出港した.この航路は" in digest.html


def test_plain_text_is_wrapped() -> None:
    """No line of text is wider than 72 columns; a link stands on a line of its own."""
    long = story("The ferry " * 60 + "left.", "A very long headline about the ferry " * 3)
    digest = _shown(edition(), letter(1, long), letter(2, JAPANESE), notices=(Notice("k", "Please " * 30),))
    assert all(columns(line) <= WIDTH for line in digest.text.splitlines() if "://" not in line)


@given(st.text(), st.sampled_from(["", "* ", "  "]))
def test_wrapping_loses_nothing(text: str, indent: str) -> None:
    """Only white space changes."""
    words_in, words_out = "".join((indent + text).split()), "".join(wrap(text, indent, "  ").split())
    assert words_in == words_out


def test_wide_characters_take_two_columns() -> None:
    """Japanese is broken at half as many characters, and no line begins with a full stop."""
    lines = wrap("航路" * 17 + "航、" + "航路。" * 30).splitlines()
    assert max(map(columns, lines)) <= WIDTH
    assert not any(line.startswith(("、", "。")) for line in lines)


def test_the_same_things_stand_in_text_and_html() -> None:
    """Titles, sentences, links, notes and the footer are in both."""
    teaser = (replace(headline(3)[0], form=Form.TEASER), headline(3)[1])
    digest = _shown(edition(entries=2), letter(1, teaser), letter(3, headline(4), headline(5)), letter(2, kind=Kind.PERSONAL))
    seen = " ".join(_page(digest).xpath("string(//body)").split())
    plain = " ".join(digest.text.split())
    for text in (
        "only links to the web",
        "+1 more in this letter",
        "3 letters: 2 shown, 1 left out (1 personal mail).",
        digest.entries[0].title,
    ):
        assert text in seen
        assert text in plain


def test_the_subject_is_title_and_first_story() -> None:
    """A reader sees in the list of mails what the digest begins with, and how much more there is."""
    digest = _shown(edition(title="Dawn"), letter(1, story("Rain is near.", "Rain comes"), hours=1), letter(2), letter(3))
    assert digest.subject == "Dawn: Rain comes (+2)"


def test_a_digest_of_notices_alone_has_its_date_as_subject() -> None:
    """There is no story to name."""
    assert _shown(edition(title="Dawn"), notices=(Notice("k", "Said."),)).subject == "Dawn: Sunday, 22 November 2026"


def test_a_claim_is_made_only_when_true() -> None:
    """`Every sentence above stood in a letter` is said when it is so, and there are sentences."""
    claim = "Every sentence above stood in a letter."
    invented = (headline(1)[0], headline(2)[1])
    digests = [_shown(edition(), *letters) for letters in ((letter(1),), (letter(1, invented),), ())]
    assert [claim in digest.text for digest in digests] == [True, False, False]


def test_an_operators_template_is_used() -> None:
    """Each of the three files may be replaced."""
    own = replace(default(), text="{{ title }} has {{ sections | length }}")
    assert _shown(edition(title="Dawn"), letter(1), templates=own).text == "Dawn has 1\n"


def test_an_operators_mistake_is_not_passed_over() -> None:
    """A name that does not exist in a template is an error, not an empty place in a mail."""
    with pytest.raises(jinja2.UndefinedError):
        _shown(edition(), letter(1), templates=replace(default(), text="{{ tilte }}"))


def test_letters_unreadable_for_one_reason_are_named_once() -> None:
    """Nine nameless letters that failed alike are one line."""
    lost = [letter(n, outcome=Outcome.UNREADABLE, reason="broken", stories=(), subject=None, publisher=None) for n in range(9)]
    assert "- A letter: broken (×9)" in _shown(edition(), *lost).text


def test_addresses_stay_out_of_the_footer() -> None:
    """A notice that names a reader's address is told without it."""
    text = _shown(edition(), letter(1), notices=(Notice("k", "The digest for bo@example.net did not arrive."),)).text
    assert "The digest for (an address) did not arrive." in text


def test_a_letter_without_a_web_page_is_found_by_its_subject_and_date() -> None:
    """Few mail clients follow `mid:`; where the title is the subject, the date is enough."""
    text = _shown(edition(), letter(1, story("A ferry left.", "Ferries"), hours=30), letter(2, story("Rain fell.", "Issue 2"))).text
    assert "  Open the letter (“Issue 1” · 21 November)\n  mid:issue.1@list.example\n" in text
    assert "  Open the letter (22 November)\n" in text


def test_the_rest_of_a_letter_is_found_by_its_subject_too() -> None:
    """Stories that have pages of their own say nothing of the letter that holds more of them."""
    assert "+4 more in this letter (“Issue 1” · 22 November)" in _shown(edition(entries=1), letter(1, *map(headline, range(5)))).html


def test_a_list_of_mails_shows_the_next_headlines() -> None:
    """The first is in the subject; what mail clients show beside it is the beginning of the body."""
    page = _page(_shown(edition(), *map(letter, range(4))))
    titles = [title.text_content() for title in page.xpath("//h3")]
    assert page.xpath("string(//body/div[contains(@style, 'display:none')])") == " · ".join(titles[1:4])


def test_what_a_title_was_cut_from_is_not_begun_with_a_comma() -> None:
    """A sentence that goes on where its title ends stays whole."""
    (entry,) = _shown(edition(), letter(1, story("Bees are back, said the warden of the hedge.", "Bees are back"))).entries
    assert (entry.title, entry.sentences) == ("Bees are back, said the warden of the hedge", ())


def test_a_key_to_the_reader_s_account_is_not_passed_on() -> None:
    """Neither the sentence nor the title that holds it is shown; the others are."""
    door = "https://paper.example/login/Zq81aB3xK9Zq81aB3xK9"
    told = (Story(f"Log in: {door}", "x"), Summary((Sentence("The ferry is back.", 0), Sentence(f"Your page is {door} for a year.", 20))))
    digest = _shown(edition(), letter(1, told, subject="Ferries"))
    assert "The ferry is back." in digest.text
    assert digest.entries[0].title == "Ferries"
    assert "Zq81" not in digest.text + digest.html


def _titles(*material: Material) -> list[str]:
    page = parser.document_fromstring(preview(edition(), NOW, material).html)
    return [" ".join(title.text_content().split()) for title in page.iter("h3")]


def test_a_title_made_of_running_text_begins_with_a_capital() -> None:
    """After «Liebe Leser,» the text goes on in lower case, a title does not; a story's own title is left as it is."""
    made = story("der Hafen ist wieder offen.", language="de"), story("Der Fisch ist frisch.", "iFisch sagt ab", language="de")
    assert _titles(letter(1, *made)) == ["Der Hafen ist wieder offen", "iFisch sagt ab"]


def test_a_title_is_shown_without_marks() -> None:
    """Bullets, arrows and a colon at the end are the letter's layout."""
    marked = story("The ferry sails.", "• Ferries:"), story("The bus stops there.", ">> BUSES <<")
    assert _titles(letter(1, *marked)) == ["Ferries", "BUSES"]


def test_numbers_before_titles_are_left_out_where_stories_are_numbered() -> None:
    """In a digest that takes a story from here and there they count nothing; a single one may be a part of the name."""
    baked, sold, sailed = story("Rye is in.", "1. Bakers"), story("Oats are up.", "2. Prices"), story("None left port.", "3. Ferries")
    assert _titles(letter(1, baked, sold, sailed)) == ["Bakers", "Prices", "Ferries"]
    assert _titles(letter(1, story("Der Aufstieg ist geschafft.", "1. FC Vell steigt auf"))) == ["1. FC Vell steigt auf"]
