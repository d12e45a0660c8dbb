"""How long work takes, measured so that a busy machine and a long test run count for nothing."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable


def seconds(work: Callable[[], object]) -> float:
    """Return the seconds of processor time that this thread takes for `work`; rubbish that others left is not counted."""
    gc.collect()
    gc.freeze()
    try:
        began = time.thread_time()
        work()
        return time.thread_time() - began
    finally:
        gc.unfreeze()
