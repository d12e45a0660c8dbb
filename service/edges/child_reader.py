"""Reads and summarises letters in child processes with limits (fault catalogue 40-46, 52, 54): a letter can hang or kill it, not us.

A child is started when it is needed and ends by itself when idle, so the daemon stays small.
"""

from __future__ import annotations

import io
import json
import pickle
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from enum import Enum, EnumType
from pathlib import Path
from queue import LifoQueue
from typing import Any, cast

from service.contracts import Permanent, Temporary
from service.edges.reading_child import HEADER, write_frame
from service.records import Memory, Newsletter, Story, Summary, Unreadable


def _member(kind: object, name: str) -> Enum:
    """Return an enum's member; some releases (3.11.2, that of Debian 12) pickle one as getattr(enum, name). Raises EOFError."""
    if isinstance(kind, EnumType) and (member := kind.__members__.get(name)):
        return cast("Enum", member)
    raise EOFError("the child answered with what is no enum's member")


ALLOWED: dict[tuple[str, str], Callable[..., object]] = {
    ("datetime", "datetime"): datetime,
    ("datetime", "timezone"): timezone,
    ("datetime", "timedelta"): timedelta,
    ("builtins", "getattr"): _member,
}
LARGEST_ANSWER = 64_000_000


class ChildReader:
    """`contracts.Reader` and `contracts.Summariser`; as many questions at a time as there may be `children`, the others wait.

    The child that answered last is asked first: where there is little to do, one is enough and the others end.
    """

    def __init__(
        self,
        config_dir: Path | None = None,
        authserv_ids: tuple[str, ...] = (),
        method: str = "nutgraf",
        *,
        children: int = 1,
        cpu: timedelta = timedelta(seconds=20),
        wall: timedelta = timedelta(seconds=60),
        memory: int = 1_500_000_000,
        idle: timedelta = timedelta(seconds=20),
    ) -> None:
        options = {
            "config_dir": str(config_dir or ""),
            "authserv_ids": list(authserv_ids),
            "method": method,
            "cpu": cpu.total_seconds(),
            "memory": memory,
            "idle": idle.total_seconds(),
        }
        self._children = tuple(_Child(options, wall.total_seconds()) for _ in range(children))
        self._free: LifoQueue[_Child] = LifoQueue()
        for child in self._children:
            self._free.put(child)
        self._preparing = threading.Lock()

    def identify(self, raw: bytes) -> str:
        """Return the identity of the letter's source. Raises Temporary."""
        return cast("str", self._ask("identify", raw))

    def read(self, raw: bytes, memory: Memory) -> tuple[Newsletter | Unreadable, Memory]:
        """Return the letter read and the memory with it. Raises Temporary."""
        return cast("tuple[Newsletter | Unreadable, Memory]", self._ask("read", raw, memory))

    def summarise(self, story: Story, sentences: int) -> Summary:
        """Return the story's summary. Raises Temporary."""
        return cast("Summary", self._ask("summarise", story, sentences))

    def check(self) -> None:
        """Start a child. Raises Permanent when the operator's phrases can't be used, before any letter is the worse for it."""
        with self._one() as child:
            child.check()

    def prepare(self) -> None:
        """Have a child that has loaded what it needs. Raises Temporary."""
        with self._preparing:
            if not self.running:
                self._ask("prepare")

    @property
    def running(self) -> bool:
        """Whether there is a child that answers questions."""
        return any(child.running for child in self._children)

    def close(self) -> None:
        """End the children at once; a letter that one is at is read again another time."""
        for child in self._children:
            child.close()

    def _ask(self, *request: object) -> object:
        with self._one() as child:
            return child.ask(request)

    @contextmanager
    def _one(self) -> Iterator[_Child]:
        child = self._free.get()
        try:
            yield child
        finally:
            self._free.put(child)


