"""Summaries beside their peers, in one run: ROUGE against people's summaries, time a document, time and memory of long texts, import.

    ./run bench summaries FOLDER [--sentences 3] [--peers all|none]

FOLDER holds *.jsonl, a set each, with rows {"id", "lang", "title", "text", "refs": [...]}. Needs the extra [bench]. A document's score is
the best over its references, R1 / R2 / RL as rouge-score counts them (English stemmed; other languages by Unicode words, unstemmed).
«Lead» is the first sentences as nupunkt cuts them, «equal words» the text's first words, as many as the summary has: longer summaries
win by length alone where references are long. Intervals are bootstraps over documents (95 %). Peers are sumy's own methods with sumy's
tokenizer; where NLTK has no data on this machine they get our sentences and words, which is said, and makes them faster than they are.
"""

from __future__ import annotations

import argparse
import importlib
import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from statistics import fmean
from typing import Any

from service.records import Story
from service.summary import condense, summarise
from service.summary.languages import stemmer, stop_words, words
from service.summary.methods import BORNE

MEASURES = ("rouge1", "rouge2", "rougeL")
Scores = dict[str, float]
Method = Callable[["Article", int], str]


@dataclass(frozen=True, slots=True)
class Article:
    """A document with people's summaries of it."""

    name: str
    language: str
    title: str
    text: str
    references: tuple[str, ...]


