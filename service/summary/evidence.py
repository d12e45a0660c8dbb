"""What of a model's answer is believed: a sentence stands only where the story bears it out.

A sentence is refused, each for a reason that can be told, when it holds a link, a number, a date, a name or a quotation that the story
does not; when it denies what the story does not deny, or the other way round; when it is in another language or script; when too few
of its words are the story's. The checks compare words, they do not understand: what is refused wrongly costs a sentence, and the
extractive summary stands in; what is believed wrongly costs a reader's trust. So they are strict.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from service.records import Story
from service.summary import languages, quantities
from service.summary.fitness import is_furniture
from service.summary.sentences import spans

# The share of a sentence's words that must stand in the story, and in the few sentences of it that bear it out best.
IN_STORY = 0.75
IN_STORY_WITHOUT_CAPITALS = 0.95
IN_SUPPORT = 0.6
SUPPORT = 3
LONGEST = 500
_LINK = re.compile(
    r"(?:https?://|www\.)\S{1,2000}|\S{1,64}@\S{1,255}|[@#]\w+|\b[\w-]{1,63}(?:\.[\w-]{1,63}){0,6}\.(?:com|org|net|io|ai|co|de|eu|uk|info|app|dev)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"[^\W\d_][\w'’.&-]*")
_QUOTATION = re.compile(r"[\"“„«]([^\"”“»]{3,500})[\"”“»]")
_ALWAYS_CAPITAL = frozenset({"i", "i'm", "i've", "i'll", "i'd"})


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of a sentence: `start` is the place in the story of what bears it out best; `reason` says why it is refused."""

    start: int
    reason: str = ""


