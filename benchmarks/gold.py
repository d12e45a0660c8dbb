"""Letters with labelled lines: how they are read and how extracted text is measured against them.

A gold folder holds NAME.eml, .html or .txt beside NAME.labels.tsv with one row a line of the rendered letter: number, first 12 hex digits
of the SHA-1 of the line, label, number of the story (0: none). Labels: T title, C content, A advert, B boilerplate, ? either is fine.
A letter is rendered by inscriptis, one line of folded white space each, empty lines left out.
"""

from __future__ import annotations

import email
import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

KEPT, DROPPED, FREE = "TC", "AB", "?"
GRAM = 4  # words of a shingle: the measure of Zyte's article extraction benchmark
UNSEEN = dict.fromkeys([0xAD, 0x34F, 0x61C, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)])
MARKUP = re.compile(r"\]\([^()\s]*\)|(?:https?://|www\.)[^\s<>()\[\]\"]+|\[\d{1,3}\]", re.IGNORECASE)
SIGNS = re.compile(r"([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])")

Gram = tuple[str, ...]


class Line(NamedTuple):
    """A rendered line with its label and story."""

    text: str
    label: str
    story: int


class Score(NamedTuple):
    """F1 of the kept text; `leak`: share of the own text of dropped lines that came through; `crumbs`: share of short ones that did."""

    f1: float
    leak: float
    crumbs: float


def letters(folder: Path) -> Iterator[tuple[Path, list[Line]]]:
    """Yield each labelled letter of a folder with its lines. Raises ValueError when a rendering is not the one that was labelled."""
    for table in sorted(folder.rglob("*.labels.tsv")):
        source = table.with_name(table.name.removesuffix(".labels.tsv"))
        yield source, _labelled(source, table)


def _labelled(source: Path, table: Path) -> list[Line]:
    lines = rendered(source)
    found = []
    for row in table.read_text(encoding="utf-8").splitlines():
        number, digest, label, story = row.split("\t")
        text = lines[int(number) - 1]
        if hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:12] != digest:
            raise ValueError(f"{source.name}: line {number} is not the one that was labelled")
        found.append(Line(text, label, int(story or 0)))
    return found


def rendered(source: Path) -> list[str]:
    """Return the lines of a letter as inscriptis shows them."""
    import inscriptis

    html, text = body(source)
    shown = inscriptis.get_text(re.sub(r"^\s*<\?xml[^>]*\?>", "", html)) if html else text
    folded = (" ".join(line.translate(UNSEEN).split()) for line in shown.splitlines())
    return [line for line in folded if line]


def body(source: Path) -> tuple[str, str]:
    """Return (HTML, "") or ("", plain text) of a letter, page or text file."""
    raw = source.read_bytes()
    if source.suffix == ".eml":
        parts = [part for part in email.message_from_bytes(raw).walk() if not part.is_multipart()]
        for wanted in ("text/html", "text/plain"):
            for part in parts:
                attached = "attachment" in str(part.get("Content-Disposition", ""))
                if part.get_content_type() == wanted and not attached and (text := _decoded(part)).strip():
                    return (text, "") if wanted == "text/html" else ("", text)
        return "", ""
    text = _as_text(raw, None)
    page = source.suffix in (".html", ".htm") or re.match(r"\s*<(!doctype|html|div|table|body)", text[:400], re.IGNORECASE)
    return (text, "") if page else ("", text)


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return _as_text(payload if isinstance(payload, bytes) else b"", part.get_content_charset())


def _as_text(raw: bytes, charset: str | None) -> str:
    for name in (charset or "utf-8", "utf-8", "cp1252"):
        try:
            return raw.decode(name)
        except (LookupError, UnicodeDecodeError):
            continue
    return raw.decode("latin-1")


def words(text: str) -> list[str]:
    """Return the words that are compared: folded, without addresses, each sign of Chinese and Japanese a word."""
    plain = MARKUP.sub(" ", unicodedata.normalize("NFKC", text.translate(UNSEEN)))
    return re.findall(r"\w+", SIGNS.sub(r" \1 ", plain).casefold())


def grams(text: str) -> Counter[Gram]:
    """Return the runs of four words of a text; a shorter text is one run."""
    found = words(text)
    size = min(GRAM, len(found))
    return Counter(tuple(found[i : i + size]) for i in range(len(found) - size + 1)) if size else Counter()


def measure(gold: list[Line], extracted: str) -> Score:
    """Return how well the extracted text of one letter agrees with its labels."""
    want = grams("\n".join(line.text for line in gold if line.label in KEPT))
    open_ = grams("\n".join(line.text for line in gold if line.label in KEPT + FREE)) - want
    have = grams(extracted)
    return Score(_f1(want, have - open_), *_leaks(gold, have, extracted))


def _f1(want: Counter[Gram], have: Counter[Gram]) -> float:
    if not want:
        return float(not have)
    common = sum((want & have).values())
    return 2 * common / (sum(want.values()) + sum(have.values()))


def _leaks(gold: list[Line], have: Counter[Gram], extracted: str) -> tuple[float, float]:
    welcome = {tuple(words(line.text)) for line in gold if line.label in KEPT + FREE}
    shared = set(grams("\n".join(line.text for line in gold if line.label in KEPT + FREE)))
    lines = {tuple(words(line)) for line in extracted.splitlines()}
    leaks, crumbs = [], []
    for line in gold:
        found = tuple(words(line.text))
        if line.label not in DROPPED or not found or found in welcome:
            continue
        if len(found) < GRAM:
            crumbs.append(found in lines)
        elif own := [gram for gram in grams(line.text) if gram not in shared]:
            leaks.append(fmean(gram in have for gram in own))
    return fmean(leaks) if leaks else 0.0, fmean(crumbs) if crumbs else 0.0
