"""Where sentences end: rules over end marks, abbreviations and lines; no model, no data to download.

1. A text falls into blocks: a line end is a boundary, except inside a paragraph that was wrapped at a margin.
2. In a block, every end mark with its closing quotes is a candidate; what stands before and after it decides.
3. Marks of scripts without spaces or capitals (。 । ؟ …) end a sentence wherever they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from service.summary.languages import phrases

_CLOSERS = "\"'”’»›“)\\]}）］】」』〉》｣*_"
_OPENERS = "\"'“‘«‹„‚(\\[{（［【「『〈《｢¿¡*_—–-"
_SMILEY = r"(?:[ \t]?(?:[:;=8][-o']?[)(DPp/\]]+|<3|[\U0001F300-\U0001FAFF☀-➿️‍]+)(?=\s|$))*"
_BULLETS = "•‣⁃◦▪▫●○■□➤►▶✓✔✅➡→❖◆"

_NOTE = r"(?:\s?\[(?:…|\.\.\.|\d+(?:\s?[-–,]\s?\d+)*)\]|\s(?:\.\.\.|…)(?=\s))?"

# Where to look at all; a search for one of a few characters is ten times as fast as for the pattern below.
_HINT = re.compile(rf"[.!?…‽。！？｡．।॥؟۔።፧။។։{_BULLETS}]")
_SPACE = re.compile(r"\s*")
_BULLETS_AND_SPACE = re.compile(rf"[{_BULLETS} \t\n\xa0]*")
_MARK = re.compile(
    rf"(?P<wide>[。！？｡．][。！？｡．…]*[{_CLOSERS}]*)"
    rf"|(?P<caseless>[।॥؟۔።፧။។։]+[{_CLOSERS}]*(?=\s|$))"
    rf"|(?P<dots>(?:\.{{2,}}|…|(?<=\s)\.(?:\s\.)+)[.!?…]*[{_CLOSERS}]*{_SMILEY}(?=\s|$))"
    rf"|(?P<shout>[!?‽]+[!?‽.]*[{_CLOSERS}]*{_NOTE}{_SMILEY}(?=\s|$))"
    rf"|(?P<stop>\.[{_CLOSERS}]*(?:\s[)\]])?{_NOTE}{_SMILEY}(?=\s|$)(?!(?:\s\.)+[{_CLOSERS}]*$))"
    rf"|(?P<glued>(?<=[a-zß-ÿ]{{3}})[.!?](?=[A-ZÀ-Þ][a-zß-ÿ]*\s[a-z]))"
    rf"|(?P<bullet>(?<=\s)(?=[{_BULLETS}]\s?\S))"
)
_OPENERS_OF_WORDS = "([{\"“‘'«„"
_AFTER = re.compile(rf"\s*([{_OPENERS}]*)\s*(\S*)")
_PRONOUNS = frozenset({"i", "i'm", "it", "its", "it's", "he", "she", "they", "we", "you", "this", "that", "there", "so", "also"})
_ENUMERATOR = re.compile(rf"[{_OPENERS}{_BULLETS}]*(?:\d{{1,3}}|[a-zA-Z]|[ivxIVX]{{1,4}})[.)]*")
_FIRST_ITEM = re.compile(rf"[\s{_BULLETS}]*(?P<label>1|a)(?P<mark>[.)]{{1,2}})\s")
_INITIALS = re.compile(r"(?:[^\W\d_]\.[- ]?)*[^\W\d_]")
# What goes on after a Japanese quotation: it belongs to the sentence around it.
_PARTICLES = "とっがはをにのもで、，"
# Languages that write ordinals, and so every date, with a full stop: «am 3. Mai».
_ORDINAL_STOP = frozenset({"de", "da", "no", "nb", "nn", "fi", "cs", "sk", "pl", "hu", "hr", "sl", "sr", "tr", "et", "lv", "is"})
_DOMAIN = frozenset({"Com", "Net", "Org", "Io", "Ai", "Js", "Co"})
_LINE = re.compile(r"[^\n\r\u2028\u2029\x0b\x0c\x85]+")


def split(text: str, language: str = "en") -> tuple[str, ...]:
    """Return every sentence of the text, in order, each on one line with single spaces; headings and list items count as sentences."""
    return tuple(" ".join(text[start:end].split()) for start, end in spans(text, language))


def spans(text: str, language: str = "en") -> list[tuple[int, int]]:
    """Return the place of every sentence: offsets of its first character and after its last one, white space stripped."""
    found = []
    for block_start, block_end in (item for block in _blocks(text) for item in _items(text, *block)):
        start = block_start
        for end in (*_ends(text[block_start:block_end], language), block_end - block_start):
            piece = text[start : block_start + end]
            if stripped := piece.strip():
                at = start + len(piece) - len(piece.lstrip())
                found.append((at, at + len(stripped)))
            start = block_start + end
    return found


# -- blocks ------------------------------------------------------------------------------------------------------------


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Yield the places of the lines, those of a wrapped paragraph together."""
    paragraph: list[tuple[int, int]] = []
    for line in _LINE.finditer(text):
        if text[line.start() : line.end()].isspace() or (paragraph and text.count("\n", paragraph[-1][1], line.start()) > 1):
            yield from _unwrapped(text, paragraph)
            paragraph = []
        if not text[line.start() : line.end()].isspace():
            paragraph.append(line.span())
    yield from _unwrapped(text, paragraph)


