"""Judges the pieces of a letter: kept, advert, boilerplate or hidden, each with a reason that a person understands.

    features, surroundings   what can be counted of each piece
    forest                   small trees, trained on labelled letters (benchmarks/train_judge.py), make a chance of it
    verdicts                 how sure they must be
    sections                 what a label such as "Sponsored" governs
    memory, fates            what stood in earlier issues of the source, and what became of what was built alike
    reasons                  what of it a person is told

The algorithm in prose is in docs/judging.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from service.newsletter.blocks import HIDDEN, IMAGE, KEPT, RULE, Judged, Letterhead, Piece
from service.newsletter.fates import Past, framed, pasts
from service.newsletter.features import Evidence, Table, table, visible
from service.newsletter.memory import recurring, stood
from service.newsletter.phrases import ADVERTS, Rules
from service.newsletter.reasons import JOBS, RECURS, SELLS, SHUNNED, SPONSORED, reason_of
from service.newsletter.sections import evidence_of, governed
from service.newsletter.verdicts import IN_DOUBT, doubtful, dropped, sells
from service.records import Memory, Verdict

ADVERT = 0.5  # what is not kept is an advert where the chance of that is at least this
EASE = 0.25  # by how much the chance is lowered of what is built like what has always been kept


def judge(pieces: Sequence[Piece], rules: Rules, memory: Memory, letterhead: Letterhead) -> tuple[Judged, ...]:
    """Return every piece with its verdict and reason, in the same order."""
    shown = visible(pieces)
    by_place = {judged.piece.place: judged for judged in _judge(shown, pieces, rules, memory, letterhead)}
    return _with_pictures([by_place.get(piece.place) or _unjudged(piece) for piece in pieces])


def _judge(shown: Sequence[Piece], pieces: Sequence[Piece], rules: Rules, memory: Memory, letterhead: Letterhead) -> list[Judged]:
    evidences = evidence_of(shown, rules)
    if not shown:
        return []
    columns = table(shown, evidences, letterhead, pieces, rules.learned.words)
    marks = {piece.place: piece.shape for piece in pieces if piece.shape in (RULE, IMAGE)}
    labels = governed(shown, evidences, marks)
    past = pasts(memory, shown)
    plain = {index for index, found in enumerate(evidences) if found.whole or index in labels}
    forests, count = rules.learned.forests, len(shown)
    scores = forests["wrapping"].scores(columns, count, [i for i in range(count) if i not in plain])
    chances = dict.fromkeys(plain, 1.0) | scores
    gone = dropped(chances | _eased(scores, past, shown, evidences), shown, evidences, columns)
    recalled = _recalled(memory, past, shown, scores, columns, gone)
    selling = sells(chances, shown, columns, labels)
    adverts = forests["advert"].scores(columns, count, [i for i in range(count) if i not in plain and (gone[i] or i in recalled)])
    adverts |= {index: float(not evidences[index].whole.isdisjoint(ADVERTS)) for index in plain}
    found = []
    for index, piece in enumerate(shown):
        verdict = Verdict.ADVERT if adverts.get(index, 0.0) >= ADVERT else Verdict.BOILERPLATE
        if index in labels:
            category, label = labels[index]
            found.append(Judged(piece, Verdict.ADVERT, JOBS if category == "jobs" else SPONSORED.format(label)))
        elif gone[index]:
            found.append(Judged(piece, verdict, reason_of(verdict, evidences[index], columns, index)))
        elif index in recalled:
            found.append(Judged(piece, verdict, recalled[index]))
        else:
            found.append(Judged(piece, Verdict.ADVERT, SELLS) if selling else Judged(piece))
    return found


def _recalled(
    memory: Memory, past: Sequence[Past], shown: Sequence[Piece], scores: Mapping[int, float], columns: Table, gone: Sequence[bool]
) -> dict[int, str]:
    """Return index -> reason of what earlier issues speak against: it stood in them, or what was built alike was wrapping there.

    Where a line that stood in them opens a frame and is dropped, less is needed against what else is in the frame.
    """
    known = stood(memory, shown, {index for index, chance in scores.items() if chance < IN_DOUBT})
    inside = framed(shown, [seen and lost for seen, lost in zip(known, gone, strict=True)])
    against = [index for index in scores if past[index].shunned or (past[index].suspected and index in inside)]
    shunned = {index: SHUNNED for index in against if doubtful(index, scores, columns)}
    return shunned | {index: RECURS for index, seen in enumerate(recurring(shown, known)) if seen}


def _eased(scores: Mapping[int, float], past: Sequence[Past], shown: Sequence[Piece], evidences: Sequence[Evidence]) -> dict[int, float]:
    """Return a lower chance for what is built like all that earlier issues kept, where nothing but the trees speaks against it."""
    spared = (index for index in scores if past[index].trusted and not evidences[index].hits and not shown[index].links)
    return {index: scores[index] - EASE for index in spared}


def _unjudged(piece: Piece) -> Judged:
    return Judged(piece, HIDDEN if piece.hidden else KEPT, piece.hidden)


def _with_pictures(judged: Sequence[Judged]) -> tuple[Judged, ...]:
    """Return the pieces, a picture between two pieces that were dropped alike dropped with them; a letter of pictures keeps them."""
    texts = [one for one in judged if one.piece.text and one.piece.shape is not IMAGE and not one.piece.hidden]
    if not any(one.verdict is KEPT for one in texts):
        return tuple(judged)
    result, before = [], None
    following = iter([*texts, None])
    after = next(following)
    for one in judged:
        while after is not None and after.piece.place <= one.piece.place:
            before, after = after, next(following)
        picture = one.piece.shape is IMAGE and not one.piece.hidden
        if picture and before and after and before.verdict is after.verdict and before.verdict is not KEPT:
            result.append(Judged(one.piece, before.verdict, before.reason))
        else:
            result.append(one)
    return tuple(result)
