"""A run of groups as a story: its title if one stands there, the text without it, the link that is its own, its form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape
from typing import NamedTuple

from service.newsletter import links
from service.newsletter.blocks import HEADING, IMAGE, Judged, Piece
from service.newsletter.phrases import WRAPPING
from service.newsletter.stories_leads import ADDRESS, NUMBER, SIGN, Group, Sort, count, is_heading, label, leading_link, same, unbracketed
from service.newsletter.stories_lists import reads_as_title
from service.records import Form, Story, Verdict

# Why a button is wrapping that leads away from the story: it subscribes, shares, pays ...
ELSEWHERE = frozenset(reason for category, reason in WRAPPING.items() if category not in ("button", "navigation"))
TEASER = 60  # words: a shorter text with a link only announces what stands on the web
LABEL = 3  # words: a shorter line over the title of a card says what it is about
HEADLINE = 16  # words: the longest line of plain text that is taken for a title
FOOTER = 100  # words: the most that a letter of pictures says around them
HEADS = 4  # how many pieces of a story may come before its text
AFTER_TITLE = re.compile(r"^\s*(?:$|[—–:|.!?]|-\s|\()")
PAGE_HEAD = 100_000  # signs of a page in which its title must stand
LONGEST = 300  # signs: what is longer is no title
HOME = re.compile(r"^\w+://[^/?]+/?$")  # a publisher's or a platform's front page
LINK_MARKS = " \t—–:|-.,"
NO_PAGE = re.compile(r"\.(?:png|jpe?g|gif|webp|svg)(?:[?#]|$)|/api/v\d", re.IGNORECASE)  # a picture, or a button's machinery


class Head(NamedTuple):
    """What was found of a title: its words, the pieces it was taken from, and what of the last of them is text."""

    title: str | None
    piece: int
    rest: str


def story_of(groups: Sequence[Group], judged: Sequence[Judged], after: int, listed: bool, subject: str) -> Story:
    """Return the story that these groups make; `judged[first:after]` is all that stands in its place, buttons and pictures too.

    `listed` says that it is one of several.
    """
    pieces = [piece for group in groups for piece in group.pieces]
    head = _head(groups[0], pieces, listed)
    if head.title is None and same(pieces[0].text, subject):
        head = Head(pieces[0].text, 0, "")
    lines = [_line(piece, listed and not number) for number, piece in enumerate(pieces)]
    if head.title is not None:
        lines[head.piece] = head.rest
    text = "\n".join(line for piece, line in zip(pieces, lines, strict=True) if line and not (listed and ADDRESS.match(piece.text)))
    url = _own_link(groups, pieces, judged[groups[0].first : after], head, listed)
    return Story(head.title, text, url, None, Form.TEASER if url and count(text) <= TEASER else Form.ARTICLE)


def _line(piece: Piece, bare: bool) -> str:
    """Return a piece as a line of text; the marker of a list item is left out where the item is a story of its own."""
    return piece.text if bare else piece.marker + piece.text


def _head(lead: Group, pieces: Sequence[Piece], listed: bool) -> Head:
    """Return the title: the largest or the linked one of the headings it begins with, else the words that open the text."""
    top: int | None = None
    for number, piece in enumerate(pieces[:HEADS]):
        heading = is_heading(piece) or (number == 0 and lead.sort is Sort.HEADING)
        bold = piece.bold > 0.9 and count(piece.text) <= HEADLINE
        title = bold or (_is_title(piece) and (number == 0 or piece.size > pieces[number - 1].size))
        if not (heading or title) or ADDRESS.match(piece.text) or len(piece.text) > LONGEST:
            break
        if top is None or _weight(piece) > _weight(pieces[top]):
            top = number
    if top is not None:
        return _split_title(pieces[top], top)
    return _opening(lead, pieces, listed) if pieces else Head(None, 0, "")


def _is_title(piece: Piece) -> bool:
    """Tell whether a piece is a line that is linked as a whole, but for a few words at its end."""
    link = leading_link(piece)
    return link is not None and count(piece.text[link.start + len(link.text) :]) <= 4 and count(link.text) >= 1


def _weight(piece: Piece) -> tuple[bool, float, float]:
    return (leading_link(piece) is not None, piece.size, -piece.level)


def _split_title(piece: Piece, number: int) -> Head:
    """Return a line's title, and what follows the link in it."""
    link = leading_link(piece)
    if link is None or piece.shape is HEADING:
        return Head(SIGN.sub("", piece.text), number, "")
    end = link.start + len(link.text)
    return Head(piece.text[:end].strip(), number, piece.text[end:].lstrip(LINK_MARKS))


