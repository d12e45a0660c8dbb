"""The service as the assembly puts it together: nothing that fails in it keeps its neighbours from their turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from service import settings as configuration
from service.contracts import Temporary, Unauthorised
from service.edges.assembly import Service, assemble
from service.edges.chat_summariser import ChatSummariser
from service.records import Edition
from tests.journey.world import AT_ONCE, World


def put_together(folder: Path, **more: str) -> Service:
    """Return a service with a store of its own, a folder to collect from and one to deliver to."""
    environment = {"MAILDIR": folder / "in", "OUTBOX": folder / "out", "DATA_DIR": folder / "data", "TO": "ann@example.org"} | more
    return assemble(configuration.load(environ={f"NUTGRAF_{name}": str(value) for name, value in environment.items()}, folder=folder))


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Give a service, and close it."""
    made = put_together(tmp_path)
    yield made
    made.close()


def at_work(service: Service, *editions: Edition) -> Service:
    """Return the service with a letter read and condensed, and these editions."""
    world = World(service.store, letters=[b"bridge one"], editions=())
    world.run()
    return replace(service, editions=editions, now=world.clock)


def test_an_edition_that_fails_does_not_keep_the_others_from_their_turn(service: Service) -> None:
    """Even by a bug: what nobody foresaw in one edition must not silence all of them; it is raised once the others are done."""
    broken = replace(AT_ONCE, name="broken", recipients=("no address",))
    ready = at_work(service, broken, AT_ONCE)

    assert ready.compose() == 1
    with pytest.raises(ValueError, match="address"):
        ready.compose()


def test_the_operators_secret_is_in_every_message_id(tmp_path: Path) -> None:
    """Two stores with one secret give a digest the same Message-ID, and one without it another; the secret itself is in none."""
    found = []
    for name, secret in (("one", "s3cret"), ("two", "s3cret"), ("three", "")):
        made = put_together(tmp_path / name, SECRET_KEY=secret, FROM="nutgraf@example.org")
        ready = at_work(made, AT_ONCE)
        ready.compose()
        posting = made.store.claim_posting(ready.now(), timedelta(minutes=5))
        assert posting is not None
        found.append(posting.posting.message_id)
        made.close()

    assert found[0] == found[1] != found[2]


class Folders(World):
    """A mailbox of two folders, the first of which fails."""

    def folders(self) -> tuple[str, ...]:
        """Two folders."""
        return ("broken", "INBOX")


def collecting(service: Service, failure: Exception) -> Callable[[], int]:
    """Return the collecting from a mailbox whose first folder fails."""
    box = Folders(service.store, letters=[b"bridge one"])
    faults = [failure]
    box.faults = lambda _edge: faults.pop() if faults else None  # type: ignore[assignment,return-value]
    return lambda: service.collect(box)


def test_a_folder_that_fails_does_not_keep_the_others_from_their_turn(service: Service) -> None:
    """A folder that was renamed costs no letter of the others."""
    assert collecting(service, Temporary("no such folder"))() == 1


def test_a_refused_login_is_not_tried_again_for_the_next_folder(service: Service) -> None:
    """Servers lock accounts that go on knocking."""
    with pytest.raises(Unauthorised):
        collecting(service, Unauthorised("the login is refused"))()
    assert service.store.statistics()["letters"] == 0


def test_what_cannot_be_closed_keeps_nothing_else_open(service: Service) -> None:
    """A mailbox whose goodbye fails, at every reload, must not leave a child and a database open."""
    closed: list[str] = []

    def fails() -> None:
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - any will do
        replace(service, close_all=(lambda: closed.append("one"), fails, lambda: closed.append("two"))).close()

    assert closed == ["two", "one"]


def test_the_connections_to_a_model_are_closed_too(tmp_path: Path) -> None:
    """Else each reload would leave some."""
    made = put_together(tmp_path, MODEL_URL="http://127.0.0.1:9/v1", MODEL="tiny")
    made.close()

    assert isinstance(made.summariser, ChatSummariser)
    assert made.summariser._http.is_closed
