"""What recurs across the issues of one source is wrapping: its footer, its sponsor's frame, its author's bio, in any language.

Only salted hashes are kept, never text: one of the words of each block, one without its numbers (a date or a count may change), one of
its first words (so that "brought to you by" is known whoever the sponsor is) and one of its last; and two of each build that an issue has
(see `fates`), one counting the issues, the other how much of the text so built they dropped.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from hashlib import blake2b

from service.newsletter.blocks import Piece
from service.records import Memory, Newsletter, Unreadable, Verdict

EMPTY = Memory()
MOST_ISSUES = 20
MOST_HASHES = 2000
MOST_BLOCKS, MOST_BUILDS = 400, 100  # of one issue
OFTEN = 0.4  # the share of the issues that a block must have stood in
LEAST = 2  # and the fewest of them
SEVERAL = 3  # after so many issues, a sentence that stood in one of them word for word is no news
SENTENCE = 25  # the fewest characters of such a sentence
FIGURES = 0.1  # the share of digits from which a line is data
AGAIN = 0.6  # where more of the letter than this is known so, it is an issue sent again
SOME_WORDS = 5
TENTHS = 10
LONGEST_LABEL = 60

WORD = re.compile(r"[^\W_]+")
ADDRESS = re.compile(r"(?:https?://|www\.)\S+|(?<!\S)\S[^\s@]*@\S+")  # begun at a word's beginning alone: a word may be as long as a letter


def remember(memory: Memory, newsletter: Newsletter | Unreadable) -> Memory:
    """Return the memory with one issue added; the same issue again, or an unreadable letter, changes nothing."""
    if isinstance(newsletter, Unreadable):
        return memory
    texts = [block.text for block in newsletter.blocks if block.verdict is not Verdict.HIDDEN][:MOST_BLOCKS]
    keys = list(dict.fromkeys(key for text in texts for key in _keys(text, memory.salt)))
    issue = _hash(" ".join(keys), memory.salt)
    if issue in memory.issues or not keys:
        return memory
    memory = _faded(memory)
    added = dict.fromkeys(keys, 1) | _fates(newsletter, memory.salt)
    counts = Counter(dict(memory.seen))
    counts.update(added)
    newest = {key: place for place, key in enumerate((*dict(memory.seen), *added))}
    kept = sorted(counts, key=lambda key: (counts[key], newest[key]), reverse=True)[:MOST_HASHES]
    return Memory(memory.salt, (*memory.issues, issue), tuple((key, counts[key]) for key in sorted(kept, key=newest.__getitem__)))


def fate_keys(build: str, salt: bytes) -> tuple[str, str]:
    """Return the hashes under which it is counted in how many issues a build stood, and how many tenths of its text they dropped."""
    return _hash(f"held {build}", salt), _hash(f"gone {build}", salt)


def _fates(newsletter: Newsletter, salt: bytes) -> dict[str, int]:
    found: dict[str, int] = {}
    for build, share in newsletter.fates[:MOST_BUILDS]:
        held, gone = fate_keys(build, salt)
        found |= {held: 1, gone: round(TENTHS * share)}
    return {key: count for key, count in found.items() if count}


def stood(memory: Memory, pieces: Sequence[Piece], believed: Container[int]) -> list[bool]:
    """Return which pieces stood in the remembered issues: in most of them, or word for word in one of several.

    One that is `believed` to be text, or a line of figures, is not known again by a part of it, nor with other numbers: a report of
    prices is made of the same words every day. In an issue that is sent a second time nothing is known by one of several.
    """
    if len(memory.issues) < LEAST:
        return [False] * len(pieces)
    counts = dict(memory.seen)
    keys = [list(_keys(piece.text, memory.salt)) for piece in pieces]
    enough = max(LEAST, OFTEN * len(memory.issues))
    loosely = [index not in believed and not _figures(piece.text) for index, piece in enumerate(pieces)]
    often = [any(counts.get(key, 0) >= enough for key in (own if loose else own[:1])) for own, loose in zip(keys, loosely, strict=True)]
    once = [bool(own) and own[0] in counts and len(piece.text) >= SENTENCE for own, piece in zip(keys, pieces, strict=True)]
    once = once if len(memory.issues) >= SEVERAL and sum(once) <= AGAIN * len(once) else [False] * len(once)
    return [most or one for most, one in zip(often, once, strict=True)]


def recurring(pieces: Sequence[Piece], known: Sequence[bool]) -> list[bool]:
    """Return which of the pieces that stood in earlier issues are wrapping: a short one above fresh text is a heading, and is not."""
    return [seen and not _heads_fresh_text(index, pieces, known) for index, seen in enumerate(known)]


def _figures(text: str) -> bool:
    """Tell whether a text is there for its numbers."""
    return sum(map(str.isdecimal, text)) > FIGURES * len(text)


def _heads_fresh_text(index: int, pieces: Sequence[Piece], known: Sequence[bool]) -> bool:
    piece = pieces[index]
    if index + 1 >= len(pieces) or known[index + 1] or not (piece.level or len(piece.text) <= LONGEST_LABEL):
        return False
    return not any(link.button for link in piece.links)


def _faded(memory: Memory) -> Memory:
    """Return a full memory with its older half forgotten."""
    if len(memory.issues) < MOST_ISSUES:
        return memory
    return Memory(memory.salt, memory.issues[MOST_ISSUES // 2 :], tuple((key, count // 2) for key, count in memory.seen if count > 1))


def _keys(text: str, salt: bytes) -> Iterator[str]:
    """Yield the hashes by which a block is known again, first that of every word; none where it has no words."""
    words = WORD.findall(ADDRESS.sub(" ", text).casefold())
    plain = [word for word in words if word.isalpha()]
    if plain:
        yield _hash(" ".join(words), salt)
    if 0 < len(plain) < len(words):
        yield _hash(" ".join(plain), salt)
    if len(plain) > SOME_WORDS + 1:
        yield _hash(" ".join(plain[:SOME_WORDS]) + " …", salt)
        yield _hash("… " + " ".join(plain[-SOME_WORDS:]), salt)


def _hash(text: str, salt: bytes) -> str:
    return blake2b(text.encode("utf-8", "replace"), digest_size=8, key=salt[:64]).hexdigest()
