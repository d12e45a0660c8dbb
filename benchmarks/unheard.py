"""The phrases as if a publisher's letters had never been looked at: without those that no other publisher says.

Phrases were gathered by reading letters, so that the letters that were read are easier than those to come.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from service.newsletter import Rules
from service.newsletter.features import DIVIDER
from service.newsletter.forest import Learned
from service.newsletter.phrasebook import Hit, Phrasebook

FOLDER = Path(__file__).parent.parent / "config" / "boilerplate"


@dataclass(frozen=True)
class Fewer(Rules):
    """The bundled phrases of wrapping and adverts without some, each written as its category and itself on two lines.

    `taught` stands for what the product has learned.
    """

    without: frozenset[str] = frozenset()
    taught: Learned | None = None

    @property
    def learned(self) -> Learned:
        """The weights of words, and the trees."""
        return self.taught or super().learned

    def find(self, text: str) -> list[Hit]:
        """Return the phrases that stand in a block; of those of one category and start the longest."""
        known = [hit for hit in each_phrase().find(text) if hit.category not in self.without]
        named = [hit._replace(category=hit.category.partition("\n")[0]) for hit in known]
        longest = {(hit.start, hit.category): hit for hit in sorted(named, key=lambda hit: hit.end)}
        return sorted(longest.values(), key=lambda hit: hit.start)


@lru_cache(maxsize=1)
def each_phrase() -> Phrasebook:
    """Return the bundled phrases, each a category of its own."""
    book = Phrasebook()
    for file in sorted(FOLDER.glob("*.toml")):
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
        for category, phrases in tables.items():
            for phrase in phrases if category != "glue" else ():
                book.add(phrase, f"{category}\n{phrase}")
    return book


def said(text: str) -> set[str]:
    """Return the phrases in a text and in the parts of a row, as `Fewer` writes them."""
    return {hit.category for part in (text, *DIVIDER.split(text)) for hit in each_phrase().find(part)}


def unheard(letters: Iterable[tuple[str, Iterable[str]]]) -> dict[str, Fewer]:
    """Return the rules of each publisher, without the phrases that its letters alone say. `letters` are publishers and texts."""
    who: dict[str, set[str]] = defaultdict(set)
    publishers = set()
    for publisher, texts in letters:
        publishers.add(publisher)
        for phrase in set().union(*map(said, texts)):
            who[phrase].add(publisher)
    return {one: Fewer(without=frozenset(phrase for phrase, found in who.items() if found == {one})) for one in publishers}
