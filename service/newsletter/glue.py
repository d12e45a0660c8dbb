"""Glue inside running text: what scraping a page leaves between two sentences of an article, cut to the word.

    "... the statement said. Sign up to our Evening Headlines email SIGN UP Read our privacy notice Canada's defence ..."

Known phrases (`[glue]` in the phrase files) are found; each cut grows over what belongs to it (the small-lettered rest of its
sentence, the headline after "READ MORE:"), and cuts that stand close together become one. An article's own sentence may use the
same words, so a phrase counts only where glue would stand: with a capital letter, or at the beginning of a sentence.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from service.newsletter.blocks import HEADING, IMAGE, KEPT, RULE, Judged, Link, Piece, Shape
from service.newsletter.phrasebook import STOPS, Token, tokens
from service.newsletter.phrases import GLUE, Rules
from service.records import Verdict

BRIDGE = {"form": 14, "promo": 14, "consent": 20, "slot": 2, "player": 3, "page": 3, "picture": 3, "teaser": 2}  # words between two cuts
PAIR = 150  # words between an opening and its closing
SPECIFIC = 6  # words: a phrase as long is glue wherever it stands, unless it is a request that an article may report
REST = 10  # words after a phrase to the end of its sentence: more are not all glue
HEADLINE = 24  # words
CAPITALS = 5  # words in capitals in a row that are a link to another article
MARKUP = re.compile(r"\{\{[^{}]{0,200}\}\}|<!--.{0,400}?-->|!- - .{0,300}?- ->|\[[a-z_-]+(?:\s+[\w-]+=[^\]\s]{0,80}){1,12}\s*/?\]")
SHOUTED = re.compile(
    rf"[^\Wa-z_](?<![^\W_].)[^\Wa-z_]*+[\W_]++(?:[^\Wa-z_]++[\W_]++){{{CAPITALS - 2}}}[^\Wa-z_]"
)  # without it no text has as many words in capitals in a row; it begins with the sign to be searched for, which is soonest found
DATE = re.compile(r"^\s*(?:date|published|updated|posted)\W{1,3}\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?Z?)?(?=\s|$)", re.IGNORECASE)
WHOLE = (RULE, IMAGE, Shape.CODE, HEADING)  # never parted
INTRODUCES = re.compile(r"\s*[:：\-–—|>»]")


class Cut(NamedTuple):
    """A place in a text, in characters, with the category of its glue."""

    start: int
    end: int
    category: str


def part(judged: Sequence[Judged], rules: Rules, least: int = 0) -> tuple[Judged, ...]:
    """Return the pieces with the glue in kept paragraphs parted from them and judged; joined, their texts are what came in.

    For running text, hand in every piece as kept: `[Judged(piece) for piece in from_text(text)]`. `place` is numbered anew.
    `least` is the number of characters from which on a paragraph is looked at.
    """
    parted: list[Judged] = []
    for item in judged:
        piece = item.piece
        running = len(piece.text) >= least and item.verdict is KEPT and piece.shape not in WHOLE
        parted += _parted(item, found) if running and (found := cuts(piece.text, rules)) else [item]
    if len(parted) == len(judged):
        return tuple(parted)
    return tuple(replace(item, piece=replace(item.piece, place=place)) for place, item in enumerate(parted))


def _parted(item: Judged, found: Sequence[Cut]) -> Iterator[Judged]:
    """Yield the piece, cut where glue stands in it."""
    at, text = 0, item.piece.text
    for cut in (*found, None):
        kept = _slice(item.piece, at, cut.start if cut else len(text))
        if kept.text:
            yield replace(item, piece=replace(kept, soft=kept.soft and at == 0))
        if cut:
            verdict = Verdict.ADVERT if cut.category == "slot" else Verdict.BOILERPLATE
            yield Judged(_slice(item.piece, cut.start, cut.end), verdict, f"glued into the text: {GLUE[cut.category]}")
            at = cut.end


def _slice(piece: Piece, start: int, end: int) -> Piece:
    """Return a part of a piece, with the links that lie in it."""
    start += len(piece.text[start:end]) - len(piece.text[start:end].lstrip())
    text = piece.text[start:end].rstrip()
    inside = tuple(Link(x.text, x.url, x.start - start, x.button) for x in piece.links if start <= x.start and x.start + len(x.text) <= end)
    return replace(piece, text=text, links=inside)


def cuts(text: str, rules: Rules) -> list[Cut]:
    """Return where glue stands in a running text, in order and apart. Time grows linearly with the text."""
    hits = rules.glue(text)
    found = [Cut(m.start(), m.end(), "page") for m in (*MARKUP.finditer(text), *filter(None, [DATE.match(text)]))]
    if not (hits or found or SHOUTED.search(text)):
        return []
    words = tokens(text)
    marks: dict[str, list[Cut]] = {"open": [], "close": []}
    places = {token.start: index for index, token in enumerate(words)}
    for hit in hits:
        cut = Cut(hit.start, hit.end, hit.category)
        if hit.category in marks:
            marks[hit.category].append(cut)
        elif _stands_alone(text, words, places[hit.start], cut):
            found.append(_grown(text, words, places[hit.start], cut, rules.starters))
    slots = [Cut(hit.start, hit.end, "slot") for hit in hits if hit.category == "slot"]
    found = list(_to_next(found, slots, words, places))
    found += [*_pairs(marks["open"], marks["close"], words), *_capitals(text, words)]
    return _merged(text, [cut for cut in found if cut.end > cut.start])


def _stands_alone(text: str, words: Sequence[Token], index: int, cut: Cut) -> bool:
    """Tell whether a phrase that begins with word `index` stands where glue would.

    It has a capital, or a sentence begins here, or it is so long that no article says it. A single word must stand between
    sentences (German gives every noun a capital), and so must what is written without capitals, between spaces.
    """
    start, end = cut.start, cut.end
    first, size = text[start], len(re.findall(r"\w+", text[start:end]))
    begins = index == 0 or words[index - 1].word in STOPS
    if first.lower() == first.upper() and first.isalpha():
        return not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum())
    if size == 1:
        return begins and not text[end:].lstrip()[:1].islower()
    return begins or (size >= SPECIFIC and cut.category not in ("promo", "teaser")) or first.isupper()


def _grown(text: str, words: Sequence[Token], first: int, cut: Cut, starters: frozenset[str]) -> Cut:
    """Return a cut with what belongs to its phrase: the headline after a label, the rest of a request's sentence."""
    after = first
    while after < len(words) and words[after].start < cut.end:
        after += 1
    if cut.category == "teaser":
        return _headline(text, words, after, cut, starters)
    if cut.category not in ("form", "promo", "consent"):
        return cut
    stop = next((i for i in range(after, min(after + REST + 1, len(words))) if words[i].word in STOPS), None)
    begins = first == 0 or words[first - 1].word in STOPS
    if stop is not None and begins and not any(_begins(text, words[i], starters) for i in range(after, stop)):
        return cut._replace(end=words[stop].end)
    end = after
    while end < len(words) and words[end].word not in STOPS and text[words[end].start].islower():
        end += 1
    return cut._replace(end=words[end - 1].end if end > after else cut.end)


