"""Nutgraf: newsletters in, a short digest out; every sentence of it stood in a letter.

The flow, which is also the order of the tree:

    mailbox   | collect   > store    raw letters and the cursor, in one transaction
    letters   | read      > store    attempt counted first, then bytes -> Newsletter | Unreadable
    stories   | condense  > store    Story -> Summary
    edition   | compose   > store    (edition, slot, now, stories) -> Digest + one posting a recipient
    postings  | deliver   > SMTP     the outbox: the same bytes and Message-ID at every attempt

`steps` holds the five verbs, `contracts` what they ask of the world, `records` the words,
`newsletter`, `summary` and `digest` the pure decisions, `edges` everything that touches the world.
"""

__version__ = "0.1.0"
