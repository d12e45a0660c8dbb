"""What a language model is asked, and how its answer is read. The story is data in the question, never part of the instruction."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import cache

from service.bundled import config
from service.records import Story
from service.summary.sentences import split

# Octets of a story that a model gets to read; news says what matters before that.
LONGEST = 24_000
_KEPT_CONTROLS = "\n\u200d\u200c"  # the joiners belong to emoji and to Persian and Indic spelling
_DRESSING = re.compile(r"^[ \t]*(?:[-*•>#]+|\d{1,2}[.)])\s+|\*\*|^```.*$", re.MULTILINE)
_THINKING = re.compile(r"<think>.*?(?:</think>|$)", re.DOTALL)
_PREAMBLE = re.compile(r"^[^.!?\n]{0,80}\bsummary\b[^.!?\n]{0,40}:\s*", re.IGNORECASE)


def messages(story: Story, sentences: int) -> list[dict[str, str]]:
    """Return the conversation to send: the instruction, and the story fenced by a mark that does not stand in it."""
    title, text = visible(story.title or ""), visible(story.text)[:LONGEST]
    mark = hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()[:32]
    language = f" ({story.language})" if story.language else ""
    instruction = _template().format(sentences=sentences, language=language, mark=mark)
    body = "\n\n".join(part for part in (title, text) if part)
    return [{"role": "system", "content": instruction}, {"role": "user", "content": f"<story-{mark}>\n{body}\n</story-{mark}>"}]


@cache
def _template() -> str:
    return (config() / "prompt.txt").read_text("utf-8")


def visible(text: str) -> str:
    """Return a text without the characters that no reader sees: controls, tags, direction marks, private use."""
    return "".join(one for one in text if one in _KEPT_CONTROLS or unicodedata.category(one) not in {"Cc", "Cf", "Co", "Cs", "Cn"})


def tokens(text: str) -> int:
    """Return about how many tokens a text is, rather too many than too few: three characters one, outside ASCII each its own."""
    plain = sum(map(str.isascii, text))
    return plain // 3 + (len(text) - plain) + 1


def answered(answer: str, language: str) -> tuple[str, ...]:
    """Return the sentences of a model's answer, without its thoughts, list marks and «Here is a summary:»."""
    plain = _PREAMBLE.sub("", _DRESSING.sub("", _THINKING.sub("", visible(answer))).strip())
    return tuple(dict.fromkeys(split(plain, language)))
