"""Every step until nothing is left to do, with a line a step: what `once` and `demo` run."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import click

from service.contracts import Failure
from service.edges.assembly import Service


def every_step(service: Service) -> bool:
    """Run the steps in the order of the flow; return whether one failed."""
    collected = [_step(f"collect {box.name}", partial(service.collect, box), "new letters") for box in service.mailboxes]
    done = [
        _step("read", service.read, "letters"),
        _step("condense", service.condense, "stories"),
        _step("compose", service.compose, "digests"),
        _step("deliver", service.deliver, "postings"),
    ]
    service.tidy()
    return any((*collected, *done))


def _step(name: str, step: Callable[[], int], things: str) -> bool:
    """Run one step until it answers 0 and print what it did; return whether it failed."""
    total = 0
    try:
        while done := step():
            total += done
    except Failure as failure:
        click.echo(f"{name:>12}  {total} {things}, then: {failure}")
        return True
    click.echo(f"{name:>12}  {total} {things}")
    return False
