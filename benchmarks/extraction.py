"""How well articles are separated from their wrapping, and how fast, beside general extractors.

    python benchmarks/extraction.py FOLDER...

How well: on the labelled letters in FOLDER (see `benchmarks/gold.py`); figures are means over letters. How fast: on the HTML of all letters
in FOLDER, labelled or not; each is read in turn by every tool, the best of ROUNDS counts. Peers are measured where they are installed:
trafilatura, justext. All tools work in this one process.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import fmean, median

from benchmarks.gold import Line, body, letters, measure
from service.newsletter import DEFAULT_RULES, Rules, read
from service.records import Newsletter

ROUNDS = 3
Tool = Callable[[Path], str]


def nutgraf(source: Path, rules: Rules = DEFAULT_RULES) -> str:
    """Return what this product keeps of a letter."""
    newsletter = read(source.read_bytes(), rules=rules)
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
    """Print a row a tool, and the speed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    folders = parser.parse_args().folders
    if gold := [letter for folder in folders for letter in letters(folder)]:
        quality(gold)
    pages = [body(source)[0] for folder in folders for source in sorted(folder.rglob("*")) if source.suffix in (".eml", ".html")]
    speed([page for page in pages if page.strip()])


def quality(gold: Sequence[tuple[Path, list[Line]]]) -> None:
    """Print how well each tool does on labelled letters."""
    print(f"{len(gold)} letters\n{'':14}    F1   leak  crumbs")
    for name, tool in tools():
        scores = [measure(lines, tool(source)) for source, lines in gold]
        f1, leak, crumbs = (fmean(column) for column in zip(*scores, strict=True))
        print(f"{name:14} {f1:.3f}  {leak:.3f}   {crumbs:.3f}")


def speed(pages: Sequence[str]) -> None:
    """Print how long each tool takes for the same HTML, in processor time."""
    readers: dict[str, Callable[[str], object]] = {"nutgraf": lambda page: read(page.encode("utf-8", "replace"))}
    if find_spec("trafilatura"):
        from trafilatura import extract

        readers["trafilatura"] = extract
    best = {name: [float("inf")] * len(pages) for name in readers}
    for _ in range(ROUNDS):
        for number, page in enumerate(pages):
            for name, reader in readers.items():
                start = time.thread_time()
                reader(page)
                best[name][number] = min(best[name][number], time.thread_time() - start)
    own = median(best["nutgraf"])
    print(f"\n{len(pages)} letters' HTML, the best of {ROUNDS} each, on {machine()}\n{'':14}median ms  nutgraf is")
    for name, times in best.items():
        print(f"{name:14}{1000 * median(times):9.2f}  {median(times) / own:.2f} times as fast")


def machine() -> str:
    """Return the processor, Python and load."""
    told = Path("/proc/cpuinfo")
    names = re.findall(r"model name\s*: (.*)", told.read_text()) if told.exists() else []
    return f"{os.cpu_count()} x {next(iter(names), platform.machine())}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    main()