def read(folder: Path) -> list[Article]:
    """Return the articles of every set in a folder, named by the set."""
    rows = [(path.stem, json.loads(line)) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
    return [Article(name, row["lang"], row.get("title") or "", row["text"], tuple(row["refs"])) for name, row in rows]


# -- methods -----------------------------------------------------------------------------------------------------------


def ours(article: Article, sentences: int) -> str:
    """Return our summary."""
    return " ".join(summarise(article.text, title=article.title, language=article.language, sentences=sentences))


def lead(article: Article, sentences: int) -> str:
    """Return the first sentences."""
    cut = importlib.import_module("nupunkt").sent_tokenize
    split = [one for line in article.text.splitlines() if line.strip() for one in cut(line) if one.strip()]
    return " ".join(split[:sentences])


def stock(method: str) -> Method:
    """Return one of sumy's methods as sumy runs it: its tokenizer, its stemmer, its stop words."""
    from sumy.nlp.stemmers import Stemmer
    from sumy.nlp.tokenizers import Tokenizer
    from sumy.parsers.plaintext import PlaintextParser
    from sumy.utils import get_stop_words

    module, _, kind = BORNE[method][0].partition(".")
    summariser = getattr(importlib.import_module(f"sumy.summarizers.{module}"), kind)(Stemmer("english"))
    tokenizer, stops = Tokenizer("english"), get_stop_words("english")
    if method == "edmundson":
        summariser.bonus_words, summariser.stigma_words, summariser.null_words = {"significant"}, {"hardly"}, stops
    else:
        summariser.stop_words = stops

    def run(article: Article, sentences: int) -> str:
        return " ".join(map(str, summariser(PlaintextParser.from_string(article.text, tokenizer).document, sentences)))

    return run


def on_our_sentences(method: str) -> Method:
    """Return one of sumy's methods on our sentences and words."""

    def run(article: Article, sentences: int) -> str:
        story = Story(article.title, article.text, language=article.language)
        return " ".join(one.text for one in condense(story, sentences, method).sentences)

    return run


def peers() -> dict[str, Method]:
    """Return sumy's methods, stock where NLTK has its data."""
    try:
        return {f"sumy {method}": stock(method) for method in BORNE}
    except LookupError:
        print("NLTK has no data here: sumy's methods get our sentences and words\n")
        return {f"{method} (our sentences)": on_our_sentences(method) for method in BORNE}


# -- scores ------------------------------------------------------------------------------------------------------------


class Scorer:
    """ROUGE of a summary, the best over the references."""

    def __init__(self) -> None:
        scorer = importlib.import_module("rouge_score.rouge_scorer")
        self._english = scorer.RougeScorer(list(MEASURES), use_stemmer=True)
        self._other = scorer.RougeScorer(list(MEASURES), tokenizer=self)

    @staticmethod
    def tokenize(text: str) -> list[str]:
        """Return Unicode words: rouge-score cuts words at letters outside ASCII."""
        return re.findall(r"\w+", text.casefold())

    def of(self, article: Article, summary: str) -> Scores:
        """Return F1 of each measure."""
        scorer = self._english if article.language == "en" else self._other
        scores = [scorer.score(reference, summary) for reference in article.references]
        return {measure: max(score[measure].fmeasure for score in scores) for measure in MEASURES}


def interval(gaps: Sequence[float]) -> str:
    """Return the mean of paired differences with its bootstrapped 95 % interval, in points."""
    rng = random.Random(7)  # noqa: S311
    samples = sorted(fmean(rng.choices(gaps, k=len(gaps))) for _ in range(1000))
    return f"{100 * fmean(gaps):+.2f} [{100 * samples[24]:+.2f}, {100 * samples[974]:+.2f}]"


def compare(articles: Sequence[Article], methods: dict[str, Method], sentences: int) -> None:
    """Print a table a set, and one of all English sets together."""
    scorer, everything = Scorer(), dict[str, list[Any]]()
    for name, group in groupby(articles, key=lambda one: one.name):
        documents = list(group)
        leads = [scorer.of(one, lead(one, sentences)) for one in documents]
        _print_head(name, len(documents), leads)
        for method, run in methods.items():
            rows = [_row(one, run, sentences, scorer, first) for one, first in zip(documents, leads, strict=True)]
            _print_row(method, rows)
            if documents[0].language == "en":
                everything.setdefault(method, []).extend(rows)
    _print_head("pooled English", max(map(len, everything.values()), default=0), [])
    for method, rows in everything.items():
        _print_row(method, rows)


def _row(article: Article, run: Method, sentences: int, scorer: Scorer, first: Scores) -> dict[str, Any]:
    started = time.perf_counter()
    summary = run(article, sentences)
    spent = time.perf_counter() - started
    head = " ".join(article.text.split()[: len(summary.split())])
    return {
        "scores": scorer.of(article, summary),
        "lead": first,
        "head": scorer.of(article, head),
        "spent": spent,
        "words": len(summary.split()),
    }


def _print_head(name: str, count: int, leads: Sequence[Scores]) -> None:
    shown = " / ".join(f"{100 * fmean(one[measure] for one in leads):.1f}" for measure in MEASURES) if leads else ""
    print(f"\n{name}, {count} documents; lead {shown}")
    print(f"{'method':24} {'R1':>5} {'R2':>5} {'RL':>5}  {'R1 minus lead':22} {'R1 at equal words':22} words  ms (median)")


def _print_row(method: str, rows: Sequence[dict[str, Any]]) -> None:
    figures = " ".join(f"{100 * fmean(row['scores'][measure] for row in rows):5.1f}" for measure in MEASURES)
    gap, same = (interval([row["scores"]["rouge1"] - row[other]["rouge1"] for row in rows]) for other in ("lead", "head"))
    spent = sorted(1000 * row["spent"] for row in rows)
    took = f"{fmean(row['words'] for row in rows):5.0f} {fmean(spent):6.2f} ({spent[len(spent) // 2]:.2f})"
    print(f"{method:24} {figures}  {gap:22} {same:22} {took}")


# -- cost --------------------------------------------------------------------------------------------------------------

FIRST = """
import resource, time
started = time.perf_counter()
{code}
print(f"{{time.perf_counter() - started:.2f}} s, {{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:.0f}} MB")
"""
OURS = "from service.summary import summarise; summarise('The boat left. ' * 9)"
STOCK = """
from sumy.nlp.stemmers import Stemmer
from sumy.nlp.tokenizers import Tokenizer
from sumy.parsers.plaintext import PlaintextParser
from sumy.summarizers.lex_rank import LexRankSummarizer
LexRankSummarizer(Stemmer("english"))(PlaintextParser.from_string("The boat left. " * 9, Tokenizer("english")).document, 3)
"""


def cost(articles: Sequence[Article]) -> None:
    """Print the time of long texts, and what the first summary of a process takes with its imports."""
    print("\nimport to first summary, peak memory:")
    for name, code in (("nutgraf", OURS), ("sumy lexrank", STOCK)):
        done = subprocess.run([sys.executable, "-c", FIRST.format(code=code)], capture_output=True, text=True, check=False)
        print(f"  {name:14} {done.stdout.strip() or 'failed: ' + done.stderr.strip().rpartition(chr(10))[2]}")
    text = " ".join(one.text for one in articles if one.language == "en")
    split = text.replace("\n", " ").split(". ")
    for count in (1_000, 10_000):
        long = ". ".join((split * (count // max(len(split), 1) + 1))[:count])
        started = time.perf_counter()
        summarise(long)
        print(f"  {count:6} sentences  {time.perf_counter() - started:.3f} s")


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sentences", type=int, default=3)
    parser.add_argument("--peers", choices=("all", "none"), default="all")
    options = parser.parse_args()
    articles = read(options.folder)
    for language in {one.language for one in articles}:  # the first summary loads things; it is measured below
        stemmer(language), stop_words(language), words("")
        summarise("Once. Twice. " * 9, language=language)
    compare(articles, {"nutgraf": ours, **(peers() if options.peers == "all" else {})}, options.sentences)
    cost(articles)


if __name__ == "__main__":
    main()
