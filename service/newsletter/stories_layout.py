"""Where the stories of a letter begin: headings, linked titles, lists, numbers, cards; or nowhere, in a letter that is one article."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from statistics import median

from service.newsletter.stories_leads import ADDRESS, TITLE, Group, Sort, common, folded, same
from service.newsletter.stories_lists import BYLINE, INTRO, LONG, SHORT, Section, alike, items_of

MANY = 6  # items that make a letter a list even where its first story is longer than they are
MANY_HEADS = 4
NEAR = 2  # pieces, pictures and rules
LOWEST = 99  # lower than any heading stands
MOST = 100  # headings that are looked at under one
FIRST_TEXT = 30  # words: an article says more before its inner headings, and mostly between them


def starts(groups: Sequence[Group], subject: str = "") -> list[int]:
    """Return the indexes of the groups with which stories begin, in order; the first group always begins one."""
    if not groups:
        return []
    found = {0}
    title = article_title(groups, subject)
    if title is not None or _essay(groups):
        found |= _closing_lists(groups) | {i for i in _leading_away(groups) if i > (title or 0) + 1}
    else:
        heads = _with_linked(groups, _headed(groups))
        items = [i for section in _sections(groups, sorted(heads)) for i in items_of(groups, section)]
        found |= {*heads, *items, *alike(groups, items), *_linked_heads(groups)}
    return sorted({_with_kicker(groups, start, found) for start in found})


# -- one article -------------------------------------------------------------------------------------------------------


def article_title(groups: Sequence[Group], subject: str) -> int | None:
    """Return the heading that is the title of the whole letter; None where the letter holds several stories.

    It stands near the top, and higher than every heading after it (its own subtitle aside) or says what the subject says; those
    are inner headings of one article unless most are links themselves, or each has a short card of its own, or lines part them, or
    the first names the letter rather than an article, or the letter is mostly lists of links.
    """
    heads = [i for i, g in enumerate(groups) if _is_head(g) and (g.kept or same(g.text, subject))]
    if len(heads) > 1 and heads[0] > 0 and _says(groups[0], subject):
        heads = [0, *heads]
    if not heads or sum(g.words for g in groups[: heads[0]]) > INTRO:
        return None
    top, rest = heads[0], [i for i in heads[1:] if i > heads[0] + 1 and groups[i].kept]
    linked = {groups[i].urls[0]: i for i in rest if groups[i].sort is Sort.TITLE and groups[i].urls}
    if len(linked) >= 2 and 2 * len(linked) >= sum(i - 1 not in rest for i in rest):
        return None
    if not _higher(groups, top, rest, bool(linked)) and not (same(groups[top].text, subject) and _of_one_text(groups, rest)):
        return None
    several = _cards(groups, rest) or _parted(groups, rest) or _name_of_many(groups, top, rest) or _named(groups, top, rest, subject)
    return None if several or _mostly_lists(groups) else top


def _essay(groups: Sequence[Group]) -> bool:
    """Tell whether a letter without a title is one article: running text, then long sections of one rank, all in one box."""
    heads = [i for i, g in enumerate(groups) if g.kept and _is_head(g)]
    if len(heads) < 2 or len({groups[i].rank for i in heads}) > 1 or any(groups[i].sort is Sort.TITLE for i in heads):
        return False
    if not groups[heads[0]].head.boxes or not _one_box(groups, heads):
        return False
    words = _words_under(groups, [0, *heads])
    return words[0] > INTRO and median(words) > SHORT and not _mostly_lists(groups)


def _says(group: Group, subject: str) -> bool:
    """Tell whether a line that is no heading says what the subject says."""
    return len(group.pieces) == 1 and group.words <= TITLE and same(group.text, subject)


def _is_head(group: Group) -> bool:
    return group.sort is Sort.HEADING or (group.sort is Sort.TITLE and group.head.level > 0)


def _higher(groups: Sequence[Group], top: int, rest: Sequence[int], linked: bool) -> bool:
    """Tell whether a heading stands above all the rest; one of the same rank does where it is a link and they are not."""
    ranks = [groups[i].rank for i in rest]
    return all(rank > groups[top].rank for rank in ranks) or (
        groups[top].sort is Sort.TITLE and not linked and all(rank >= groups[top].rank for rank in ranks)
    )


def _one_box(groups: Sequence[Group], heads: Sequence[int]) -> bool:
    """Tell whether the headings lie side by side in one box, as those of running text do."""
    paths = [tuple(box.number for box in groups[i].head.boxes) for i in heads]
    return not paths or common(paths) >= max(map(len, paths)) - 1


def _of_one_text(groups: Sequence[Group], rest: Sequence[int]) -> bool:
    """Tell whether headings may part one text: they lie in one box, and where they are many, there is text to part.

    Linked ones, which lead to others, do not count where most of the others have long sections.
    """
    sizes = dict(zip(rest, _words_under(groups, rest), strict=True))
    own = [i for i in rest if groups[i].sort is Sort.HEADING]
    heads = own if 2 * len(own) > len(rest) and median(sizes[i] for i in own) > SHORT else rest
    return _one_box(groups, heads) and (len(heads) < MANY_HEADS or median(sizes.values()) > FIRST_TEXT)


def _mostly_lists(groups: Sequence[Group]) -> bool:
    """Tell whether more than half of the words stand in lists of links, or all but a short piece before many of them."""
    words = items = 0
    for section in _sections(groups, _unlinked(groups)):
        if (leads := items_of(groups, section, 0.7)) and len(leads) >= 3:
            words, items = words + sum(groups[i].words for i in section.body), items + len(leads)
    rest = sum(g.words for g in groups) - words
    return words > rest or (items >= MANY and rest <= LONG)


def _cards(groups: Sequence[Group], heads: Sequence[int]) -> bool:
    """Tell whether the headings lie in short cards of their own: boxes that hold a heading and its text and nothing more."""
    if len(heads) < 3:
        return False
    sections = [range(a, b) for a, b in zip(heads, [*heads[1:], len(groups)], strict=True)]
    cards = [s for s in sections[:-1] if _boxed(groups, s)]
    return 10 * len(cards) >= 7 * (len(sections) - 1) and median(_words_under(groups, heads)) <= SHORT


def _parted(groups: Sequence[Group], heads: Sequence[int]) -> bool:
    """Tell whether a dividing line, or the address with which a story ends, stands before most of the highest headings."""
    highest = min((groups[i].rank for i in heads), default=None)
    high = [i for i in heads if groups[i].rank == highest]
    parted = sum(groups[i].ruled or bool(ADDRESS.match(groups[i - 1].pieces[-1].text)) for i in high)
    return len(high) > 1 and 10 * parted >= 7 * len(high)


def _leading_away(groups: Sequence[Group]) -> set[int]:
    """Return the linked headings below which an article does not go on: no unlinked one as high has text below it."""
    sections = _sections(groups, _unlinked(groups))
    told = {s.head for s in sections if s.head is not None and sum(groups[i].words for i in s.body) > INTRO}
    linked = _linked_heads(groups)
    away: set[int] = set()
    highest = LOWEST
    for i in sorted(linked | told, reverse=True):
        level = groups[i].rank[0]
        if i not in linked:
            highest = min(highest, level)
        elif level < highest:
            away.add(i)
    return away


def _name_of_many(groups: Sequence[Group], top: int, rest: Sequence[int]) -> bool:
    """Tell whether the first heading names the letter, not an article: before many others, none long, it has hardly any text.

    One that the next heading repeats, alone of its rank, is the title that stands above its article once more.
    """
    if len(rest) < MANY_HEADS or not _is_head(groups[top]) or median(_words_under(groups, rest)) > LONG:
        return False
    again = same(groups[rest[0]].text, groups[top].text)
    if again and all(group.rank > groups[rest[0]].rank for group in groups[rest[0] + 1 :] if _is_head(group)):
        return False
    return sum(g.words for g in groups[top + 1 : rest[0]] if not _is_head(g)) < FIRST_TEXT


def _words_under(groups: Sequence[Group], heads: Sequence[int]) -> list[int]:
    """Return how many words each heading has with what stands under it, down to the next."""
    return [sum(g.words for g in groups[a:b]) for a, b in zip(heads, [*heads[1:], len(groups)], strict=False)]


def _named(groups: Sequence[Group], top: int, rest: Sequence[int], subject: str) -> bool:
    """Tell whether a subject that says the first heading names another one too: with words that the first does not hold."""
    left = {word for word in folded(subject) - folded(groups[top].text) if len(word) > 3}
    return same(groups[top].text, subject) and any(left & folded(groups[i].text) for i in rest)


def _boxed(groups: Sequence[Group], section: range) -> bool:
    """Tell whether a box holds the heading and all its text but not what comes next."""
    inside = [tuple(b.number for b in groups[i].head.boxes) for i in section]
    return len(section) > 1 and common(inside) > common([inside[0], tuple(b.number for b in groups[section.stop].head.boxes)])


# -- headings ----------------------------------------------------------------------------------------------------------


def _sections(groups: Sequence[Group], heads: Sequence[int]) -> Iterator[Section]:
    """Yield the sections that the headings make, the part before the first heading too."""
    if groups and heads[:1] != [0]:
        yield Section(None, 0, heads[0] if heads else len(groups))
    for head, after in zip(heads, [*heads[1:], len(groups)], strict=False):
        yield Section(head, head + 1, after)


def _unlinked(groups: Sequence[Group]) -> list[int]:
    return [i for i, g in enumerate(groups) if g.sort is Sort.HEADING]


def _linked_heads(groups: Sequence[Group]) -> set[int]:
    return {i for i, group in enumerate(groups) if group.sort is Sort.TITLE and group.head.level}


def _with_linked(groups: Sequence[Group], heads: set[int]) -> set[int]:
    """Return the headings with the linked ones; where several of those have texts and lead to different places, they part the letter."""
    linked = _linked_heads(groups)
    told = {groups[i].urls[:1] for i in linked if i + 1 < len(groups) and i + 1 not in linked and groups[i + 1].words > BYLINE}
    return _outer(groups, heads | linked) if len(told) > 1 else heads


def _outer(groups: Sequence[Group], heads: set[int]) -> set[int]:
    """Return the headings without those with a text that rank below the linked one above them: they part its story."""
    outer: set[int] = set()
    above: tuple[int, int] | None = None
    for i in sorted(heads):
        group = groups[i]
        inner = group.sort is Sort.HEADING and group.kept and above is not None and group.rank > above and i + 1 not in heads
        if not inner:
            outer.add(i)
            above = group.rank if group.sort is Sort.TITLE else None
    return outer


def _headed(groups: Sequence[Group]) -> set[int]:
    """Return the headings that begin stories: those of the highest rank under which text stands, and the ranks above it.

    So do those of a group right under a heading, those over nothing but links, and those that were taken out: they part what is above
    them from what is below.
    """
    sections = {s.head: s for s in _sections(groups, _unlinked(groups)) if s.head is not None}
    bare: dict[tuple[int, int], list[bool]] = defaultdict(list)  # of each rank, which headings stand over nothing
    for head, section in sections.items():
        if groups[head].kept:
            bare[groups[head].rank].append(section.first == section.after)
    full = (rank for rank, here in sorted(bare.items()) if len(here) > 1 and 2 * sum(here) < len(here))
    lowest = next(full, max(bare, default=None))
    high = {head for head in sections if lowest and groups[head].rank <= lowest}
    said = Counter(groups[head].text for head in sections)  # what is said twice calls to do something, it heads nothing
    gone = {head for head in sections if not groups[head].kept and said[groups[head].text] == 1}
    begun = high | gone | set(_grouped(groups, sections))
    return begun | {head for head, section in sections.items() if head not in begun and _only_list(groups, section)}


def _grouped(groups: Sequence[Group], sections: Mapping[int, Section]) -> Iterator[int]:
    """Yield the headings of a rank that stand under a higher one with nothing between it and the first of them, two at least."""
    heads = sorted(sections)
    for number, head in enumerate(heads[:-1]):
        first = heads[number + 1]
        if sections[head].first < sections[head].after or groups[first].first - groups[head].after > NEAR or not groups[first].kept:
            continue
        rank = groups[head].rank
        under = takewhile(lambda i: groups[i].rank > rank, heads[number + 1 : number + 1 + MOST])  # noqa: B023 (used up at once)
        alike = [i for i in under if groups[i].rank == groups[first].rank]
        if len(alike) > 1:
            yield from alike


def _only_list(groups: Sequence[Group], section: Section) -> bool:
    """Tell whether a section holds a list of links and nothing else; a heading with a colon introduces one inside a story."""
    head = groups[section.head or 0]
    items = items_of(groups, section, 0.8)
    inside = head.kept and (head.text.rstrip().endswith((":", "：")) or len(items) < 3)
    return bool(items) and items[0] == section.first and not inside


def _with_kicker(groups: Sequence[Group], start: int, found: set[int]) -> int:
    """Return where a story really begins: short lines above its title that lie in its own box belong to it."""
    for _ in range(2):
        above = start - 1
        if above < 0 or above in found or groups[above].words > 12 or groups[above].sort in (Sort.TITLE, Sort.OPENING, Sort.ITEM):
            break
        paths = [tuple(b.number for b in groups[i].head.boxes) for i in (above - 1, above, start) if i >= 0]
        if len(paths) < 3 or common(paths[1:]) <= common(paths[:2]):
            break
        start = above
    return start


# -- items ----------------------------------------------------------------------------------------------------------------


def _closing_lists(groups: Sequence[Group]) -> set[int]:
    """Return where the stories begin that follow a single article: headed lists of links with which its letter ends.

    Headings over those lists and a short last word after them do not stand in the way.
    """
    found: set[int] = set()
    passed: set[int] = set()
    for section in reversed(list(_sections(groups, _unlinked(groups)))):
        items = items_of(groups, section, 0.8)
        if section.head in (None, 0):
            break
        if items and items[0] == section.first:
            found |= {section.head, *items, *passed}
            passed = set()
        elif sum(groups[i].words for i in section.body) <= (0 if found else INTRO):
            passed.add(section.head)
        else:
            break
    return found
