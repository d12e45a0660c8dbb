"""An operator's templates are tried out whole before a reader gets a digest made with them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.digest import default, trial
from service.digest.wording import words


def test_our_own_templates_have_no_faults() -> None:
    """In every language."""
    assert trial.faults(default()) == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"html": "<p>\n{{ nosuch }}"}, "digest.html: line 2: 'nosuch' is undefined"),
        ({"html": "{% if %}"}, "digest.html: line 1: Expected an expression"),
        ({"text": "{% if notices %}{{ notices[0].nosuch }}{% endif %}"}, "digest.txt: line 1: "),
        ({"text": "{% for s in sections %}{{ 1 // 0 }}{% endfor %}"}, "digest.txt: line 1: "),
        ({"words": "nonsense"}, "words.toml: "),
        ({"words": '[en]\nmore = "{m} more"'}, "words.toml: there is no 'm'"),
        ({"words": '[en]\nmonths = ["January"]'}, "words.toml: weekdays are seven, months twelve"),
    ],
)
def test_a_mistake_is_named_with_its_file(changes: dict[str, str], said: str) -> None:
    """Also one that only a digest with notices, or with letters, would meet."""
    (fault,) = trial.faults(replace(default(), **changes))

    assert fault.startswith(said)


def test_an_operator_says_some_words_in_their_own_way() -> None:
    """What their file does not say is said as ever; a language that we lack may be added."""
    own = '[en]\noriginal = "To the article"\n[et]\nletter = "Ava kiri"'

    assert (words(own, "en").original, words(own, "en").letter) == ("To the article", words(default().words, "en").letter)
    assert (words(own, "et").letter, words(own, "et").language) == ("Ava kiri", "et")
    assert words(own, "de").original == words(default().words, "de").original
