"""Phrases, and the word automaton that finds many of them in a text in one pass.

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
import unicodedata
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
TOKEN = re.compile(rf"[{CJK}©]|[^\W_{CJK}]+(?:['’\u02bc][^\W_{CJK}]+)*|[.!?…。！？](?=\s|$|[\"'”’»)])|[。！？]")
PLAIN_TOKEN = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)*|[.!?](?=\s|$|[\"')])")  # the same for small letters of ASCII, and twice as fast
MARKS = tuple(zip("’…”»“‘«–—•→\xa0", '\'.""------- ', strict=True))  # the commonest, and marks of ASCII that part or end words alike
STOPS = frozenset(".!?…。！？")
GAPS = {"*": 3, "...": 10}
STOP = "."  # stands for all of them in a search
MOST_KNOWN = 100_000  # words and steps that a search remembers: some 15 MB; a few hundred letters of many publishers come to 60,000
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
    token, text = _readable(text)
    return [Token(fold(m.group()), m.start(), m.end()) for m in token.finditer(text)]


def _readable(text: str) -> tuple[re.Pattern[str], str]:
    """Return what finds the tokens of a text soonest, and the text to find them in, as long as it was."""
    if not text.isascii():
        for mark, plain in MARKS:
            text = text.replace(mark, plain)
    return (PLAIN_TOKEN, text.lower()) if text.isascii() else (TOKEN, text)


@dataclass(slots=True, eq=False)
class Node:
    """A state of the automaton: where each word leads, and which categories end here."""

    steps: dict[str, Node] = field(default_factory=dict)  # by element: a word, a stem with its asterisk, a number, a gap
    skips: tuple[Node, ...] = ()  # reached without a word: where the choices of a group meet
    ends: tuple[tuple[str, bool], ...] = ()  # category, and must the text end here
    after_gap: bool = False

    def grow(self, element: str) -> Node:
        """Return the state that `element` leads to, made if need be."""
        node = self.steps.get(element)
        if node is None:
            node = self.steps[element] = Node(after_gap=element in GAPS)
        return node


class Phrasebook:
    """Phrases of many languages in one automaton. Searching takes time linear in the text: gaps and phrases are bounded."""

    def __init__(self) -> None:
        self._anywhere = Node()
        self._beginning = Node()
        self._elements: set[str] = set()
        self._search: Search | None = None

    def add(self, phrase: str, category: str) -> None:
        """Add a phrase. Raises ValueError saying what is wrong with it."""
        begins, ends = phrase.startswith("^"), phrase.endswith("$")
        body = phrase.removeprefix("^").removesuffix("$")
        if re.search(r"[^\s(|]\(|\)[^\s)|]", body):
            raise ValueError("a group (a|b) stands for whole words: put a space before and after it")
        root = self._beginning if begins else self._anywhere
        symbols = deque(re.findall(r"[()|]|[^\s()|]+", body))
        self._elements.update(element for symbol in symbols if symbol not in "()|" for element in _elements(symbol))
        node = _sequence(symbols, root)
        if symbols:
            raise ValueError("| and ) need a ( before them")
        if not root.steps.keys().isdisjoint(GAPS) or node is root or (node.after_gap and not ends):
            raise ValueError("a phrase begins with a word and ends with a word or with $")
        node.ends += ((category, ends),)
        self._search = None

    def find(self, text: str) -> list[Hit]:
        """Return every phrase that stands in the text, by place; of those of one category and start the longest."""
        longest, last = self._longest(text)
        if not longest:
            return []
        token, text = _readable(text)
        places = [match.span() for match in islice(token.finditer(text), max(longest.values()))]
        found = sorted(longest.items(), key=lambda one: one[0][0])
        return [Hit(category, places[start][0], places[end - 1][1], start == 0 and end >= last) for (start, category), end in found]

    def said(self, text: str) -> list[str]:
        """Return the category of every phrase that `find` returns."""
        return [category for _, category in self._longest(text)[0]]

    def _longest(self, text: str) -> tuple[dict[tuple[int, str], int], int]:
        """Return the end of the longest phrase by start and category, and the end of the text, as numbers of words."""
        search = self._search
        if search is None or search.steps + len(search.words) > MOST_KNOWN:
            search = self._search = Search(self._anywhere, self._beginning, Words(self._elements))
        token, text = _readable(text)
        words = [*map(search.words.__getitem__, token.findall(text)), search.words[STOP]]
        last = len(words)
        while last and words[last - 1][0] == STOP:
            last -= 1
        starts: list[tuple[int, State | None]] = [(0, search.beginning[words[0][0]])]
        starts += [
            (at, state) for at, (_, state) in enumerate(words) if state is not None and (state.ends or state[words[at + 1][0]] is not None)
        ]
        longest: dict[tuple[int, str], int] = {}
        for start, state in starts:
            end = start
            while state is not None:
                end += 1
                for category, ends in state.ends:
                    if end >= last or not ends:
                        longest[start, category] = end
                state = state[words[end][0]]  # noqa: PLW2901
        return longest, last


class Search:
    """The automaton made deterministic, as far as texts have led into it (Rabin and Scott 1959; lazily, as in Thompson's grep)."""

    def __init__(self, anywhere: Node, beginning: Node, words: Words) -> None:
        self.words = words
        self.steps = 0
        self._states: dict[frozenset[tuple[Node, int]], State] = {}
        self.beginning = self.state({beginning: 0})
        words.anywhere = self.state({anywhere: 0})

    def state(self, places: dict[Node, int]) -> State:
        """Return the state of being at any of these nodes, and of those reached from them without a word."""
        open_ = list(places)
        while open_:
            node = open_.pop()
            reached = [(skip, 0) for skip in node.skips] + [(node.steps[gap], most) for gap, most in GAPS.items() if gap in node.steps]
            open_ += [after for after, most in reached if after not in places]
            places.update({after: max(most, places.get(after, 0)) for after, most in reached})
        key = frozenset(places.items())
        if key not in self._states:
            self._states[key] = State(self, places)
        return self._states[key]


class State(dict[str, "State | None"]):
    """A state of a search: what each sign of a word leads to; None where no phrase goes on so. Worked out when first asked for.

    `ends` are the categories of the phrases that end here, each with whether the text must end here too.
    """

    __slots__ = ("_places", "_search", "ends")

    def __init__(self, search: Search, places: dict[Node, int]) -> None:
        self._search = search
        self._places = places  # each node with the words that may still be passed over before it
        ends: dict[str, bool] = {}
        for node in places:
            for category, must in node.ends:
                ends[category] = must and ends.get(category, True)
        self.ends = tuple(ends.items())

    def __missing__(self, sign: str) -> State | None:
        self._search.steps += 1
        elements = sign.split()
        places: dict[Node, int] = {}
        for node, gap in self._places.items() if sign != STOP else ():
            if gap:
                places[node] = max(gap - 1, places.get(node, 0))
            for element in elements:
                if after := node.steps.get(element):
                    places.setdefault(after, 0)
        state = self[sign] = self._search.state(places) if places else None
        return state


class Words(dict[str, "tuple[str, State | None]"]):
    """What each word, folded or not, is in a search: a sign, and the state that it leads to as the first word of a phrase.

    A sign are the elements of phrases that a word is. There are few: most words are none.
    """

    def __init__(self, elements: Iterable[str]) -> None:
        super().__init__()
        self.anywhere: State
        self._elements = frozenset(elements)
        self._stems: dict[str, list[str]] = {}
        self._alike: dict[str, tuple[str, State | None]] = {}
        for element in self._elements.difference(GAPS):
            if element.endswith("*"):
                self._stems.setdefault(element[:PREFIX], []).append(element)

    def __missing__(self, read: str) -> tuple[str, State | None]:
        word = fold(read)
        stems = [stem for stem in self._stems.get(word[:PREFIX], ()) if word.startswith(stem[:-1])]
        one = [element for element in (word, "#" if word.isdecimal() else "") if element in self._elements]
        sign = STOP if word in STOPS else " ".join(one + stems)
        known = self[read] = self._alike.setdefault(sign, (sign, self.anywhere[sign]))
        return known


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
        end.skips += (meeting,)
        meeting.after_gap |= end.after_gap
        if not symbols:
            raise ValueError("a ( has no )")
        if symbols.popleft() == ")":
            return meeting


@lru_cache(maxsize=4096)
def _elements(symbol: str) -> tuple[str, ...]:
    """Return the words, gap or prefix that a symbol of a phrase stands for."""
    if symbol == "(":
        return ()
    if symbol in GAPS or symbol == "#":
        return (symbol,)
    found = [token.word for token in tokens(symbol.rstrip("*")) if token.word not in STOPS]
    if not found:
        raise ValueError(f"{symbol!r} is no word; marks do not count, leave it out")
    if symbol.endswith("*"):
        if len(found[-1]) < PREFIX:
            raise ValueError(f"{symbol!r}: at least {PREFIX} letters must stand before the *")
        found[-1] += "*"
    return tuple(found)
