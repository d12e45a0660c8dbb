"""From chances to verdicts: how sure the trees must be before a piece is not kept.

A phrase that is all of a piece, or with which it begins, hardly ever errs, so that little more is needed; a piece in the midst of the
letter with nothing against it but its look is kept unless the trees are very sure: an article lost is worse than a line too many.
"""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterator, Mapping, Sequence

from service.newsletter.blocks import Piece, Shape
from service.newsletter.features import EXIT, Evidence, Table
from service.newsletter.phrases import ADVERTS
from service.newsletter.tags import names

SURE, SUSPECTED, AT_THE_END, AT_THE_START, UNSUSPECTED, PROSE = 0.2, 0.5, 0.4, 0.58, 0.58, 0.75
MASTHEAD, EARLY, DATE = 0.5, 0.25, 0.15  # a limit; the part of the letter where it holds; the share of digits of a date
WRAPPED = names("unsubscribe privacy address membership view-online sign-up upgrade comment contact housekeeping")
LEADING = WRAPPED | ADVERTS.keys() - {"jobs"}
LEAD = 40  # the characters in which a piece begins; one that begins with a phrase of LEADING is about nothing else
FAR, NEAR_EXIT = 20, 4  # pieces
TITLE = 0.6  # so much in common with the subject makes a line the title
LONG, SEVERAL = 4.4, 0.7  # the logarithms of one more than the letters and the sentences of prose: eighty, and two
MANY = 24  # in a letter of fewer pieces, place and neighbours mean less
ADDRESS = re.compile(r"https?://\S+")
APPEAL = (0.3, 0.18)  # doubt and share of pieces that ask for money from which a whole letter is an appeal
NAMES, LONGEST_NAME = 3, 45  # lines below a sign-off, and their characters
ISLAND, DOUBT, SHORT_DOUBT, SHORT = 2, 0.5, 0.3, 60  # pieces, chances, characters
SUSPECTED_PROSE, PARAGRAPH = 0.5, 5.5
LISTING = names("contents own-product offer events jobs sponsor fundraising")
NAMING = names("contents own-product")
NUMBERED, LONGEST_ITEM = re.compile(r"(?:\(?\d{1,2}[.)]|[-*•·–])\s"), 160
BELIEVED, TOLD = 0.2, 0.05  # below this chance a text is believed, the more the less it is; the share of it in what is no advert
AROUND_OFFER, MINOR = (0.05, 0.25), 0.4  # the least chance, the mean one and the share of the letter of what goes with an offer
FEW, IN_DOUBT = 5, 0.2  # pieces built alike, and chance, of what goes where earlier issues had wrapping
TRADE, SELLS = 0.08, 0.68  # how much a letter that sells trades at least, and with it and its doubt


def dropped(chances: Mapping[int, float], pieces: Sequence[Piece], evidences: Sequence[Evidence], columns: Table) -> list[bool]:
    """Return which pieces are not kept, by the chance that each is wrapping."""
    suspected = [_suspected(piece, evidence) for piece, evidence in zip(pieces, evidences, strict=True)]
    trust = min(1.0, len(pieces) / MANY) ** 2
    gone = [0.5 + trust * (chances[i] - 0.5) >= _limit(i, suspected[i], evidences[i], columns) for i in range(len(pieces))]
    for index in range(1, len(pieces)):
        if not suspected[index] and ADDRESS.fullmatch(pieces[index].text):
            gone[index] = gone[index - 1]  # an address is the link of the line above it
    for index in _signatures(pieces, evidences):
        gone[index] = True
    for index in list(_introduced(pieces, evidences, gone)):
        gone[index] = True
    for index in [*_islands(chances, pieces, gone, columns), *_remnants(chances, pieces, evidences, gone, columns)]:
        gone[index] = True
    # Without any wrapping to be seen there is nothing to separate a text from: a note of two lines is not its own footer.
    return gone if not all(gone) or any(evidence.said & EXIT for evidence in evidences) else [False] * len(gone)


def doubtful(index: int, chances: Mapping[int, float], columns: Table) -> bool:
    """Tell whether a piece may go for its place alone: below the first text, one of few built alike, no prose and not surely text."""
    few = columns["alike"][index] <= math.log1p(FEW)
    below = columns["running_before"][index] > 0 and columns["in_subject"][index] < TITLE
    return few and below and chances[index] >= IN_DOUBT and not _prose(index, columns)


def _suspected(piece: Piece, evidence: Evidence) -> bool:
    """Tell whether anything but place and look speaks against a piece."""
    targets = any(kind != "money" for kind in evidence.targets)
    return bool(evidence.hits) or targets or "©" in piece.text or any(link.button for link in piece.links)


def _limit(index: int, suspected: bool, evidence: Evidence, columns: Table) -> float:
    prose = _prose(index, columns)
    if evidence.whole or any(hit.category in (WRAPPED if prose else LEADING) and hit.start <= LEAD for hit in evidence.hits):
        return SURE
    if suspected or columns["mail"][index]:
        return SUSPECTED_PROSE if prose and columns["chars"][index] > PARAGRAPH else SUSPECTED
    last = columns["running_after"][index] == 0
    if last and _follows_exit(index, columns):
        return AT_THE_END
    if prose or columns["in_subject"][index] >= TITLE:
        return PROSE
    if last and columns["until_exit"][index] <= NEAR_EXIT and len(columns["chars"]) >= MANY:
        return AT_THE_END
    if columns["running_before"][index] > 0 or columns["at"][index] >= EARLY:
        return UNSUSPECTED
    short = columns["chars"][index] < LONG
    masthead = short and (columns["names_publisher"][index] > 0 or columns["digits"][index] > DATE)
    return MASTHEAD if masthead else AT_THE_START


