"""`extract` and `summarise`: letters in files, without settings."""

from __future__ import annotations

from pathlib import Path

from tests.commands.terminal import nutgraf, objects
from tests.journey.invented import newsletter

KEYS = ["file", "kind", "source", "publisher", "subject", "date", "language", "stories", "dropped"]


def test_extract_prints_one_json_object_a_file_in_order(letter: Path, tmp_path: Path) -> None:
    """The fixed keys, the file as given, and standard output carries the JSON alone."""
    page = tmp_path / "page.html"
    page.write_text("<h1>A page</h1><p>The mill has been rebuilt by forty people in two summers, and it grinds again.</p>")
    done = nutgraf(tmp_path, "extract", "--format", "json", letter.name, str(page))

    first, second = objects(done)
    assert done.returncode == 0
    assert ([*first], first["file"], second["file"]) == (KEYS, letter.name, str(page))
    assert (first["kind"], first["subject"], first["date"]) == ("newsletter", "Bridge 7 opens", "2026-11-21T06:30:00+00:00")
    assert [*first["stories"][0]] == ["title", "text", "url", "language"]
    assert {*first["dropped"][0]} == {"text", "verdict", "reason"}
    assert "grinds again" in second["stories"][0]["text"]


def test_a_bad_file_is_an_object_and_the_rest_goes_on(letter: Path, tmp_path: Path) -> None:
    """Exit code 1, kind unreadable with a reason; the other files are read."""
    (tmp_path / "empty.eml").write_bytes(b"")
    done = nutgraf(tmp_path, "extract", "--format", "json", "none.eml", "empty.eml", letter.name)

    read = objects(done)
    assert done.returncode == 1
    assert [item["kind"] for item in read] == ["unreadable", "unreadable", "newsletter"]
    assert all(item["reason"] and item["stories"] == [] for item in read[:2])


def test_a_letter_comes_on_standard_input(tmp_path: Path) -> None:
    """`-` is a file like any other."""
    (read,) = objects(nutgraf(tmp_path, "extract", "--format", "json", "-", stdin=newsletter(3)))

    assert (read["file"], read["subject"]) == ("-", "Bridge 3 opens")


def test_running_text_is_read_as_it_is(tmp_path: Path) -> None:
    """A .txt file that looks like a header is text all the same."""
    (tmp_path / "note.txt").write_text(
        "Subject: matters\nof the river were discussed on Monday, when the mill stood still for six hours.\n"
    )
    (read,) = objects(nutgraf(tmp_path, "extract", "--format", "json", "note.txt"))

    assert read["stories"][0]["text"].startswith("Subject: matters")


def test_summarise_adds_the_summary_to_each_story_and_to_the_letter(letter: Path, tmp_path: Path) -> None:
    """At most N sentences for the letter, each of which stood in it; both spellings."""
    for command in ("summarise", "summarize"):
        (read,) = objects(nutgraf(tmp_path, command, "--format", "json", "--sentences", "2", letter.name))
        (story,) = read["stories"]

        assert [*read] == [*KEYS, "summary"]
        assert 0 < len(read["summary"]) <= 2
        assert all(" ".join(sentence.split()) in " ".join(story["text"].split()) for sentence in read["summary"] + story["summary"])


def test_earlier_issues_are_read_first(letter: Path, tmp_path: Path) -> None:
    """`--after` takes every file up to the next option."""
    for number in (1, 2):
        (tmp_path / f"{number}.eml").write_bytes(newsletter(number))
    done = nutgraf(tmp_path, "extract", "--after", "1.eml", "2.eml", "--format", "json", letter.name)

    assert [item["file"] for item in objects(done)] == [letter.name]


def test_why_shows_each_block_with_verdict_and_reason(letter: Path, tmp_path: Path) -> None:
    """The letter as its reader sees it; plain when piped."""
    shown = nutgraf(tmp_path, "extract", "--why", letter.name).stdout.decode()

    assert "\x1b[" not in shown
    assert "boilerplate  Sign up for more of our free letters." in shown


def test_several_files_are_told_apart(letter: Path, tmp_path: Path) -> None:
    """Each begins with its name, after an empty line."""
    shown = nutgraf(tmp_path, "summarise", letter.name, letter.name).stdout.decode()

    assert (shown.startswith("letter.eml: newsletter\n"), shown.count("\n\nletter.eml: newsletter\n")) == (True, 1)


def test_reasons_are_asked_for_in_one_form(letter: Path, tmp_path: Path) -> None:
    """`--why` and JSON together are wrong use, not one of them passed over."""
    assert nutgraf(tmp_path, "extract", "--why", "--format", "json", letter.name).returncode == 2


def test_a_language_of_an_operator_is_used(letter: Path, tmp_path: Path) -> None:
    """`--config DIR` brings phrases of its own; a mistake in them is named, not blamed on letters."""
    phrases = tmp_path / "own" / "boilerplate"
    phrases.mkdir(parents=True)
    (phrases / "en.toml").write_text("nonsense = \n")
    done = nutgraf(tmp_path, "extract", "--config", "own", letter.name)

    assert done.returncode == 2
    assert b"en.toml" in done.stderr
    assert b"Traceback" not in done.stderr
