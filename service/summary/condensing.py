"""From a text to the sentences that stand for it, each with its place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sumy.models.dom import Sentence as SumySentence

from service.records import Sentence
from service.summary import fitness, languages, methods
from service.summary.sentences import spans

# A longer "sentence" is a table, a list without marks, or code. It is not chosen while there are others; alone, it is cut after a word.
LONGEST = 500
# More sentences than this nobody asks for.
MOST = 100
# A text of no more words than this for each sentence asked for is shown as it is.
SHORT = 25
_LAST_WORDS = re.compile(r"(?<=[.…!?])[\s\[(<»›→]*([^.…!?]{4,30}?)[\s.!…\])>»›→]*$")
TAIL = 50  # characters: where a call to click stands that runs on from a sentence («... their homes...READ MORE»)
LABELLED = 25  # characters: less after «Title —» is no sentence
_LABEL = re.compile(r"\s*(?:[—–|:]|-\s)\s*")
_ITEM = re.compile(
    r"(?:(?:[•‣⁃◦▪▫●○■□➤►▶→➜✓✔✅❖◆◇]\ufe0f?\s*|[*»>#|:+–—-]+\s+|-(?=[^\W\d_]))(?=\S)){1,2}"  # a bullet, or a typed one in a list
    r"|\(?\d{1,3}[.):]\s+(?=[^\W\d_])"  # a number
)


class _Words:
    """What sumy calls a tokenizer, without NLTK's data."""

    @staticmethod
    def to_words(text: str) -> tuple[str, ...]:
        return tuple(languages.words(text))


class Placed(SumySentence):  # type: ignore[misc]
    """A sentence of sumy's document model that knows where it stands."""

    __slots__ = ("begins_line", "place", "read")

    def __init__(self, text: str, place: int, begins_line: bool) -> None:
        super().__init__(text, _Words)
        self.place = place
        self.begins_line = begins_line
        self.read: tuple[str, ...] = tuple(languages.words(text))

    @property
    def words(self) -> tuple[str, ...]:
        """The sentence's words, as sumy's methods ask for them."""
        return self.read


def condense(text: str, title: str, language: str, count: int, method: str) -> tuple[tuple[Sentence, ...], str]:
    """Return at most `count` sentences of a text, in order, and a note where another method stood in or the text was cut."""
    sentences = [_placed(text, start, end, title) for start, end in spans(text, language)]
    if count < 1 or not sentences:
        return (), ""
    named = frozenset(languages.words(title))
    shown = _shown_as_it_is(sentences, named, count)
    if shown:
        return tuple(_record(one) for one in shown), ""
    chosen, note = methods.choose(method, sentences, min(count, MOST), _fit(sentences, named), language)
    return tuple(_record(one) for one in chosen), note


def _placed(text: str, start: int, end: int, title: str) -> Placed:
    """Return a sentence without the mark of the list item that it begins, and without the title in front («Title — sentence»)."""
    before = text[max(0, start - 20) : start].rstrip(" \t")
    begins_line = not before or before[-1] in "\r\n"
    mark = _ITEM.match(text, start, end) if begins_line else None
    start = mark.end() if mark else start
    if title and text.startswith(title, start):
        label = _LABEL.match(text, start + len(title), end)
        start = label.end() if label and end - label.end() > LABELLED else start
    return Placed(" ".join(text[start : _without_call(text, start, end)].split()), start, begins_line)


def _without_call(text: str, start: int, end: int) -> int:
    """Return where a sentence ends without the call to click that runs on from it; `end` where there is none, or little else."""
    tail = max(start, end - TAIL)
    last = _LAST_WORDS.search(text, tail, end)
    calls = last is not None and " ".join(languages.words(last[1])) in languages.beckoning()
    return last.start() if last and calls and last.start() - start > LABELLED else end


def _shown_as_it_is(sentences: Sequence[Placed], title: frozenset[str], count: int) -> Sequence[Placed]:
    """Return the sentences of a text that is as short as its summary, calls to click left out; none for a longer text."""
    if len(sentences) > 3 * count:  # no use looking closer
        return ()
    worth = [
        one for one in sentences if not fitness.is_furniture(str(one), one.words) and not fitness.repeats(one.words, title)
    ] or sentences
    short = sum(len(one.words) for one in worth) <= SHORT * count and all(len(str(one)) <= LONGEST for one in worth)
    return worth if short and len(worth) <= count else ()


def _fit(sentences: Sequence[Placed], title: frozenset[str]) -> list[bool]:
    """Mark the sentences that may be chosen, by the strictest rule that leaves any; each text once."""
    for rule in (_stands_alone, _is_text, _is_short):
        seen: set[str] = set()
        fit = []
        for one in sentences:
            text = str(one)
            fit.append(text not in seen and rule(one) and not fitness.repeats(one.words, title))
            seen.add(text)
        if any(fit):
            return fit
    return [True] * len(sentences)


def _is_short(one: Placed) -> bool:
    return len(str(one)) <= LONGEST


def _is_text(one: Placed) -> bool:
    return _is_short(one) and len(one.words) > 2 and not fitness.is_furniture(str(one), one.words)


def _stands_alone(one: Placed) -> bool:
    return _is_short(one) and fitness.stands_alone(str(one), one.words, one.begins_line)


def _record(one: Placed) -> Sentence:
    text = str(one)
    if len(text) > LONGEST:
        text = text[:LONGEST].rpartition(" ")[0] or text[:LONGEST]
    return Sentence(text, one.place)
