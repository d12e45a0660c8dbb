"""What recurs across the issues of one source is wrapping: its footer, its sponsor's frame, its author's bio, in any language.

Only salted hashes are kept, never text: one of the whole text of each block (numbers, addresses and marks left out, so that a date or a
count may change), one of its first words (so that "brought to you by" is known whoever the sponsor is) and one of its last; and two of
each build that an issue has (see `fates`), one counting the issues, the other how much of the text so built they dropped.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
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
AGAIN = 0.6  # where more of the letter than this is known so, it is an issue sent again
SOME_WORDS = 5
TENTHS = 10
LONGEST_LABEL = 60

WORD = re.compile(r"[^\W_]+")
ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+")


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


def recurring(memory: Memory, pieces: Sequence[Piece]) -> list[bool]:
    """Return which pieces stood in the remembered issues: in most of them, or word for word in one of several.

    A short one above fresh text is a heading, and is not meant. In an issue that is sent a second time nothing is.
    """
    if len(memory.issues) < LEAST:
        return [False] * len(pieces)
    counts = dict(memory.seen)
    keys = [list(_keys(piece.text, memory.salt)) for piece in pieces]
    enough = max(LEAST, OFTEN * len(memory.issues))
    often = [any(counts.get(key, 0) >= enough for key in own) for own in keys]
    once = [bool(own) and own[0] in counts and len(piece.text) >= SENTENCE for own, piece in zip(keys, pieces, strict=True)]
    once = once if len(memory.issues) >= SEVERAL and sum(once) <= AGAIN * len(once) else [False] * len(once)
    known = [most or one for most, one in zip(often, once, strict=True)]
    return [seen and not _heads_fresh_text(index, pieces, known) for index, seen in enumerate(known)]


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
    """Yield the hashes by which a block is known again; none where it has no words."""
    words = [word for word in WORD.findall(ADDRESS.sub(" ", text).casefold()) if word.isalpha()]
    if words:
        yield _hash(" ".join(words), salt)
    if len(words) > SOME_WORDS + 1:
        yield _hash(" ".join(words[:SOME_WORDS]) + " …", salt)
        yield _hash("… " + " ".join(words[-SOME_WORDS:]), salt)


def _hash(text: str, salt: bytes) -> str:
    return blake2b(text.encode("utf-8", "replace"), digest_size=8, key=salt[:64]).hexdigest()
