"""A letter in six issues that we made up: an article, another maker in the same frame each time, a section that recurs and is read."""

from __future__ import annotations

from tests.newsletter.making import letter

ARTICLES = (
    (
        "A bridge of one plank",
        "Nobody knows who laid it there. On Monday it crossed the brook behind the school, and by noon every child had walked over it.",
        "The teacher measured eleven paces. She asked the council for a rail, and the council asked her who is to pay for the wood.",
        "Two boats are late because of the fog. Whoever waits for herring may come back on Thursday with a bag and some patience.",
    ),
    (
        "The clock that lost a day",
        "When the tower struck nine last week it was a day later. Seven people missed the market, and one man missed his own wedding.",
        "A spring had worn thin, says the smith, who mended it twice. He would rather build a new one, with a face on every side.",
        "The seals are back on the north bank. Please leave the dogs at home until they have had their young, some time in June.",
    ),
    (
        "What the orchard owes the bees",
        "Forty trees stood without fruit for three summers. Then a widow put six hives under them and asked for nothing in return.",
        "This autumn the branches had to be propped. Half of the apples go to her; she gives them to the hospital, which makes jelly.",
        "A storm is on its way from the west. Tie down what you love, and bring in the washing before the bells of the evening.",
    ),
    (
        "A library in a wheelbarrow",
        "It began with nine novels and a flat tyre. On Fridays the postman's girl pushes it up the hill, and no book has been lost so far.",
        "She keeps no list. People write their names in pencil on the last page, so that each is by now a history of the street.",
        "The lamp on the pier will be dark for two nights. It gets a new glass, which came by rail and is said to weigh as much as a cow.",
    ),
    (
        "How to sell a hill",
        "The farmer wanted to part with the slope but keep the view. His lawyer took four meetings to find that no law is against it.",
        "So the grass now belongs to a shepherd, while whatever can be seen from the top remains with the man who looked at it for years.",
        "Eels were caught at the weir on Sunday, the first since the flood. The miller smokes them over beech and sells them for a song.",
    ),
    (
        "The choir that sang to the river",
        "They stood on the bank in rubber boots, thirty of them, for the hall had no roof. The water rose, but only to the ankle.",
        "Their conductor calls it the best rehearsal in a decade. They may do it again in spring, with a tuba to keep the ducks away.",
        "Low water on Saturday is the lowest of the year. You can walk to the island and back, if you do not stop to gather mussels.",
    ),
)
MAKERS = (
    ("Aldous Boots", "Two soles and a leather that forgives: Aldous sews your pair while you wait."),
    ("Brass and Daughter", "Door handles that remember your hand, cast in sand by Brass and Daughter."),
    ("Cellar Nine", "Cheese that was left alone for a year, at half price for readers of this letter."),
    ("Dune Paper", "Letters may take their time on paper made of grass: order a box of Dune today."),
    ("Ever Kettles", "A kettle that sings in thirds and is mended for life: Ever ships it to you."),
    ("Fennel Lamps", "Your evenings, as warm as toast: Fennel lamps are blown by hand."),
)


def issue(number: int) -> bytes:
    """Return an issue, 0 to 5; in the last one the maker's box has lost its label."""
    title, first, second, tides = ARTICLES[number]
    name, praise = MAKERS[number]
    label = '<p style="font-size:11px;color:#999">SPONSORED</p>' if number < len(MAKERS) - 1 else ""
    page = f"""<html><body><div class="body"><h1 style="font-size:30px">{title}</h1><p>{first}</p><p>{second}</p></div>
    <table><tr><td class="maker" style="background:#eef">{label}<p style="font-size:14px"><a href="https://maker.example/{number}">{name}</a></p>
    <p style="font-size:14px;color:#444"><a href="https://maker.example/{number}">{praise}</a></p></td></tr></table>
    <div class="body"><h2 style="font-size:22px">From the harbour</h2><p>{tides}</p></div>
    <div class="foot" style="font-size:11px;color:#888"><p>The Ferry Post, 1 Quay Street, Saltholm</p>
    <p><a href="https://ferry.example/unsubscribe">Unsubscribe</a></p></div></body></html>"""
    return letter(page, html=True, subject=title)
