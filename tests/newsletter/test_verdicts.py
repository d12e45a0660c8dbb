"""How sure the trees must be: one rule a test."""

from __future__ import annotations

from service.newsletter import DEFAULT_RULES
from service.newsletter.blocks import Letterhead, from_html
from service.newsletter.features import Table, evidence, table, visible
from service.newsletter.verdicts import dropped, sells

MANY = "".join(f"<p>Paragraph {n} of the long letter says what it has to say. It needs two sentences for that.</p>" for n in range(30))


def kept(html: str, chance: float, other: float = 0.0, subject: str = "") -> bool:
    """Return whether the first piece is kept when the trees give it `chance`, and `other` to the rest."""
    pieces = visible(from_html(html))
    evidences = [evidence(piece, DEFAULT_RULES) for piece in pieces]
    chances = dict.fromkeys(range(len(pieces)), other) | {0: chance}
    return not dropped(chances, pieces, evidences, table(pieces, evidences, Letterhead(subject), pieces, {}))[0]


def test_a_phrase_with_which_a_piece_begins_needs_little_more() -> None:
    """Even trees that doubt it give way."""
    assert not kept("<p>Unsubscribe from all of these letters</p>" + MANY, 0.2)


def test_a_phrase_within_a_piece_needs_more() -> None:
    """An article may speak of such things."""
    html = "<p>Half of those who were asked in the long survey of last year said that they would unsubscribe.</p>"
    assert kept(html + MANY, 0.3)


def test_prose_with_nothing_against_it_is_kept() -> None:
    """Place and look alone are not enough."""
    assert kept("<p><i>The bridge is open, and cars have crossed it since Monday morning. The mayor came on foot.</i></p>" + MANY, 0.72)


def test_the_title_is_kept() -> None:
    """A line that has most of its words from the subject."""
    assert kept('<p style="color:#555">The bridge is open</p>' + MANY, 0.72, subject="The bridge is open!")


def test_a_line_that_is_no_title_is_not() -> None:
    """The same chance, and nothing for it."""
    assert not kept('<p style="color:#555">The bridge is open</p>' + MANY, 0.72)


def test_in_a_short_letter_place_counts_for_little() -> None:
    """Trees that were grown on long letters are not believed so much."""
    assert kept("<p>The bridge is open</p><p>Cars cross it now.</p><p>You signed up for this. Unsubscribe here.</p>", 0.9)


def test_a_name_among_dropped_lines_goes_with_them() -> None:
    """A signature stands between the sign-off and the footer."""
    html = MANY + "<p>See you next week!</p><p>Tom</p><p>Unsubscribe from this letter</p>"
    pieces = visible(from_html(html))
    evidences = [evidence(piece, DEFAULT_RULES) for piece in pieces]
    chances = dict.fromkeys(range(len(pieces)), 0.0) | {30: 1.0, 31: 0.4, 32: 1.0}
    assert dropped(chances, pieces, evidences, table(pieces, evidences, Letterhead(), pieces, {}))[30:] == [True, True, True]


def test_names_below_a_sign_off_go_with_it() -> None:
    """Whoever signs is no story."""
    html = MANY + "<p>Best wishes</p><p>Anna Berg</p><p>Editor at large</p><p>A last word on the bridge, which stays open.</p>"
    pieces = visible(from_html(html))
    evidences = [evidence(piece, DEFAULT_RULES) for piece in pieces]
    chances = dict.fromkeys(range(len(pieces)), 0.0) | {30: 1.0}
    assert dropped(chances, pieces, evidences, table(pieces, evidences, Letterhead(), pieces, {}))[30:] == [True, True, True, False]


def shop(prices: float, doubt: float, begs: float = 0.0) -> bool:
    """Return whether a letter with these shares of prices and of asking for money, doubted so much, sells as a whole."""
    pieces = visible(from_html("<p>Boots</p><p>Shoes</p>"))
    columns: Table = {"prices": [prices] * 2, "offers": [0.0] * 2, "begs": [begs] * 2}
    columns |= {"exit": [0.0] * 2, "trade": [0.0] * 2, "chars": [1.8] * 2, "sentences": [0.0] * 2, "linked": [0.0] * 2}
    return sells({0: doubt, 1: doubt}, pieces, columns)


def test_a_doubtful_letter_full_of_prices_sells() -> None:
    """A catalogue is no newsletter."""
    assert shop(0.3, 0.7)


