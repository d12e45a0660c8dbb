"""FETCH answers, each read as it comes (RFC 9051, 7.5.2), so that the server goes on sending while we look at what is there.

They come by the thousand: imaplib, which tries three patterns on a line, is given the other lines only, and the two answers that we ask
for are read by a pattern each. What else a FETCH answer may hold goes through IMAPClient's parser, which takes twenty times as long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from imapclient import IMAPClient
from imapclient.datetime_util import parse_to_datetime
from imapclient.imapclient import join_message_ids
from imapclient.response_parser import parse_fetch_response

Facts = dict[bytes, Any]

_FETCH = re.compile(rb"\* (\d+) FETCH (\(.*)", re.DOTALL)
_LITERAL = re.compile(rb"\{(\d+)\}\Z")
_LETTER = re.compile(rb"\d+ \(UID (\d+) (BODY\[\](?:<0>)?) \{\d+\}")
_LISTED = re.compile(rb'\* \d+ FETCH \(UID (\d+) RFC822\.SIZE (\d+) INTERNALDATE "([^"\\]+)"\)')
_MONTHS = " Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"


def fetched(client: IMAPClient, uids: Sequence[int], items: Sequence[str]) -> Iterator[tuple[int, Facts]]:
    """Give a UID FETCH and yield what comes, by UID; several times for one letter, or for one not asked for, as the server likes."""
    imap = client._imap  # noqa: SLF001
    tag = imap._command("UID", "FETCH", join_message_ids(uids), f"({' '.join(items)})")  # noqa: SLF001
    while imap.tagged_commands[tag] is None:
        line = imap._get_line()  # noqa: SLF001
        if found := _LISTED.fullmatch(line):
            yield int(found[1]), {b"RFC822.SIZE": int(found[2]), b"INTERNALDATE": _time(found[3].decode("latin-1"))}
        elif found := _FETCH.fullmatch(line):
            yield from _read(_pieces(imap, b"%b %b" % found.groups()))
        else:
            imap.put_back(line)
            imap._get_response()  # noqa: SLF001
            imap._check_bye()  # noqa: SLF001
    client._checkok("fetch", *imap._command_complete("FETCH", tag))  # noqa: SLF001


def _pieces(imap: Any, line: bytes) -> list[Any]:
    """Return an answer in imaplib's pieces: a line, or the start of a line up to a literal and the literal, then the rest of the line."""
    pieces: list[Any] = []
    while literal := _LITERAL.search(line):
        pieces.append((line, imap.read(int(literal[1]))))
        line = imap._get_line()  # noqa: SLF001
    pieces.append(line)
    return pieces


def _read(answer: list[Any]) -> list[tuple[int, Facts]]:
    if len(answer) == 2 and answer[1] == b")" and (found := _LETTER.fullmatch(answer[0][0])):
        return [(int(found[1]), {found[2]: answer[0][1]})]
    facts_by_number = parse_fetch_response(answer, normalise_times=False, uid_is_key=False)
    return [(facts[b"UID"], facts) for facts in facts_by_number.values() if b"UID" in facts]


def _time(text: str) -> datetime | None:
    """Read a date-time (RFC 9051, 9: `20-Nov-2026 08:30:00 +0100`); IMAPClient's parser takes odd ones, at ten times the price."""
    with suppress(ValueError):
        month = _MONTHS.index(f" {text[3:6]}") // 4 + 1
        return datetime.fromisoformat(f"{text[7:11]}-{month:02}-{text[:2].strip():0>2}T{text[12:20]}{text[21:]}")
    with suppress(ValueError):
        when: datetime = parse_to_datetime(text.encode("latin-1"), normalise=False)
        return when
    return None
