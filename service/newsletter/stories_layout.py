"""Where the stories of a letter begin: headings, linked titles, lists, numbers, cards; or nowhere, in a letter that is one article."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from service.newsletter.stories_leads import Group, Sort, count, linked_label, number_of, same

SHORT = 130  # words: the longest that half of the items of a list may be
BRIEF = 45  # words: half of the items of a list that nothing but links marks are no longer
LONG = 400  # words: the longest that any of them may be
MANY = 6  # items that make a letter a list even where its first story is longer than they are
INTRO = 60  # words that may stand before the first item of a list
MANY_NUMBERED = 4
HEADLINE = 14  # words: the longest line that reads as a title
BYLINE = 6  # words: what is no longer says who wrote an item, or where it stood
LINKED = (Sort.TITLE, Sort.OPENING)
# How a list may begin its items: the sorts, the fewest items, the least share of the paragraphs that begin one. Of the ways in one
# row that which finds most items counts; the first row that finds any counts.
LISTS: tuple[tuple[tuple[tuple[Sort, ...], int, float], ...], ...] = (
    (((Sort.TITLE,), 2, 0.45), (LINKED, 3, 0.6), ((Sort.TITLE, Sort.ITEM), 2, 0.7), ((*LINKED, Sort.ITEM), 3, 0.7)),
    (((Sort.CARD,), 2, 0.4),),
    (((Sort.NUMBER,), 3, 0.5),),
    (((Sort.LABEL,), 3, 0.6),),
    (((*LINKED, Sort.LABEL, Sort.ITEM, Sort.LINKING), 4, 0.8),),
)


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
    if not groups:
        return []
    found = {0}
    if article_title(groups, subject) is not None:
        found |= _closing_lists(groups)
    else:
        heads = _headed(groups)
        found |= heads
        items = [i for section in _sections(groups, sorted(heads)) for i in _items(groups, section)]
        found |= {*items, *_alike(groups, items)}
    return sorted({_with_kicker(groups, start, found) for start in found})


# -- one article -------------------------------------------------------------------------------------------------------


def article_title(groups: Sequence[Group], subject: str) -> int | None:
    """Return the heading that is the title of the whole letter; None where the letter holds several stories.

    It stands near the top, and higher than every heading after it (its own subtitle aside) or says what the subject says; those
    are inner headings of one article unless most are links themselves, or each has a short card of its own, or the letter is
    mostly lists of links.
    """
    heads = [i for i, g in enumerate(groups) if _is_head(g) and (g.kept or same(g.text, subject))]
    if not heads or sum(g.words for g in groups[: heads[0]]) > INTRO:
        return None
    top, rest = heads[0], [i for i in heads[1:] if i > heads[0] + 1 and groups[i].kept]
    linked = {groups[i].urls[0]: i for i in rest if groups[i].sort is Sort.TITLE and groups[i].urls}
    if len(linked) >= 2 and 2 * len(linked) >= sum(i - 1 not in rest for i in rest):
        return None
    if not _higher(groups, top, rest, bool(linked)) and not (same(groups[top].text, subject) and _one_box(groups, rest)):
        return None
    return None if _cards(groups, rest) or _mostly_lists(groups) else top


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
    return not paths or _common(paths) >= max(map(len, paths)) - 1


def _mostly_lists(groups: Sequence[Group]) -> bool:
    """Tell whether more than half of the words stand in lists of links, or all but a short piece before many of them."""
    words = items = 0
    for section in _sections(groups, _unlinked(groups)):
        if (leads := _items(groups, section, 0.7)) and len(leads) >= 3:
            words, items = words + sum(groups[i].words for i in section.body), items + len(leads)
    rest = sum(g.words for g in groups) - words
    return words > rest or (items >= MANY and rest <= LONG)


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


def _sections(groups: Sequence[Group], heads: Sequence[int]) -> Iterator[Section]:
    """Yield the sections that the headings make, the part before the first heading too."""
    if groups and heads[:1] != [0]:
        yield Section(None, 0, heads[0] if heads else len(groups))
    for head, after in zip(heads, [*heads[1:], len(groups)], strict=False):
        yield Section(head, head + 1, after)


def _unlinked(groups: Sequence[Group]) -> list[int]:
    return [i for i, g in enumerate(groups) if g.sort is Sort.HEADING]


def _headed(groups: Sequence[Group]) -> set[int]:
    """Return the headings that begin stories: those of the highest rank under which text stands, and the ranks above it.

    A heading that was taken out parts what is above it from what is below it where it stands as high as those.
    """
    sections = {s.head: s for s in _sections(groups, _unlinked(groups)) if s.head is not None}
    ranks = sorted({groups[head].rank for head in sections if groups[head].kept})
    lowest: tuple[int, int] | None = None
    for lowest in ranks:
        here = [section for head, section in sections.items() if groups[head].kept and groups[head].rank == lowest]
        if len(here) > 1 and 2 * sum(section.first == section.after for section in here) < len(here):
            break
    high = {head for head in sections if lowest and groups[head].rank <= lowest}
    return high | {head for head, section in sections.items() if not groups[head].kept and _items(groups, section, 0.8)}


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


def _items(groups: Sequence[Group], section: Section, within: float = 0.0) -> list[int]:
    """Return the beginnings of the items where a section is a list of stories; [] where it is running text.

    `within` is the least share of its paragraphs that must begin an item, over what each sort of list asks for.
    """
    for ways in LISTS:
        best: list[int] = []
        for sorts, least, share in ways:
            leads = _leads(groups, section, sorts)
            if Sort.LABEL in sorts and not _labels_begin(groups, section, leads, Sort.LINKING in sorts):
                continue
            if len(leads) >= max(least, len(best) + 1) and _is_list(groups, section, leads, max(share, within)):
                best = leads
        if best:
            return _with_strays(groups, section, best)
    return [] if within else _numbered(groups, section) or _ruled(groups, section)


def _numbered(groups: Sequence[Group], section: Section) -> list[int]:
    """Return the longest run of paragraphs that are numbered one after the other; [] for fewer than four."""
    best: list[int] = []
    run: list[int] = []
    for i in section.body:
        if groups[i].sort is Sort.NUMBER:
            run = [*run, i] if run and number_of(groups[i].text) == number_of(groups[run[-1]].text) + 1 else [i]
            best = max(best, run, key=len)
    return best if len(best) >= MANY_NUMBERED else []


def _ruled(groups: Sequence[Group], section: Section) -> list[int]:
    """Return the paragraphs after dividing lines where all of them begin with a line that reads as a title; [] for fewer than two."""
    leads = [i for i in section.body if groups[i].ruled]
    titled = [i for i in leads if 2 <= count(groups[i].head.text) <= HEADLINE and groups[i].head.text[-1] not in ".,;"]
    return leads if len(leads) >= 2 and titled == leads else []


def _labels_begin(groups: Sequence[Group], section: Section, leads: Sequence[int], linking: bool) -> bool:
    """Tell whether paragraphs with bold first words, or just with links, may be items rather than the paragraphs of one story.

    "Why it matters:" parts a story, it begins none. Labels begin items where they are links, or where no heading stands over
    them; paragraphs that merely hold links do where they are brief and each stands in a box of its own.
    """
    if not linking:
        return section.head is None or all(linked_label(groups[i].head) for i in leads)
    paths = [tuple(box.number for box in groups[i].head.boxes) for i in leads]
    apart = all(_common([a, b]) < min(len(a), len(b)) - 1 for a, b in pairwise(paths))
    return bool(leads) and apart and median(groups[i].words for i in leads) <= BRIEF


def _leads(groups: Sequence[Group], section: Section, sorts: Sequence[Sort]) -> list[int]:
    """Return the groups of these sorts.

    One that leads to the same place as the one before it goes on with its story, and so does what follows a linked title where
    linked titles have texts.
    """
    leads: list[int] = []
    texts = _titles_have_texts(groups, section)
    for i in section.body:
        if groups[i].sort not in sorts:
            continue
        again = leads and not groups[i].head.level and groups[i].urls and groups[i].urls[:1] == groups[leads[-1]].urls[:1]
        text = texts and groups[i].sort in (Sort.OPENING, Sort.LINKING) and i - 1 in leads and groups[i - 1].sort is Sort.TITLE
        if not again and not text:
            leads.append(i)
    return leads


def _titles_have_texts(groups: Sequence[Group], section: Section) -> bool:
    """Tell whether linked titles are followed by their texts: most of them, and what else begins with a link only there."""
    titles = [i for i in section.body if groups[i].sort is Sort.TITLE and len(groups[i].pieces) == 1]
    texts = [i for i in titles if i + 1 < section.after and groups[i + 1].sort is not Sort.TITLE and groups[i + 1].words > BYLINE]
    openings = [i for i in section.body if groups[i].sort is Sort.OPENING]
    return 2 * len(texts) > len(titles) and 2 * sum(i - 1 in titles for i in openings) >= len(openings)


def _is_list(groups: Sequence[Group], section: Section, leads: list[int], share: float) -> bool:
    """Tell whether `leads` begin the items of a list: short, many, leading to different places, and little else."""
    ends = [*leads[1:], section.after]
    sizes = [sum(g.words for g in groups[a:b]) for a, b in zip(leads, ends, strict=True)]
    before = sum(g.words for g in groups[section.first : leads[0]])
    long = [i for i in range(leads[0], section.after) if i in leads or groups[i].words > BYLINE]
    urls = [groups[i].urls[0] for i in leads if groups[i].urls]
    return (
        median(sizes) <= SHORT
        and max(sizes) <= LONG
        and before <= max(INTRO, sum(sizes) // 2)
        and len(leads) >= share * len(long)
        and len(set(urls)) >= 0.7 * len(urls)
    )


def _with_strays(groups: Sequence[Group], section: Section, leads: list[int]) -> list[int]:
    """Add what else begins an item where nearly all items are a single paragraph: then every paragraph with a link is one."""
    ends = [*leads[1:], section.after]
    single = sum(b - a == 1 or all(g.words <= BYLINE for g in groups[a + 1 : b]) for a, b in zip(leads, ends, strict=True))
    if len(leads) < 3 or single < 0.8 * len(leads):
        return leads
    if _titles_have_texts(groups, section):
        return leads
    strays = [i for i in range(leads[0], section.after) if groups[i].sort not in (None, Sort.HEADING) and groups[i].words > BYLINE]
    return sorted({*leads, *strays})


def _alike(groups: Sequence[Group], items: Sequence[int]) -> set[int]:
    """Return the groups that look just like items found elsewhere (the same sort, type and place in the page's tables), and linked headings."""
    looks = Counter(_look(groups[i]) for i in items if groups[i].sort in LINKED)
    linked = {i for i, group in enumerate(groups) if group.sort is Sort.TITLE and group.head.level}
    places = {groups[i].urls[0] for i in linked if groups[i].urls}
    return {i for i, group in enumerate(groups) if looks[_look(group)] >= 3} | (linked if len(places) > 1 else set())


def _look(group: Group) -> tuple[object, ...]:
    return (group.sort, group.head.shape, round(group.head.size), tuple(box.tag for box in group.head.boxes))


def _closing_lists(groups: Sequence[Group]) -> set[int]:
    """Return where the stories begin that follow a single article: headed lists of links with which its letter ends.

    Headings over those lists and a short last word after them do not stand in the way.
    """
    found: set[int] = set()
    passed: set[int] = set()
    for section in reversed(list(_sections(groups, _unlinked(groups)))):
        items = _items(groups, section, 0.8)
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
