"""Small decision trees, read from `config/judge.json` and evaluated in plain Python.

A tree is a number (a leaf) or [feature, threshold, tree where the feature is at most the threshold, tree where it is more]. A feature is
a column of `features.table`; "linked-1" is that of the piece before, "linked+2" that of the second piece after. The leaves of all
trees, three splits deep at most, are added to `bias` until the sum leaves no doubt; the logistic function makes a probability of it.
Gradient boosting (Friedman 2001) grows such trees, those that say most first.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from service import bundled

SHIFTED = re.compile(r"(.+)([+-]\d)")
LEVELS = 3  # the most splits from the root of a tree to a leaf
STAGE, SETTLED = 30, 3.0  # after each stage of so many trees, a piece whose sum is so far from nought is asked no further
OUTSIDE = -1.0  # what stands for a neighbour before the first and after the last piece

Columns = Mapping[str, Sequence[float]]


class Forest:
    """Trees whose leaves add up. `data` has `bias` and `trees`. Raises KeyError, TypeError or ValueError when it is none."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.bias = float(data["bias"])
        self.features: list[str] = []
        trees = [self._node(tree, LEVELS) for tree in data["trees"]]
        self.stages = [trees[start : start + STAGE] for start in range(0, len(trees), STAGE)]

    def scores(self, columns: Columns, count: int, asked: Iterable[int]) -> dict[int, float]:
        """Return the probability, 0 to 1, of those of the `count` pieces that are asked for, by their index."""
        rows = list(zip(*(column(columns, name, count) for name in self.features), strict=True)) or [()] * count
        return {index: 1 / (1 + math.exp(-self._sum(rows[index]))) for index in asked}

    def _sum(self, row: Sequence[float]) -> float:
        """Return the sum of the leaves; the levels are written out, for this is the innermost loop of reading."""
        total = self.bias
        for trees in self.stages:
            for first, limit, less, more in trees:
                second, limit, less, more = less if row[first] <= limit else more  # noqa: PLW2901
                third, limit, less, more = less if row[second] <= limit else more  # noqa: PLW2901
                total += less if row[third] <= limit else more
            if abs(total) > SETTLED:
                break
        return total

    def _node(self, tree: float | list[Any], levels: int) -> Any:
        """Return a tree of exactly `levels` levels; a leaf that comes early is a split with the same on both sides."""
        if levels == 0:
            return float(tree)  # type: ignore[arg-type]
        name, limit, less, more = tree if isinstance(tree, list) else ("chars", 0.0, tree, tree)
        if name not in self.features:
            self.features.append(name)
        return self.features.index(name), float(limit), self._node(less, levels - 1), self._node(more, levels - 1)


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


@lru_cache(maxsize=1)
def bundled_forests() -> dict[str, Forest]:
    """Return the forests of `config/judge.json` by name, read once."""
    data = json.loads((bundled.config() / "judge.json").read_text(encoding="utf-8"))
    return {name: Forest(forest) for name, forest in data["forests"].items()}
