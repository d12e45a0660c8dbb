"""Every step until nothing is left to do, with a line a step: what `once` and `demo` run."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import click

from service.contracts import Failure
from service.edges.assembly import Service
from service.edges.log_lines import printable


def every_step(service: Service) -> bool:
    """Run the steps in the order of the flow; return whether one failed, or a mail is left that should have gone out."""
    collected = [_step(f"collect {box.name}", partial(service.collect, box), "new letter", "new letters") for box in service.mailboxes]
    done = [
        _step("read", service.read, "letter", "letters"),
        _step("condense", service.condense, "story", "stories"),
        _step("compose", service.compose, "mail", "mails", partial(_mails, service, "postings")),
        _step("deliver", service.deliver, "mail", "mails", partial(_mails, service, "postings sent")),
    ]
    service.tidy()
    return any((*collected, *done, _waiting(service)))


def _waiting(service: Service) -> bool:
    """Say how many mails could not be sent, and why where they are all held; return whether there are any."""
    backlog = service.store.backlog()
    if backlog.unsent:
        click.echo(
            f"{'waiting':>12}  {backlog.unsent} {'mail' if backlog.unsent == 1 else 'mails'} not sent yet: {backlog.held or 'run it again'}"
        )
    return bool(backlog.unsent)


def _mails(service: Service, state: str) -> int:
    """Return how many postings there are: a digest that only keeps account of letters has none, a trial that failed sends none."""
    return service.store.statistics().get(state, 0)


def _step(name: str, step: Callable[[], int], one: str, many: str, count: Callable[[], int] | None = None) -> bool:
    """Run one step until it answers 0 and print what it did, by its own count or by `count`; return whether it failed."""
    total, before, trouble = 0, count() if count else 0, ""
    try:
        while done := step():
            total += done
    except Failure as failure:
        trouble = f", then: {printable(failure.told)}"
    total = count() - before if count else total
    click.echo(f"{name:>12}  {total} {one if total == 1 else many}{trouble}")
    return bool(trouble)
