"""What can be counted of each piece of a letter, most of it in any language: text, look, links, phrases, place, surroundings.

`table` returns one column a feature, one value a piece. What lies around a piece is counted in `surroundings`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from math import fsum, log1p, sqrt
from typing import TypeVar

from service import bundled
from service.newsletter.blocks import IMAGE, Letterhead, Piece, Shape, record
from service.newsletter.headings import body_size
from service.newsletter.phrasebook import Hit
from service.newsletter.phrases import Rules
from service.newsletter.style import UNKNOWN, distance
from service.newsletter.targets import kinds

Key = TypeVar("Key", bound=Hashable)
Table = dict[str, list[float]]

HEAD, TAIL = 160, 80  # the characters of a long piece in which phrases are looked for
EXIT = frozenset(("unsubscribe", "privacy", "address", "membership", "view-online"))
SAMPLE = 60  # the characters of a piece whose kinds are counted
HEADED = 400  # the characters of a piece in which prices are looked for
NAMED_IN = 300  # the characters of a piece in which the publisher is looked for; what is as long is no title
RUNNING, RUNNING_LINKS = 120, 0.5  # more letters than these, and a smaller share of links, make a paragraph running text

MARKS = ".,:;!?…()[]\"'“”„‘’«»*¡¿–—-"  # what stands around words
SPOKEN = 600  # characters

ROW, LONGEST_ROW = 8, 160
DIVIDER = re.compile(r"\s*[|•·]\s*")
NAMED, CLOCK = r"[^\W\d_]{3,10}\.?", r"\d{1,2}:\d\d(?: ?[AP]M)?(?: [A-Z]{2,4})?"
DATE = re.compile(rf"(?:{NAMED},? )?(?:\d{{1,2}}\.? {NAMED}|{NAMED} \d{{1,2}}),? \d{{4}}(?:,? {CLOCK})?")

MAIL = re.compile(r"[\w.+-]{1,60}@[\w-]{1,60}\.\w")
SENTENCE = re.compile(r"[.!?…。！？](?:(?<=[。！？])|['\"”’»)]?(?:\s|$))")
PRICE = re.compile(r"[$€£¥]\s?\d|\d\s?[€£]|\d[.,]\d\d\s?(?:\*|zł|kr|EUR|USD|CHF)")
DIGIT = re.compile(r"\d")
NO_CAPITALS, NO_DIGITS = (bytes(octet for octet in range(128) if not test(chr(octet))) for test in (str.isupper, str.isdigit))
CURRENCY = re.compile(r"[$€£¥0-9](?:(?<=[$€£¥])|[.,]\d\d)")  # most pieces have none, and need not be looked through for prices
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


NOTHING: frozenset[str] = frozenset()


@record
class Evidence:
    """What the words and links of one piece give away.

    `said` are the categories of the phrases in it, `whole` those that are all of it; `covered` is the share of the text that phrases
    cover; `targets` has the kinds of link targets with the share of the text they link.
    """

    hits: tuple[Hit, ...]
    said: frozenset[str]
    whole: frozenset[str]
    covered: float
    targets: Mapping[str, float]


def evidence(piece: Piece, rules: Rules) -> Evidence:
    """Return what the words and links of a piece give away."""
    text = piece.text
    part = text if len(text) <= HEAD + TAIL else f"{text[:HEAD]} . {text[-TAIL:]}"  # no phrase runs over a stop
    hits = tuple(rules.find(part))
    targets: dict[str, float] = {}
    for link in piece.links[:20]:
        for kind in kinds(link.url):
            targets[kind] = min(1.0, targets.get(kind, 0.0) + len(link.text) / max(1, len(text)))
    row = _row(text, rules)
    if not hits:
        return Evidence((), NOTHING, row, 0.0, targets)
    covered = min(1.0, sum([hit.end - hit.start for hit in hits]) / max(1, len(part)))
    said = frozenset([hit.category for hit in hits])
    return Evidence(hits, said, frozenset([hit.category for hit in hits if hit.whole]) or row, covered, targets)


def _row(text: str, rules: Rules) -> frozenset[str]:
    """Return the categories of a short row of phrases such as "Read on | Share | 5 July 2024"; none where it says anything else."""
    parts = DIVIDER.split(text, ROW) if len(text) <= LONGEST_ROW and ("|" in text or "•" in text or "·" in text) else []
    if not 1 < len(parts) <= ROW:
        return NOTHING
    found = [frozenset(hit.category for hit in rules.find(part) if hit.whole) for part in parts]
    empty = all(whole or DATE.fullmatch(part) or not any(map(str.isalpha, part)) for whole, part in zip(found, parts, strict=True))
    return frozenset().union(*found) if empty else frozenset()


def visible(pieces: Iterable[Piece]) -> list[Piece]:
    """Return the pieces that are judged: those with text that a reader sees."""
    return [piece for piece in pieces if piece.text and not piece.hidden and piece.shape is not IMAGE]


def extent(text: str) -> int:
    """Return how long a text is in letters of the Latin alphabet: a sign of Chinese or Japanese says as much as two and a half."""
    return len(text) if text.isascii() else len(text) + 3 * len(CJK.findall(text)) // 2


def build(piece: Piece) -> tuple[object, ...]:
    """Return what pieces that are built alike share: look, shape, and the nearest containers."""
    return (piece.size, piece.colour, piece.shape, piece.bold >= 0.5, *[box[1:] for box in piece.boxes[-3:]])


def table(
    pieces: Sequence[Piece],
    evidences: Sequence[Evidence],
    letterhead: Letterhead,
    all_pieces: Sequence[Piece],
    weights: Mapping[str, float],
) -> Table:
    """Return the features of the visible pieces as columns.

    `all_pieces` has the rules and pictures between them too; `weights` tells how much more wrapping says a word than articles do,
    less than nought where articles say it more.
    """
    from service.newsletter.surroundings import add_surroundings

    spoken = [piece.text[:SPOKEN].casefold() for piece in pieces]
    words = [text.split() for text in spoken]
    columns = _texts(pieces) | _worded(words, weights) | _links(pieces) | _said(evidences) | _looks(pieces)
    columns |= _matches(spoken, words, letterhead)
    add_surroundings(columns, pieces, evidences, all_pieces)
    return columns


def _texts(pieces: Sequence[Piece]) -> Table:
    names = ("chars", "words", "sentences", "ends", "upper", "digits", "mail", "prices")
    return turned(names, [_text(piece.text) for piece in pieces])


def turned(names: Sequence[str], rows: Sequence[tuple[float, ...]]) -> Table:
    """Return rows, one a piece, as columns."""
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)) if rows else {name: [] for name in names}


def _text(text: str) -> tuple[float, ...]:
    """Return what can be counted of a text, in the order of the columns."""
    plain, head, sample = text.isascii(), text[:HEADED], text[:SAMPLE]
    if sample.isascii():
        octets = sample.encode()
        upper, digits = len(octets.translate(None, NO_CAPITALS)), len(octets.translate(None, NO_DIGITS))
    else:
        upper, digits = sum(map(str.isupper, sample)), len(DIGIT.findall(sample))
    return (
        log1p(len(text) if plain else extent(text)),
        log1p(text.count(" ") + 1 + (0 if plain else len(CJK.findall(text)) // 2)),
        log1p(len(SENTENCE.findall(text))),
        1.0 if SENTENCE.search(text[-3:]) else 0.0,
        upper / len(sample),
        digits / len(sample),
        1.0 if "@" in text and MAIL.search(text) else 0.0,
        float(min(3, len(PRICE.findall(head)))) if CURRENCY.search(head) else 0.0,
    )


def _worded(words: Sequence[Sequence[str]], weights: Mapping[str, float]) -> Table:
    """Return how much a piece speaks to the reader, of its publisher, and of buying (the share of such words, ten words at least), and
    how much its words are those of wrapping.
    """
    found = list(map(_bare, words))
    sizes = [max(10, len(words)) for words in found]
    columns = {name: [len(words & known) / size for words, size in zip(found, sizes, strict=True)] for name, known in _speech().items()}
    columns["wording"] = [_weighed([weights[word] for word in words if word in weights], len(words)) for words in found]
    return columns


def worded(text: str) -> frozenset[str]:
    """Return the words that `table` knows a text by."""
    return frozenset(_bare(text[:SPOKEN].casefold().split()))


def _bare(words: Iterable[str]) -> set[str]:
    return {word.strip(MARKS) for word in words}


def _weighed(known: Sequence[float], count: int) -> float:
    """Return the sum of the weights of a text of so many words, in whatever order, as if all texts were equally long (cosine
    normalisation), -4 to 4.
    """
    return max(-4.0, min(4.0, fsum(known) / sqrt(count))) if known else 0.0


@lru_cache(maxsize=1)
def _speech() -> dict[str, frozenset[str]]:
    """Return the words of `config/speech.toml` by name."""
    lists = tomllib.loads((bundled.config() / "speech.toml").read_text(encoding="utf-8"))
    return {name: frozenset(words.split()) for name, words in lists.items()}


def _links(pieces: Sequence[Piece]) -> Table:
    linked = [piece.linked if piece.links else 0.0 for piece in pieces]
    return {
        "linked": linked,
        "button": [1.0 if piece.links and any(link.button for link in piece.links) else 0.0 for piece in pieces],
        "whole_link": [float(share > 0.85 and len(piece.links) == 1) for share, piece in zip(linked, pieces, strict=True)],
    }


def _said(evidences: Sequence[Evidence]) -> Table:
    return {
        "covered": [found.covered for found in evidences],
        "exit": [float("leave" in found.targets or not found.said.isdisjoint(EXIT)) for found in evidences],
        "offers": [float("offer" in found.said) for found in evidences],
        "begs": [float("fundraising" in found.said or "money" in found.targets) for found in evidences],
    }


def _looks(pieces: Sequence[Piece]) -> Table:
    body = max(1.0, body_size(pieces))
    sizes = [len(piece.text) for piece in pieces]
    colours = [piece.colour for piece in pieces]
    by_colour = _weights(colours, sizes)
    main = max(by_colour, key=by_colour.__getitem__) if by_colour else 0
    return {
        "size": [piece.size / body for piece in pieces],
        "level": [float(piece.level) for piece in pieces],
        "is_heading": [float(piece.level > 0) for piece in pieces],
        "item": [float(piece.shape is Shape.ITEM) for piece in pieces],
        "soft": [float(piece.soft) for piece in pieces],
        "contrast": [_paler(piece.colour, piece.ground, main) for piece in pieces],
        "look_share": _shares([(piece.size, piece.colour, piece.ground, piece.centred, piece.shape) for piece in pieces], sizes),
        "colour_share": _shares(colours, sizes),
        "ground_share": _shares([piece.ground for piece in pieces], sizes),
    }


def _weights(keys: Sequence[Key], sizes: Sequence[int]) -> dict[Key, int]:
    weights = dict.fromkeys(keys, 0)
    for key, size in zip(keys, sizes, strict=True):
        weights[key] += size
    return weights


def _shares(keys: Sequence[Key], sizes: Sequence[int]) -> list[float]:
    """Return how much of the letter's text has the same key, for each piece."""
    weights = _weights(keys, sizes)
    total = max(1, sum(sizes))
    return [weights[key] / total for key in keys]


def _paler(colour: int, ground: int, main: int) -> float:
    """Return how much paler than the letter's main colour one is on its ground, -1 to 1."""
    if colour == main or UNKNOWN in (colour, main, ground):
        return 0.0
    return (distance(main, ground) - distance(colour, ground)) / 765


def _matches(texts: Sequence[str], words: Sequence[Sequence[str]], letterhead: Letterhead) -> Table:
    """Return what a piece has in common with the subject and the publisher's name."""
    subject = set(letterhead.subject.casefold().split())
    publisher = letterhead.publisher.casefold()
    return {
        "in_subject": [_alike(set(said), subject) if len(text) < NAMED_IN else 0.0 for text, said in zip(texts, words, strict=True)],
        "names_publisher": [float(bool(publisher) and publisher in text[:NAMED_IN]) for text in texts],
    }


def _alike(words: set[str], others: set[str]) -> float:
    """Return how much two sets of words have in common, 0 to 1 (Dice 1945)."""
    return 2 * len(words & others) / max(1, len(words) + len(others))