def _unwrapped(text: str, lines: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Join the lines of a paragraph that were broken at a margin: wherever the next line's first word would not have fitted."""
    if not lines:
        return
    shown = [text[start:end].strip() for start, end in lines]
    margin = max(map(len, shown))
    start = lines[0][0]
    for number in range(1, len(lines)):
        soft = text[lines[number - 1][1] - 1] == " " and shown[number][0].islower()  # a soft line break (RFC 3676, 4.1)
        if not soft and not _wraps(shown[number - 1], shown[number], margin):
            yield start, lines[number - 1][1]
            start = lines[number][0]
    yield start, lines[-1][1]


def _wraps(line: str, following: str, margin: int) -> bool:
    """Whether a paragraph goes on in the following line."""
    if not 40 <= margin <= 100 or following[0] in _BULLETS + "-*>#|" or _ENUMERATOR.fullmatch(following.split(maxsplit=1)[0]):
        return False
    full = len(line) + 1 + len(following.split(maxsplit=1)[0]) > margin
    return full and len(line) >= 40 and (following[0].islower() or line[-1] not in ".!?…:;")


def _items(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the items of a list that stands in one line, «1) … 2) … 3) …», or the line itself."""
    starts = [start]
    first = _FIRST_ITEM.match(text, start, end)
    if first:
        least = 2 if first["label"] == "1" else 3
        starts += _further_items(text, start, end, first["label"], first["mark"])
        starts = starts if len(starts) >= least else [start]
    yield from pairwise([*starts, end])


def _further_items(text: str, start: int, end: int, label: str, mark: str) -> Iterator[int]:
    """Yield where the items after the first begin: the next number or letter, with the same mark."""
    following = _following(label)
    for item in re.compile(rf"(?<=\s)[{_BULLETS}]?\s?(\w+){re.escape(mark)}\s").finditer(text, start + 1, end):
        if item[1] == following:
            following = _following(following)
            yield item.start()


def _following(label: str) -> str:
    return str(int(label) + 1) if label.isdigit() else chr(ord(label) + 1)


# -- candidates --------------------------------------------------------------------------------------------------------


def _ends(block: str, language: str) -> Iterator[int]:
    """Yield the offsets in a block after which a sentence ends, its own end excepted."""
    start = position = 0
    while hint := _HINT.search(block, position):
        mark = _MARK.match(block, hint.start())
        position = max(mark.end() if mark else 0, hint.end())
        if mark and mark.end() < len(block) and _is_end(block, start, mark, language):
            start = mark.end()
            yield start


def _is_end(block: str, start: int, mark: re.Match[str], language: str) -> bool:
    """Whether a sentence that began at `start` ends at a candidate."""
    kind = mark.lastgroup
    if _matched(_SPACE, block, start) >= mark.start():
        return False
    if kind == "wide":
        return not (mark.group()[-1] in _CLOSERS and block[mark.end()] in _PARTICLES)
    if kind in ("caseless", "bullet"):
        return True
    after = _AFTER.match(block, mark.end())
    opener, word = after.groups() if after else ("", "")
    if kind == "glued":
        return word not in _DOMAIN
    if not any(map(str.isalnum, word)):
        return False
    closed = mark.group()[-1] in _CLOSERS
    if word[0].islower():
        return not closed and _goes_on_in_lower_case(block, start, mark, word, language)
    if kind == "stop":
        return _stop_ends(block, start, mark, closed, word, language)
    if kind == "dots" and block[mark.start() - 1].isspace() and word in ("I", "I'm", "I’m"):
        return False
    return not (closed and opener.startswith("("))


def _goes_on_in_lower_case(block: str, start: int, mark: re.Match[str], word: str, language: str) -> bool:
    """Whether a sentence ends although the next word is in lower case: its writer does without capitals."""
    before = _word_before(block, start, mark)
    careless = block[_matched(_SPACE, block, start)].islower() or word.startswith(("http", "www."))
    plain = before.isalpha() and len(before) > 2 and not _abbreviated(before.lower(), language)
    if mark.lastgroup == "stop":
        return plain and (careless or word in phrases(language, "starting") or len(before) > 4)
    return mark.lastgroup == "shout" and (careless or mark.group().endswith("?") or word in _PRONOUNS)


def _stop_ends(block: str, start: int, mark: re.Match[str], closed: bool, word: str, language: str) -> bool:
    """Whether the single full stop ends a sentence, by the words on either side of it."""
    before = _word_before(block, start, mark)
    if _ENUMERATOR.fullmatch(before) and _matched(_BULLETS_AND_SPACE, block, start) >= mark.start() - len(before):
        return False
    lower = before.lower()
    if lower in phrases(language, "never_ends") or (language[:2].lower() in _ORDINAL_STOP and before.isdigit() and len(before) < 3):
        return closed
    if word[0].isdigit() and lower in phrases(language, "before_numbers"):
        return closed
    may_end = phrases(language, "may_end")
    if before in may_end or lower in may_end or _INITIALS.fullmatch(before):
        return closed or word.rstrip(",").lower() in phrases(language, "starting")
    return True


def _matched(pattern: re.Pattern[str], block: str, start: int) -> int:
    """Return where the match of a pattern ends; a look at a part of a block that took a copy of it would make long blocks take for ever."""
    match = pattern.match(block, start)
    return match.end() if match else start


def _abbreviated(word: str, language: str) -> bool:
    return word in phrases(language, "never_ends") or word in phrases(language, "may_end")


def _word_before(block: str, start: int, mark: re.Match[str]) -> str:
    words = block[max(start, mark.start() - 40) : mark.start()].rsplit(None, 1)
    return words[-1].lstrip(_OPENERS_OF_WORDS) if words and not block[mark.start() - 1].isspace() else ""
