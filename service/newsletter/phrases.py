"""What the wrapping of a newsletter says, by language: phrases are data (`config/boilerplate/*.toml`), compiled once to a word automaton.

A phrase is words as they are read, whatever their case: `sign up (to|for) our * newsletter`. In it

    (a|b|)   one of these; an empty one means that nothing need stand there
    abmeld*  a word that begins so
    *        up to three words          ...   up to ten words
    #        a number
    ^  $     the block begins, the block ends here: `^share$` is a block that says nothing else

Marks between words do not count, but no phrase runs over the end of a sentence. Each sign of Chinese and Japanese is a word.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib.resources.abc import Traversable
from typing import NamedTuple

from service import bundled

# Category -> what a person is told. The order is the order of importance where two stand in one block.
WRAPPING = {
    "unsubscribe": "how to unsubscribe or change preferences",
    "view-online": "a link to the web version",
    "sign-up": "asks to subscribe",
    "upgrade": "asks to pay for a subscription",
    "membership": "why the reader gets this letter",
    "privacy": "privacy, cookies and terms",
    "address": "the publisher's address and legal notice",
    "share": "asks to share, follow or forward",
    "app": "asks to install an app",
    "comment": "asks to comment, rate or answer",
    "contact": "how to reach the publisher",
    "housekeeping": "about the letter itself",
    "navigation": "a navigation link",
    "button": "a button",
    "greeting": "a greeting",
    "sign-off": "a sign-off",
    "contents": "a table of contents",
    "credit": "a picture credit",
    "player": "the controls of a player",
}
ADVERTS = {
    "sponsor": "labelled as sponsored",
    "offer": "an offer for sale",
    "jobs": "job advertisements",
    "events": "events to book",
    "fundraising": "asks for a donation",
    "own-product": "the publisher's own product",
}
# What scraping glues into running text; each is cut together with what it introduces.
GLUE = {
    "form": "part of a sign-up form",
    "promo": "asks to subscribe, follow or install",
    "slot": "a place for advertising",
    "player": "the controls of a player",
    "consent": "asks to allow cookies or outside content",
    "teaser": "a link to another article",
    "picture": "the controls of a picture",
    "page": "part of the page around the article",
    "open": "the beginning of a part that is not the article",
    "close": "the end of a part that is not the article",
}
CATEGORIES = WRAPPING | ADVERTS
CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
TOKEN = re.compile(rf"[{CJK}©]|[^\W_{CJK}]+(?:['’\u02bc][^\W_{CJK}]+)*|[.!?…。！？](?=\s|$|[\"'”’»)])|[。！？]")
STOPS = frozenset(".!?…。！？")
GAPS = {"*": 3, "...": 10}
PREFIX = 3  # the fewest letters before a `*`


class Token(NamedTuple):
    """A folded word (or the end of a sentence) and its place in the text."""

    word: str
    start: int
    end: int


class Hit(NamedTuple):
    """A phrase found: `text[start:end]` says what the category stands for; `whole` when the text says nothing else."""

    category: str
    start: int
    end: int
    whole: bool


@lru_cache(maxsize=16384)
def fold(word: str) -> str:
    """Return the word as phrases are compared: small letters, one form of each sign."""
    return unicodedata.normalize("NFKC", word).casefold().replace("’", "'").replace("\u02bc", "'").replace("ё", "е")


def tokens(text: str) -> list[Token]:
    """Return the words and sentence ends of a text, in order, with offsets in characters."""
    return [Token(fold(m.group()), m.start(), m.end()) for m in TOKEN.finditer(text)]


@dataclass(slots=True, eq=False)
class Node:
    """A state of the automaton: where each word leads, and which categories end here."""

    words: dict[str, Node] = field(default_factory=dict)
    prefixes: dict[str, list[tuple[str, Node]]] = field(default_factory=dict)
    gaps: dict[int, Node] = field(default_factory=dict)
    skips: list[Node] = field(default_factory=list)  # reached without a word: where the choices of a group meet
    ends: dict[str, tuple[bool, bool]] = field(default_factory=dict)  # category -> must begin, must end the text
    after_gap: bool = False

    def grow(self, element: str) -> Node:
        """Return the state that `element` leads to, made if need be."""
        if element in GAPS:
            return self.gaps.setdefault(GAPS[element], Node(after_gap=True))
        if not element.endswith("*"):
            return self.words.setdefault(element, Node())
        heads = self.prefixes.setdefault(element[:PREFIX], [])
        for known, node in heads:
            if known == element[:-1]:
                return node
        heads.append((element[:-1], Node()))
        return heads[-1][1]

    def after(self, word: str) -> Iterator[Node]:
        """Yield the states that a word leads to."""
        if node := self.words.get(word):
            yield node
        for stem, node in self.prefixes.get(word[:PREFIX], ()):
            if word.startswith(stem):
                yield node
        if word.isdecimal() and (node := self.words.get("#")):
            yield node


class Phrasebook:
    """Phrases of many languages in one automaton. Searching takes time linear in the text: gaps and phrases are bounded."""

    def __init__(self) -> None:
        self.root = Node()

    def add(self, phrase: str, category: str) -> None:
        """Add a phrase. Raises ValueError saying what is wrong with it."""
        begins, ends = phrase.startswith("^"), phrase.endswith("$")
        body = phrase.removeprefix("^").removesuffix("$")
        if re.search(r"[^\s(|]\(|\)[^\s)|]", body):
            raise ValueError("a group (a|b) stands for whole words: put a space before and after it")
        symbols = deque(re.findall(r"[()|]|[^\s()|]+", body))
        node = _sequence(symbols, self.root)
        if symbols:
            raise ValueError("| and ) need a ( before them")
        if self.root.gaps or node is self.root or (node.after_gap and not ends):
            raise ValueError("a phrase begins with a word and ends with a word or with $")
        old = node.ends.get(category, (True, True))
        node.ends[category] = (begins and old[0], ends and old[1])

    @cached_property
    def first(self) -> Node:
        """The root with every state that is reached from it without a word folded into it."""
        first, open_ = Node(), [self.root]
        while open_:
            node = open_.pop()
            open_ += node.skips
            for word, after in node.words.items():
                first.words.setdefault(word, Node()).skips.append(after)
            for head, stems in node.prefixes.items():
                first.prefixes.setdefault(head, []).extend(stems)
        return first

    def find(self, text: str, words: list[Token] | None = None) -> list[Hit]:
        """Return every phrase that stands in the text, by place; of those of one category and start the longest."""
        words = tokens(text) if words is None else words
        last, first, hits = len(words), self.first, []
        while last and words[last - 1].word in STOPS:
            last -= 1
        for start, token in enumerate(words):
            if token.word in first.words or token.word[:PREFIX] in first.prefixes or token.word.isdecimal():
                best: dict[str, int] = {}
                for category, (begins, ends), end in _walk(first, words, start):
                    if (start == 0 or not begins) and (end >= last or not ends):
                        best[category] = max(end, best.get(category, 0))
                hits += [Hit(c, token.start, words[e - 1].end, start == 0 and e >= last) for c, e in best.items()]
        return hits


def _walk(first: Node, words: list[Token], start: int) -> Iterator[tuple[str, tuple[bool, bool], int]]:
    """Yield (category, anchors, end) of the phrases that begin with word `start`; `end` is the index after the last word."""
    states = [(first, start)]
    while states:
        node, at = states.pop()
        for category, anchors in node.ends.items():
            yield category, anchors, at
        states += [(after, at) for after in node.skips]
        if at < len(words):
            states += [(after, at + 1) for after in node.after(words[at].word)]
        for most, gap in node.gaps.items():
            for ahead in range(at, min(at + most, len(words)) + 1):
                states.append((gap, ahead))
                if ahead < len(words) and words[ahead].word in STOPS:
                    break


def _sequence(symbols: deque[str], node: Node) -> Node:
    """Grow the automaton from `node` by the symbols up to `|` or `)`; return the state reached."""
    while symbols and symbols[0] not in ("|", ")"):
        symbol = symbols.popleft()
        if symbol == "(":
            node = _choice(symbols, node)
        for element in _elements(symbol):
            node = node.grow(element)
    return node


def _choice(symbols: deque[str], node: Node) -> Node:
    """Grow the automaton by each choice up to the `)`; return the state where they meet."""
    meeting = Node()
    while True:
        end = _sequence(symbols, node)
        end.skips.append(meeting)
        meeting.after_gap |= end.after_gap
        if not symbols:
            raise ValueError("a ( has no )")
        if symbols.popleft() == ")":
            return meeting


def _elements(symbol: str) -> list[str]:
    """Return the words, gap or prefix that a symbol of a phrase stands for; marks are nothing."""
    if symbol in GAPS or symbol == "#":
        return [symbol]
    found = [token.word for token in tokens(symbol.rstrip("*")) if token.word not in STOPS]
    if symbol.endswith("*") and found:
        if len(found[-1]) < PREFIX:
            raise ValueError(f"{symbol!r}: at least {PREFIX} letters must stand before the *")
        found[-1] += "*"
    return found


@dataclass(frozen=True)
class Rules:
    """What reading goes by: the phrases of the bundled files and of `folders`, read at first use, and whom to trust.

    A file of a later folder takes the place of an earlier one of the same name. `trusted_authserv_ids` are the servers whose
    Authentication-Results are believed (RFC 8601, 2.2).
    """

    folders: tuple[Traversable, ...] = ()
    trusted_authserv_ids: tuple[str, ...] = ()

    @cached_property
    def books(self) -> tuple[Phrasebook, Phrasebook, frozenset[str]]:
        """The phrases of wrapping and adverts, those of glue, the sentence starts. Raises ValueError naming file, key and fix."""
        files = {f.name: f for folder in (bundled.config() / "boilerplate", *self.folders) for f in _files(folder)}
        return _compile(tuple(sorted(files.items())))

    def find(self, text: str) -> list[Hit]:
        """Return the phrases of wrapping and adverts that stand in a block, with their places."""
        return self.books[0].find(text)

    def match(self, text: str) -> frozenset[str]:
        """Return the categories (keys of WRAPPING and ADVERTS) whose phrases stand in a block of text."""
        return frozenset(hit.category for hit in self.books[0].find(text))

    def glue(self, text: str, words: list[Token] | None = None) -> list[Hit]:
        """Return the phrases of glue (keys of GLUE) that stand in running text, with their places."""
        return self.books[1].find(text, words)

    @property
    def starters(self) -> frozenset[str]:
        """Small common words, folded, that begin a sentence where they have a capital letter."""
        return self.books[2]

    def __reduce__(self) -> tuple[type[Rules], tuple[object, ...]]:
        """Travel to another process as folders, to be read there."""
        return Rules, (self.folders, self.trusted_authserv_ids)


DEFAULT_RULES = Rules()


def load(*folders: Traversable, trusted_authserv_ids: tuple[str, ...] = ()) -> Rules:
    """Return the rules with an operator's folders of phrases, read at once. Raises ValueError naming file, key and fix."""
    rules = Rules(folders, trusted_authserv_ids)
    rules.books  # noqa: B018 (reads and checks the files)
    return rules


