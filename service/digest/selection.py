"""Which letters and stories a digest holds, in which order, and what becomes of every letter.

1. A letter that is none of the edition's (source, kind, answered by mail, set aside by an earlier step) is accounted for at once.
2. Stories that tell the same thing become one cluster (`clusters`); a second copy of a letter is merged whole.
3. Clusters that several publishers tell come first and may fill half of the room; then every letter is given its best story, oldest
   letter first, so that none waits for ever; what room is left goes to the letters' second best, third best and so on.
4. A letter for which there was no room is carried over to the next slot, until a week of slots has passed it over. Stories of a letter
   that are left out are counted ("+4 more").
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fnmatch import fnmatchcase
from urllib.parse import quote

from service.digest import clusters
from service.records import Coverage, Edition, Entry, Form, Kind, Material, Outcome, Told

CHARACTERS = 420
HEADLINE = 160
_URL = re.compile(r"https?://[^\s<>\"'\\^`{|}]{1,2000}", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u202d\u202e\ud800-\udfff]")
_NOTES = {Form.TEASER: "only links to the web", Form.PICTURE: "one picture"}
_KINDS = {
    Kind.LIST: "discussion-list post",
    Kind.CONFIRMATION: "confirmation or code",
    Kind.PERSONAL: "personal mail",
    Kind.TRANSACTIONAL: "receipt or alert",
    Kind.NOTICE: "bounce or automatic reply",
    Kind.OWN: "our own digest",
    Kind.NEWSLETTER: "newsletter",
}


@dataclass(frozen=True, slots=True)
class Section:
    """Entries under one heading: a publisher's, or (`publisher` empty) those that several publishers tell. `url` opens the letter."""

    publisher: str
    entries: tuple[Entry, ...]
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What a digest holds. `verbatim`: every sentence stood in its letter. `unread` names the unreadable letters, each with its reason."""

    sections: tuple[Section, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    more: int = 0
    verbatim: bool = True

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries in the order shown."""
        return tuple(entry for section in self.sections for entry in section.entries)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A story as the digest would show it: (letter, told) pairs, the leading one first; `place` is its rank in its letter."""

    members: tuple[tuple[Material, Told], ...]
    place: int

    @property
    def letters(self) -> frozenset[str]:
        """The fingerprints of the letters that tell it."""
        return frozenset(letter.fingerprint for letter, _ in self.members)

    @property
    def publishers(self) -> tuple[str, ...]:
        """Those who tell it, the leading one first."""
        return tuple(dict.fromkeys(publisher(letter) for letter, _ in self.members))


def sort_out(
    edition: Edition, material: Iterable[Material], answered: frozenset[str] = frozenset()
) -> tuple[list[Material], list[tuple[Material, Coverage]]]:
    """Return the letters that the edition is made of, and the others with what becomes of them. `answered` is in lower case."""
    letters, aside, known = [], [], set()
    for letter in material:
        coverage = _aside(edition, letter, answered)
        twin = (letter.source, letter.message_id)
        if coverage is None and letter.message_id and twin in known:
            coverage = Coverage(letter.fingerprint, Outcome.MERGED, "a second copy of a letter")
        if coverage is None:
            letters.append(letter)
            known.add(twin)
        else:
            aside.append((letter, coverage))
    return letters, aside


def choose(
    edition: Edition, letters: Sequence[Material], found: Sequence[Cluster], room: int, hopeless: frozenset[str] = frozenset()
) -> Choice:
    """Return what a digest of these letters, whose clusters were `found`, holds: `room` entries at most.

    `hopeless` are the fingerprints of letters that are given up when there is no room for them once more.
    """
    chosen = _pick(found, letters, room)
    taken = set(map(id, chosen))
    represented = frozenset(fingerprint for cluster in chosen for fingerprint in cluster.letters)
    leading = {cluster.members[0][0].fingerprint for cluster in chosen}
    left = [cluster for cluster in found if id(cluster) not in taken and cluster.letters & represented]
    return Choice(
        _sections(edition, letters, chosen, left),
        tuple(_coverage(letter, leading, represented, hopeless) for letter in letters),
        more=len(left),
        verbatim=all(_verbatim(told) for cluster in chosen for told in [cluster.members[0][1]]),
    )


def publisher(letter: Material) -> str:
    """Return the name under which a letter's publisher is shown."""
    return shorten(letter.publisher or "", 80) or shorten((letter.sender or letter.source).rpartition("@")[2], 80) or "?"


