"""Where the stories of a letter begin: headings, linked titles, lists, numbers, cards; or nowhere, in a letter that is one article."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from service.newsletter.stories_leads import Group, Sort, count

SHORT = 130  # words: the longest that half of the items of a list may be
LONG = 400  # words: the longest that any of them may be
INTRO = 60  # words that may stand before the first item of a list
LINKED = (Sort.TITLE, Sort.OPENING)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (if any) with what stands under it, up to the next heading; indexes of groups, `after` not included."""

    head: int | None
    first: int
    after: int

    @property
    def body(self) -> range:
        """The groups under the heading."""
        return range(self.first, self.after)


def starts(groups: Sequence[Group], subject: str = "") -> list[int]:
    """Return the indexes of the groups with which stories begin, in order; the first group always begins one."""
    found = {0}
    title = article_title(groups, subject)
    sections = list(_sections(groups))
    listed = [_items(groups, section, title is not None) for section in sections]
    if title is None:
        found |= _headed(groups, sections, listed)
    for number, items in enumerate(listed):
        found.update(items)
        if items:
            found |= {s.head for s in sections[number : number + 2] if s.head is not None}
    return sorted(_with_kicker(groups, start, found) for start in found if groups)


# -- one article -------------------------------------------------------------------------------------------------------


def article_title(groups: Sequence[Group], subject: str) -> int | None:
    """Return the heading that is the title of the whole letter; None where the letter holds several stories.

    It stands near the top and higher than every heading after it (its own subtitle aside); those are inner headings of one
    article unless two or more of them are links themselves, or each has a short card of its own.
    """
    heads = [i for i, g in enumerate(groups) if g.sort is Sort.HEADING or (g.sort is Sort.TITLE and g.head.level)]
    if not heads or sum(g.words for g in groups[: heads[0]]) > INTRO:
        return None if heads else _untitled(groups)
    top, rest = heads[0], [i for i in heads[1:] if groups[i].rank >= groups[heads[0]].rank]
    rest = [i for i in rest if i > top + 1]
    if len(rest) < len([i for i in heads[1:] if i > top + 1]):
        return None
    linked = [i for i in rest if groups[i].sort is Sort.TITLE]
    if len({groups[i].urls[0] for i in linked if groups[i].urls}) >= 2 and 2 * len(linked) >= len(rest):
        return None
    equal = [i for i in rest if groups[i].rank == groups[top].rank]
    if equal and not (groups[top].sort is Sort.TITLE and not linked) and not _same(groups[top].text, subject):
        return None
    return top if not _cards(groups, rest) else None


def _untitled(groups: Sequence[Group]) -> int | None:
    """A letter without any heading has no title, and may still be a list."""
    return None


def _same(title: str, subject: str) -> bool:
    """Tell whether a subject says the title."""
    words, said = ({w.casefold() for w in text.split()} for text in (title, subject))
    return bool(words) and len(words & said) >= 0.7 * len(words)


def _cards(groups: Sequence[Group], heads: Sequence[int]) -> bool:
    """Tell whether the headings lie in short cards of their own: boxes that hold a heading and its text and nothing more."""
    if len(heads) < 3:
        return False
    sections = [range(a, b) for a, b in zip(heads, [*heads[1:], len(groups)], strict=True)]
    cards = [s for s in sections[:-1] if _boxed(groups, s)]
    words = [sum(groups[i].words for i in s) for s in sections]
    return 10 * len(cards) >= 7 * (len(sections) - 1) and median(words) <= SHORT


def _boxed(groups: Sequence[Group], section: range) -> bool:
    """Tell whether a box holds the heading and all its text but not what comes next."""
    inside = [tuple(b.number for b in groups[i].head.boxes) for i in section]
    return len(section) > 1 and _common(inside) > _common([inside[0], tuple(b.number for b in groups[section.stop].head.boxes)])


