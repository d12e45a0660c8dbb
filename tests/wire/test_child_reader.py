"""The child process that reads: its limits, its end, and what a letter can't do through it."""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from service.contracts import Permanent, Temporary
from service.edges.child_reader import ChildReader, _answer, _Answers
from service.edges.reading_child import HEADER, _answer_all, write_frame
from service.records import Kind, Memory, Newsletter, Story, Unreadable
from tests.journey.invented import newsletter
from tests.servers.waiting import wait_until


class Full:
    """A desk that has no room for another letter."""

    def identify(self, _raw: bytes) -> str:
        """Find no room."""
        raise MemoryError


@pytest.fixture
def reader() -> Iterator[ChildReader]:
    """Give a reader with ordinary limits."""
    made = ChildReader()
    yield made
    made.close()


def test_a_letter_is_read_and_condensed_in_the_child(reader: ChildReader) -> None:
    """What comes back is the same records as in one process, and memory that holds the issue."""
    read, memory = reader.read(newsletter(3), Memory(salt=b"s"))

    assert isinstance(read, Newsletter)
    assert (read.kind, read.source, len(memory.issues)) == (Kind.NEWSLETTER, reader.identify(newsletter(3)), 1)
    assert reader.summarise(read.stories[0], 1).sentences[0].text in " ".join(read.stories[0].text.split())


def test_bytes_without_a_letter_are_a_value(reader: ChildReader) -> None:
    """Nothing raises for bad input."""
    assert isinstance(reader.read(b"", Memory())[0], Unreadable)


def test_a_letter_that_takes_too_much_processor_time_is_temporary_and_the_next_one_is_read() -> None:
    """The child is killed, not the daemon; a new child takes the next question."""
    greedy = ChildReader(cpu=timedelta(microseconds=1))
    with pytest.raises(Temporary, match="processor time"):
        greedy.read(newsletter(1) + b"<p>more</p>" * 20_000, Memory())
    greedy.close()


def test_a_letter_that_takes_too_long_is_temporary(reader: ChildReader) -> None:
    """A child that waits for something is ended at the deadline."""
    reader.check()
    slow = ChildReader(wall=timedelta(seconds=20))
    slow.check()
    slow._children[0]._wall = 0
    with pytest.raises(Temporary, match="too long"):
        slow.read(newsletter(1), Memory())
    slow.close()


def test_a_child_out_of_memory_ends() -> None:
    """What it remembers of earlier letters may be what fills it; the next question gets a fresh one."""
    told = io.BytesIO()
    here, there = os.pipe()
    with os.fdopen(there, "wb") as asking:
        write_frame(asking, ("identify", b"one"))
        write_frame(asking, ("identify", b"two"))
    with os.fdopen(here, "rb", buffering=0) as asked:
        _answer_all(Full(), asked, told, {"idle": 5, "cpu": 60})  # type: ignore[arg-type]
    told.seek(0)
    frames = []
    while header := told.read(HEADER.size):
        frames.append(pickle.loads(told.read(HEADER.unpack(header)[0])))  # noqa: S301 (from ourselves)
    assert frames == [(True, None), (False, "MemoryError")]


def test_an_idle_child_ends_and_is_started_again() -> None:
    """The daemon stays small between letters."""
    idle = ChildReader(idle=timedelta(seconds=0.05))
    idle.check()
    child = idle._children[0]._process
    assert child is not None
    wait_until(lambda: child.poll() is not None, "the child has ended")

    assert idle.identify(newsletter(2))
    idle.close()


def test_two_children_read_at_the_same_time() -> None:
    """A letter that takes long holds up no other where there is a second child."""
    pair = ChildReader(children=2)
    with pair._one() as busy:
        assert pair.identify(newsletter(2))
        assert not busy.running
    pair.close()


def test_one_child_is_enough_for_one_letter_after_the_other() -> None:
    """What is not needed is not started: each takes 70 MB."""
    pair = ChildReader(children=2)
    for number in range(4):
        pair.identify(newsletter(number))
    assert [child.running for child in pair._children].count(True) == 1
    pair.close()


