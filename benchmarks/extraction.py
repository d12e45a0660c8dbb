"""How well articles are separated from their wrapping, and how fast, beside general extractors.

    python benchmarks/extraction.py FOLDER...

FOLDER is in the format of `benchmarks/gold.py`. Peers are measured where they are installed: trafilatura, justext. Figures are means over
letters; the time is the median of one letter in milliseconds, all tools in this one process.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from statistics import fmean, median

from benchmarks.gold import Score, body, letters, measure
from service.newsletter import read
from service.records import Newsletter

Tool = Callable[[Path], str]


def nutgraf(source: Path) -> str:
    """Return what this product keeps of a letter."""
    newsletter = read(source.read_bytes())
    stories = newsletter.stories if isinstance(newsletter, Newsletter) else ()
    return "\n".join(f"{story.title or ''}\n{story.text}" for story in stories)


def everything(source: Path) -> str:
    """Return all text of a letter."""
    from benchmarks.gold import rendered

    return "\n".join(rendered(source))


def trafilatura(source: Path) -> str:
    """Return what trafilatura keeps when it is asked for recall."""
    from trafilatura import extract

    html, text = body(source)
    return (extract(html, favor_recall=True) or "") if html else text


def justext(source: Path) -> str:
    """Return what jusText keeps with its English word list."""
    from justext import get_stoplist
    from justext import justext as paragraphs

    html, text = body(source)
    if not html:
        return text
    return "\n".join(paragraph.text for paragraph in paragraphs(html.encode(), get_stoplist("English")) if not paragraph.is_boilerplate)


def tools() -> Iterator[tuple[str, Tool]]:
    """Yield the tools that can be measured here, by name."""
    yield "nutgraf", nutgraf
    yield "everything", everything
    yield from ((tool.__name__, tool) for tool in (trafilatura, justext) if find_spec(tool.__name__))


def main() -> None:
    """Print a row a tool."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    gold = [letter for folder in parser.parse_args().folders for letter in letters(folder)]
    print(f"{len(gold)} letters\n{'':14}    F1   leak  crumbs     ms")
    for name, tool in tools():
        tool(gold[0][0])  # what is loaded once is not counted
        scores, times = zip(*(_timed(tool, source, lines) for source, lines in gold), strict=True)
        f1, leak, crumbs = (fmean(column) for column in zip(*scores, strict=True))
        print(f"{name:14} {f1:.3f}  {leak:.3f}   {crumbs:.3f}  {1000 * median(times):6.1f}")


def _timed(tool: Tool, source: Path, lines: list) -> tuple[Score, float]:  # type: ignore[type-arg]
    start = time.perf_counter()
    extracted = tool(source)
    took = time.perf_counter() - start
    return measure(lines, extracted), took


if __name__ == "__main__":
    main()
