"""Sets a manuscript as the HTML that a mailing platform would make of it: what nests in what."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby

from benchmarks.manuscripts import CLOSE, LINK, OPEN, RULE, Manuscript, Scrap
from benchmarks.press_elements import HEADS, LISTS, Elements
from benchmarks.press_looks import Frame, Look

LEADING = ("preheader", "view", "nav", "logo", "date", "social", "small", "image", RULE)
CLOSING = ("footer", "small", "social", "nav", "view", RULE)
OWN_SECTION = ("image", "button", RULE)
COMPANION = ("byline", "caption", "meta", "image")
BUILDER = ("module", "column", "row")  # what drag-and-drop builders put around a block
PADDING = ("&zwnj;&nbsp;", "&#847;&zwnj;&nbsp;", "&#8199;&#65279;&#847;", "&nbsp;")
SEVERAL, LONGEST_CARD, LONGEST_COLUMN = 2, 8, 5  # scraps

Group = tuple[str, list[Scrap]]


def page(manuscript: Manuscript, look: Look, rng: random.Random) -> str:
    """Return the letter's HTML: every visible word of the manuscript, in order."""
    return _Setter(manuscript, look, rng).page()


def _narrow(group: Group) -> bool:
    """Tell whether a card may stand beside another."""
    return group[0] == "story" and len(group[1]) <= LONGEST_COLUMN


