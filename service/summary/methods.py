"""The summarisers that can be chosen by name: our own, and sumy's, each kept to texts that it can bear."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import cast

import numpy as np
from sumy.models.dom import ObjectDocumentModel, Paragraph
from sumy.models.dom import Sentence as SumySentence
from sumy.summarizers._summarizer import AbstractSummarizer

from service.summary.extractive import NutgrafSummarizer
from service.summary.fitness import leans
from service.summary.languages import stemmer, stop_words

# sumy's methods: where they are, and how many sentences each bears in about a second (LexRank compares every sentence with every
# other, KL goes through the whole text again for each word of it).
BORNE = {
    "lexrank": ("lex_rank.LexRankSummarizer", 400),
    "textrank": ("text_rank.TextRankSummarizer", 700),
    "lsa": ("lsa.LsaSummarizer", 600),
    "luhn": ("luhn.LuhnSummarizer", 1500),
    "edmundson": ("edmundson.EdmundsonSummarizer", 2000),
    "kl": ("kl.KLSummarizer", 100),
    "sumbasic": ("sum_basic.SumBasicSummarizer", 1500),
    "reduction": ("reduction.ReductionSummarizer", 500),
}
NAMES = ("nutgraf", *BORNE)

Chosen = tuple[Sequence[SumySentence], str]


def choose(method: str, sentences: Sequence[SumySentence], count: int, fit: Sequence[bool], language: str) -> Chosen:
    """Return at most `count` of the sentences marked `fit`, in order, and a note where the method could not do as it was told.

    Raises ValueError for a method that is not among NAMES.
    """
    if method != "nutgraf" and method not in BORNE:
        raise ValueError(f"no method {method!r}; there are {', '.join(NAMES)}")
    note = ""
    if method in BORNE:
        chosen, note = _by_sumy(method, [one for one, good in zip(sentences, fit, strict=True) if good], count, language)
        if chosen:
            return chosen, note
    return _nutgraf(language).choose(sentences, count, np.array(fit, dtype=bool)), note


def _nutgraf(language: str) -> NutgrafSummarizer:
    summariser = NutgrafSummarizer(stemmer(language))
    summariser.stop_words = stop_words(language)
    summariser.language = language
    return summariser


def _by_sumy(method: str, sentences: Sequence[SumySentence], count: int, language: str) -> Chosen:
    name, bearable = BORNE[method]
    different = list({str(one): one for one in reversed(sentences)}.values())[::-1]
    borne = different[:bearable]
    note = f"{method} looked at the first {bearable} of {len(different)} sentences" if len(different) > bearable else ""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            chosen = _summariser(name, borne, language)(ObjectDocumentModel([Paragraph(borne)]), count)
    except (ArithmeticError, ValueError, LookupError, np.linalg.LinAlgError) as error:
        return (), f"{method} failed ({type(error).__name__}), so nutgraf stood in"
    return (chosen, note) if chosen else ((), f"{method} found nothing, so nutgraf stood in")


def _summariser(
    name: str, sentences: Sequence[SumySentence], language: str
) -> Callable[[ObjectDocumentModel, int], Sequence[SumySentence]]:
    module, _, kind = name.partition(".")
    summariser: AbstractSummarizer = getattr(import_module(f"sumy.summarizers.{module}"), kind)(stemmer(language))
    stops = stop_words(language)
    if kind == "EdmundsonSummarizer":  # it refuses to work without all three
        summariser.null_words = stops or {"the"}
        summariser.bonus_words = frozenset(sentences[0].words[:50]) if sentences else {"the"}
        summariser.stigma_words = frozenset(one.words[0] for one in sentences if one.words and leans(one.words, language)) or {"however"}
    else:
        summariser.stop_words = stops
    return cast("Callable[[ObjectDocumentModel, int], Sequence[SumySentence]]", summariser)
