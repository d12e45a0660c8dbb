"""Trees read from JSON and evaluated in plain Python."""

from __future__ import annotations

import json
import math

import pytest

from service.newsletter.forest import OUTSIDE, SETTLED, STAGE, Forest, column, learned


def test_leaves_add_up() -> None:
    """The logistic function of the bias and one leaf a tree."""
    forest = Forest({"bias": 0.5, "trees": [["chars", 2, -1, 1], 0.25]})
    assert forest.scores({"chars": [1.0, 3.0]}, 2, [0, 1]) == pytest.approx({0: 1 / (1 + math.exp(0.25)), 1: 1 / (1 + math.exp(-1.75))})


def test_only_what_is_asked_for_is_answered() -> None:
    """The trees are not asked about what is known without them."""
    assert Forest({"bias": 0, "trees": []}).scores({}, 5, [3]) == {3: 0.5}


def test_a_tree_of_more_levels_is_refused() -> None:
    """It would be cut off without a word."""
    deep = ["chars", 1, ["chars", 2, ["chars", 3, ["chars", 4, 0, 1], 0], 0], 0]
    with pytest.raises(TypeError):
        Forest({"bias": 0, "trees": [deep]})


NAUGHTY = "0; made.clear() #"


@pytest.mark.parametrize(
    "data", [{"bias": NAUGHTY, "trees": []}, {"bias": 0, "trees": [NAUGHTY]}, {"bias": 0, "trees": [["a", NAUGHTY, 0, 1]]}]
)
def test_what_is_no_number_is_refused(data: dict[str, object]) -> None:
    """A function is made of the trees: nothing of the file but numbers gets into it."""
    with pytest.raises(ValueError, match="float"):
        Forest(data)


@pytest.mark.parametrize("odd", ["NaN", "Infinity", "-Infinity"])
def test_what_json_calls_a_number_is_refused(odd: str) -> None:
    """In Python it would be a name."""
    with pytest.raises(ValueError, match="not a number"):
        Forest(json.loads(f'{{"bias": 0, "trees": [["a", {odd}, 0, 1]]}}'))


def test_the_name_of_a_feature_is_a_name_only() -> None:
    """It stands in the function as a place in a row."""
    name = "f0 if made.clear() else f0"
    assert Forest({"bias": 0, "trees": [[name, 1, -1, 1]]}).scores({name: [2.0]}, 1, [0]) == pytest.approx({0: 1 / (1 + math.exp(-1))})


def test_a_feature_of_a_neighbour_is_the_column_moved() -> None:
    """What is beyond the letter's ends has a value of its own."""
    assert column({"linked": [1.0, 2.0, 3.0]}, "linked-1", 3) == [OUTSIDE, 1.0, 2.0]
    assert column({"linked": [1.0, 2.0, 3.0]}, "linked+2", 3) == [3.0, OUTSIDE, OUTSIDE]


def test_a_letter_shorter_than_the_shift() -> None:
    """A single piece has no neighbours."""
    assert column({"linked": [1.0]}, "linked+2", 1) == [OUTSIDE]


def test_what_was_learned_is_read() -> None:
    """The two that judging asks."""
    assert learned().forests.keys() == {"wrapping", "advert"}


def test_a_settled_piece_is_asked_of_no_more_trees() -> None:
    """What comes after a stage that leaves no doubt is not added; a piece in doubt gets all of it."""
    kept, dropped = SETTLED[0] - 1, SETTLED[1] + 1
    settling: list[object] = [["chars", 2, ["chars", 1, kept / STAGE, 0], dropped / STAGE]] * STAGE
    forest = Forest({"bias": 0, "trees": [*settling, -1]})
    assert forest.scores({"chars": [1.0, 2.0, 3.0]}, 3, [0, 1, 2]) == pytest.approx(
        {index: 1 / (1 + math.exp(-total)) for index, total in enumerate((kept, -1, dropped))}
    )
