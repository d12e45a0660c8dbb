"""Dates of letters and dates that texts state for themselves."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.newsletter.dates import anywhere, received, sent, stated

DAY = datetime(2023, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "date 2023-02-03 Sign up to our letter and read on",
        "Friday, 3 February 2023\nThe bridge opened.",
        "The Paper\nIssue 12 — February 3rd, 2023\nThe bridge",
        "Ausgabe vom 3. Februar 2023",
        "3 de febrero de 2023",
        "Le 3 février 2023",
        "venerdì 3 febbraio 2023",
        "vrijdag 3 februari 2023",
        "piątek, 3 lutego 2023",
        "3 февраля 2023 г.",
        "den 3 februari 2023",
        "2023年2月3日号",
        "03.02.2023",
    ],
)
def test_a_text_states_its_date(text: str) -> None:
    """At the beginning, or alone on one of the first lines, in many languages."""
    assert stated(text) == DAY


@pytest.mark.parametrize(
    "text", ["On 3 February 2023, the president said that the bridge was open and that all would be well.", "99 Foo 2020", "2023-13-40", ""]
)
def test_a_date_in_passing_is_not_the_text_s_own(text: str) -> None:
    """A sentence that mentions a date states nothing about the letter."""
    assert stated(text) is None


@pytest.mark.parametrize(
    "value",
    [
        "",
        "sometime in May",
        "Fri, 31 Feb 2020 10:00:00 +0000",
        "Thu, 1 Jan 1970 00:00:00 +0000",
        "x" * 1000,
        "Mon, 1 Jan 9999 00:00:00 +0000",
    ],
)
def test_a_date_field_that_cannot_be_true_is_none(value: str) -> None:
    """Broken clocks and broken fields are no reason to fail."""
    assert sent(value) is None


def test_a_date_field_without_a_zone_is_utc() -> None:
    """Times are aware, always."""
    assert sent("Fri, 3 Feb 2023 00:00:00 -0000") == DAY


def test_the_date_of_a_received_field_stands_at_its_end() -> None:
    """The last resort of a letter with a broken Date."""
    assert received("from a by b; Fri, 3 Feb 2023 00:00:00 +0000") == DAY


@pytest.mark.parametrize("text", ["Sunday, May 5, 2024 at 08:15:00 PM GMT", "Sonntag, 5. Mai 2024 20:15", "2024年5月5日(日) 20:15"])
def test_a_printed_date_with_its_time(text: str) -> None:
    """As mail programs print it above a forwarded letter."""
    assert anywhere(text) == datetime(2024, 5, 5, 20, 15, tzinfo=UTC)
