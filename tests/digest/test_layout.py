"""A digest in a real browser: nothing sticks out on a telephone, and dark mode is dark."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from service.digest import preview
from service.records import Notice, Outcome
from tests.digest.letters import NOW, edition, headline, letter, story

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PROBE = """<!DOCTYPE html><html><body><iframe id="f" width="{width}" height="800" srcdoc="{page}"></iframe><script>
document.getElementById("f").onload = function () {{
  const page = this.contentDocument;
  const ink = this.contentWindow.getComputedStyle(page.querySelector("h1")).color;
  const ground = this.contentWindow.getComputedStyle(page.querySelector(".card")).backgroundColor;
  document.body.dataset.found = page.documentElement.scrollWidth + "|" + ink + "|" + ground;
}};
</script></body></html>"""

pytestmark = [
    pytest.mark.chromium,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]


def _page() -> str:
    """Return a digest with what is hardest to fit: long words, long links, other scripts, a long footer."""
    wide = story("Wort" * 80 + " endet.", "Donaudampfschifffahrts" * 6, url="https://example.org/" + "a" * 400, language="de")
    arabic = story("غادرت أول عبارة في الساعة السادسة.", "العبارات تعود", language="ar")
    lost = letter(8, outcome=Outcome.UNREADABLE, reason="x" * 200, stories=())
    material = (letter(1, wide, publisher="P" * 80), letter(2, arabic), letter(3, *map(headline, range(9))), lost)
    return preview(edition(entries=6), NOW, material, (Notice("k", "y" * 200),)).html


def _look(folder: Path, width: int, *options: str) -> tuple[int, str, str]:
    """Return the width that the digest takes in a frame of `width`, and the colours of its title and its ground."""
    page = folder / "probe.html"
    page.write_text(PROBE.format(width=width, page=html.escape(_page())), "utf-8")
    command = [
        str(CHROMIUM),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={folder}",
        *options,
        "--dump-dom",
        page.as_uri(),
    ]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout  # noqa: S603 (our own command)
    found = re.search(r'data-found="(\d+)\|([^|]*)\|([^"]*)"', dom)
    assert found, dom[:500]
    return int(found[1]), found[2], found[3]


@pytest.mark.parametrize("width", [320, 390, 1200])
def test_nothing_sticks_out(tmp_path: Path, width: int) -> None:
    """No reader has to scroll sideways, however long a word or a link."""
    assert _look(tmp_path, width)[0] <= width


def test_dark_mode_is_dark(tmp_path: Path) -> None:
    """Light ink on dark ground where the reader asked for it."""
    assert _look(tmp_path, 390, "--blink-settings=preferredColorScheme=0")[1:] == ("rgb(233, 230, 223)", "rgb(27, 30, 33)")
