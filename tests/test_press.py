"""The press sets invented letters as platforms do: whatever the look, all words come out in order."""

from __future__ import annotations

import pytest

from benchmarks.gold import Line, words
from benchmarks.press import lines, parse, set_letter
from benchmarks.press_looks import FAMILIES
from service.newsletter import mime, read, sanitise
from service.newsletter.blocks import from_html, from_text
from service.newsletter.features import visible
from service.records import Newsletter

MANUSCRIPT = """\
publisher: Kelp & Co
sender: Ida from Kelp & Co <ida@kelp.example>
subject: Low water, high prices
language: en
shape: digest
platform: newsroom

B0 preheader| What the divers saw
B0 view| [View online](https://kelp.example/v/1)
T1 h1| Low water, high prices
?0 byline| By Ida Holm
C1 p| The **harvest** fell by 12 % <for now>, says [the bureau](https://bureau.example/r?a=1&b=2).
C1 num| Cut less
C1 num| Sell dearer
C1 row| Year | Tonnes
C1 row| 2031 | 40
B0 button| [Read on](https://kelp.example/p/1)
[[
A0 label| SPONSORED
A0 image| A boat
A0 p| Boats from *Brine*.
]]
T2 h3| A second bed
C2 quote| It grew overnight.
C2 item| Found off Skagen
--
B0 nav| [News](https://kelp.example/n) | [Prices](https://kelp.example/c)
B0 nav| [Maps](https://kelp.example/m) | [Tides](https://kelp.example/t)
B0 footer| Kelp & Co, Pier 4.
B0 footer| [Unsubscribe](https://kelp.example/u)
"""


def _read_back(letter: bytes) -> list[str]:
    mail = mime.open_mail(letter)
    pieces = from_html(sanitise.tame(mail.html)) if mail.html else from_text(mail.text)
    return [word for piece in visible(pieces) for word in words(piece.text)]


def test_lines_are_what_a_reader_sees() -> None:
    """Links are their anchors; hidden text, pictures and structure are left out."""
    found = lines(parse(MANUSCRIPT))
    assert found[0] == Line("View online", "B", 0)
    assert found[3].text == "The harvest fell by 12 % <for now>, says the bureau."
    assert not {"What the divers saw", "A boat", "--"} & {line.text for line in found}


def test_line_that_is_no_piece_is_refused() -> None:
    """A slip of the writer's is named, not swallowed."""
    with pytest.raises(ValueError, match="just words"):
        parse("publisher: A\n\njust words")


@pytest.mark.parametrize("family", FAMILIES)
def test_all_words_come_out_in_order(family: str) -> None:
    """No look loses, adds or moves a word, but for the numbers of numbered lists."""
    manuscript = parse(MANUSCRIPT)
    want = [word for line in lines(manuscript) for word in words(line.text)]
    for seed in range(12):
        found = _read_back(set_letter(manuscript, seed, family))
        assert [word for word in found if word not in "12"] == [word for word in want if word not in "12"]


@pytest.mark.parametrize("family", FAMILIES)
def test_letter_is_read(family: str) -> None:
    """The product reads what the press sets, with its sender and subject."""
    letter = read(set_letter(parse(MANUSCRIPT), 1, family))
    assert isinstance(letter, Newsletter)
    assert (letter.subject, letter.publisher) == ("Low water, high prices", "Ida from Kelp & Co")


def test_seed_settles_the_look() -> None:
    """The same seed gives the same bytes, another one another look."""
    manuscript = parse(MANUSCRIPT)
    assert set_letter(manuscript, 3) == set_letter(manuscript, 3)
    assert len({set_letter(manuscript, seed) for seed in range(5)}) == 5