def original(letter: Material, told: Told | None = None) -> str | None:
    """Return where the story stands: its own page, else the letter's web version, else the letter in the reader's mailbox (RFC 2392)."""
    for url in (told.story.url if told else None, letter.url):
        if url and _URL.fullmatch(url.strip()):
            return url.strip()
    message_id = (letter.message_id or "").strip().strip("<>")
    return f"mid:{quote(message_id, safe='@!$*()+,;:=._-')}" if message_id else None


def _aside(edition: Edition, letter: Material, answered: frozenset[str]) -> Coverage | None:
    """Return what becomes of a letter that the edition is not made of; None for one that it is made of."""

    def skipped(reason: str) -> Coverage:
        return Coverage(letter.fingerprint, Outcome.SKIPPED, reason)

    writer = (letter.answer_to or "").lower()
    if letter.source and not _wanted(edition.sources, letter):
        return skipped("from other sources")
    if letter.outcome is not None:
        return Coverage(letter.fingerprint, letter.outcome, letter.reason)
    if edition.answers:
        return None if writer and writer in map(str.lower, edition.recipients) else skipped("from an address not answered")
    if writer and writer in answered:
        return skipped("answered by mail")
    if letter.kind not in edition.kinds:
        return skipped(_KINDS.get(letter.kind, "unknown kind") if letter.kind else "unknown kind")
    return None if letter.stories or edition.whole else skipped("without an article")


def _wanted(sources: Iterable[str], letter: Material) -> bool:
    names = [name.casefold() for name in (letter.source, letter.publisher, letter.sender) if name]
    return any(fnmatchcase(name, pattern.casefold()) for pattern in sources for name in names)


def gather(letters: Sequence[Material]) -> list[Cluster]:
    """Return the stories of all letters, the same story once."""
    told = [(letter, told) for letter in letters for told in letter.stories]
    places = {told.key: place for letter in letters for place, told in enumerate(sorted(letter.stories, key=_weakness))}
    found = []
    for group in clusters.group([(letter.source, one.story) for letter, one in told]):
        members = sorted((told[index] for index in group), key=lambda pair: (_weakness(pair[1]), places[pair[1].key]))
        found.append(Cluster(tuple(members), min(places[one.key] for _, one in members)))
    return found


def _weakness(told: Told) -> int:
    """Return how little a story is an item of its own: 0 for one with title, page and text; equals keep the order of their letter.

    Among the items of a link list, what has neither title nor page is the editor's greeting or what the parser left of the wrapping.
    """
    story = told.story
    return 2 * (not story.title) + 2 * (not story.url) + (not told.summary.sentences) + (story.form is not Form.ARTICLE)


