"""What may begin a story: the kept pieces of a letter in groups, each with the sort of beginning it looks like."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from service.newsletter.blocks import HEADING, HIDDEN, IMAGE, KEPT, RULE, Judged, Link, Piece, Shape, record
from service.newsletter.headings import CAPITALS_LEVEL

NUMBER = re.compile(r"^\W{0,2}#?(\d{1,3})\s?(?:[.)/:]|\ufe0f?\u20e3)(?!\d)|^(?:№|Nr\.?|No\.?)\s?(\d{1,3})\b")
ADDRESS = re.compile(r"^\W{0,3}(?:https?://|www\.)\S+\W{0,2}$")
WITHIN = re.compile(r"(?:https?://|www\.)\S")
BRACKETED = re.compile(r"[<(\[]\s?(?:https?://|www\.)[^\s<>()\[]+\s?[>)\]]$")  # no bracket within: else it is looked through anew from each
SIGN = re.compile(r"^(?:[■●◆▼★☆◇□▲△▽◎○◉▣]|#{1,4}(?=\s))\s*(?=\S)")
BULLET = re.compile(r"[•·‣▪▸►✦➤–—*-]\s+(?=\S)")
SIGNED_OFF = re.compile(r"(?:--|[—–])\s?(?=[^\W_])(?!.*[-—–]$)")  # "-- Anna" names who says what stands above
SIGN_LEVEL = 2
LONGEST = 2000  # characters
SIGNED = 100  # signs: the longest heading that begins so
FIRST_WORDS = re.compile(r"(.{2,80}?)(?:[:.!?—–]\s|\s-\s)")
WORD = re.compile(r"[^\W_]+")
WIDE = re.compile(r"[^\W\x00-\xff]")  # a letter beyond Latin-1
BLURRED = bytes(97 if chr(octet).isalnum() else 32 for octet in range(256))  # words of Latin-1 as rows of "a"
LETTER = re.compile(r"[^\W_]")
EAST = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
ROW = re.compile(r"\s[|•·/]\s")
QUOTES = "\"“„«»‚‘'「『"
TAIL = 4  # words after a linked title that still belong to it: "(rbb24, 2 minute read)"
TITLE = 30  # words


class Sort(StrEnum):
    """How a story may begin."""

    HEADING = "heading"  # nothing of it is linked
    TITLE = "title"  # a heading or line that is a link as a whole
    OPENING = "opening"  # running text that begins with a link
    ITEM = "item"  # a list item with a link in it
    NUMBER = "number"  # running text that begins with a number
    CARD = "card"  # lines that end in a bare address (plain text letters)
    LABEL = "label"  # running text that begins with a few bold words
    LINKING = "linking"  # a paragraph of its own with a link somewhere in it


@record
class Group:
    """A kept piece with those that only a line break parts from it. `first` and `after` are indexes into the judged pieces.

    `ruled` says that a dividing line stands before it; `words` counts all of the group, `urls` are where its links lead. `kept` is False
    for a heading that was taken out: it still shows where a section begins.
    """

    pieces: tuple[Piece, ...]
    first: int
    after: int
    sort: Sort | None
    ruled: bool
    words: int
    urls: tuple[str, ...]
    kept: bool

    @property
    def head(self) -> Piece:
        """The piece it begins with."""
        return self.pieces[0]

    @property
    def text(self) -> str:
        """Its text, a line a piece."""
        return "\n".join(piece.text for piece in self.pieces)

    @property
    def rank(self) -> tuple[int, int]:
        """How high a heading stands: the smaller the higher. One that ends in a colon only introduces what comes next."""
        inner = 10 * self.head.text.rstrip().endswith((":", "："))
        level = self.head.level or (SIGN_LEVEL if SIGN.match(self.head.text) else 9)
        return (inner + level, -round(self.head.size))


def count(text: str) -> int:
    """Return the number of words; of Chinese and Japanese text, about two signs a word."""
    if text.isascii() or not WIDE.search(text):
        return f" {text}".encode("latin-1", "replace").translate(BLURRED).count(b" a")
    words = WORD.findall(text)
    return len(words) if not EAST.search(text) else sum(max(1, len(EAST.findall(word)) // 2) for word in words)


def groups(judged: Sequence[Judged]) -> list[Group]:
    """Return the kept text in groups, in order. Headings and list items are groups of their own."""
    found = [_group(judged, indexes, ruled) for indexes, ruled in _runs(judged)]
    if any(group.sort is Sort.HEADING and group.head.level == CAPITALS_LEVEL for group in found):
        found = [_in_capitals(group) for group in found]
    after = [group.sort for group in found[1:]]
    return [_as_label(group) if sort is Sort.CARD else group for group, sort in zip(found, [*after, None], strict=False)]


def _runs(judged: Sequence[Judged]) -> Iterator[tuple[list[int], bool]]:
    """Yield the indexes of each group, and whether a dividing line stands before it."""
    run: list[int] = []
    ruled = line = gap = False
    signs = _sign_heads(judged)
    for index, item in enumerate(judged):
        piece, verdict = item.piece, item.verdict
        heading = piece.shape is HEADING and verdict is not HIDDEN and not any(x.button for x in piece.links)
        if not (verdict is KEPT or heading) or piece.shape in (RULE, IMAGE) or not LETTER.search(piece.text):
            gap = gap or (verdict is not HIDDEN and piece.shape is not IMAGE)
            line = line or piece.shape is RULE or (verdict is KEPT and piece.shape is not IMAGE)
            continue
        if run and (gap or run[-1] in signs or index in signs or not _continues(judged[run[-1]].piece, piece)):
            yield run, ruled
            run, ruled = [], line
        elif not run:
            ruled = line
        run.append(index)
        gap = line = False
    if run:
        yield run, ruled


def _sign_heads(judged: Sequence[Judged]) -> set[int]:
    """Return the indexes of the short lines that a sign makes a heading ("■ ..."), where a line without it comes next."""
    kept = {i: item.piece.text for i, item in enumerate(judged) if item.verdict is KEPT}
    signed = {i for i, text in kept.items() if len(text) <= SIGNED and SIGN.match(text)}
    worded = [i for i, text in kept.items() if LETTER.search(text)] if signed else []
    return {i for i, after in pairwise(worded) if i in signed and after not in signed}


def _continues(before: Piece, piece: Piece) -> bool:
    """Tell whether a piece goes on with the one before: a line of the same paragraph."""
    return piece.soft and piece.boxes == before.boxes and not is_item(piece) and HEADING not in (piece.shape, before.shape)


def _group(judged: Sequence[Judged], indexes: list[int], ruled: bool) -> Group:
    pieces, kept = tuple(judged[i].piece for i in indexes), judged[indexes[0]].verdict is KEPT
    signed = len(pieces) == 1 and SIGN.match(pieces[0].text) and len(pieces[0].text) <= SIGNED and not pieces[0].links
    sort = _sort(pieces) if kept and not signed else Sort.HEADING
    words = sum([count(piece.text) for piece in pieces]) if kept else 0
    urls = tuple([link.url for piece in pieces for link in piece.links])
    return Group(pieces, indexes[0], indexes[-1] + 1, sort, ruled, words, urls, kept)


def _in_capitals(group: Group) -> Group:
    """Return a single word in capitals as the heading that it is in a letter whose headings are in capitals."""
    piece = group.head
    alone = group.sort is None and len(group.pieces) == 1 and piece.shape is Shape.PARAGRAPH
    if not (alone and piece.text.isupper() and " " not in piece.text and len(piece.text) >= 3):
        return group
    return replace(group, pieces=(replace(piece, shape=HEADING, level=CAPITALS_LEVEL),), sort=Sort.HEADING)


def _as_label(group: Group) -> Group:
    """Return a short line that stands alone over a card as the heading that it is."""
    alone = len(group.pieces) == 1 and group.words <= TAIL and group.sort is None and group.text[-1] not in ".!?:"
    return replace(group, sort=Sort.HEADING) if alone else group


def _sort(pieces: tuple[Piece, ...]) -> Sort | None:
    """Return how a story would begin with these pieces; None for plain running text."""
    piece = pieces[0]
    link = leading_link(piece)
    if _row(piece):
        return None
    if is_heading(piece):
        if ADDRESS.match(piece.text) or SIGNED_OFF.match(piece.text):
            return None
        named = sum(len(x.text) for x in piece.links if not ADDRESS.match(x.text))
        return Sort.TITLE if link or 2 * named >= len(piece.text) else Sort.HEADING if not quoted(piece) else None
    if piece.shape in (Shape.QUOTE, Shape.CODE, Shape.TABLE):
        return None
    if link and count(piece.text[link.start + len(link.text) :]) <= TAIL and count(piece.text) <= TITLE:
        return Sort.TITLE
    if is_item(piece):
        return Sort.ITEM if any(link.url for p in pieces for link in p.links) else None
    if link and count(link.text) >= 2:
        return Sort.OPENING
    if NUMBER.match(piece.text):
        return Sort.NUMBER
    if len(pieces) > 1 and ADDRESS.match(pieces[-1].text) and not ADDRESS.match(piece.text):
        return Sort.CARD
    if label(piece):
        return Sort.LABEL
    return Sort.LINKING if any(p.links for p in pieces) else None


def is_item(piece: Piece) -> bool:
    """Tell whether a piece is an item of a list, be it only by the bullet with which it begins."""
    return piece.shape is Shape.ITEM or bool(BULLET.match(piece.text))


def is_heading(piece: Piece) -> bool:
    """Tell whether a piece is a heading; capitals alone make none in plain text of a script that has no capitals."""
    return piece.shape is HEADING and bool(piece.boxes or not EAST.search(piece.text))


def number_of(text: str) -> int:
    """Return the number that a paragraph begins with; -1 where it begins with none."""
    found = NUMBER.match(text)
    return int(found[1] or found[2]) if found else -1


def leading_link(piece: Piece) -> Link | None:
    """Return the link that a piece begins with, after an emoji, number or bullet at most; never a button or a bare address."""
    for link in piece.links:
        if not LETTER.search(NUMBER.sub("", piece.text[: link.start])):
            real = (
                not link.button
                and "(" not in piece.text[: link.start]
                and not ADDRESS.match(link.text)
                and len(link.text) >= 3
                and link.url.startswith(("http", "//"))
            )
            return link if real else None
    return None


def label(piece: Piece) -> str:
    """Return the few bold words that a paragraph begins with; "" where there are none.

    Which letters are bold is not known, only how many: the words up to the first colon, dash or stop must be about as many.
    """
    if not 0.02 < piece.bold < 0.7:
        return ""
    found = FIRST_WORDS.match(piece.text)
    return found[1] if found and abs(len(found[1]) - piece.bold * len(piece.text)) <= 4 else ""


def linked_label(piece: Piece) -> bool:
    """Tell whether the bold words that a paragraph begins with hold a link."""
    return any(link.start < len(label(piece)) for link in piece.links)


def same(title: str, subject: str) -> bool:
    """Tell whether a subject says the title, and not much else."""
    words, said = folded(title), folded(subject)
    both = len(words & said)
    return bool(words) and both >= 0.7 * len(words) and both >= 0.5 * len(said)


def folded(text: str) -> frozenset[str]:
    """Return the words of a title or subject without regard to capitals; no title is as long as the text that is not looked at."""
    return _folded(text[:LONGEST])


@lru_cache(maxsize=64)  # the subject is asked about with each heading
def _folded(text: str) -> frozenset[str]:
    return frozenset(WORD.findall(text.casefold()))


def unbracketed(text: str) -> str:
    """Return a line without the address in brackets with which it ends."""
    found = BRACKETED.search(text)
    return text[: found.start()].rstrip() if found else text


def ends_in_address(text: str) -> bool:
    """Tell whether an address is the last word of a text, or stands in it."""
    return any(map(WITHIN.search, text.rsplit(maxsplit=1)[-1:]))


def common(paths: Sequence[tuple[int, ...]]) -> int:
    """Return how many boxes hold all of the paths."""
    depth = 0
    for level in zip(*paths, strict=False):
        if len(set(level)) > 1:
            break
        depth += 1
    return depth


def _row(piece: Piece) -> bool:
    """Tell whether a line is nothing but short links beside each other: "Read the review | Check prices"."""
    return len(piece.links) > 1 and piece.linked > 0.6 and bool(ROW.search(piece.text)) and count(piece.text) <= TITLE


def quoted(piece: Piece) -> bool:
    """Tell whether a heading is a quotation set large."""
    return piece.text[:1] in QUOTES and count(piece.text) > 12
