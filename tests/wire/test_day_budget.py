"""What a language model may cost a day, over restarts and with a ledger that can't be used."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from service.edges.chat_summariser import DayBudget

TODAY = date(2026, 3, 9)


def test_the_budget_outlives_a_restart(tmp_path: Path) -> None:
    """What was spent is remembered in the ledger."""
    DayBudget(100, tmp_path / "tokens").charge(90, TODAY)
    assert not DayBudget(100, tmp_path / "tokens").allows(11, TODAY)


def test_a_ledger_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    """On a full disk the count goes on in memory."""
    budget = DayBudget(100, tmp_path / "no such folder" / "tokens")
    budget.charge(90, TODAY)
    assert budget.spent(TODAY) == 90


def test_a_damaged_ledger_is_none(tmp_path: Path) -> None:
    """A ledger that can't be read counts from nothing."""
    (tmp_path / "tokens").write_text("no number", "utf-8")
    assert DayBudget(100, tmp_path / "tokens").allows(100, TODAY)
