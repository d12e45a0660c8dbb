"""Small, plain letters are read too: a judge trained on long ones must not take a short article for wrapping."""

from __future__ import annotations

from importlib.resources.abc import Traversable

import pytest

from service import bundled
from service.newsletter import read
from service.records import Kind, Newsletter, Verdict
from tests.journey.invented import newsletter as invented

KEPT = {
    "01-harbour-dispatch.eml": ["replace its two diesel ferries", "140 scrapped buses", "leaves at 04:40", "31 million crowns"],
    "02-quiet-machines.eml": ["electric ferry from March", "eleven seconds a week", "less than a bicycle", "90,412 repaired objects"],
    "03-morgenblatt.eml": ["in drei von acht Tragseilen", "Nordtangente", "2,3 Millionen Euro"],
    "04-la-lettre-des-marches.eml": ["deux semaines plus tôt", "a accéléré leur croissance", "paniers consignés"],
    "05-cinco-enlaces.eml": ["la letra de los niños", "900 socios", "12.400 fuentes", "menos pesticidas", "60 por ciento"],
    "06-kawabe-tsushin.eml": ["町議会が金曜日に予算を可決した", "九年で元が取れる", "体育館の屋根"],
    "07-forwarded.eml": ["voor het eerst in 31 jaar", "40 kubieke meter", "Vanaf april"],
}
DROPPED = [
    "Nordkettle",
    "Talentbay",
    "Unsubscribe",
    "Abmelden",
    "désabonner",
    "Darse de baja",
    "配信停止",
    "Uitschrijven",
    "in your browser",
    "en ligne",
]
STORIES = {"01": 1, "02": 3, "03": 1, "04": 2, "05": 5, "06": 1, "07": 1}
TITLES = {
    "01-harbour-dispatch.eml": ["The ferry that runs on yesterday’s wind"],
    "02-quiet-machines.eml": ["An island ferry that charges from old bus batteries", "The town clock that sets itself by a lighthouse"],
    "04-la-lettre-des-marches.eml": ["LES HUÎTRES ARRIVENT PLUS TÔT", "UN MARCHÉ SANS SACS EN PLASTIQUE"],
    "05-cinco-enlaces.eml": ["El archivo que digitalizó mil cuadernos de escuela", "Una biblioteca abierta toda la noche"],
    "07-forwarded.eml": ["De molen draait weer"],
}
LINKS = {
    "02-quiet-machines.eml": "https://quietmachines.example/88/ferry",
    "03-morgenblatt.eml": None,
    "04-la-lettre-des-marches.eml": "https://lettremarches.example/huitres",
    "05-cinco-enlaces.eml": "https://cincoenlaces.example/e/1",
}
KINDS = {"08-a-friend.eml": Kind.PERSONAL, "09-confirm.eml": Kind.CONFIRMATION}

DEMO = sorted((file for file in (bundled.config() / "demo").iterdir() if file.name.endswith(".eml")), key=lambda file: file.name)


def opened(raw: bytes) -> Newsletter:
    """Return the letter read."""
    letter = read(raw)
    assert isinstance(letter, Newsletter), letter
    return letter


@pytest.mark.parametrize("file", DEMO, ids=lambda file: file.name)
def test_a_letter_of_the_demo_keeps_its_articles_and_nothing_else(file: Traversable) -> None:
    """Each article whole, each sponsor and footer gone, one story an article."""
    letter = opened(file.read_bytes())
    told = " ".join(f"{story.title or ''} {' '.join(story.text.split())}" for story in letter.stories)

    assert letter.kind is KINDS.get(file.name, Kind.NEWSLETTER)
    assert [phrase for phrase in KEPT.get(file.name, []) if phrase not in told] == []
    if letter.kind is Kind.NEWSLETTER:
        assert [phrase for phrase in DROPPED if phrase in told] == []
        assert len(letter.stories) == STORIES[file.name[:2]]


