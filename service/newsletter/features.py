"""What can be counted of each piece of a letter, most of it in any language: text, look, links, phrases, place, surroundings.

`table` returns one column a feature, one value a piece. What lies around a piece is counted in `surroundings`.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from service import bundled
from service.newsletter.blocks import Letterhead, Piece, Shape
from service.newsletter.headings import body_size
from service.newsletter.phrasebook import Hit
from service.newsletter.phrases import WRAPPING, Rules
from service.newsletter.style import UNKNOWN, distance
from service.newsletter.targets import kinds

Key = TypeVar("Key", bound=Hashable)
Table = dict[str, list[float]]

HEAD, TAIL = 160, 80  # the characters of a long piece in which phrases are looked for
EXIT = frozenset(("unsubscribe", "privacy", "address", "membership", "view-online"))
ASK = frozenset(("sign-up", "upgrade", "share", "app", "comment", "contact"))
SAID = {"exit": EXIT, "small": frozenset(WRAPPING) - EXIT - ASK}
SAMPLE = 60  # the characters of a piece whose kinds are counted
RUNNING = 120  # the fewest characters of a paragraph of running text

MARKS = ".,:;!?…()[]\"'“”„‘’«»*¡¿–—-"  # what stands around words
SPOKEN = 600  # characters

ROW, LONGEST_ROW = 8, 160
DIVIDER = re.compile(r"\s*[|•·]\s*")
NAMED, CLOCK = r"[^\W\d_]{3,10}\.?", r"\d{1,2}:\d\d(?: ?[AP]M)?(?: [A-Z]{2,4})?"
DATE = re.compile(rf"(?:{NAMED},? )?(?:\d{{1,2}}\.? {NAMED}|{NAMED} \d{{1,2}}),? \d{{4}}(?:,? {CLOCK})?")

MAIL = re.compile(r"[\w.+-]{1,60}@[\w-]{1,60}\.\w")
SENTENCE = re.compile(r"[.!?…]['\"”’»)]?(?:\s|$)|[。！？]")
PRICE = re.compile(r"[$€£¥]\s?\d|\d\s?[€£]|\d[.,]\d\d\s?(?:\*|zł|kr|EUR|USD|CHF)")
DIGIT = re.compile(r"\d")
CURRENCY = re.compile(r"[$€£¥]|\d[.,]\d\d")  # most pieces have none, and need not be looked through for prices
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
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
    part = text if len(text) <= HEAD + TAIL else f"{text[:HEAD]} … {text[-TAIL:]}"
    hits = tuple(rules.find(part))
    covered = min(1.0, sum(hit.end - hit.start for hit in hits) / max(1, len(part)))
    targets: dict[str, float] = {}
    for link in piece.links[:20]:
        for kind in kinds(link.url):
            targets[kind] = min(1.0, targets.get(kind, 0.0) + len(link.text) / max(1, len(text)))
    whole = frozenset(hit.category for hit in hits if hit.whole) or _row(text, rules)
    return Evidence(hits, frozenset(hit.category for hit in hits), whole, covered, targets)


def _row(text: str, rules: Rules) -> frozenset[str]:
    """Return the categories of a short row of phrases such as "Read on | Share | 5 July 2024"; none where it says anything else."""
    parts = DIVIDER.split(text, ROW) if len(text) <= LONGEST_ROW else []
    if not 1 < len(parts) <= ROW:
        return frozenset()
    found = [frozenset(hit.category for hit in rules.find(part) if hit.whole) for part in parts]
    empty = all(whole or DATE.fullmatch(part) or not any(map(str.isalpha, part)) for whole, part in zip(found, parts, strict=True))
    return frozenset().union(*found) if empty else frozenset()


def visible(pieces: Iterable[Piece]) -> list[Piece]:
    """Return the pieces that are judged: those with text that a reader sees."""
    return [piece for piece in pieces if piece.text and not piece.hidden and piece.shape is not Shape.IMAGE]


@lru_cache(maxsize=2048)
def extent(text: str) -> int:
    """Return how long a text is in letters of the Latin alphabet: a sign of Chinese or Japanese says as much as two and a half."""
    return len(text) if text.isascii() else len(text) + 3 * len(CJK.findall(text)) // 2


def running(piece: Piece) -> bool:
    """Tell whether a piece is a paragraph of running text."""
    return extent(piece.text) > RUNNING and piece.linked < 0.5


def build(piece: Piece) -> tuple[object, ...]:
    """Return what pieces that are built alike share: look, shape, and the nearest containers."""
    return (piece.size, piece.colour, piece.shape, piece.bold >= 0.5, *((box.tag, box.label) for box in piece.boxes[-3:]))


def table(pieces: Sequence[Piece], evidences: Sequence[Evidence], letterhead: Letterhead, all_pieces: Sequence[Piece]) -> Table:
    """Return the features of the visible pieces as columns. `all_pieces` has the rules and pictures between them too."""
    from service.newsletter.surroundings import add_surroundings

    columns = _texts(pieces) | _addressed(pieces) | _links(pieces) | _said(evidences) | _looks(pieces) | _matches(pieces, letterhead)
    add_surroundings(columns, pieces, evidences, all_pieces)
    return columns


def _texts(pieces: Sequence[Piece]) -> Table:
    texts = [piece.text for piece in pieces]
    samples = [text[:SAMPLE] for text in texts]
    return {
        "chars": [math.log1p(extent(text)) for text in texts],
        "words": [math.log1p(text.count(" ") + 1 + (0 if text.isascii() else len(CJK.findall(text)) // 2)) for text in texts],
        "sentences": [math.log1p(len(SENTENCE.findall(text))) for text in texts],
        "ends": [float(bool(SENTENCE.search(text[-3:]))) for text in texts],
        "upper": [sum(map(str.isupper, sample)) / len(sample) for sample in samples],
        "digits": [len(DIGIT.findall(sample)) / len(sample) for sample in samples],
        "mail": [float("@" in text and bool(MAIL.search(text))) for text in texts],
        "prices": [float(min(3, len(PRICE.findall(text)))) if CURRENCY.search(text) else 0.0 for text in (text[:400] for text in texts)],
    }


def _addressed(pieces: Sequence[Piece]) -> Table:
    """Return how much a piece speaks to the reader, of its publisher, and of buying: the share of such words, ten words at least."""
    found = [{word.strip(MARKS) for word in piece.text[:SPOKEN].casefold().split()} for piece in pieces]
    return {name: [len(words & known) / max(10, len(words)) for words in found] for name, known in _speech().items()}


@lru_cache(maxsize=1)
def _speech() -> dict[str, frozenset[str]]:
    """Return the words of `config/speech.toml` by name."""
    lists = tomllib.loads((bundled.config() / "speech.toml").read_text(encoding="utf-8"))
    return {name: frozenset(words.split()) for name, words in lists.items()}


def _links(pieces: Sequence[Piece]) -> Table:
    linked = [piece.linked if piece.links else 0.0 for piece in pieces]
    return {
        "linked": linked,
        "button": [float(any(link.button for link in piece.links)) for piece in pieces],
        "whole_link": [float(share > 0.85 and len(piece.links) == 1) for share, piece in zip(linked, pieces, strict=True)],
    }


def _said(evidences: Sequence[Evidence]) -> Table:
    columns = {f"said_{name}": [float(not found.said.isdisjoint(group)) for found in evidences] for name, group in SAID.items()}
    columns["covered"] = [found.covered for found in evidences]
    columns["whole_wrapping"] = [float(any(category in WRAPPING for category in found.whole)) for found in evidences]
    columns["exit"] = [float(bool(found.said & EXIT) or "leave" in found.targets) for found in evidences]
    columns["offers"] = [float("offer" in found.said) for found in evidences]
    columns["begs"] = [float("fundraising" in found.said or "money" in found.targets) for found in evidences]
    return columns


def _looks(pieces: Sequence[Piece]) -> Table:
    body = max(1.0, body_size(pieces))
    looks = [(piece.size, piece.colour, piece.ground, piece.centred, piece.shape) for piece in pieces]
    main = _most(pieces, [piece.colour for piece in pieces])
    return {
        "size": [piece.size / body for piece in pieces],
        "level": [float(piece.level) for piece in pieces],
        "is_heading": [float(piece.level > 0) for piece in pieces],
        "item": [float(piece.shape is Shape.ITEM) for piece in pieces],
        "centred": [float(piece.centred) for piece in pieces],
        "soft": [float(piece.soft) for piece in pieces],
        "contrast": [_paler(piece, main) for piece in pieces],
        "look_share": _shares(pieces, looks),
        "colour_share": _shares(pieces, [piece.colour for piece in pieces]),
        "ground_share": _shares(pieces, [piece.ground for piece in pieces]),
    }


def _weights(pieces: Sequence[Piece], keys: Sequence[Key]) -> Counter[Key]:
    weights: Counter[Key] = Counter()
    for piece, key in zip(pieces, keys, strict=True):
        weights[key] += len(piece.text)
    return weights


def _shares(pieces: Sequence[Piece], keys: Sequence[Key]) -> list[float]:
    """Return how much of the letter's text has the same key, for each piece."""
    weights = _weights(pieces, keys)
    total = max(1, sum(weights.values()))
    return [weights[key] / total for key in keys]


def _most(pieces: Sequence[Piece], keys: Sequence[int]) -> int:
    weights = _weights(pieces, keys)
    return max(weights, key=weights.__getitem__) if weights else 0


def _paler(piece: Piece, main: int) -> float:
    """Return how much paler than the letter's main colour a piece is, -1 to 1."""
    if UNKNOWN in (piece.colour, main) or piece.ground == UNKNOWN:
        return 0.0
    return (distance(main, piece.ground) - distance(piece.colour, piece.ground)) / 765


def _matches(pieces: Sequence[Piece], letterhead: Letterhead) -> Table:
    """Return what a piece has in common with the subject and the publisher's name."""
    subject = set(letterhead.subject.casefold().split())
    folded = [piece.text.casefold() for piece in pieces]
    publisher = letterhead.publisher.casefold()
    return {
        "in_subject": [_alike(set(text.split()), subject) if len(text) < 300 else 0.0 for text in folded],
        "names_publisher": [float(bool(publisher) and publisher in text[:300]) for text in folded],
    }


def _alike(words: set[str], others: set[str]) -> float:
    """Return how much two sets of words have in common, 0 to 1 (Dice 1945)."""
    return 2 * len(words & others) / max(1, len(words) + len(others))