def test_a_letter_that_names_prices_in_its_stories_does_not() -> None:
    """Nobody doubts its text."""
    assert not shop(0.3, 0.2)


def test_a_doubtful_letter_without_prices_does_not() -> None:
    """Doubt alone is no advert."""
    assert not shop(0.0, 0.9)


def test_a_letter_that_asks_for_money_all_over_is_an_appeal() -> None:
    """However well it is written."""
    assert shop(0.0, 0.4, begs=0.25)


def test_a_letter_that_asks_once_is_not() -> None:
    """A club may ask for its dues below its news."""
    assert not shop(0.0, 0.4, begs=0.1)


def test_a_letter_that_tells_in_prose_does_not_sell() -> None:
    """Where the trees believe the sentences, prices are part of the story."""
    pieces = visible(from_html(f"<p>{'The council met on Monday evening. It spoke of boots. ' * 3}</p><p>Boots: 5 euros</p>"))
    columns = table(pieces, [evidence(piece, DEFAULT_RULES) for piece in pieces], Letterhead(), pieces, {})
    columns |= {"prices": [1.0, 1.0]}
    assert not sells({0: 0.1, 1: 1.0}, pieces, columns)


def test_the_items_of_a_list_go_with_their_introduction() -> None:
    """A list of what the publisher sells is an advert from its first item to its last."""
    items = "".join(f"<li>{name}</li>" for name in ("The harbour at night", "A year of storms", "Letters to a lighthouse"))
    pieces = visible(from_html(f"<p>News of the town.</p><p>All my books:</p><ul>{items}</ul><p>Rain. Snow.</p>"))
    evidences = [evidence(piece, DEFAULT_RULES) for piece in pieces]
    chances = dict.fromkeys(range(len(pieces)), 0.3) | {0: 0.0, 1: 1.0, 5: 0.0}
    assert dropped(chances, pieces, evidences, table(pieces, evidences, Letterhead(), pieces, {})) == [False, True, True, True, True, False]


def test_the_last_text_of_a_section_goes_with_the_rest() -> None:
    """An advert's story goes with its heading, offer and button, unless the trees are sure of it."""
    advert = "<div><hr><h4>Better water</h4><p>I run every day. Water will not do.</p><p>Try a box of it.</p><p>Order now</p></div><hr>"
    pieces = visible(from_html(f"{advert}{MANY}"))
    evidences = [evidence(piece, DEFAULT_RULES) for piece in pieces]
    columns = table(pieces, evidences, Letterhead(), pieces, {})
    chances = dict.fromkeys(range(len(pieces)), 0.0) | {0: 0.95, 1: 0.4, 2: 0.95, 3: 0.95}
    assert dropped(chances, pieces, evidences, columns)[:4] == [True, True, True, True]
    assert dropped(chances | {1: 0.2}, pieces, evidences, columns)[:4] == [True, False, True, True]


def test_what_stands_in_doubt_around_an_offer_goes_with_it() -> None:
    """A sponsor's story of several paragraphs, with no label but the offer at its end; a section that is sure to be text stays."""
    advert = (
        "<h4>Better water</h4><p>I run every day. Water will not do.</p><p>A spoon of it is enough.</p><p>Get 20% off your first order</p>"
    )
    page = from_html(f"<div>{advert}<hr></div>{MANY}")
    pieces = visible(page)
    evidences = [evidence(piece, DEFAULT_RULES) for piece in pieces]
    columns = table(pieces, evidences, Letterhead(), page, {})
    sure = dict.fromkeys(range(len(pieces)), 0.0) | {3: 0.95}
    assert dropped(sure | {0: 0.4, 1: 0.2, 2: 0.4}, pieces, evidences, columns)[:4] == [True, True, True, True]
    assert dropped(sure | {0: 0.4, 1: 0.0, 2: 0.4}, pieces, evidences, columns)[:4] == [False, False, False, True]


def test_an_address_goes_with_the_line_above_it() -> None:
    """In plain text it is the link of that line."""
    html = "<p>The bridge is open</p><p>https://harbour.example/bridge</p>" + MANY
    pieces = visible(from_html(html))
    evidences = [evidence(piece, DEFAULT_RULES) for piece in pieces]
    gone = dropped(
        dict.fromkeys(range(len(pieces)), 0.0) | {1: 0.95}, pieces, evidences, table(pieces, evidences, Letterhead(""), pieces, {})
    )
    assert not gone[1]
