"""Sentence boundaries beside their peers, in one run: precision, recall, F1, documents split exactly as they should be, time.

    ./run bench sentences FOLDER

FOLDER holds *.jsonl, a set each, with rows {"id", "lang", "text", "sents"}. A boundary is the number of characters other than white space
after which a sentence ends; the text's own end does not count. Peers are asked line by line, since most of them do not know that a
line end is a boundary; those that are not installed are left out (the extra [bench] has them). pySBD is left out: its wheel installs
a top-level package called `benchmarks`.
"""

from __future__ import annotations

import argparse
import importlib
import json
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from service.summary.sentences import split

Splitter = Callable[[str, str], Iterable[str]]


def by_line(cut: Splitter, text: str, language: str) -> list[str]:
    """Return the sentences of each line."""
    return [one for line in text.splitlines() if line.strip() for one in cut(line, language)]


def _nupunkt(module: Any) -> Splitter:
    return lambda text, _: module.sent_tokenize(text)


def _sentencex(module: Any) -> Splitter:
    return lambda text, language: list(module.segment(language, text))


def _blingfire(module: Any) -> Splitter:
    return lambda text, _: module.text_to_sentences(text).split("\n")


def _syntok(module: Any) -> Splitter:
    def cut(text: str, _: str) -> Iterable[str]:
        return ["".join(word.spacing + word.value for word in one) for paragraph in module.process(text) for one in paragraph]

    return cut


PEERS: dict[str, tuple[str, Callable[[Any], Splitter]]] = {
    "nupunkt": ("nupunkt", _nupunkt),
    "sentencex": ("sentencex", _sentencex),
    "blingfire": ("blingfire", _blingfire),
    "syntok": ("syntok.segmenter", _syntok),
}


def splitters() -> dict[str, Splitter]:
    """Return ours and the peers that are installed."""
    found: dict[str, Splitter] = {"nutgraf": split}
    for name, (module, made) in PEERS.items():
        try:
            found[name] = partial(by_line, made(importlib.import_module(module)))
        except ImportError:
            print(f"{name} is not installed")
    return found


def boundaries(sentences: Iterable[str]) -> set[int]:
    """Return after how many characters other than white space each sentence ends, the last one's end left out."""
    ends, position = set(), 0
    for sentence in sentences:
        position += len("".join(sentence.split()))
        ends.add(position)
    return ends - {0, position}


def measure(rows: list[dict[str, Any]], cut: Splitter) -> str:
    """Return a row of the table."""
    started = time.perf_counter()
    answers = [list(cut(row["text"], row["lang"])) for row in rows]
    spent = 1000 * (time.perf_counter() - started) / len(rows)
    pairs = [(boundaries(row["sents"]), boundaries(answer)) for row, answer in zip(rows, answers, strict=True)]
    hit = sum(len(want & have) for want, have in pairs)
    precision, recall = hit / max(sum(len(have) for _, have in pairs), 1), hit / max(sum(len(want) for want, _ in pairs), 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    exact = sum(want == have for want, have in pairs)
    return f"{precision:.3f} {recall:.3f} {f1:.4f} {exact:4}/{len(rows):<4} {spent:7.2f}"


def main() -> None:
    """Print a table a set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    found = splitters()
    for path in sorted(parser.parse_args().folder.glob("*.jsonl")):
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        print(f"\n{path.stem}, {len(rows)} documents\n{'splitter':12} P     R     F1      exact    ms a document")
        for name, cut in found.items():
            print(f"{name:12} {measure(rows, cut)}")


if __name__ == "__main__":
    main()