def _headline(text: str, words: Sequence[Token], after: int, cut: Cut, starters: frozenset[str]) -> Cut:
    """Return a label such as "READ MORE:" with its headline, as far as it is sure where that ends; nothing where it is no label.

    A headline ends with a question or exclamation mark, where its capitals end, where a sentence begins, or with the paragraph.
    """
    mark = INTRODUCES.match(text, cut.end)
    if not mark and not text[cut.start : cut.end].isupper():
        return cut._replace(end=cut.start)
    most = min(after + HEADLINE, len(words))
    shouted = after
    while shouted < most and text[words[shouted].start : words[shouted].end].isupper():
        shouted += 1
    if shouted > after + 2:
        return cut._replace(end=words[shouted - 1].end)
    end = next((i for i in range(after, most) if words[i].word in STOPS or (i > after + 3 and _begins(text, words[i], starters))), most)
    if end < len(words) and text[words[end].start] in "?!":
        return cut._replace(end=words[end].end)
    sure = after < end and (end == len(words) or (end < most and words[end].word not in STOPS))
    return cut._replace(end=words[end - 1].end if sure else mark.end() if mark else cut.end)


def _begins(text: str, word: Token, starters: frozenset[str]) -> bool:
    """Tell whether a sentence begins with this word though no mark stands before it: a small common word with a capital letter."""
    return word.word in starters and text[word.start].isupper()


def _to_next(found: Sequence[Cut], slots: Sequence[Cut], words: Sequence[Token], places: dict[int, int]) -> Iterator[Cut]:
    """Yield the cuts, those of labels as far as the advertisement or form that follows their headline, where one does."""
    ends = sorted({(cut.start, cut.end) for cut in (*found, *slots) if cut.category != "teaser"})
    for cut in found:
        if cut.category == "teaser" and cut.start in places:
            last = places[cut.start] + HEADLINE + 6
            limit = words[last].start if last < len(words) else words[-1].end
            at = bisect_left(ends, (cut.end, 0))
            if at < len(ends) and ends[at][0] <= limit:
                yield cut._replace(end=ends[at][1])
                continue
        yield cut


def _pairs(opens: Sequence[Cut], closes: Sequence[Cut], words: Sequence[Token]) -> Iterator[Cut]:
    """Yield what stands between an opening ("skip past newsletter promotion") and its closing."""
    starts = [token.start for token in words]
    ends = [(cut.start, cut.end) for cut in closes]
    for cut in opens:
        at = bisect_left(ends, (cut.end, 0))
        if at < len(ends) and bisect_left(starts, ends[at][0]) - bisect_left(starts, cut.end) <= PAIR:
            yield Cut(cut.start, ends[at][1], "promo")
        else:
            yield cut._replace(category="page")


def _capitals(text: str, words: Sequence[Token]) -> Iterator[Cut]:
    """Yield runs of words in capitals between sentences, in a text that is not written in capitals."""
    if sum(map(str.isupper, text)) > sum(map(str.islower, text)):
        return
    first: int | None = None
    for index in range(len(words) + 1):
        said = text[words[index].start : words[index].end] if index < len(words) else ""
        if said.isupper() or (first is not None and said.isdecimal()):
            first = index if first is None else first
        elif first is not None:
            if index - first >= CAPITALS and (first == 0 or words[first - 1].word in STOPS) and not said[:1].islower():
                yield Cut(words[first].start, words[index - 1].end, "teaser")
            first = None


def _merged(text: str, found: Sequence[Cut]) -> list[Cut]:
    """Return the cuts in order; those that overlap, or that only a few words of glue part, as one."""
    merged: list[Cut] = []
    for cut in sorted(found):
        if merged and _bridged(text, merged[-1], cut):
            last = merged[-1]
            merged[-1] = Cut(last.start, max(last.end, cut.end), last.category if last.category != "page" else cut.category)
        else:
            merged.append(cut)
    return merged


def _bridged(text: str, before: Cut, cut: Cut) -> bool:
    """Tell whether what stands between two cuts is glue too."""
    between = text[before.end : cut.start]
    most = min(BRIDGE.get(before.category, 2), BRIDGE.get(cut.category, 2))
    parted = len(re.findall(r"\w+", between))
    return parted <= (min(most, 3)) or (parted <= most and not re.search(r"[.!?]\s", between))
