"""An operator's templates, tried out on an invented digest that has something of everything, before a reader gets one."""

from __future__ import annotations

import traceback
from dataclasses import replace
from datetime import date

from service.digest import wording
from service.digest.rendering import Frame, Templates, default, render
from service.digest.selection import Choice, Section
from service.records import Coverage, Entry, Outcome

_DAY = date(2023, 12, 31)
"""The last of the weekdays, and of the months: a list that is too short fails here."""
_ENTRIES = (
    Entry(("a/0",), "A title", ("A sentence.", "Another one."), "https://news.example/1", ("One", "Two"), "en", "one picture", 2),
    Entry(("b/0",), "A title without more", (), None, ("One",)),
)
_FULL = Choice(
    (Section("", _ENTRIES[:1], "mid:1@news.example"), Section("One", _ENTRIES[1:])),
    tuple(Coverage(str(place), outcome, "personal mail") for place, outcome in enumerate(Outcome)),
    (("A letter", "broken"),),
    more=3,
)


def faults(templates: Templates) -> tuple[str, ...]:
    """Return what is wrong with the templates, a line each: the file, the line where it is known, and why."""
    return tuple(
        fault
        for name, tried in (
            ("words.toml", replace(default(), words=templates.words)),
            ("digest.txt", replace(default(), text=templates.text)),
            ("digest.html", replace(default(), html=templates.html)),
        )
        if (fault := _fault(name, tried))
    )


def _fault(name: str, templates: Templates) -> str:
    try:
        for language in wording.languages(templates.words):
            for frame, choice in _digests(language):
                render(frame, choice, templates)
    except Exception as error:  # noqa: BLE001 - a template is a program of somebody else's: it may fail in any way
        return f"{name}: {_place(error)}{error if str(error) else type(error).__name__}"
    return ""


def _digests(language: str) -> tuple[tuple[Frame, Choice], ...]:
    """Return a full digest, one about a letter without an article, and one without letters."""
    full = Frame("Nutgraf", _DAY, language, missed=(_DAY,), notices=("A notice.",))
    return (full, _FULL), (Frame("Nutgraf", _DAY, language, alone=True), Choice()), (Frame("Nutgraf", _DAY, language), Choice())


def _place(error: Exception) -> str:
    """Return where in a template an error arose; Jinja2 puts the template's lines into the traceback."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename in {"<template>", "<unknown>"}]
    line = getattr(error, "lineno", None) or (lines[-1] if lines else None)
    if isinstance(error, KeyError):
        return "there is no "
    if isinstance(error, IndexError):
        return "weekdays are seven, months twelve, other lists one or two: "
    return f"line {line}: " if line else ""
