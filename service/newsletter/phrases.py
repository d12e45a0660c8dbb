"""What the wrapping of a newsletter says, by language: phrases are data (`config/boilerplate/*.toml`).

How a phrase is written is told in `phrasebook`, and at the top of each file. `Rules` is what reading goes by.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources.abc import Traversable

from service import bundled
from service.newsletter.forest import Learned, learned
from service.newsletter.phrasebook import Hit, Phrasebook, fold

__all__ = ["ADVERTS", "CATEGORIES", "DEFAULT_RULES", "GLUE", "WRAPPING", "Hit", "Phrasebook", "Rules", "load"]

# Category -> what a person is told. The order is the order of importance where two stand in one block.
WRAPPING = {
    "unsubscribe": "how to unsubscribe or change preferences",
    "view-online": "a link to the web version",
    "sign-up": "asks to subscribe",
    "upgrade": "asks to pay for a subscription",
    "membership": "why the reader gets this letter",
    "privacy": "privacy, cookies and terms",
    "address": "the publisher's address and legal notice",
    "share": "asks to share, follow or forward",
    "app": "asks to install an app",
    "comment": "asks to comment, rate or answer",
    "contact": "how to reach the publisher",
    "housekeeping": "about the letter itself",
    "navigation": "a navigation link",
    "button": "a button",
    "greeting": "a greeting",
    "sign-off": "a sign-off",
    "contents": "a table of contents",
    "credit": "a picture credit",
    "player": "the controls of a player",
}
ADVERTS = {
    "sponsor": "labelled as sponsored",
    "offer": "an offer for sale",
    "jobs": "job advertisements",
    "events": "events to book",
    "fundraising": "asks for a donation",
    "own-product": "the publisher's own product",
}
# What scraping glues into running text; each is cut together with what it introduces.
GLUE = {
    "form": "part of a sign-up form",
    "promo": "asks to subscribe, follow or install",
    "slot": "a place for advertising",
    "player": "the controls of a player",
    "consent": "asks to allow cookies or outside content",
    "teaser": "a link to another article",
    "picture": "the controls of a picture",
    "page": "part of the page around the article",
    "open": "the beginning of a part that is not the article",
    "close": "the end of a part that is not the article",
}
CATEGORIES = WRAPPING | ADVERTS


@dataclass(frozen=True)
class Rules:
    """What reading goes by: the phrases of the bundled files and of `folders`, read at first use, what was learned, and whom to trust.

    A file of a later folder takes the place of an earlier one of the same name. `trusted_authserv_ids` are the servers whose
    Authentication-Results are believed (RFC 8601, 2.2).
    """

    folders: tuple[Traversable, ...] = ()
    trusted_authserv_ids: tuple[str, ...] = ()

    @cached_property
    def books(self) -> tuple[Phrasebook, Phrasebook, frozenset[str]]:
        """The phrases of wrapping and adverts, those of glue, the sentence starts. Raises ValueError naming file, key and fix."""
        files = {f.name: f for folder in (bundled.config() / "boilerplate", *self.folders) for f in _files(folder)}
        return _compile(tuple(sorted(files.items())))

    @property
    def learned(self) -> Learned:
        """The weights of words, and the trees."""
        return learned()

    def find(self, text: str) -> list[Hit]:
        """Return the phrases of wrapping and adverts that stand in a block, with their places."""
        return self.books[0].find(text)

    def match(self, text: str) -> frozenset[str]:
        """Return the categories (keys of WRAPPING and ADVERTS) whose phrases stand in a block of text."""
        return frozenset(self.books[0].said(text))

    def glue(self, text: str) -> list[Hit]:
        """Return the phrases of glue (keys of GLUE) that stand in running text, with their places."""
        return self.books[1].find(text)

    @property
    def starters(self) -> frozenset[str]:
        """Small common words, folded, that begin a sentence where they have a capital letter."""
        return self.books[2]

    def __reduce__(self) -> tuple[type[Rules], tuple[object, ...]]:
        """Travel to another process as folders, to be read there."""
        return Rules, (self.folders, self.trusted_authserv_ids)


DEFAULT_RULES = Rules()


def load(*folders: Traversable, trusted_authserv_ids: tuple[str, ...] = ()) -> Rules:
    """Return the rules with an operator's folders of phrases, read at once. Raises ValueError naming file, key and fix."""
    rules = Rules(folders, trusted_authserv_ids)
    rules.books  # noqa: B018 (reads and checks the files)
    return rules


def _files(folder: Traversable) -> list[Traversable]:
    """Return the phrase files of a folder; none where it is not there."""
    return [f for f in folder.iterdir() if f.name.endswith(".toml")] if folder.is_dir() else []


@lru_cache(maxsize=4)
def _compile(files: tuple[tuple[str, Traversable], ...]) -> tuple[Phrasebook, Phrasebook, frozenset[str]]:
    """Return the phrasebooks and the sentence starts of the files."""
    wrapping, glue = Phrasebook(), Phrasebook()
    starters: set[str] = set()
    for _, file in files:
        try:
            tables = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ValueError(f"{file}: not TOML in UTF-8: {error}") from error
        inline = tables.pop("glue", {})
        if isinstance(inline, dict):
            starters |= {fold(word) for word in str(inline.pop("starters", "")).split()}
        _add(wrapping, tables, CATEGORIES, f"{file}")
        _add(glue, inline, GLUE, f"{file} [glue]")
    return wrapping, glue, frozenset(starters)


def _add(book: Phrasebook, table: object, known: dict[str, str], place: str) -> None:
    """Add a table of category -> phrases."""
    if not isinstance(table, dict):
        raise ValueError(f"{place}: must be a table of category = [phrases]")  # noqa: TRY004 (one error for the whole file)
    for category, phrases in table.items():
        if category not in known:
            raise ValueError(f"{place}: unknown key {category!r}; use one of: {', '.join(known)}")
        if not isinstance(phrases, list) or not all(isinstance(p, str) for p in phrases):
            raise ValueError(f"{place}: {category} must be a list of phrases in quotes")
        for phrase in phrases:
            try:
                book.add(phrase, category)
            except ValueError as error:
                raise ValueError(f"{place}: {category}: {phrase!r}: {error}") from error