@pytest.mark.parametrize("file", [file for file in DEMO if file.name in TITLES or file.name in LINKS], ids=lambda file: file.name)
def test_a_story_of_the_demo_has_its_own_title_and_link(file: Traversable) -> None:
    """The title is the headline alone, not what follows it; the link is the story's, not one for sharing the letter."""
    stories = opened(file.read_bytes()).stories

    assert [story.title for story in stories][: len(TITLES.get(file.name, []))] == TITLES.get(file.name, [])
    assert all(story.title is None or story.title not in story.text for story in stories)
    if file.name in LINKS:
        assert stories[0].url == LINKS[file.name]


@pytest.mark.parametrize("number", [1, 7, 30])
def test_a_letter_of_one_paragraph_keeps_it(number: int) -> None:
    """A heading, a paragraph, a footer: the least that a newsletter can be."""
    letter = opened(invented(number))

    assert letter.kind is Kind.NEWSLETTER
    kept = [block.text for block in letter.blocks if block.verdict is Verdict.KEPT]
    assert kept[-1].startswith(f"The town of Number {number} has opened its new bridge")


@pytest.mark.parametrize("paragraphs", [1, 2, 5])
def test_a_plain_text_letter_keeps_its_paragraphs(paragraphs: int) -> None:
    """No markup, no links, a one-line footer."""
    told = [
        f"On day {n} the river rose by {n + 3} centimetres and the mill in Upper Weir stood still until noon." for n in range(paragraphs)
    ]
    body = "\r\n\r\n".join([*told, "To unsubscribe, reply with the word stop."])
    raw = f"From: River Post <post@river.example>\r\nSubject: The river\r\nList-Id: <post.river.example>\r\n\r\n{body}\r\n".encode()

    kept = " ".join(" ".join(story.text.split()) for story in opened(raw).stories)

    assert [line for line in told if line not in kept] == []
    assert "unsubscribe" not in kept


SCRAPED = [
    "Sweden’s coast guard confirmed on Monday a second sighting of a drifting buoy and said that two ships are following it.",
    "“A large metal buoy was seen and its course is being followed by [Northern Sea Watch] NSW,” the coast guard said in a statement.",
    "“Sailors are safe and the service is keeping the lanes clear, including around a possible second buoy,” the statement added.",
    "Officials from the harbour office, the navy and other partners have been comparing charts and working together, it said.",
    "“We remain in contact with our neighbours as the buoy drifts,” the coast guard said.",
    "The news comes hours after Denmark said that it is tracking a buoy on its way past the northern islands.",
    "Spokesman Lars Holm said that Denmark has so far decided against lifting the buoy from the water.",
    "“The buoy is now drifting well outside the shipping lanes and is no danger to boats or to people on the shore,” Mr Holm said.",
]
GLUE = (
    "date 2024-03-04 Sign up to our Morning Tides email for your daily guide to the sea Sign up to our free Morning Tides email"
    " Please enter a valid email address Please enter a valid email address SIGN UP I would like to be emailed about offers, events and"
    " updates from The Tide Table. Read our privacy notice Thanks for signing up to the"
)


@pytest.mark.parametrize("mailed", [True, False], ids=["as a letter", "as running text"])
def test_a_scraped_article_loses_its_glue_and_no_word_of_its_own(mailed: bool) -> None:
    """The kind of document that this project was made for: every paragraph whole and in order, no word of the sign-up form."""
    body = "\n\n".join([" " + GLUE, *SCRAPED]).replace("\n", "\r\n").encode()
    head = b"From: The Tide Table <news@tide.example>\r\nSubject: The buoy\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    letter = opened(head + body if mailed else b"\n" + body)

    (story,) = letter.stories
    assert "\n".join(" ".join(line.split()) for line in story.text.splitlines() if line.strip()) == "\n".join(SCRAPED)
    assert [block.text[:12] for block in letter.blocks if block.verdict is not Verdict.KEPT] == [GLUE[:12]]
    assert letter.date is not None
    assert letter.date.date().isoformat() == "2024-03-04"
