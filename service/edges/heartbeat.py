"""When each worker last finished its work: one small file, written by the daemon, read by `nutgraf health`."""

from __future__ import annotations

import json
import os
import threading
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

SILENT = timedelta(minutes=5)
"""A worker that has finished nothing for this long, and three of its ticks, is not well."""


class Heartbeat:
    """Keeps the moments in memory and on disk."""

    def __init__(self, data_dir: Path) -> None:
        self._file = data_dir / "heartbeat.json"
        self._lock = threading.Lock()
        self._beats: dict[str, dict[str, str | float]] = {}

    def beat(self, worker: str, now: datetime, every: timedelta) -> None:
        """Note that `worker`, which is due `every` so often, has just finished without an error."""
        with self._lock:
            self._beats[worker] = {"at": now.isoformat(), "every": every.total_seconds()}
            self._write()

    def begin(self, workers: dict[str, timedelta], now: datetime) -> None:
        """Start anew with these workers, each given its time from now."""
        with self._lock:
            self._beats = {name: {"at": now.isoformat(), "every": every.total_seconds()} for name, every in workers.items()}
            self._write()

    def end(self) -> None:
        """Note that nobody works any more: the daemon has ended of itself."""
        with self._lock:
            self._beats = {}
            self._write()

    def _write(self) -> None:
        part = self._file.with_suffix(".part")
        with suppress(OSError):  # on a full disk the last beats stay, and grow old: health tells
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "w") as file:
                json.dump(self._beats, file)
            part.replace(self._file)


def silent(data_dir: Path, now: datetime) -> list[str]:
    """Return what is wrong with the workers, in words; empty when all are well."""
    try:
        beats = json.loads((data_dir / "heartbeat.json").read_text())
        limits = {name: (datetime.fromisoformat(beat["at"]), timedelta(seconds=beat["every"])) for name, beat in beats.items()}
    except FileNotFoundError:
        return ["the daemon has never run here (no heartbeat.json)"]
    except (ValueError, KeyError, TypeError, OSError):
        return ["heartbeat.json is not readable"]
    if not limits:
        return ["the daemon was stopped"]
    return [
        f"{name}: nothing finished since {at:%Y-%m-%d %H:%M:%S} UTC"
        for name, (at, every) in sorted(limits.items())
        if abs(now - at) > max(SILENT, 3 * every)  # a beat of a clock that was ahead says nothing
    ]


def last_beat(data_dir: Path) -> datetime | None:
    """Return when any worker last finished something; None where nothing can be known."""
    try:
        beats = json.loads((data_dir / "heartbeat.json").read_text())
        return max(datetime.fromisoformat(beat["at"]) for beat in beats.values())
    except (OSError, ValueError, KeyError, TypeError):
        return None
