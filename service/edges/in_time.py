"""A limit on a whole conversation, for HTTP clients that only notice a silence: an answer may drip for ever, its head too."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")
GRACE = 1.0  # seconds more than the client's own limit, which tells better what was wrong


def in_time(seconds: float, ask: Callable[[], T]) -> T:
    """Return what `ask` returns or raise what it raises; TimeoutError when it takes longer in all (its thread is left to itself)."""
    answer: Future[T] = Future()

    def work() -> None:
        try:
            answer.set_result(ask())
        except BaseException as error:  # noqa: BLE001
            answer.set_exception(error)

    threading.Thread(target=work, name="in time", daemon=True).start()
    return answer.result(seconds + GRACE)
