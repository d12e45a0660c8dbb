"""FETCH answers, each read as it comes (RFC 9051, 7.5.2), so that the server goes on sending while we look at what is there.

The two answers that come by the thousand are read by a pattern each; everything else goes through IMAPClient's parser, which takes
twenty times as long.
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

_LETTER = re.compile(rb"\d+ \(UID (\d+) (BODY\[\](?:<0>)?) \{(\d+)\}")
_LISTED = re.compile(rb'\d+ \(UID (\d+) RFC822\.SIZE (\d+) INTERNALDATE "([^"\\]+)"\)')


def fetched(client: IMAPClient, uids: Sequence[int], items: Sequence[str]) -> Iterator[tuple[int, Facts]]:
    """Give a UID FETCH and yield what comes, by UID; several times for one letter, or for one not asked for, as the server likes."""
    imap = client._imap  # noqa: SLF001
    tag = imap._command("UID", "FETCH", join_message_ids(uids), f"({' '.join(items)})")  # noqa: SLF001
    while imap.tagged_commands[tag] is None:
        imap._check_bye()  # noqa: SLF001
        imap._get_response()  # noqa: SLF001
        if answer := imap.untagged_responses.pop("FETCH", None):
            yield from _read(answer)
    client._checkok("fetch", *imap._command_complete("FETCH", tag))  # noqa: SLF001


def _read(answer: list[Any]) -> Iterator[tuple[int, Facts]]:
    """Read an answer in imaplib's pieces: a line, or the start of a line up to a literal and the literal, then the rest of the line."""
    match answer:
        case [(bytes(head), bytes(octets)), b")"] if (found := _LETTER.fullmatch(head)) and int(found[3]) == len(octets):
            yield int(found[1]), {found[2]: octets}
        case [bytes(line)] if found := _LISTED.fullmatch(line):
            yield int(found[1]), {b"RFC822.SIZE": int(found[2]), b"INTERNALDATE": _time(found[3])}
        case _:
            facts_by_number = parse_fetch_response(answer, normalise_times=False, uid_is_key=False)
            yield from ((facts[b"UID"], facts) for facts in facts_by_number.values() if b"UID" in facts)


def _time(text: bytes) -> datetime | None:
    with suppress(ValueError):
        when: datetime = parse_to_datetime(text, normalise=False)
        return when
    return None