def _opening(lead: Group, pieces: Sequence[Piece], listed: bool) -> Head:
    """Return the title that stands at the beginning of running text; it is one only where marks part it from what follows."""
    piece = pieces[0]
    link = leading_link(piece)
    rest = piece.text[link.start + len(link.text) :] if link else ""
    if lead.sort in (Sort.OPENING, Sort.ITEM) and link and (AFTER_TITLE.match(rest) or (listed and _sentence(rest, link.text))):
        return _split_title(piece, 0)
    if not listed:
        return Head(None, 0, "")
    if lead.sort is Sort.LABEL and (bold := label(piece)):
        return Head(bold.strip(), 0, piece.text[len(bold) :].lstrip(LINK_MARKS))
    if lead.sort is Sort.NUMBER and (number := NUMBER.match(piece.text)):
        found = re.match(r"\s*(.{3,80}?)[.:!?—–]\s+(?=\S)", piece.text[number.end() :])
        if found and count(found[1]) <= 8:
            return Head(found[1], 0, piece.text[number.end() + found.end() :])
    said = [p for p in lead.pieces if not ADDRESS.match(p.text)]
    if lead.sort is Sort.CARD and len(said) > 2 and count(piece.text) <= LABEL:
        return Head(said[1].text, 1, "")
    if len(pieces) > 1 and reads_as_title(lead):
        return Head(unbracketed(piece.text), 0, "")
    if (
        (len(lead.pieces) > 1 or lead.ruled)
        and not ADDRESS.match(piece.text)
        and count(piece.text) <= HEADLINE
        and piece.text[-1] not in ".,;:"
    ):
        return Head(piece.text, 0, "")
    return Head(None, 0, "")


def _sentence(rest: str, title: str) -> bool:
    """Tell whether a sentence of its own follows a linked title without a mark between: capital, some words, a stop."""
    return count(title) >= 3 and rest[:1].isspace() and rest.lstrip()[:1].isupper() and count(rest) >= 5 and rest.rstrip()[-1] in ".!?…"


def _own_link(groups: Sequence[Group], pieces: Sequence[Piece], place: Sequence[Judged], head: Head, listed: bool) -> str | None:
    """Return the address of the story on the web: that of its title, else of its button or picture, else the only one it holds.

    A long text that is all of a letter needs no button to be read.
    """
    urls = map(links.clean, _candidates(groups, pieces, place, head, listed))
    return next((url for url in urls if url and not NO_PAGE.search(url)), None)


def _candidates(groups: Sequence[Group], pieces: Sequence[Piece], place: Sequence[Judged], head: Head, listed: bool) -> Iterator[str]:
    words = sum(group.words for group in groups)
    if head.title is not None or (listed and groups[0].sort is not None):
        yield from (link.url for link in pieces[head.piece].links)
    around = [url for j in place for url in _leading_on(j)] if listed or words <= 2 * TEASER else []
    if listed:
        around += [j.piece.href for j in place if j.piece.shape is IMAGE and j.piece.href]
    yield from (url for url in around if not HOME.match(links.clean(url) or ""))
    inner = {url for group in groups for url in group.urls}
    if len(inner) == 1 and words <= (3 if listed else 1) * TEASER:
        yield from inner


def _leading_on(item: Judged) -> list[str]:
    """Return the addresses of the links that lead on to the story: buttons, and those of a line of its own that is nothing but links."""
    if item.verdict is not Verdict.BOILERPLATE or item.reason in ELSEWHERE:
        return []
    alone = count(item.piece.text) <= 5 and item.piece.linked >= 0.9
    return [link.url for link in item.piece.links if alone or link.button]


def page_title(html: str) -> str:
    """Return what a page says its title is; "" where it does not say."""
    found = re.search(r"<[Tt][Ii][Tt][Ll][Ee][^>]{0,100}>\s*([^<]{1,300})", html[:PAGE_HEAD])
    return " ".join(unescape(found[1]).split()) if found else ""


def picture_of(judged: Sequence[Judged], subject: str) -> Story | None:
    """Return a letter that is nothing but pictures as a story: titled by what the fullest says of itself, else by the subject.

    A letter whose text was all judged to be advertising, or that says more than its footer does, is no picture.
    """
    images = [j.piece for j in judged if j.piece.shape is IMAGE and not j.piece.hidden]
    adverts = any(j.verdict is Verdict.ADVERT for j in judged)
    said = sum(count(j.piece.text) for j in judged if not j.piece.hidden and j.piece.shape is not IMAGE)
    if not images or adverts or said > FOOTER:
        return None
    best = max(images, key=lambda piece: count(piece.text))
    title = best.text if count(best.text) >= 3 else subject or best.text
    url = next((u for p in (best, *images) if p.href and (u := links.clean(p.href))), None)
    return Story(title, "", url, None, Form.PICTURE) if title else None
