"""Which letters and stories a digest holds, in which order, and what becomes of every letter.

1. A letter that is none of the edition's (source, kind, answered by mail, set aside by an earlier step) is accounted for at once.
2. Stories that tell the same thing become one cluster (`clusters`); a second copy of a letter is merged whole.
3. Clusters that several publishers tell come first and may fill half of the room; then every letter is given its best story, the newest
   of each source before any source's second: first those that found no room before, the others by lot (any other order would leave
   out the same newsletters day by day); what room is left goes to the letters' second best, third best and so on.
4. A letter for which there was no room is carried over to the next slot, until a week of slots has passed it over. Stories of a letter
   that are left out are counted ("+4 more").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fnmatch import fnmatchcase

from service.digest import clusters
from service.digest.entries import entry, original, publisher, publishers, verbatim
from service.records import NO_ROOM, SECOND_COPY, Coverage, Edition, Entry, Form, Kind, Material, Outcome, Told
from service.summary.fitness import repeats
from service.summary.languages import words

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
class PassedOver:
    """The fingerprints of letters that earlier slots had no room for; the `hopeless` ones are given up rather than carried over again."""

    waiting: frozenset[str] = frozenset()
    hopeless: frozenset[str] = frozenset()

    def again(self, letter: Material) -> Coverage:
        """Return what becomes of a letter for which there is no room now."""
        if letter.fingerprint in self.hopeless:
            return Coverage(letter.fingerprint, Outcome.SKIPPED, "no room for a week")
        return Coverage(letter.fingerprint, Outcome.CARRIED_OVER, NO_ROOM)


NOBODY = PassedOver()


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
        return publishers(self.members)

    @property
    def tellers(self) -> int:
        """How many publishers tell it in words of their own; 1 for what can't be news.

        The same words in several newsletters are an advertisement or the footer of a mailing service that was not taken out, and so is
        what has no heading among other stories.
        """
        if len(self.members) == 1:
            return 1
        letter, told = self.members[0]
        words = {" ".join(told.story.text.split()) for _, told in self.members}
        headed = told.story.title or len(letter.stories) == 1
        return min(len(words), len(self.publishers)) if headed and told.summary.sentences else 1

    @property
    def rank(self) -> tuple[int, int]:
        """What many tell comes first, then what stands first in its letter."""
        return -self.tellers, self.place


def taker(edition: Edition, answered: frozenset[str] = frozenset()) -> Callable[[Material], bool]:
    """Return a function that says whether the edition is made of a letter, whose stories need not be known yet."""
    answered = frozenset(map(str.lower, answered))
    return lambda letter: _refusal(edition, letter, answered) is None


def sort_out(
    edition: Edition, material: Iterable[Material], answered: frozenset[str] = frozenset()
) -> tuple[list[Material], list[tuple[Material, Coverage]]]:
    """Return the letters that the edition is made of, and the others with what becomes of them. `answered` is in lower case."""
    letters, aside, known = [], [], set()
    for letter in material:
        coverage = _refusal(edition, letter, answered)
        if coverage is None and not (letter.stories or edition.whole or edition.answers):
            coverage = Coverage(letter.fingerprint, Outcome.SKIPPED, "without an article")
        twin = (letter.source, letter.message_id, letter.date)  # some senders write the same Message-ID into every issue
        if coverage is None and letter.message_id and twin in known:
            coverage = Coverage(letter.fingerprint, Outcome.MERGED, SECOND_COPY)
        if coverage is None:
            letters.append(letter)
            known.add(twin)
        else:
            aside.append((letter, coverage))
    return letters, aside


def choose(edition: Edition, letters: Sequence[Material], found: Sequence[Cluster], room: int, passed_over: PassedOver = NOBODY) -> Choice:
    """Return what a digest of these letters, whose clusters were `found`, holds: `room` entries at most."""
    chosen = _pick(found, _in_turn(letters, passed_over.waiting), room)
    taken = set(map(id, chosen))
    represented = frozenset(fingerprint for cluster in chosen for fingerprint in cluster.letters)
    leading = {cluster.members[0][0].fingerprint for cluster in chosen}
    left = [cluster for cluster in found if id(cluster) not in taken and cluster.letters & represented]
    return Choice(
        _sections(edition, letters, chosen, left),
        tuple(_coverage(letter, leading, represented, passed_over) for letter in letters),
        more=len(left),
        verbatim=all(verbatim(told) for cluster in chosen for told in [cluster.members[0][1]]),
    )


def _refusal(edition: Edition, letter: Material, answered: frozenset[str]) -> Coverage | None:
    """Return what becomes of a letter that the edition is not made of, whatever stories it has; None for one that it is made of."""

    def skipped(reason: str) -> Coverage:
        return Coverage(letter.fingerprint, Outcome.SKIPPED, reason)

    writer = (letter.answer_to or "").lower()
    if not _wanted(edition.sources, letter):
        return skipped("from other sources")
    if letter.outcome is not None:
        return Coverage(letter.fingerprint, letter.outcome, letter.reason)
    if edition.answers:
        return None if writer and writer in map(str.lower, edition.recipients) else skipped("from an address not answered")
    if writer and writer in answered:
        return skipped("answered by mail")
    if letter.kind is Kind.CONFIRMATION and letter.kind not in edition.kinds:
        return Coverage(letter.fingerprint, Outcome.PASSED_ON, _KINDS[letter.kind])  # to the owner, at once
    if letter.kind not in edition.kinds:
        return skipped(_KINDS.get(letter.kind, "unknown kind") if letter.kind else "unknown kind")
    return None


def _wanted(sources: Iterable[str], letter: Material) -> bool:
    names = [name.casefold() for name in (letter.source, letter.publisher, letter.sender) if name] or [""]  # nobody's: for "*" alone
    return any(fnmatchcase(name, pattern.casefold()) for pattern in sources for name in names)


def gather(letters: Sequence[Material]) -> list[Cluster]:
    """Return the stories of all letters, the same story once."""
    told = [(letter, told) for letter in letters for told in letter.stories]
    places = {told.key: place for letter in letters for place, told in enumerate(_best_first(letter))}
    found = []
    for group in clusters.group([(letter.source, one.story) for letter, one in told]):
        members = sorted((told[index] for index in group), key=lambda pair: (_weakness(pair[1]), places[pair[1].key]))
        found.append(Cluster(tuple(members), min(places[one.key] for _, one in members)))
    return found


def _best_first(letter: Material) -> list[Told]:
    """Return a letter's stories: what the subject names, then what is most an item of its own; equals keep the letter's order.

    Where few have a page of their own, having one means little: the lead is told in full, and a quotation or a download has the link.
    """
    subject = frozenset(words(letter.subject or ""))
    linked = 2 * sum(told.story.url is not None for told in letter.stories) > len(letter.stories)

    def weakness(told: Told) -> tuple[bool, int]:
        return not repeats(words(told.story.title or ""), subject), _weakness(told, linked)

    return sorted(letter.stories, key=weakness)


def _weakness(told: Told, linked: bool = True) -> int:
    """Return how little a story is an item of its own: 0 for one with title, page (where it counts) and text.

    Among the items of a link list, what has neither title nor page is the editor's greeting or what the parser left of the wrapping.
    """
    story = told.story
    return 2 * (not story.title) + 2 * (linked and not story.url) + (not told.summary.sentences) + (story.form is not Form.ARTICLE)


def _in_turn(letters: Sequence[Material], waiting: frozenset[str]) -> list[Material]:
    """Return the letters in the order in which they are given a story. A fingerprint is as good as a lot."""
    issues: Counter[str] = Counter()
    places = {}
    for letter in sorted(letters, key=lambda letter: letter.received, reverse=True):
        places[letter.fingerprint] = issues[letter.source]
        issues[letter.source] += 1
    return sorted(letters, key=lambda one: (places[one.fingerprint], one.fingerprint not in waiting, one.fingerprint))


def _pick(found: Sequence[Cluster], letters: Sequence[Material], room: int) -> list[Cluster]:
    """Return the clusters to show, `room` at most; the `letters` are given one each in this order."""
    shared = sorted((c for c in found if c.tellers > 1), key=lambda c: c.rank)
    chosen = shared[: max(1, room // 2)]
    represented = {fingerprint for cluster in chosen for fingerprint in cluster.letters}
    best: dict[str, Cluster] = {}
    for cluster in sorted(found, key=lambda c: c.place):
        for fingerprint in cluster.letters:
            best.setdefault(fingerprint, cluster)
    for letter in letters:
        if letter.fingerprint in best and letter.fingerprint not in represented and len(chosen) < room:
            chosen.append(best[letter.fingerprint])
            represented |= best[letter.fingerprint].letters
    taken = set(map(id, chosen))
    rest = (c for c in found if id(c) not in taken and c.letters & represented)
    return [*chosen, *sorted(rest, key=lambda c: c.rank)[: room - len(chosen)]]


def _sections(edition: Edition, letters: Sequence[Material], chosen: Sequence[Cluster], left: Sequence[Cluster]) -> tuple[Section, ...]:
    """Return the shared stories first, then a section for each letter, the newest first, letters of one publisher side by side."""
    shared = [c for c in chosen if c.tellers > 1]
    newest: dict[str, datetime] = {}
    for letter in letters:
        newest[publisher(letter)] = max(letter.received, newest.get(publisher(letter), letter.received))
    more = Counter(c.members[0][0].fingerprint for c in left)
    sections = [Section("", tuple(entry(c.members, edition.sentences) for c in shared))] if shared else []
    for letter in sorted(letters, key=lambda one: (newest[publisher(one)], publisher(one), one.received), reverse=True):
        own = {c.members[0][1].key: c for c in chosen if c.tellers == 1 and c.members[0][0] is letter}
        entries = [entry(own[told.key].members, edition.sentences) for told in letter.stories if told.key in own]
        if entries:
            entries[-1] = replace(entries[-1], more=more[letter.fingerprint])
            sections.append(Section(publisher(letter), tuple(entries), original(letter)))
    return tuple(sections)


def _coverage(letter: Material, leading: set[str], represented: frozenset[str], passed_over: PassedOver) -> Coverage:
    if letter.fingerprint in leading:
        return Coverage(letter.fingerprint, Outcome.SHOWN)
    if letter.fingerprint in represented:
        return Coverage(letter.fingerprint, Outcome.MERGED, "its story is told with another's")
    if not letter.stories:
        return Coverage(letter.fingerprint, Outcome.SKIPPED, "without an article")
    return passed_over.again(letter)


def tally(coverage: Iterable[Coverage]) -> Mapping[Outcome, Mapping[str, int]]:
    """Return how many letters met each outcome, by reason."""
    sums: dict[Outcome, dict[str, int]] = {}
    for one in coverage:
        reasons = sums.setdefault(one.outcome, {})
        reasons[one.reason] = reasons.get(one.reason, 0) + 1
    return {outcome: sums[outcome] for outcome in Outcome if outcome in sums}
