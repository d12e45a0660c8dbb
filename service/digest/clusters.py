"""Which stories tell the same thing: several newsletters on one event, shown once. Precise rather than greedy.

Two stories are compared by the words of their titles and openings. A word weighs by how rare it is among the stories at hand and, since
a digest holds too few of them to learn what is rare, by its kind: names and numbers most, long words more, words of one or two letters
nothing (so no list of stop words is needed, in any language; scripts without spaces are read in pairs of characters). The measure is the
cosine of these weights. Then:

- two stories that each dwell on a name which the other lacks are two stories, however alike their words;
- at least `SAME` tells the same story, if names agree and, where both give numbers, one of the numbers does;
- at least `SURELY` without these conditions. It is asked for too where one of them is a bare headline, and where both stand in letters of
  one source, which repeats its phrases from day to day;
- at least `LINKED` is enough where both link to one page (with a path of its own) and the two come from different sources.

A story joins a group only when it tells the same as every story in it (the first `MEMBERS`, for the sake of cost), so that unrelated
stories are never chained by a third one.

`SAME` was set on pairs of summaries that several people wrote of one news text (558 pairs in English, 210 in Norwegian) against all
pairs of different texts, some of which report on the same match or trial on different days (270,000 pairs): a third of the former
lie above it and none of the latter. Cost: each story is compared only with those that share one of its `KEYS` weightiest words, `CROWD`
stories a word at most.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt
from urllib.parse import urlsplit

from service.records import Story

SAME = 0.37
SURELY = 0.6
LINKED = 0.15
OPENING = 900
KEYS = 12
CROWD = 40
MEMBERS = 8
_EVIDENCE = 4
_SHORT = 9
_TELLING = 0.5
_AGREE = 0.3
_BACKGROUND = 50
_UNSPACED = r"[\u2e80-\u9fff\u0e00-\u0eff]"
_HIRAGANA = re.compile(r"[\u3040-\u309f]+")
_PARTICLE = 0.1
_WORD = re.compile(rf"\d[\d.,]*\d|\d|{_UNSPACED}+|(?:(?!{_UNSPACED})[^\W\d_])+(?:['’-](?:(?!{_UNSPACED})[^\W\d_])+)*")
_BREAK = re.compile(r"[.!?:;\"“”„»«\n•–—。！？「」]")


@dataclass(frozen=True, slots=True)
class Telling:
    """A story as it is compared: terms with their weights, names, heroes (names that come more than once), numbers, link.

    `size` is the number of terms that tell something.
    """

    source: str
    language: str
    terms: Mapping[str, float]
    norm: float
    size: int
    names: frozenset[str]
    heroes: frozenset[str]
    numbers: frozenset[str]
    page: str


def group(stories: Sequence[tuple[str, Story]]) -> tuple[tuple[int, ...], ...]:
    """Return the indexes of (source, story) pairs in groups that tell the same thing, in the order of each group's first."""
    tellings = weigh(stories)
    groups: list[list[int]] = []
    home: dict[int, int] = {}
    for index, candidates in enumerate(_candidates(tellings)):
        near = sorted({home[other] for other in candidates})
        joined = next((g for g in near if all(same(tellings[index], tellings[member]) for member in groups[g][:MEMBERS])), None)
        if joined is None:
            joined = len(groups)
            groups.append([])
        groups[joined].append(index)
        home[index] = joined
    return tuple(map(tuple, groups))


def same(one: Telling, other: Telling) -> bool:
    """Return whether two tellings are of the same story."""
    if one.language and other.language and one.language != other.language:
        return False
    shared = one.terms.keys() & other.terms.keys()
    if len(shared) < _EVIDENCE:
        return False
    cosine = sum(one.terms[term] * other.terms[term] for term in shared) / (one.norm * other.norm)
    if one.page and one.page == other.page and one.source != other.source:
        return cosine >= LINKED
    if one.heroes - other.terms.keys() and other.heroes - one.terms.keys():
        return False
    short = min(one.size, other.size) < _SHORT
    if short or one.source == other.source or cosine >= SURELY:
        return cosine >= SURELY and _agree(one.numbers, other.numbers, 0.5)
    return cosine >= SAME and _agree(one.names, other.names, _AGREE) and _agree(one.numbers, other.numbers, 0)


