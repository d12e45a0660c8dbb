"""Lists of stories: whether a part of a letter is one, and which paragraphs begin its items.

Nothing but form is looked at: how items begin, how short and how many they are, where their links lead, what stands between them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from service.newsletter.blocks import Shape, record
from service.newsletter.stories_leads import (
    Group,
    Sort,
    common,
    count,
    ends_in_address,
    is_item,
    label,
    linked_label,
    number_of,
    unbracketed,
)

SHORT = 130  # words: the longest that half of the items of a list may be
BRIEF = 45  # words: half of the items of a list that nothing but links marks are no longer
BRIEF_TEXT = 80  # words: half of the stories whose titles nothing but shortness shows are no longer; sections of essays are
LONG = 400  # words: the longest that any of them may be
INTRO = 60  # words that may stand before the first item of a list
MANY_NUMBERED = 4
HEADLINE = 14  # words: the longest line that reads as a title
BYLINE = 6  # words: what is no longer says who wrote an item, or where it stood
WITH_TEXT = 0.6  # a title that stands alone may have a text of its own under it: about half of the paragraphs begin an item
CLOSERS = ')”"»'
STOPS = ".!?…。！？" + CLOSERS
ENDS = ".!?…。！？,;:"
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


@record
class Section:
    """A heading (if any) with what stands under it, up to the next heading; indexes of groups, `after` not included."""

    head: int | None
    first: int
    after: int

    @property
    def body(self) -> range:
        """The groups under the heading."""
        return range(self.first, self.after)


def items_of(groups: Sequence[Group], section: Section, within: float = 0.0) -> list[int]:
    """Return the beginnings of the items where a section is a list of stories; [] where it is running text.

    `within` is the least share of its paragraphs that must begin an item, over what each sort of list asks for.
    """
    sorts_here = {groups[i].sort for i in section.body}
    if section.head is not None and groups[section.head].kept and not any(groups[i].urls for i in section.body):
        sorts_here.discard(Sort.NUMBER)  # steps, ranks: numbers under a heading count within its story
    for ways in LISTS:
        best: list[int] = []
        for sorts, least, share in ways:
            if sorts_here.isdisjoint(sorts):
                continue
            leads = _leads(groups, section, sorts)
            if Sort.LABEL in sorts and not _labels_begin(groups, section, leads, Sort.LINKING in sorts):
                continue
            if len(leads) >= max(least, len(best) + 1) and _is_list(groups, section, leads, max(share, within * _alone(groups, leads))):
                best = leads
        if best:
            return _without_calls(groups, _with_strays(groups, section, best))
    if within:
        return []
    numbered = _numbered(groups, section) if Sort.NUMBER in sorts_here else []
    return numbered or _each_linking(groups, section) or _capitals(groups, section) or _ruled(groups, section) or _titled(groups, section)


def _each_linking(groups: Sequence[Group], section: Section) -> list[int]:
    """Return the paragraphs under a heading that was taken out where each is brief and leads to another place; [] for a single one."""
    if section.head is None or groups[section.head].kept or any(groups[i].words > BRIEF for i in section.body):
        return []
    urls = {groups[i].urls[0] for i in section.body if groups[i].urls}
    return list(section.body) if len(urls) == len(section.body) > 1 else []


def _numbered(groups: Sequence[Group], section: Section) -> list[int]:
    """Return the longest run of paragraphs that are numbered one after the other; [] for fewer than four."""
    best: list[int] = []
    run: list[int] = []
    for i in section.body:
        if groups[i].sort is Sort.NUMBER:
            run = [*run, i] if run and number_of(groups[i].text) == number_of(groups[run[-1]].text) + 1 else [i]
            best = max(best, run, key=len)
    return best if len(best) >= MANY_NUMBERED else []


def _capitals(groups: Sequence[Group], section: Section) -> list[int]:
    """Return the paragraphs that begin with bold words in capitals; [] for fewer than three, or under a heading."""
    if section.head is not None:
        return []
    leads = [i for i in section.body if groups[i].sort is Sort.LABEL and label(groups[i].head).isupper()]
    return leads if len(leads) >= 3 else []


def _ruled(groups: Sequence[Group], section: Section) -> list[int]:
    """Return the paragraphs after dividing lines where all of them begin with a line that reads as a title; [] for fewer than two."""
    leads = [i for i in section.body if groups[i].ruled]
    titled = [i for i in leads if 2 <= count(groups[i].head.text) <= HEADLINE and groups[i].head.text[-1] not in ".,;"]
    return leads if len(leads) >= 2 and titled == leads else []


def _titled(groups: Sequence[Group], section: Section) -> list[int]:
    """Return the lines that read as titles where all is set in one type: alone after one text, over the next; [] for fewer than two."""
    if any(groups[i].head.bold > 0.5 or groups[i].head.size != groups[section.first].head.size for i in section.body):
        return []
    lines = [i for i in section.body[:-1] if reads_as_title(groups[i]) and (i == section.first or _ends(groups[i - 1]))]
    if section.body and not reads_as_title(groups[section.first]) and reads_as_title(groups[section.after - 1]):
        return []  # such lines end texts, as the sources of quotations do
    leads = [i for i in lines if _has_text(groups[i], groups[i + 1])]
    return leads if len(leads) >= 2 and median(_sizes(groups, section, leads)) <= BRIEF_TEXT else []


def _has_text(line: Group, after: Group) -> bool:
    """Tell whether what comes after a line that reads as a title is its text."""
    return after.head.shape is not Shape.QUOTE and _ends(after) and after.words >= count(unbracketed(line.text))


def _ends(group: Group) -> bool:
    """Tell whether a text may end with a group: a sentence, a list or an address does."""
    return group.text[-1] in STOPS or is_item(group.head) or ends_in_address(group.text)


def reads_as_title(group: Group) -> bool:
    """Tell whether a group is one short line of text without a stop; the address of its story may follow in brackets."""
    if group.sort not in (None, Sort.LINKING) or len(group.pieces) > 1 or group.head.shape is not Shape.PARAGRAPH:
        return False
    line = unbracketed(group.text)
    named = 1 <= count(line) <= HEADLINE and line.rstrip(CLOSERS)[-1:] not in ENDS and not ends_in_address(line)
    return named and not is_item(group.head)


def _labels_begin(groups: Sequence[Group], section: Section, leads: Sequence[int], linking: bool) -> bool:
    """Tell whether paragraphs with bold first words, or just with links, may be items rather than the paragraphs of one story.

    "Why it matters:" parts a story, it begins none. Labels begin items where they are links, or where no heading that was
    kept stands over them; paragraphs that merely hold links do where they are brief and each stands in a box of its own.
    """
    if not linking:
        return section.head is None or not groups[section.head].kept or all(linked_label(groups[i].head) for i in leads)
    paths = [tuple(box.number for box in groups[i].head.boxes) for i in leads]
    apart = all(common([a, b]) < min(len(a), len(b)) - 1 for a, b in pairwise(paths))
    return bool(leads) and apart and median(groups[i].words for i in leads) <= BRIEF


def _alone(groups: Sequence[Group], leads: Sequence[int]) -> float:
    """Return the share of paragraphs that begin an item in a list that holds nothing else: less where titles stand over texts."""
    titles = all(groups[i].sort is Sort.TITLE and groups[i].head.shape is not Shape.ITEM for i in leads)
    return WITH_TEXT if titles else 1.0


def _without_calls(groups: Sequence[Group], leads: list[int]) -> list[int]:
    """Leave out the linked lines that belong to the story above: bylines and "See which won", plain where the titles are bold.

    Three of them in a row are a list.
    """
    titles = [i for i in leads if groups[i].sort is Sort.TITLE]
    strong = {i for i in titles if groups[i].head.level or groups[i].head.bold > 0.9}
    plain = {i for i in titles if i not in strong and len(groups[i].pieces) == 1 and groups[i].head.shape is not Shape.ITEM}
    listed = {i for i in plain for run in ({i - 2, i - 1}, {i - 1, i + 1}, {i + 1, i + 2}) if run <= plain}
    return [i for i in leads if i not in plain or i in listed] if len(strong) >= 3 else leads


def _leads(groups: Sequence[Group], section: Section, sorts: Sequence[Sort]) -> list[int]:
    """Return the groups of these sorts.

    One that leads to the same place as the one before it goes on with its story, and so does what follows a linked title where
    linked titles have texts.
    """
    leads: list[int] = []
    texts = Sort.OPENING in sorts and _titles_have_texts(groups, section)
    for i in section.body:
        if groups[i].sort not in sorts:
            continue
        again = leads and not groups[i].head.level and groups[i].urls and groups[i].urls[:1] == groups[leads[-1]].urls[:1]
        text = texts and groups[i].sort in (Sort.OPENING, Sort.LINKING) and leads[-1:] == [i - 1] and groups[i - 1].sort is Sort.TITLE
        if not again and not text:
            leads.append(i)
    return leads


def _titles_have_texts(groups: Sequence[Group], section: Section) -> bool:
    """Tell whether linked titles are followed by their texts: most of them, and what else begins with a link only there."""
    titles = [i for i in section.body if groups[i].sort is Sort.TITLE and len(groups[i].pieces) == 1]
    texts = [i for i in titles if i + 1 < section.after and groups[i + 1].sort is not Sort.TITLE and groups[i + 1].words > BYLINE]
    openings = [i for i in section.body if groups[i].sort is Sort.OPENING]
    return 2 * len(texts) > len(titles) and 2 * len(set(titles).intersection(i - 1 for i in openings)) >= len(openings)


def _sizes(groups: Sequence[Group], section: Section, leads: Sequence[int]) -> list[int]:
    """Return the words of each item."""
    return [sum(g.words for g in groups[a:b]) for a, b in zip(leads, [*leads[1:], section.after], strict=True)]


def _is_list(groups: Sequence[Group], section: Section, leads: list[int], share: float) -> bool:
    """Tell whether `leads` begin the items of a list: short, many, leading to different places, and little else."""
    sizes = _sizes(groups, section, leads)
    before = sum(g.words for g in groups[section.first : leads[0]])
    long = {*leads, *(i for i in range(leads[0], section.after) if groups[i].words > BYLINE)}
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
    strays = [i for i in range(leads[0], section.after) if groups[i].urls and groups[i].sort is not None and groups[i].words > BYLINE]
    return sorted({*leads, *strays})


def alike(groups: Sequence[Group], items: Sequence[int]) -> set[int]:
    """Return the groups that look just like items found elsewhere: sort, type, place in the page's tables."""
    looks = Counter(_look(groups[i]) for i in items if groups[i].sort in LINKED)
    frequent = {look for look, number in looks.items() if number >= 3}
    return {i for i, group in enumerate(groups) if group.sort in LINKED and _look(group) in frequent} if frequent else set()


def _look(group: Group) -> tuple[object, ...]:
    return (group.sort, group.head.shape, round(group.head.size), tuple(box.tag for box in group.head.boxes))