def test_phrases_that_cannot_be_used_are_said_before_any_letter_is_read(tmp_path: Path) -> None:
    """An operator's mistake must not set letters aside."""
    (tmp_path / "boilerplate").mkdir()
    (tmp_path / "boilerplate" / "en.toml").write_text("broken = \n")

    with pytest.raises(Permanent, match=r"en\.toml"):
        ChildReader(tmp_path).check()


def test_the_child_has_no_secret_in_its_environment(reader: ChildReader, monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter that subverts the parser finds no password."""
    monkeypatch.setenv("NUTGRAF_IMAP_PASSWORD", "canary-7731")
    reader.check()
    process = reader._children[0]._process
    assert process is not None

    assert b"canary-7731" not in Path(f"/proc/{process.pid}/environ").read_bytes()


class Attack:
    """Pickles to a call of os.system."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("true",)


def test_an_answer_can_hold_records_alone() -> None:
    """A subverted child can't make the daemon run code."""
    with pytest.raises(EOFError):
        _Answers(io.BytesIO(pickle.dumps(Attack()))).load()
    assert _Answers(io.BytesIO(pickle.dumps(Story("t", "x")))).load() == Story("t", "x")


@pytest.mark.parametrize(
    "frame", [b"", b"no pickle", pickle.dumps("no pair"), pickle.dumps((1, 2, 3)), b"\x80\x05cservice.records\nNone\n."]
)
def test_an_answer_that_makes_no_sense_is_the_childs_end_and_not_ours(frame: bytes) -> None:
    """A subverted child can't crash a worker, and with it the daemon."""
    ours, childs = os.pipe()
    with os.fdopen(ours, "rb", buffering=0) as stdout, os.fdopen(childs, "wb") as pipe:
        pipe.write(HEADER.pack(len(frame)) + frame)
        pipe.flush()
        child = cast("subprocess.Popen[bytes]", SimpleNamespace(stdout=stdout))
        with pytest.raises(EOFError):
            _answer(child, time.monotonic() + 10)


class ByName:
    """Pickles to `getattr(of, name)`, as some releases of Python pickle the member of an enum."""

    def __init__(self, of: object, name: str) -> None:
        self.of, self.name = of, name

    def __reduce__(self) -> tuple[object, tuple[object, str]]:
        return getattr, (self.of, self.name)


def test_an_enum_may_come_by_its_name_and_nothing_else_may() -> None:
    """Python 3.11.2 pickles enums so; what leads on to code is refused."""
    assert _Answers(io.BytesIO(pickle.dumps(ByName(Kind, "LIST")))).load() is Kind.LIST
    for of, name in ((Kind, "__init__"), (Story, "__init__"), (timedelta, "min")):
        with pytest.raises(EOFError):
            _Answers(io.BytesIO(pickle.dumps(ByName(of, name)))).load()


@pytest.mark.parametrize("name", ["newsletter", "__builtins__", "__dict__", "__loader__"])
def test_a_child_gets_hold_of_no_module(name: str) -> None:
    """What is no class of a record could be changed by the next instruction of a pickle, in the daemon."""
    with pytest.raises(EOFError, match="no record"):
        _Answers(io.BytesIO(b"cservice.records.newsletter\n%b\n." % name.encode())).load()


def test_a_childs_words_go_no_further(reader: ChildReader) -> None:
    """A reason becomes a line of the log and of a digest: the name of an error may, a letter may not."""
    reader.check()
    child = reader._children[0]
    for said, heard in (("MemoryError", "MemoryError"), ("Dear Ann, the mill", "does not say why"), (["MemoryError"], "does not say why")):
        setattr(child, "_exchange", lambda _request, said=said: (False, said))  # noqa: B010
        with pytest.raises(Temporary, match=heard):
            reader.identify(b"")
