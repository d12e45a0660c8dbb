"""The process in which letters are read and summarised: it has no secrets, limited memory, and ends when idle.

Frames on its two pipes are a length (4 octets, big-endian) and a pickle: `(verb, *arguments)` in, `(True, answer)` or `(False, why)`
out; the first frame out says whether the operator's phrases could be read. The other end is `child_reader`.
"""

from __future__ import annotations

import json
import os
import pickle
import resource
import select
import signal
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from service.records import Memory, Newsletter, Story, Summary, Unreadable

HEADER = struct.Struct(">I")


def write_frame(pipe: BinaryIO, content: object) -> None:
    """Write one frame. Raises OSError when the other end is gone."""
    data = pickle.dumps(content, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.write(HEADER.pack(len(data)) + data)
    pipe.flush()


class _Desk:
    """What the child can be asked; the heavy libraries are imported at the first question that needs them."""

    def __init__(self, config_dir: str, authserv_ids: list[str], method: str) -> None:
        from service import newsletter
        from service.newsletter import phrases

        self._newsletter = newsletter
        own = (Path(config_dir) / "boilerplate",) if config_dir else ()
        self._rules = phrases.load(*own, trusted_authserv_ids=tuple(authserv_ids))
        self._method = method

    def prepare(self) -> None:
        """Load the libraries, by using them."""
        self.summarise(Story(None, "It rains. The river rises. The bridge is closed."), 1)

    def identify(self, raw: bytes) -> str:
        return self._newsletter.identify(raw)

    def read(self, raw: bytes, memory: Memory) -> tuple[Newsletter | Unreadable, Memory]:
        newsletter = self._newsletter.read(raw, self._rules, memory)
        if isinstance(newsletter, Unreadable):
            return newsletter, memory
        return newsletter, self._newsletter.remember(memory, newsletter)

    def summarise(self, story: Story, sentences: int) -> Summary:
        from service.summary import condense

        return condense(story, sentences, self._method)


def _answer(ask: Callable[[str], Callable[..., object]], request: tuple[Any, ...]) -> tuple[bool, object]:
    try:
        return True, ask(request[0])(*request[1:])
    except (Exception, RecursionError) as error:  # noqa: BLE001 - whatever a letter provokes is an answer, not the child's end
        return False, type(error).__name__


def main() -> None:
    """Answer frames until the other end closes the pipe or nothing came for `idle` seconds."""
    options = json.loads(sys.argv[1])
    inward, outward = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not write into the frames
    resource.setrlimit(resource.RLIMIT_AS, (options["memory"], options["memory"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the daemon decides when this ends
    try:
        desk = _Desk(options["config_dir"], options["authserv_ids"], options["method"])
    except ValueError as fault:
        write_frame(outward, (False, str(fault)))
        return
    try:
        _answer_all(desk, inward, outward, options)
    except BrokenPipeError:
        os._exit(0)  # the daemon was killed, and nobody takes what the buffer holds


def _answer_all(desk: _Desk, inward: BinaryIO, outward: BinaryIO, options: dict[str, Any]) -> None:
    write_frame(outward, (True, None))
    while select.select([inward], [], [], options["idle"])[0]:
        header = inward.read(HEADER.size)
        if len(header) < HEADER.size:
            return
        request = pickle.loads(inward.read(HEADER.unpack(header)[0]))  # noqa: S301 - from our own parent
        # Processor time, not wall time; the default action of SIGPROF ends the process even inside C code.
        signal.setitimer(signal.ITIMER_PROF, options["cpu"])
        answer = _answer(lambda verb: getattr(desk, verb), request)
        signal.setitimer(signal.ITIMER_PROF, 0)
        write_frame(outward, answer)
        if answer == (False, MemoryError.__name__):
            return  # what remains of earlier letters goes with this process; the next question gets a fresh one


if __name__ == "__main__":
    main()
