"""The rules of a letter's <style> sheets that have simple selectors (`td`, `.name`, `td.name`, `#name`) and stand outside of @media."""

from __future__ import annotations

import re
from functools import cached_property

from service.newsletter.style import Declarations, declarations

COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
SIMPLE = re.compile(r"([a-z][a-z0-9]{0,9})?(?:([.#])([\w-]{1,60}))?")
SHEET_LIMIT = 200_000
RULES_LIMIT = 3_000


class Sheet:
    """The simple rules of a letter's <style> sheets, and the names whose background we can't know."""

    def __init__(self, css: str) -> None:
        self.rules: dict[str, dict[str, str]] = {}
        self.painted: set[str] = set()
        for selectors, body in _top_rules(css):
            if known := declarations(body):
                for selector in selectors.split(",")[:50]:
                    self._add(selector.strip().lower(), known)

    def _add(self, selector: str, known: Declarations) -> None:
        simple = SIMPLE.fullmatch(selector)
        if simple and selector:
            self.rules.setdefault(selector, {}).update(known)
        elif "background" in known or "background-color" in known:
            self.painted.add(re.split(r"[\s>+~]", selector)[-1].partition(":")[0])

    @cached_property
    def attributes(self) -> frozenset[str]:
        """The attributes that decide, besides the old ones, how an element looks in this letter."""
        selectors = "".join((*self.rules, *self.painted))
        return frozenset(name for sign, name in ((".", "class"), ("#", "id")) if sign in selectors)

    def of(self, tag: str, classes: str, identity: str) -> dict[str, str]:
        """Return what the sheets say of an element, weakest selector first."""
        if not (self.rules or self.painted):
            return {}
        names = [tag, *(f".{name}" for name in classes.split()[:20])]
        names += [tag + name for name in names[1:]]
        names += [f"#{identity}", f"{tag}#{identity}"] if identity else []
        found: dict[str, str] = {}
        for name in names:
            found.update(self.rules.get(name, {}))
            if name in self.painted:
                found["background"] = "url(unknown)"
        return found


def _top_rules(css: str) -> list[tuple[str, str]]:
    """Return (selectors, body) of the rules that stand outside of every @ block."""
    rules: list[tuple[str, str]] = []
    depth = 0
    css = COMMENT.sub("", css[:SHEET_LIMIT].replace("<!--", "").replace("-->", ""))
    for part in css.split("}")[:-1]:
        *opened, body = part.split("{")
        if depth == 0 and len(opened) == 1 and len(rules) < RULES_LIMIT:
            selectors = opened[0].rpartition(";")[2]
            if "@" not in selectors:
                rules.append((selectors, body))
        depth = max(0, depth + len(opened) - 1)
    return rules
