"""How the service logs: one line an outcome, text or JSON, with an `action` key; no address, and never a letter's text."""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from service.contracts import Failure

ADDRESS = re.compile(r"[^\s@<>\"'(),;:]{1,64}@[^\s@<>\"'(),;:]{1,255}")
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def configure(level: str, style: str = "text") -> None:
    """Send the service's log to standard error. Libraries speak only from WARNING up: at DEBUG they print what they transfer."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if style == "json" else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    # imaplib and IMAPClient write protocol lines, addresses and literals among them, to this logger.
    logging.getLogger("imapclient").setLevel(logging.CRITICAL)
    logging.getLogger("nutgraf").setLevel(level)
    sys.excepthook = _uncaught
    threading.excepthook = lambda end: _uncaught(end.exc_type, end.exc_value, end.exc_traceback)


def _uncaught(kind: type[BaseException], error: BaseException | None, frames: TracebackType | None) -> None:
    """Log what would otherwise be printed as it is. (An interrupt says nothing.)"""
    if error is not None and not isinstance(error, KeyboardInterrupt):
        logging.getLogger("nutgraf").critical("an error nobody foresaw", exc_info=(kind, error, frames), extra={"action": "crashed"})


def _frames(error: BaseException | None) -> str:
    """Return where an exception and what it came from were raised, and of which kind they are.

    Not what they say: an unforeseen exception may quote what was being worked on, a letter or a secret. Our own failures don't.
    """
    if error is None:
        return ""
    before = _frames(error.__cause__ or (None if error.__suppress_context__ else error.__context__))
    says = f": {printable(str(error))}" if isinstance(error, Failure) else f": {error.strerror}" if isinstance(error, OSError) else ""
    return f"{before}{''.join(traceback.format_tb(error.__traceback__))}{type(error).__module__}.{type(error).__qualname__}{says}\n"


def printable(text: str) -> str:
    """Return the text with a space for what a terminal obeys and what begins a new line; servers and letters hold such signs."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def without_addresses(line: str) -> str:
    """Return the line with every e-mail address masked."""
    return ADDRESS.sub("***@***", line)


def _extra(record: logging.LogRecord) -> dict[str, Any]:
    return {key: value for key, value in vars(record).items() if key not in STANDARD}


class TextLines(logging.Formatter):
    """`2026-01-31T07:00:00Z INFO composed a digest action=composed edition=daily`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        moment = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        extra = " ".join(f"{key}={value}" for key, value in _extra(record).items())
        line = printable(f"{moment} {record.levelname} {record.getMessage()} {extra}").rstrip()
        if record.exc_info:
            line += "\n" + _frames(record.exc_info[1]).rstrip()
        return without_addresses(line)


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        content = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "message": record.getMessage(),
            **_extra(record),
        }
        if record.exc_info:
            content["traceback"] = _frames(record.exc_info[1])
        return without_addresses(printable(json.dumps(content, default=str, ensure_ascii=False)))
