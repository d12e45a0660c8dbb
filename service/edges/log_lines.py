"""How the service logs: one line an outcome, text or JSON, with an `action` key; no address, and never a letter's text."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any

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
        line = f"{moment} {record.levelname} {record.getMessage()} {extra}".rstrip()
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
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
            content["traceback"] = self.formatException(record.exc_info)
        return without_addresses(json.dumps(content, default=str, ensure_ascii=False))
