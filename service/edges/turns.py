"""Turns: what goes by one name is done one after the other, what goes by another meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakValueDictionary


class Turns:
    """Locks by name, each there only while somebody has or awaits it. For threads of one process."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Do the block while nobody else does one of the same name. Not to be nested."""
        with self._guard:
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:
            yield