def _agree(ones: frozenset[str], others: frozenset[str], share: float) -> bool:
    """Return whether more than `share` of the smaller set is in both; a side that has none can't disagree."""
    smaller = min(len(ones), len(others))
    return not smaller or len(ones & others) > share * smaller


def weigh(stories: Sequence[tuple[str, Story]]) -> list[Telling]:
    """Return (source, story) pairs as they are compared, weighed by what is rare among them."""
    read = [_terms(f"{story.title or ''}\n{story.text[:OPENING]}") for _, story in stories]
    spread = Counter(term for terms, *_ in read for term in terms)
    rarity = {term: log((len(stories) + _BACKGROUND) / (number + 0.5)) for term, number in spread.items()}
    found = []
    for (source, story), (terms, names, heroes, numbers) in zip(stories, read, strict=True):
        weights = {term: weight * rarity[term] for term, weight in terms.items()}
        size = sum(weight >= _TELLING for weight in terms.values())
        norm = sqrt(sum(weight * weight for weight in weights.values()))
        found.append(
            Telling(source, (story.language or "").partition("-")[0], weights, norm, size, names, heroes, numbers, _page(story.url))
        )
    return found


def _candidates(tellings: Sequence[Telling]) -> Iterator[set[int]]:
    """Yield for each telling the earlier ones that share a weighty word or the link."""
    index: dict[str, list[int]] = {}
    spread = Counter(term for telling in tellings for term in telling.terms)
    for number, telling in enumerate(tellings):
        keys = sorted((term for term in telling.terms if spread[term] > 1), key=lambda term: (-telling.terms[term], term))[:KEYS]
        found: set[int] = set()
        for key in [*keys, telling.page] if telling.page else keys:
            crowd = index.setdefault(key, [])
            found.update(crowd)
            if len(crowd) < CROWD:
                crowd.append(number)
        yield found


def _terms(text: str) -> tuple[dict[str, float], frozenset[str], frozenset[str], frozenset[str]]:
    """Return the terms of a text with the weight of their kind, the names among them, those that come more than once, and the numbers."""
    terms: dict[str, float] = {}
    capital: Counter[str] = Counter()
    small: set[str] = set()
    numbers: set[str] = set()
    end = 0
    for match in _WORD.finditer(text):
        word, opens = match.group(), end == 0 or bool(_BREAK.search(text, end, match.start()))
        end = match.end()
        term = word.casefold().replace("’", "'").removesuffix("'s")
        if word[0].isdigit():
            term = term.replace(",", "").replace(".", "")
            if len(term) > 1:
                numbers.add(term)
        elif word[0].isupper() and len(word) > 1:
            capital[term] += 1
        else:
            small.add(term)
        for piece in _pieces(term):
            weight = _PARTICLE if _HIRAGANA.fullmatch(piece) else _kind(word, opens=opens)
            terms[piece] = max(terms.get(piece, 0.0), weight)
    names = frozenset(capital.keys() - small)
    heroes = frozenset(name for name in names if capital[name] > 1 and len(name) > 3)
    return {term: weight for term, weight in terms.items() if weight}, names, heroes, frozenset(numbers)


def _pieces(term: str) -> Sequence[str]:
    if not re.match(_UNSPACED, term) or len(term) < 2:
        return (term,)
    return [term[place : place + 2] for place in range(len(term) - 1)]


def _kind(word: str, *, opens: bool) -> float:
    """Return how much a word of this kind tells, from 0 (particles) to 1.5 (names); `opens` says that it begins a sentence."""
    if word[0].isdigit():
        return 1.0 if len(word) > 1 else 0.3
    if re.match(_UNSPACED, word):
        return 1.0 if len(word) > 1 else 0.0
    if word[0].isupper() and not opens and len(word) > 1:
        return 1.5
    return (0.0, 0.0, 0.0, 0.15, 0.5)[len(word)] if len(word) < 5 else 1.0


def _page(url: str | None) -> str:
    """Return host and path of a link that names one page; nothing for a front page, whose path is short."""
    try:
        parts = urlsplit(url or "")
        path = parts.path.rstrip("/")
        return f"{(parts.hostname or '').removeprefix('www.')}{path}".casefold() if len(path) >= 12 else ""
    except ValueError:
        return ""
