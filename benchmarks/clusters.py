"""How many tellings of one story `service.digest.clusters` finds, and how many stories it merges wrongly.

    ./run bench clusters FOLDER

FOLDER holds `*.jsonl` files with a news text a line: {"lang", "text", "refs": [summary, …]}. The opening of the text and its summaries are
tellings of one story; tellings of two texts are two stories. Pairs of different texts that are found to be one are printed: some files
hold two reports on one event, and then the finding is right.
"""

from __future__ import annotations

import json
import sys
import time
from itertools import combinations
from pathlib import Path

from service.digest import clusters
from service.records import Story

Telling = tuple[str, Story]


def tellings(file: Path) -> list[Telling]:
    """Return (text, telling) pairs: the text's opening and each of its summaries."""
    found = []
    for number, line in enumerate(file.read_text("utf-8").splitlines()):
        row = json.loads(line)
        texts = [row["text"][: clusters.OPENING], *(ref if isinstance(ref, str) else " ".join(ref) for ref in row["refs"])]
        found += [(f"{file.stem} {number}", Story(None, text, language=row.get("lang"))) for text in texts]
    return found


def measure(language: str, told: list[Telling]) -> None:
    """Print what is found among all pairs, and how long grouping takes."""
    start = time.perf_counter()
    compared = clusters.weigh([(f"source {place}", story) for place, (_, story) in enumerate(told)])
    pairs = {True: 0, False: 0}
    found = {True: 0, False: 0}
    for one, other in combinations(range(len(told)), 2):
        alike = told[one][0] == told[other][0]
        pairs[alike] += 1
        if clusters.same(compared[one], compared[other]):
            found[alike] += 1
            if not alike:
                print(f"  merged: {told[one][1].text[:90]!r}\n          {told[other][1].text[:90]!r}")
    took = time.perf_counter() - start
    share = found[True] / max(1, pairs[True])
    print(f"{language}: {pairs[True]} pairs of one story, {share:.0%} found; {pairs[False]} of two, {found[False]} merged; {took:.1f} s")


def main(folder: Path) -> None:
    """Measure each language by itself."""
    told = [telling for file in sorted(folder.glob("*.jsonl")) for telling in tellings(file)]
    for language in sorted({story.language or "" for _, story in told}):
        measure(language, [telling for telling in told if (telling[1].language or "") == language])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
