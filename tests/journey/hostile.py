"""Letters broken on purpose: our golden letters cut, flipped, flooded, nested, and bytes that never were a letter.

A number gives the same letter for ever, so that one that breaks something can be made again.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

GOLDEN = Path(__file__).parent.parent / "letters"
Mutator = Callable[[bytes, random.Random], bytes]


@cache
def golden() -> tuple[bytes, ...]:
    """Return the golden letters' bytes."""
    return tuple(path.read_bytes() for path in sorted(GOLDEN.glob("*.eml")))


def hostile(count: int, seed: int = 11) -> Iterator[bytes]:
    """Yield so many letters, no two alike."""
    for number in range(count):
        chance = random.Random(f"{seed} {number}")  # noqa: S311
        raw = chance.choice(golden())
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            raw = chance.choice(MUTATORS)(raw, chance)
        # A mark at the very end keeps two mutations from being the same letter.
        yield raw[:400_000] + b"\r\n%d.%d" % (seed, number)


def cut(raw: bytes, chance: random.Random) -> bytes:
    """Return what a broken connection leaves."""
    return raw[: chance.randrange(len(raw) + 1)]


def flip(raw: bytes, chance: random.Random) -> bytes:
    """Change some bytes, a few or very many."""
    broken = bytearray(raw)
    for _ in range(min(len(broken), chance.choice((1, 10, 100, 2000)))):
        broken[chance.randrange(len(broken))] = chance.randrange(256)
    return bytes(broken)


def flood(raw: bytes, chance: random.Random) -> bytes:
    """Put a great many header fields, or one that is very long, on top."""
    line = chance.choice(
        (
            b"X-Flood: %d\r\n" % chance.randrange(10**9),
            b"Received: from a by b; nonsense\r\n",
            b"Subject: =?utf-8?b?4pyT?= =?utf-8?q?=0D=0ABcc:_x?=\r\n",
            b"Content-Type: multipart/mixed; boundary=x; a=b\r\n",
            b"From: a@b.example, =?x?y?z?=\r\n",
            b" folded on and on\r\n",
        )
    )
    return line * chance.choice((2, 200, 8000)) + raw


def nest(raw: bytes, chance: random.Random) -> bytes:
    """Wrap the letter in parts in parts."""
    depth = chance.choice((3, 30, 400))
    head = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level) for level in range(depth))
    kind = chance.choice((b"Content-Type: message/rfc822\r\n\r\n", b""))
    return b"Subject: nested\r\n" + head + kind + raw


def tags(raw: bytes, chance: random.Random) -> bytes:
    """Let the letter be HTML that never closes, or has attributes without end."""
    tag = chance.choice(
        (b"<div>", b"<table><tr><td>", b"<p a%d=1>" % chance.randrange(999), b"<!--", b"<a href=javascript:x>", b"&#x110000;")
    )
    return (
        b"Content-Type: text/html; charset=%s\r\n\r\n" % chance.choice((b"utf-8", b"utf-7", b"x-none", b"utf-16")) + tag * 3000 + raw[-500:]
    )


def mislabel(raw: bytes, chance: random.Random) -> bytes:
    """Have an encoding or a character set that the text is not in."""
    wrong = chance.choice((b"base64", b"quoted-printable", b"x-uuencode", b"\xff\xfe", b"8bit"))
    for right in (b"quoted-printable", b"base64", b"8bit", b"7bit"):
        raw = raw.replace(b"Content-Transfer-Encoding: " + right, b"Content-Transfer-Encoding: " + wrong)
    return raw.replace(b"utf-8", chance.choice((b"utf-16", b"hz", b"unicode_escape", b"idna", b"koi8-r")))


def noise(_raw: bytes, chance: random.Random) -> bytes:
    """Return bytes that never were a letter."""
    return chance.randbytes(chance.choice((0, 1, 50, 5000, 100_000)))


def nulls(raw: bytes, chance: random.Random) -> bytes:
    """Strew NULs and lone line ends."""
    piece = chance.choice((b"\x00", b"\r", b"\n", b"\x0b", b"\x1c", b"\xe2\x80\xa8"))
    return piece.join(raw[start : start + 97] for start in range(0, len(raw), 97))


MUTATORS: tuple[Mutator, ...] = (cut, flip, flood, nest, tags, mislabel, noise, nulls)
