"""Splits what was kept of a letter into stories: the items that a digest would list.

A letter is read in groups (`stories_leads`: lines of one paragraph), it is found where stories begin (`stories_layout`), and each run of
groups becomes a story with title, text and link (`titles`). A letter that is one article stays one story with its inner headings.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from service.newsletter.blocks import HEADING, IMAGE, KEPT, RULE, Judged
from service.newsletter.stories_layout import starts
from service.newsletter.stories_leads import Group, Sort, count, groups, same
from service.newsletter.titles import picture_of, story_of
from service.records import Block, Story, Verdict

OVER_SEVERAL = "a heading over several stories, or the letter's own name"
NO_WORDS = "no words"
DIGIT = re.compile(r"\d")
MASTHEAD = 12  # words: the longest name of a letter with its date


def split(judged: Sequence[Judged], subject: str = "") -> tuple[tuple[Block, ...], tuple[Story, ...]]:
    """Return the blocks of the letter (with the index of the story each went into) and its stories, both in reading order.

    Every kept piece is in exactly one story, or in none with the reason; pictures and rules hold no text and are no blocks.
    """
    judged = _with_title(judged, subject)
    found = groups(judged)
    runs = _runs(found, starts(found, subject))
    bare = 2 * sum(map(_only_heads, runs)) >= len(runs)
    after = [*runs[1:], None]
    told = [run for run, then in zip(runs, after, strict=False) if not _only_heads(run) or (bare and _stands_alone(run, then, judged))]
    if len(told) > 1 and _is_masthead(told[0]):
        told = told[1:]
    ends = [run[0].first for run in told[1:]] + [len(judged)]
    stories = [story_of([g for g in run if g.kept], judged, end, len(told) > 1, subject) for run, end in zip(told, ends, strict=False)]
    if not stories and (picture := picture_of(judged, subject)):
        return _blocks(judged, runs, told), (picture,)
    return _blocks(judged, runs, told), tuple(stories)


def _with_title(judged: Sequence[Judged], subject: str) -> Sequence[Judged]:
    """Return the pieces with the article's title among those kept: the heading that says what the subject says was never wrapping."""
    said = [i for i, j in enumerate(judged) if j.piece.shape is HEADING and not j.piece.hidden and same(j.piece.text, subject)]
    if not said or any(judged[i].verdict is KEPT for i in said) or judged[said[0]].verdict is not Verdict.BOILERPLATE:
        return judged
    if not any(j.verdict is KEPT for j in judged[said[0] :]):
        return judged
    title = replace(judged[said[0]], verdict=KEPT, reason="")
    return [*judged[: said[0]], title, *judged[said[0] + 1 :]]


def _runs(found: Sequence[Group], begins: Sequence[int]) -> list[list[Group]]:
    """Return the groups of each story. A heading that stands over one story alone goes with it."""
    runs: list[list[Group]] = []
    for begin, end in zip(begins, [*begins[1:], len(found)], strict=False):
        run = list(found[begin:end])
        later = found[end] if end < len(found) else None
        if runs and _only_heads(runs[-1]) and not _over_several(runs[-1], run[0], later):
            runs[-1] += run
        else:
            runs.append(run)
    return runs


def _only_heads(run: Sequence[Group]) -> bool:
    """Tell whether a run is headings without text or link."""
    return all(group.sort is Sort.HEADING for group in run)


def _is_masthead(run: Sequence[Group]) -> bool:
    """Tell whether a letter begins with its own name and number or date: a few words and a digit, no sentence and no link."""
    said = "\n".join(group.text for group in run)
    return count(said) <= MASTHEAD and bool(DIGIT.search(said)) and said[-1] not in ".!?" and not any(group.urls for group in run)


def _stands_alone(run: Sequence[Group], after: Sequence[Group] | None, judged: Sequence[Judged]) -> bool:
    """Tell whether headings without text are all there is of a story: nothing stood under them that was taken out.

    To be asked of letters that are mostly such headings; elsewhere they are no stories.
    """
    head = run[-1]
    if not head.kept or (after and not (after[0].sort is Sort.HEADING and after[0].rank <= head.rank)):
        return False
    between = judged[head.after : after[0].first if after else len(judged)]
    return not any(j.verdict in (Verdict.ADVERT, Verdict.BOILERPLATE) for j in between) or after is None


def _over_several(heads: Sequence[Group], first: Group, later: Group | None) -> bool:
    """Tell whether headings stand over more than the story that begins with `first`, `later` beginning the one after it.

    A lesser heading right over a greater one is its kicker.
    """
    head = heads[-1]
    followed = later is not None and later.kept and not (later.sort is Sort.HEADING and later.rank <= head.rank)
    if first.sort is not Sort.HEADING:
        return followed
    return any(each.rank <= first.rank for each in heads) and (followed or head.rank >= first.rank)


def _blocks(judged: Sequence[Judged], runs: Sequence[Sequence[Group]], told: Sequence[Sequence[Group]]) -> tuple[Block, ...]:
    """Return every piece that holds text as a block, those kept with the story they went into or the reason why into none."""
    index = {place: number for number, run in enumerate(told) for group in run if group.kept for place in range(group.first, group.after)}
    heads = {place for run in runs for group in run for place in range(group.first, group.after)} - index.keys()
    blocks = []
    for place, item in enumerate(judged):
        if item.piece.shape in (IMAGE, RULE) or not item.piece.text:
            continue
        kept = item.verdict is KEPT
        reason = item.reason
        if kept and place not in index:
            reason = OVER_SEVERAL if place in heads else NO_WORDS
        blocks.append(Block(item.piece.text, item.verdict, reason, index.get(place) if kept else None))
    return tuple(blocks)