class _Child:
    """One child process, and the next one when it has ended; asked by one thread at a time."""

    def __init__(self, options: dict[str, object], wall: float) -> None:
        self._options = options
        self._wall = wall
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        process = self._process
        return process is not None and process.poll() is None

    def check(self) -> None:
        """Start the process, unless there is one."""
        with self._lock:
            try:
                self._process or self._start()
            except (OSError, EOFError) as failure:
                raise Temporary(_why(self._end(), failure)) from None

    def close(self) -> None:
        """End the process, whatever it is at."""
        if process := self._process:
            process.kill()  # before waiting for the lock, which whoever asks may hold for a minute
        with self._lock:
            self._end()

    def ask(self, request: tuple[object, ...]) -> object:
        """Return the answer. Raises Temporary; a process that has ended since the last question is no reason."""
        with self._lock:
            for fresh in (self._process is None, True):
                try:
                    well, answer = self._exchange(request)
                    break
                except (OSError, EOFError) as failure:
                    killed = self._end()
                    if fresh or killed:
                        raise Temporary(_why(killed, failure)) from None
        if not well:
            why = str(answer)[:40]
            raise Temporary(f"the reader failed: {why if why.isidentifier() else 'it does not say why'}")
        return answer

    def _exchange(self, request: tuple[object, ...]) -> tuple[bool, object]:
        process = self._process or self._start()
        write_frame(cast("Any", process.stdin), request)
        return _answer(process, time.monotonic() + self._wall)

    def _start(self) -> subprocess.Popen[bytes]:
        here = Path(__file__).parent.parent.parent
        environment = {"PYTHONPATH": str(here), "OPENBLAS_NUM_THREADS": "1", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        # No warnings: a library's may quote the letter.
        command = [sys.executable, "-P", "-W", "ignore", "-m", "service.edges.reading_child", json.dumps(self._options)]
        process = self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, bufsize=0
        )
        well, why = _answer(process, time.monotonic() + self._wall)
        if not well:
            self._end()
            raise Permanent(f"the phrases can't be used: {why}", "mend that file in the --config folder")
        return process

    def _end(self) -> int:
        """End the process; return the signal that had killed it before we did, or 0."""
        process, self._process = self._process, None
        if process is None:
            return 0
        killed = 0
        try:
            killed = -process.wait(0.5)
        except subprocess.TimeoutExpired:
            killed = signal.SIGALRM
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
        return max(killed, 0)


class _Answers(pickle.Unpickler):
    """Takes records and times only: a child that a letter has subverted can't make the daemon run code."""

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith("service.records."):
            from service import records

            if isinstance(found := getattr(records, name, None), type):  # a module, or its builtins, could be changed
                return found
        if (module, name) not in ALLOWED:
            raise EOFError("the child answered with what is no record")
        return ALLOWED[module, name]


def _answer(child: subprocess.Popen[bytes], deadline: float) -> tuple[bool, object]:
    """Return the child's next frame. Raises EOFError when there is none, none in time, or one that makes no sense."""
    size = HEADER.unpack(_receive(child.stdout, HEADER.size, deadline))[0]
    if size > LARGEST_ANSWER:
        raise EOFError
    content = _receive(child.stdout, size, deadline)
    try:
        well, answer = _Answers(io.BytesIO(content)).load()
    except EOFError:
        raise
    except Exception:  # noqa: BLE001 - whatever a child that a letter has subverted makes of it is that letter's fault, not the daemon's
        raise EOFError("the child's answer makes no sense") from None
    return bool(well), answer


def _receive(pipe: Any, size: int, deadline: float) -> bytes:
    """Read exactly `size` octets. Raises EOFError when the pipe closes or the deadline passes first."""
    content = bytearray()
    while len(content) < size:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            raise EOFError
        if not (chunk := pipe.read(min(size - len(content), 1 << 20))):
            raise EOFError
        content += chunk
    return bytes(content)


def _why(killed: int, failure: Exception) -> str:
    if isinstance(failure, EOFError) and str(failure):
        return str(failure)
    reasons: dict[int, str] = {
        signal.SIGPROF: "reading took too much processor time",
        signal.SIGALRM: "reading took too long",
        signal.SIGKILL: "the reader was killed, probably for want of memory",
        signal.SIGSEGV: "the reader crashed",
    }
    return reasons.get(killed, f"the reader ended with signal {killed}") if killed else "the reader ended without an answer"
