"""Small decision trees, read from `config/judge.json` and made into one Python function.

A tree is a number (a leaf) or [feature, threshold, tree where the feature is at most the threshold, tree where it is more]. A feature is
a column of `features.table`; "linked-1" is that of the piece before, "linked+2" that of the second piece after. The leaves of all
trees, three splits deep at most, are added to `bias` until the sum leaves no doubt; the logistic function makes a probability of it.
Gradient boosting (Friedman 2001) grows such trees, those that say most first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from math import exp, isfinite
from typing import Any, NamedTuple

from service import bundled

SHIFTED = re.compile(r"(.+)([+-]\d)")
LEVELS = 3  # the most splits from the root of a tree to a leaf
STAGE, SETTLED = 30, (-3.0, 2.0)  # after each stage of so many trees, a piece whose sum lies outside of these is asked no further
OUTSIDE = -1.0  # what stands for a neighbour before the first and after the last piece

Columns = Mapping[str, Sequence[float]]


class Forest:
    """Trees whose leaves add up. `data` has `bias` and `trees`. Raises KeyError, TypeError or ValueError when it is none."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.features: dict[str, int] = {}  # each with its place in a row
        written = list(self._lines(data["bias"], data["trees"]))
        made: dict[str, Callable[..., float]] = {}
        row = ", ".join(f"f{place}" for place in self.features.values())
        exec("\n".join([f"def total({row}):", *written]), made)  # noqa: S102 (numbers and places alone: nothing of the file is run)
        self._total = made["total"]

    def scores(self, columns: Columns, count: int, asked: Iterable[int]) -> dict[int, float]:
        """Return the probability, 0 to 1, of those of the `count` pieces that are asked for, by their index."""
        rows = list(zip(*[columns.get(name) or column(columns, name, count) for name in self.features], strict=True)) or [()] * count
        return {index: 1 / (1 + exp(-self._total(*rows[index]))) for index in asked}

    def _lines(self, bias: object, trees: Sequence[Any]) -> Iterator[str]:
        """Yield the lines of a function that adds up the leaves for a row of features: thrice as fast as going through lists."""
        yield f" t = {_number(bias)}"
        for number, tree in enumerate(trees):
            if number and number % STAGE == 0:
                yield f" if not {SETTLED[0]} <= t <= {SETTLED[1]}: return t"
            yield f" t += {self._leaf(tree, LEVELS)}"
        yield " return t"

    def _leaf(self, tree: Any, levels: int) -> str:
        """Return the expression that finds a tree's leaf."""
        if levels == 0 or not isinstance(tree, list):
            return _number(tree)
        name, limit, less, more = tree
        place = self.features.setdefault(name, len(self.features))
        return f"({self._leaf(less, levels - 1)} if f{place} <= {_number(limit)} else {self._leaf(more, levels - 1)})"


def _number(value: Any) -> str:
    """Return a number as Python reads it. Raises TypeError or ValueError for anything else, infinity too: that would be a name."""
    if not isfinite(number := float(value)):
        raise ValueError(f"not a number: {value!r}")
    return repr(number)


def column(columns: Columns, name: str, count: int) -> Sequence[float]:
    """Return a feature of every piece; one of a neighbour is the column moved by as many places."""
    plain, shift = _shifted(name)
    values = columns[plain]
    if not shift:
        return values
    edge = [OUTSIDE] * min(abs(shift), count)
    return [*edge, *values[: count - len(edge)]] if shift < 0 else [*values[len(edge) :], *edge]


@lru_cache(maxsize=1024)
def _shifted(name: str) -> tuple[str, int]:
    """Return a feature's column, and by how many places it is moved."""
    found = SHIFTED.fullmatch(name)
    return (found[1], int(found[2])) if found else (name, 0)


class Learned(NamedTuple):
    """What training leaves: the weights of words (see `features.table`), and the forests by name."""

    words: Mapping[str, float]
    forests: Mapping[str, Forest]


@lru_cache(maxsize=1)
def learned() -> Learned:
    """Return what `config/judge.json` holds, read once."""
    data = json.loads((bundled.config() / "judge.json").read_text(encoding="utf-8"))
    return Learned(data["words"], {name: Forest(forest) for name, forest in data["forests"].items()})