def _common(paths: Sequence[tuple[int, ...]]) -> int:
    """Return how many boxes hold all of the paths."""
    depth = 0
    for level in zip(*paths, strict=False):
        if len(set(level)) > 1:
            break
        depth += 1
    return depth


# -- headings ----------------------------------------------------------------------------------------------------------


def _sections(groups: Sequence[Group]) -> Iterator[Section]:
    """Yield the sections between unlinked headings, the part before the first heading too."""
    heads = [i for i, g in enumerate(groups) if g.sort is Sort.HEADING]
    if groups and heads[:1] != [0]:
        yield Section(None, 0, heads[0] if heads else len(groups))
    for head, after in zip(heads, [*heads[1:], len(groups)], strict=False):
        yield Section(head, head + 1, after)


def _headed(groups: Sequence[Group], sections: Sequence[Section], listed: Sequence[list[int]]) -> set[int]:
    """Return the headings that begin stories: those of the highest rank under which text stands, and the ranks above it."""
    heads = [(s, items) for s, items in zip(sections, listed, strict=True) if s.head is not None]
    if len(heads) < 2:
        return {s.head for s, _ in heads if s.head}
    found: set[int] = set()
    for rank in sorted({groups[s.head].rank for s, _ in heads if s.head is not None}):
        here = [s for s, _ in heads if s.head is not None and groups[s.head].rank == rank]
        found |= {s.head for s in here if s.head is not None}
        empty = sum(s.first == s.after for s in here)
        if len(here) > 1 and 2 * empty < len(here):
            break
    return found


def _with_kicker(groups: Sequence[Group], start: int, found: set[int]) -> int:
    """Return where a story really begins: short lines above its title that lie in its own box belong to it."""
    for _ in range(2):
        above = start - 1
        if above < 0 or above in found or groups[above].words > 12 or groups[above].sort in (Sort.TITLE, Sort.OPENING, Sort.ITEM):
            break
        paths = [tuple(b.number for b in groups[i].head.boxes) for i in (above - 1, above, start) if i >= 0]
        if len(paths) < 3 or _common(paths[1:]) <= _common(paths[:2]):
            break
        start = above
    return start


# -- lists -------------------------------------------------------------------------------------------------------------


def _items(groups: Sequence[Group], section: Section, article: bool) -> list[int]:
    """Return the beginnings of the items where a section is a list of stories; [] where it is running text.

    Inside an article a list must be all that its section holds.
    """
    for sorts, least, share in (
        (LINKED, 2, 0.3),
        ((Sort.CARD,), 2, 0.4),
        ((*LINKED, Sort.ITEM), 2, 0.7),
        ((Sort.NUMBER,), 3, 0.5),
        ((Sort.LABEL,), 3, 0.6),
        ((*LINKED, Sort.LABEL, Sort.ITEM, Sort.LINKING), 4, 0.8),
    ):
        leads = [i for i in section.body if groups[i].sort in sorts]
        if len(leads) >= least and _is_list(groups, section, leads, max(share, 0.8 if article else 0)):
            return leads
    return []


def _is_list(groups: Sequence[Group], section: Section, leads: list[int], share: float) -> bool:
    """Tell whether `leads` begin the items of a list: short, many, leading to different places, and little else."""
    ends = [*leads[1:], section.after]
    sizes = [sum(g.words for g in groups[a:b]) for a, b in zip(leads, ends, strict=True)]
    before = sum(g.words for g in groups[section.first : leads[0]])
    long = [i for i in range(leads[0], section.after) if i in leads or groups[i].words > 6]
    urls = [groups[i].urls[0] for i in leads if groups[i].urls]
    return (
        median(sizes) <= SHORT
        and max(sizes) <= LONG
        and before <= max(INTRO, sum(sizes))
        and len(leads) >= share * len(long)
        and len(set(urls)) >= 0.7 * len(urls)
    )


def counted(groups: Iterable[Group]) -> Counter[Sort | None]:
    """Return how often each sort of beginning stands in a letter."""
    return Counter(g.sort for g in groups)