def _follows_exit(index: int, columns: Table) -> bool:
    """Tell whether the letter has taken its leave before a piece, and no running text has come since."""
    since = int(columns["since_exit"][index])
    return since < FAR and columns["running_before"][index - since + 1] == columns["running_before"][index]


def _prose(index: int, columns: Table) -> bool:
    """Tell whether a piece is two sentences or more that are no link."""
    return columns["chars"][index] > LONG and columns["sentences"][index] > SEVERAL and columns["linked"][index] < 0.5


def _signatures(pieces: Sequence[Piece], evidences: Sequence[Evidence]) -> Iterator[int]:
    """Yield the places of the names and posts that stand below a sign-off."""
    for index, evidence in enumerate(evidences):
        if "sign-off" not in evidence.whole:
            continue
        for below in range(index + 1, min(len(pieces), index + 1 + NAMES)):
            piece = pieces[below]
            if len(piece.text) > LONGEST_NAME or piece.level or piece.links or piece.text[-1] in ".:!?":
                break
            yield below


def _introduced(pieces: Sequence[Piece], evidences: Sequence[Evidence], gone: Sequence[bool]) -> Iterator[int]:
    """Yield the places of the items of a list whose introduction is dropped for what it says: "In this issue", "All my books"."""
    for index, piece in enumerate(pieces):
        said = evidences[index].said
        if (
            not gone[index]
            or _item(piece)
            or said.isdisjoint(LISTING)
            or (piece.text[-1] not in ":：" and said.isdisjoint(NAMING) and not piece.level)
        ):
            continue
        below = index + 1
        while below < len(pieces) and _item(pieces[below]) and len(pieces[below].text) <= LONGEST_ITEM:
            below += 1
        if below - index > 2:
            yield from range(index + 1, below)


def _item(piece: Piece) -> bool:
    return piece.shape is Shape.ITEM or bool(NUMBERED.match(piece.text))


def _islands(chances: Mapping[int, float], pieces: Sequence[Piece], gone: Sequence[bool], columns: Table) -> Iterator[int]:
    """Yield the places of one or two doubtful pieces that stand alone among dropped ones: a signature, a name."""
    kept: list[int] = []
    for index, dropped_here in enumerate(gone):
        if not dropped_here:
            kept.append(index)
            continue
        doubtful = all(chances[i] >= (DOUBT if len(pieces[i].text) > SHORT else SHORT_DOUBT) and not _prose(i, columns) for i in kept)
        if 0 < len(kept) <= (ISLAND if len(pieces) >= MANY else 1) and kept[0] > 0 and doubtful:
            yield from kept
        kept = []


def _remnants(
    chances: Mapping[int, float], pieces: Sequence[Piece], evidences: Sequence[Evidence], gone: Sequence[bool], columns: Table
) -> Iterator[int]:
    """Yield the places of what goes with the rest of its section, from a heading or rule to the next: the last text that is kept of it,
    unless it is surely text, and what stands in doubt around an offer.
    """
    starts = [i for i, piece in enumerate(pieces) if i == 0 or piece.level or columns["since_rule"][i] == 0]
    for start, end in zip(starts, [*starts[1:], len(pieces)], strict=True):
        kept = [i for i in range(start, end) if not gone[i]]
        if not 0 < len(kept) < end - start:
            continue
        left = kept[0]
        alone = len(kept) == 1 and chances[left] >= (DOUBT if _prose(left, columns) else SHORT_DOUBT) and not pieces[left].level
        offer = any(gone[i] and not evidences[i].said.isdisjoint(ADVERTS) for i in range(start, end))
        if alone or (offer and _doubted(kept, chances, pieces)):
            yield from kept


def _doubted(kept: Sequence[int], chances: Mapping[int, float], pieces: Sequence[Piece]) -> bool:
    """Tell whether all that is kept of a section with an offer is in doubt, and but a part of the letter."""
    least, mean = AROUND_OFFER
    size = sum(len(pieces[i].text) for i in kept)
    doubt = sum(chances[i] * len(pieces[i].text) for i in kept)
    return min(chances[i] for i in kept) >= least and doubt >= mean * size and size <= MINOR * sum(len(piece.text) for piece in pieces)


def sells(chances: Mapping[int, float], pieces: Sequence[Piece], columns: Table, sponsored: Container[int] = ()) -> bool:
    """Tell whether the letter as a whole is an advert or an appeal: much of its text is doubtful, and it names prices or asks for money.

    What stands in `sponsored` blocks is another's voice and does not count.
    """
    own = [index for index in range(len(pieces)) if index not in sponsored and not columns["exit"][index]]
    sizes = {index: len(pieces[index].text) for index in own}
    total = max(1, sum(sizes.values()))
    doubt = sum(chances[index] * size for index, size in sizes.items()) / total
    told = sum(size * max(0.0, 1 - chances[index] / BELIEVED) for index, size in sizes.items()) / total
    if told > TOLD:
        return False
    prices, offers, begs = (sum(min(1.0, columns[name][i]) for i in own) / max(1, len(own)) for name in ("prices", "offers", "begs"))
    words = sum(columns["trade"][i] * size for i, size in sizes.items()) / total
    trade = prices + offers + begs + 2 * words
    return (trade >= TRADE and doubt + trade >= SELLS) or (doubt >= APPEAL[0] and begs >= APPEAL[1])
