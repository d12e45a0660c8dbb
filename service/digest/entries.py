"""How a story is shown: title, sentences, publishers, where it stands, and what the reader must know of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from service.newsletter.links import for_its_reader, personal
from service.records import Entry, Form, Material, Told

CHARACTERS = 420
HEADLINE = 160
ALONE = 5
_URL = re.compile(r"https?://[^\s<>\"'\\^`{|}]{1,2000}", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_ORNAMENT = re.compile(r"^(?:[•·‣▪■●*»>–—-]+\s+(?=\w))|(?:\s+<{1,3}|(?<=\w):)$")
_NUMBER = re.compile(r"^(\d{1,2})[.)]\s+(?=\S)")
_NUMBERED = 3  # titles: fewer that begin with a number may be «1. FC Köln»
_NOTES = {Form.TEASER: "only links to the web", Form.PICTURE: "one picture"}


def entry(members: Sequence[tuple[Material, Told]], sentences: int) -> Entry:
    """Return what a digest shows of a story that these letters tell, in at most so many sentences of the first one's."""
    letter, told = members[0]
    title, *said = _lines(letter, told)
    return Entry(
        keys=tuple(dict.fromkeys(one.key for _, one in members)),
        title=title if told.story.title or title == letter.subject else _capital(title),
        sentences=tuple(said[:sentences]),
        url=original(letter, told),
        publishers=publishers(members),
        language=next((tag for tag in (told.story.language, letter.language) if tag and _LANGUAGE.fullmatch(tag)), None),
        note=shorten("; ".join(_notes(letter, told)), 200),
        subject=shorten(letter.subject or "", 80),
        sent=(letter.date or letter.received).date(),
    )


def _lines(letter: Material, told: Told) -> list[str]:
    """Return the entry's title and sentences, nothing said twice."""
    title = _title(letter, told)
    sentences = [shorten(sentence.text, CHARACTERS) for sentence in told.summary.sentences if not for_its_reader(sentence.text)]
    if sentences and _bare(sentences[0]).startswith(_bare(title)):
        return [*_parted(title, sentences[0]), *sentences[1:]]
    return [title, *(text for text in sentences if not _bare(title).startswith(_bare(text)))]


def _parted(title: str, sentence: str) -> list[str]:
    """Return title and rest of a sentence that begins with the title; the sentence as title where its rest can't stand alone."""
    rest = sentence[len(title.rstrip("…")) :].lstrip(" .!?:–—-")
    if len(rest.split()) >= ALONE and not rest[0].islower() and rest[0] not in ",;)":
        return [title, rest]
    return [sentence.removesuffix(".")] if len(sentence) <= HEADLINE else [title.rstrip("…") + "…", sentence]


def _bare(text: str) -> str:
    return text.casefold().strip(" .!…")


def _notes(letter: Material, told: Told) -> Iterable[str]:
    if told.story.form in _NOTES and len(letter.stories) == 1:
        yield _NOTES[told.story.form]
    if letter.partial:
        yield "the letter is large, only its beginning was read"
    if told.summary.note:
        yield told.summary.note


def _title(letter: Material, told: Told) -> str:
    """Return the story's title, else (for a letter's only story) the subject, else its summary's title, else how it begins."""
    only = letter.subject if len(letter.stories) == 1 else None
    found = (told.story.title, only, told.summary.title, told.story.text.removesuffix("."), letter.subject)
    return shorten(_plain(next((text for text in found if text and not for_its_reader(text)), "?"), letter), 120)


def _capital(phrase: str) -> str:
    """Return a phrase of running text as a title begins: after «Dear reader,» many languages go on in lower case."""
    return phrase[0].upper() + phrase[1:] if phrase.partition(" ")[0].islower() else phrase


def _plain(title: str, letter: Material) -> str:
    """Return a title without the bullet before it, the colon after it, and its number where the letter numbers its stories."""
    numbers = {found[1] for told in letter.stories if (found := _NUMBER.match(told.story.title or ""))}
    return _ORNAMENT.sub("", _NUMBER.sub("", title) if len(numbers) >= _NUMBERED else title) or title


def shorten(text: str, limit: int) -> str:
    """Return `text` on one line, without control, override and surrogate characters, marked where it was cut.

    It is cut after a word, or anywhere in a script without spaces.
    """
    line = " ".join(_UNSEEN.sub(" ", text).split())
    if len(line) <= limit:
        return line
    cut = line[:limit].rpartition(" ")[0]
    return (cut if len(cut) > limit // 2 else line[: limit - 1]).rstrip(" ,;:–—-") + "…"


def verbatim(told: Told) -> bool:
    """Return whether every sentence of the summary stood in the story."""
    text = " ".join(told.story.text.split())
    return all(" ".join(sentence.text.split()) in text for sentence in told.summary.sentences)


def publisher(letter: Material) -> str:
    """Return the name under which a letter's publisher is shown."""
    return shorten(letter.publisher or "", 80) or shorten((letter.sender or letter.source).rpartition("@")[2], 80) or "?"


def original(letter: Material, told: Told | None = None) -> str | None:
    """Return where the story stands: its own page, else the letter's web version, else the letter in the reader's mailbox (RFC 2392).

    A link that names its recipient to a redirector is none of these: digests are read by others, and passed on.
    """
    for url in (told.story.url if told else None, letter.url):
        if url and _URL.fullmatch(url.strip()) and not personal(url):
            return url.strip()
    message_id = (letter.message_id or "").strip().strip("<>")
    return f"mid:{quote(message_id, safe='@!$*()+,;:=._-')}" if message_id else None


def publishers(members: Sequence[tuple[Material, Told]]) -> tuple[str, ...]:
    """Return the names of those who tell a story, each once."""
    return tuple(dict.fromkeys(publisher(letter) for letter, _ in members))
