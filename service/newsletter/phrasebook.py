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
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple

CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
TOKEN = re.compile(rf"[{CJK}©]|[^\W_{CJK}]+(?:['’\u02bc][^\W_{CJK}]+)*|[.!?…。！？](?=\s|$|[\"'”’»)])|[。！？]")
STOPS = frozenset(".!?…。！？")
GAPS = {"*": 3, "...": 10}
MOST_KNOWN = 20_000  # words of letters remembered as beginning a phrase or not
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


def folded(text: str) -> list[str]:
    """Return the words of `tokens`, which most often are all that is asked for."""
    return TOKEN.findall(text.lower()) if text.isascii() else [fold(word) for word in TOKEN.findall(text)]


@dataclass(slots=True, eq=False)
class Node:
    """A state of the automaton: where each word leads, and which categories end here."""

    words: dict[str, Node] = field(default_factory=dict)
    prefixes: dict[str, list[tuple[str, Node]]] = field(default_factory=dict)
    gaps: dict[int, Node] = field(default_factory=dict)
    skips: list[Node] = field(default_factory=list)  # reached without a word: where the choices of a group meet
    ends: dict[str, bool] = field(default_factory=dict)  # category -> must the text end here
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

    def leads(self, word: str) -> bool:
        """Tell whether a word may lead anywhere from here."""
        return word in self.words or word[:PREFIX] in self.prefixes or ("#" in self.words and word.isdecimal())


class Phrasebook:
    """Phrases of many languages in one automaton. Searching takes time linear in the text: gaps and phrases are bounded."""

    def __init__(self) -> None:
        self.anywhere = Start()
        self.beginning = Start()

    def add(self, phrase: str, category: str) -> None:
        """Add a phrase. Raises ValueError saying what is wrong with it."""
        begins, ends = phrase.startswith("^"), phrase.endswith("$")
        body = phrase.removeprefix("^").removesuffix("$")
        if re.search(r"[^\s(|]\(|\)[^\s)|]", body):
            raise ValueError("a group (a|b) stands for whole words: put a space before and after it")
        root = (self.beginning if begins else self.anywhere).root
        symbols = deque(re.findall(r"[()|]|[^\s()|]+", body))
        node = _sequence(symbols, root)
        if symbols:
            raise ValueError("| and ) need a ( before them")
        if root.gaps or node is root or (node.after_gap and not ends):
            raise ValueError("a phrase begins with a word and ends with a word or with $")
        node.ends[category] = ends and node.ends.get(category, True)

    def find(self, text: str, words: list[Token] | None = None) -> list[Hit]:
        """Return every phrase that stands in the text, by place; of those of one category and start the longest."""
        said = folded(text) if words is None else [token.word for token in words]
        last = len(said)
        while last and said[last - 1] in STOPS:
            last -= 1
        longest: dict[tuple[int, str], int] = {}
        for start, node in self._starts(said):
            for category, ends, end in _walk(node, said, start + 1):
                if end >= last or not ends:
                    longest[start, category] = max(end, longest.get((start, category), 0))
        if not longest:
            return []
        places = [match.span() for match in TOKEN.finditer(text)] if words is None else [token[1:] for token in words]
        found = sorted(longest.items(), key=lambda one: one[0][0])
        return [Hit(category, places[start][0], places[end - 1][1], start == 0 and end >= last) for (start, category), end in found]

    def _starts(self, words: list[str]) -> list[tuple[int, Node]]:
        """Return where phrases may begin, with the state after the first word: the second word must go on, too, where one is needed."""
        seconds = [*words, ""][1:]
        firsts = [*enumerate(map(self.anywhere.after, words)), *((0, self.beginning.after(word)) for word in words[:1])]
        return [(at, node) for at, node in firsts if node and (node.ends or node.gaps or node.leads(seconds[at]))]


class Start:
    """Where phrases begin. What a first word leads to is worked out once a word: most words of a letter lead nowhere."""

    def __init__(self) -> None:
        self.root = Node()
        self.after = lru_cache(MOST_KNOWN)(self._after)

    def _after(self, word: str) -> Node | None:
        """Return the state after the first word of a phrase; None where no phrase begins with it."""
        nodes = list(self._first.after(word))
        if not nodes:
            return None
        one = _folded(nodes)
        one.gaps = {most: _folded([gap]) for most, gap in one.gaps.items()}
        return one

    @cached_property
    def _first(self) -> Node:
        return _folded([self.root])


def _folded(nodes: list[Node]) -> Node:
    """Return one state that stands for all of these and for those reached from them without a word."""
    one, open_ = Node(), list(nodes)
    while open_:
        node = open_.pop()
        open_ += node.skips
        for word, after in node.words.items():
            one.words.setdefault(word, Node()).skips.append(after)
        for head, stems in node.prefixes.items():
            one.prefixes.setdefault(head, []).extend(stems)
        for most, gap in node.gaps.items():
            one.gaps.setdefault(most, Node()).skips.append(gap)
        for category, ends in node.ends.items():
            one.ends[category] = ends and one.ends.get(category, True)
    return one


def _walk(node: Node, words: list[str], at: int) -> list[tuple[str, bool, int]]:
    """Return (category, must it end the text, end) of the phrases that go on from `node`; `end` is the index after the last word."""
    found: list[tuple[str, bool, int]] = []
    states = [(node, at)]
    while states:
        node, at = states.pop()
        if node.ends:
            found += [(category, ends, at) for category, ends in node.ends.items()]
        if node.skips:
            states += [(skip, at) for skip in node.skips]
        if at < len(words) and node.leads(words[at]):
            states += [(after, at + 1) for after in node.after(words[at])]
        for most, gap in node.gaps.items():
            for ahead in range(at, min(at + most, len(words)) + 1):
                if gap.ends or gap.skips or gap.gaps or (ahead < len(words) and gap.leads(words[ahead])):
                    states.append((gap, ahead))
                if ahead < len(words) and words[ahead] in STOPS:
                    break
    return found


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


@lru_cache(maxsize=4096)
def _elements(symbol: str) -> tuple[str, ...]:
    """Return the words, gap or prefix that a symbol of a phrase stands for."""
    if symbol == "(":
        return ()
    if symbol in GAPS or symbol == "#":
        return (symbol,)
    found = [word for word in folded(symbol.rstrip("*")) if word not in STOPS]
    if not found:
        raise ValueError(f"{symbol!r} is no word; marks do not count, leave it out")
    if symbol.endswith("*"):
        if len(found[-1]) < PREFIX:
            raise ValueError(f"{symbol!r}: at least {PREFIX} letters must stand before the *")
        found[-1] += "*"
    return tuple(found)
