"""Bytes -> Newsletter | Unreadable. Pure and total: no file, clock or network, and no exception for any bytes.

    mime          octets -> header fields and the best body                     (charsets, headers)
    forwarded     the letter inside a letter that someone forwarded
    source, kinds, language, links, authentication     what the letter is, who sent it, where it points
    sanitise      caps on what an HTML parser is slow at
    blocks        the body as pieces in reading order                           (html_*, text_blocks, style, sheets)
    boilerplate   each piece judged, with a reason                              (phrases, memory, fates, glue)
    stories       the kept pieces as the items a digest would list

`reading` calls them in this order. The heavy imports happen at the first call.
"""

from __future__ import annotations

from service.newsletter.memory import EMPTY, remember
from service.newsletter.phrases import DEFAULT_RULES, Rules
from service.records import Memory, Newsletter, Unreadable

__all__ = ["DEFAULT_RULES", "EMPTY", "Rules", "identify", "read", "remember"]


def read(raw: bytes, rules: Rules = DEFAULT_RULES, memory: Memory = EMPTY) -> Newsletter | Unreadable:
    """Return the letter in `raw` read, or why it can't be. Total: never raises, whatever the bytes.

    `raw` is a letter (RFC 5322) unless it plainly is HTML or running text. `memory` is
    what is remembered of its source (see `identify` and `remember`).
    """
    from service.newsletter import reading

    return reading.read(raw, rules, memory)


def identify(raw: bytes) -> str:
    """Return the identity of the letter's source, cheaply, before it is read; the same as `read(raw).source`. Total."""
    from service.newsletter import reading

    return reading.identify(raw)
