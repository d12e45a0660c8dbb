"""The words of the service: frozen records, in order of appearance.

    mailbox > newsletter > summary > digest > claims

Times are aware, durations are `timedelta`, sizes are octets. A record says what something is, never what to do with it.
"""

from service.records.claims import Backlog, Claim, ClaimedLetter, ClaimedPosting, ClaimedStory, PostingState
from service.records.digest import Coverage, Digest, Edition, Entry, Material, Notice, Posting, Rhythm, Slot, Timetable, Told
from service.records.mailbox import NO_ROOM, SECOND_COPY, Anchor, Batch, Cursor, Letter, Outcome, Unfetched
from service.records.newsletter import Block, Form, Kind, Memory, Newsletter, Story, Unreadable, Verdict
from service.records.summary import Sentence, Summary

__all__ = [
    "NO_ROOM",
    "SECOND_COPY",
    "Anchor",
    "Backlog",
    "Batch",
    "Block",
    "Claim",
    "ClaimedLetter",
    "ClaimedPosting",
    "ClaimedStory",
    "Coverage",
    "Cursor",
    "Digest",
    "Edition",
    "Entry",
    "Form",
    "Kind",
    "Letter",
    "Material",
    "Memory",
    "Newsletter",
    "Notice",
    "Outcome",
    "Posting",
    "PostingState",
    "Rhythm",
    "Sentence",
    "Slot",
    "Story",
    "Summary",
    "Timetable",
    "Told",
    "Unfetched",
    "Unreadable",
    "Verdict",
]