def _pick(found: Sequence[Cluster], letters: Sequence[Material], room: int) -> list[Cluster]:
    """Return the clusters to show, `room` at most."""
    shared = sorted((c for c in found if len(c.publishers) > 1), key=lambda c: (-len(c.publishers), c.place))
    chosen = shared[: max(1, room // 2)]
    represented = {fingerprint for cluster in chosen for fingerprint in cluster.letters}
    best: dict[str, Cluster] = {}
    for cluster in sorted(found, key=lambda c: c.place):
        for fingerprint in cluster.letters:
            best.setdefault(fingerprint, cluster)
    for letter in sorted(letters, key=lambda letter: letter.received):
        if letter.fingerprint in best and letter.fingerprint not in represented and len(chosen) < room:
            chosen.append(best[letter.fingerprint])
            represented |= best[letter.fingerprint].letters
    taken = set(map(id, chosen))
    rest = (c for c in found if id(c) not in taken and c.letters & represented)
    return [*chosen, *sorted(rest, key=lambda c: (-len(c.publishers), c.place))[: room - len(chosen)]]


def _sections(edition: Edition, letters: Sequence[Material], chosen: Sequence[Cluster], left: Sequence[Cluster]) -> tuple[Section, ...]:
    """Return the shared stories first, then a section for each letter, the newest first, letters of one publisher side by side."""
    shared = [c for c in chosen if len(c.publishers) > 1]
    newest: dict[str, datetime] = {}
    for letter in letters:
        newest[publisher(letter)] = max(letter.received, newest.get(publisher(letter), letter.received))
    more = Counter(c.members[0][0].fingerprint for c in left)
    sections = [Section("", tuple(_entry(edition, c) for c in shared))] if shared else []
    for letter in sorted(letters, key=lambda one: (newest[publisher(one)], publisher(one), one.received), reverse=True):
        own = {c.members[0][1].key: c for c in chosen if len(c.publishers) == 1 and c.members[0][0] is letter}
        entries = [_entry(edition, own[told.key]) for told in letter.stories if told.key in own]
        if entries:
            entries[-1] = replace(entries[-1], more=more[letter.fingerprint])
            sections.append(Section(publisher(letter), tuple(entries), original(letter)))
    return tuple(sections)


def _entry(edition: Edition, cluster: Cluster) -> Entry:
    letter, told = cluster.members[0]
    title, *sentences = _lines(letter, told)
    return Entry(
        keys=tuple(dict.fromkeys(one.key for _, one in cluster.members)),
        title=title,
        sentences=tuple(sentences[: edition.sentences]),
        url=original(letter, told),
        publishers=cluster.publishers,
        language=next((tag for tag in (told.story.language, letter.language) if tag and _LANGUAGE.fullmatch(tag)), None),
        note=shorten("; ".join(_notes(letter, told)), 200),
    )


def _lines(letter: Material, told: Told) -> list[str]:
    """Return the entry's title and sentences, nothing said twice: a sentence that begins with the title takes its place."""
    title = _title(letter, told)
    sentences = [shorten(sentence.text, CHARACTERS) for sentence in told.summary.sentences]
    if sentences and len(sentences[0]) <= HEADLINE and _bare(sentences[0]).startswith(_bare(title)):
        return [sentences[0].removesuffix("."), *sentences[1:]]
    return [title, *(text for text in sentences if not _bare(title).startswith(_bare(text)))]


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
    given = told.story.title or only or told.summary.title
    return shorten(given or told.story.text.removesuffix(".") or letter.subject or "?", 120)


def shorten(text: str, limit: int) -> str:
    """Return `text` on one line, without control, override and surrogate characters, marked where it was cut.

    It is cut after a word, or anywhere in a script without spaces.
    """
    line = " ".join(_UNSEEN.sub(" ", text).split())
    if len(line) <= limit:
        return line
    cut = line[:limit].rpartition(" ")[0]
    return (cut if len(cut) > limit // 2 else line[: limit - 1]).rstrip(" ,;:–—-") + "…"


def _verbatim(told: Told) -> bool:
    text = " ".join(told.story.text.split())
    return all(" ".join(sentence.text.split()) in text for sentence in told.summary.sentences)


def _coverage(letter: Material, leading: set[str], represented: frozenset[str], hopeless: frozenset[str]) -> Coverage:
    if letter.fingerprint in leading:
        return Coverage(letter.fingerprint, Outcome.SHOWN)
    if letter.fingerprint in represented:
        return Coverage(letter.fingerprint, Outcome.MERGED, "its story is told with another's")
    if not letter.stories:
        return Coverage(letter.fingerprint, Outcome.SKIPPED, "without an article")
    if letter.fingerprint in hopeless:
        return Coverage(letter.fingerprint, Outcome.SKIPPED, "no room for a week")
    return Coverage(letter.fingerprint, Outcome.CARRIED_OVER, "no room in this digest")


def tally(coverage: Iterable[Coverage]) -> Mapping[Outcome, Mapping[str, int]]:
    """Return how many letters met each outcome, by reason."""
    sums: dict[Outcome, dict[str, int]] = {}
    for one in coverage:
        reasons = sums.setdefault(one.outcome, {})
        reasons[one.reason] = reasons.get(one.reason, 0) + 1
    return {outcome: sums[outcome] for outcome in Outcome if outcome in sums}