class Evidence:
    """A story, prepared for checking sentences against it."""

    def __init__(self, story: Story) -> None:
        self._language = story.language or ""
        whole = f"{story.title or ''}\n{story.text}"
        self._stem = languages.stemmer(self._language)
        self._stops = languages.stop_words(self._language)
        self._whole = whole
        self._flat = _flat(whole)
        places = spans(story.text, self._language)
        texts = [story.text[start:end] for start, end in places]
        self._places = [start for start, _ in places] or [0]
        self._said = [self._stems(languages.words(text)) for text in texts]
        self._vocabulary = frozenset().union(self._stems(languages.words(whole)), *self._said)
        self._raw = frozenset(languages.words(whole))
        self._quantities = [quantities.of(one, self._language) for one in (story.title or "", *texts)]
        self._counted: dict[str, set[quantities.Quantity]] = {}
        for found in quantities.places(whole, self._language):
            self._counted.setdefault(self._next_word(whole, found), set()).add(found.quantity)
        self._links = frozenset(link.casefold().rstrip(".,)") for link in _LINK.findall(whole))
        self._scripts = _scripts(whole)

    def judge(self, sentence: str) -> Finding:
        """Return where the story bears a sentence out, or why it is refused."""
        words = languages.words(sentence)
        content = frozenset(self._content(words))
        best = self._support(content)
        reason = (
            self._form(sentence, words)
            or self._foreign(sentence, words)
            or self._invented(sentence)
            or self._unsupported(sentence, content, best)
            or self._turned(words, content, best)
        )
        return Finding(self._places[best[0]] if best else 0, reason)

    def _form(self, sentence: str, words: Sequence[str]) -> str:
        if len(words) < 3 or len(sentence) > LONGEST:
            return "too short or too long"
        return "a call to click" if is_furniture(sentence, words) else ""

    def _foreign(self, sentence: str, words: Sequence[str]) -> str:
        if not _scripts(sentence) <= self._scripts:
            return "another script"
        hits = {code: sum(word in languages.stop_words(code) for word in words) for code in languages.known()} if self._stops else {}
        own = sum(word in self._stops for word in words)
        return "another language" if own < 0.6 * max(hits.values(), default=0) and max(hits.values(), default=0) > 2 else ""

    def _invented(self, sentence: str) -> str:
        if {link.casefold().rstrip(".,)") for link in _LINK.findall(sentence)} - self._links:
            return "a link that is not the story's"
        if not all(self._counts(sentence, found) for found in quantities.places(sentence, self._language)):
            return "a number that is not said there"
        if set(languages.words(sentence)) & languages.dates(self._language) - self._raw:
            return "a date that is not the story's"
        if any(not self._names(name) for name in _names(sentence)):
            return "a name that is not the story's"
        return "a quotation that is not the story's" if any(_flat(one) not in self._flat for one in _QUOTATION.findall(sentence)) else ""

    def _counts(self, sentence: str, found: quantities.Found) -> bool:
        """Whether the story says the quantity, of the same thing, in a sentence that holds one of the words next to it; or its title."""
        counted = self._counted.get(self._next_word(sentence, found), set())
        if counted and not quantities.borne_out({found.quantity}, counted):
            return False
        before = self._content(word for word in languages.words(sentence[: found.start]) if word.isalpha())[-1:]
        beside = {*before, self._next_word(sentence, found)} - {""}
        for said, told in zip(self._said, self._quantities[1:], strict=True):
            if quantities.borne_out({found.quantity}, told) and (not beside or beside & said):
                return True
        return quantities.borne_out({found.quantity}, self._quantities[0])

    def _next_word(self, text: str, found: quantities.Found) -> str:
        """Return the word that a quantity counts, most likely: the next one that says something."""
        following = languages.words(text[found.end : found.end + 60])
        return next(iter(self._content(word for word in following if word.isalpha())), "")

    def _names(self, name: str) -> bool:
        """Whether a capitalised word is the story's, or no name: a common word at a beginning, a number's (checked as such)."""
        return name in self._whole or all(self._is_common(word) for word in languages.words(name))

    def _is_common(self, word: str) -> bool:
        known = word in self._raw or word in self._stops or self._stem(word) in self._vocabulary
        return known or quantities.is_numeral(word, self._language)

    def _unsupported(self, sentence: str, content: frozenset[str], best: Sequence[int]) -> str:
        if not content:
            return "says nothing"
        # Scripts without capitals do not show which words are names: there nearly every word must be the story's.
        share = IN_STORY if sentence.lower() != sentence.upper() else IN_STORY_WITHOUT_CAPITALS
        if len(content & self._vocabulary) < share * len(content):
            return "words that are not the story's"
        near = frozenset().union(*(self._said[number] for number in best))
        return "nothing in the story bears it out" if len(content & near) < IN_SUPPORT * len(content) else ""

    def _turned(self, words: Sequence[str], content: frozenset[str], best: Sequence[int]) -> str:
        """Refuse a denial where nothing that bears the sentence out denies, and a claim where what bears it out most denies."""
        denials = languages.denials(self._language)
        denied = [bool(denials & self._said[number]) for number in best]
        denies = not denials.isdisjoint(words)
        turned = not any(denied) if denies else any(denied[:1]) and len(content & self._said[best[0]]) >= 0.7 * len(content)
        return "says the contrary" if turned else ""

    def _support(self, content: frozenset[str]) -> list[int]:
        """Return the numbers of the story's sentences that share most with the sentence, each for what those before it lack."""
        left, best = set(content), []
        for _ in range(min(SUPPORT, len(self._said))):
            number = max(range(len(self._said)), key=lambda one: len(left & self._said[one]))
            if not left & self._said[number]:
                break
            best.append(number)
            left -= self._said[number]
        return best

    def _content(self, words: Iterable[str]) -> list[str]:
        return [self._stem(word) for word in words if word not in self._stops]

    def _stems(self, words: Iterable[str]) -> frozenset[str]:
        return frozenset(stem for word in words for stem in (word, self._stem(word)))


def _names(sentence: str) -> list[str]:
    """Return the words with a capital: names, and the first word, which may be one."""
    return [word for word in _NAME.findall(sentence) if not word[0].islower() and word.lower() not in _ALWAYS_CAPITAL and word[0].isupper()]


def _flat(text: str) -> str:
    return " ".join(languages.words(text))


def _scripts(text: str) -> frozenset[str]:
    """Return the scripts of a text's letters, as the first word of their Unicode names says them."""
    return frozenset(unicodedata.name(letter, "?").split()[0] for letter in set(text) if letter.isalpha())