class _Setter(Elements):
    """Sets one letter."""

    def page(self) -> str:
        hidden = [scrap for scrap in self.manuscript.scraps if scrap.role == "preheader"]
        seen = list(self._ruled(scrap for scrap in self.manuscript.scraps if scrap.role != "preheader"))
        first, last = self._zones(seen) if self.look.zoned else (0, len(seen))
        frame = self.look.frame
        zones = ((frame.head, seen[:first]), (frame.main, seen[first:last]), (frame.foot, seen[last:]))
        inside = "\n".join(self.look.fill(zone, self._sections(scraps)) for zone, scraps in zones if scraps)
        body = f"{self._hidden(hidden)}{self.look.fill(frame.page, inside)}{self._pixel()}"
        return f"{self._top()}{body}</body></html>"

    def _ruled(self, scraps: Iterable[Scrap]) -> Iterator[Scrap]:
        before = Scrap(RULE)
        for scrap in scraps:
            if self.look.ruled and scrap in self.titles and before.role not in (RULE, OPEN, "label", "image"):
                yield Scrap(RULE)
            yield scrap
            before = scrap

    def _top(self) -> str:
        look, title = self.look, escape(self.manuscript.headers.get("subject", ""))
        if look.family == "word":
            kind = '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta name=Generator content="Microsoft Word 15">'
            return f'{kind}<style>p.MsoNormal {{margin:0cm;font-size:11.0pt}}</style></head><body lang=EN-US link="#0563C1">'
        sheet = f"<style>{self.sheet()}</style>" if look.styling == "sheet" else ""
        start = "<!DOCTYPE html><html>" if look.family != "tables" else "<HTML>"
        ground = "" if look.styling == "none" else f' bgcolor="{look.palette.page}"'
        return f'{start}<head><meta charset="utf-8"><title>{title}</title>{sheet}</head><body{ground}>'

    def _hidden(self, scraps: Sequence[Scrap]) -> str:
        padding = self.rng.choice(PADDING) * self.rng.choice((0, 30, 90))
        style = self.rng.choice(("display:none;max-height:0;overflow:hidden", "display:none;font-size:1px;color:#ffffff;line-height:1px"))
        texts = [escape(LINK.sub(r"\1", scrap.text)) for scrap in scraps]
        return "".join(f'<div style="{style}">{text}{padding}</div>' for text in texts)

    def _pixel(self) -> str:
        return (
            f'<img src="https://open.{self.host}/o/{self.token()}.gif" width="1" height="1" alt="">' if self.look.links != "plain" else ""
        )

    def _zones(self, scraps: Sequence[Scrap]) -> tuple[int, int]:
        first = next((i for i, scrap in enumerate(scraps) if scrap.role not in LEADING), 0)
        last = next((i for i in range(len(scraps), first, -1) if scraps[i - 1].role not in CLOSING), first)
        return first, last

    def _sections(self, scraps: Sequence[Scrap]) -> str:
        groups, sections, place = list(self._groups(scraps)), [], 0
        while place < len(groups):
            kind, inside = groups[place]
            if kind == "flow":
                sections += [self._section(list(self.elements(chunk))) for chunk in self._chunks(inside)]
            elif self.look.columns and all(_narrow(group) for group in groups[place : place + 2]) and place + 1 < len(groups):
                place += 1
                sections.append(self._section([self._columns(inside, groups[place][1])]))
            else:
                sections.append(self._section([self._card(kind, inside)]))
            place += 1
        return "\n".join(sections)

    def _groups(self, scraps: Sequence[Scrap]) -> Iterator[Group]:
        keyed: list[tuple[str, Scrap]] = []
        depth = cards = 0
        key = "flow"
        for scrap in scraps:
            depth += (scrap.role == OPEN) - (scrap.role == CLOSE)
            cards += scrap.role == OPEN
            if scrap.role not in (OPEN, CLOSE):
                key = f"card {cards}" if depth > 0 else self._key(scrap, key)
                keyed.append((key, scrap))
        for key, run in groupby(keyed, key=lambda one: one[0]):
            held = [scrap for _, scrap in run]
            kind = key.partition(" ")[0]
            alone = not SEVERAL <= len(held) <= LONGEST_CARD or all(scrap.role in LISTS for scrap in held)
            yield ("flow" if kind != "card" and alone else kind), held

    def _key(self, scrap: Scrap, before: str) -> str:
        """Return which card a scrap that is in none stands in: sponsors and stories may have cards of their own."""
        if scrap.label == "A" and self.look.adverts and scrap.role != RULE:
            return "advert"
        follows = scrap.role == "button" or (scrap.label == "?" and scrap.role in COMPANION)
        if self.look.stories and scrap.label != "A" and (scrap.story or (follows and before.startswith("story"))):
            return f"story {scrap.story}" if scrap.story else before
        return "flow"

    def _chunks(self, scraps: Sequence[Scrap]) -> Iterator[list[Scrap]]:
        chunk: list[Scrap] = []
        for scrap in scraps:
            apart = scrap.role in OWN_SECTION or (scrap.role in HEADS and self.rng.random() < 0.4)
            if chunk and (apart or chunk[-1].role in OWN_SECTION) and self.look.frame.section != "$all":
                yield chunk
                chunk = []
            chunk.append(scrap)
        if chunk:
            yield chunk

    def _section(self, elements: Sequence[str]) -> str:
        frame = self.look.frame
        blocks = elements if frame.cell != Frame().cell else ["\n".join(elements)]
        return self.look.fill(frame.section, "\n".join(self.look.fill(frame.cell, self._nested(block)) for block in blocks))

    def _nested(self, block: str) -> str:
        for name in BUILDER[: self.look.nest]:
            cell = f'<td class="{name}-content" style="padding:0">{block}</td>'
            block = (
                f'<table width="100%" border="0" cellspacing="0" role="presentation" class="{name}"><tbody><tr>{cell}</tr></tbody></table>'
            )
        return block

    def _card(self, kind: str, scraps: Sequence[Scrap]) -> str:
        inside = "\n".join(self.elements(scraps))
        colours, box = self.look.palette, self.look.box
        ground = colours.ground if kind == "story" else colours.tint
        if box == "table":
            style = f"padding:{self.rng.choice((12, 16, 20))}px;border:1px solid {colours.pale if kind == 'story' else colours.accent}"
            return f'<table width="100%" cellspacing="0" bgcolor="{ground}" class="card"><tr><td style="{style}">{inside}</td></tr></table>'
        if box == "div":
            return (
                f'<div class="{kind}-block" style="background-color:{ground};padding:16px;border-radius:6px;margin:16px 0">{inside}</div>'
            )
        if box == "rules":
            return f"{self.rule()}{inside}{self.rule()}"
        return f"<blockquote>{inside}</blockquote>" if box == "quote" else inside

    def _columns(self, left: Sequence[Scrap], right: Sequence[Scrap]) -> str:
        cells = "".join(f'<td width="50%" valign="top" style="padding:8px">{self._card("story", scraps)}</td>' for scraps in (left, right))
        return f'<table width="100%" role="presentation"><tr>{cells}</tr></table>'