def _files(folder: Traversable) -> list[Traversable]:
    """Return the phrase files of a folder; none where it is not there."""
    return [f for f in folder.iterdir() if f.name.endswith(".toml")] if folder.is_dir() else []


@lru_cache(maxsize=4)
def _compile(files: tuple[tuple[str, Traversable], ...]) -> tuple[Phrasebook, Phrasebook, frozenset[str]]:
    """Return the phrasebooks and the sentence starts of the files."""
    wrapping, glue = Phrasebook(), Phrasebook()
    starters: set[str] = set()
    for _, file in files:
        try:
            tables = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ValueError(f"{file}: not TOML in UTF-8: {error}") from error
        inline = tables.pop("glue", {})
        if isinstance(inline, dict):
            starters |= {fold(word) for word in str(inline.pop("starters", "")).split()}
        _add(wrapping, tables, CATEGORIES, f"{file}")
        _add(glue, inline, GLUE, f"{file} [glue]")
    return wrapping, glue, frozenset(starters)


def _add(book: Phrasebook, table: object, known: dict[str, str], place: str) -> None:
    """Add a table of category -> phrases."""
    if not isinstance(table, dict):
        raise ValueError(f"{place}: must be a table of category = [phrases]")  # noqa: TRY004 (one error for the whole file)
    for category, phrases in table.items():
        if category not in known:
            raise ValueError(f"{place}: unknown key {category!r}; use one of: {', '.join(known)}")
        if not isinstance(phrases, list) or not all(isinstance(p, str) for p in phrases):
            raise ValueError(f"{place}: {category} must be a list of phrases in quotes")
        for phrase in phrases:
            try:
                book.add(phrase, category)
            except ValueError as error:
                raise ValueError(f"{place}: {category}: {phrase!r}: {error}") from error
