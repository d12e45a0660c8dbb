"""Whether a digest has arrived, after a crash that left its outcome unknown: its Message-ID is looked for over IMAP.

In the recipient's mailbox, where that is one of ours, the answer is certain: every folder is looked at, since rules move mail about.
In the sender's Sent folder a copy proves that it was sent, but no copy proves nothing: many servers keep none of what SMTP takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parseaddr

from service.contracts import Permanent
from service.edges.imap_connection import ImapAccount
from service.edges.imap_faults import Refused
from service.edges.imap_session import ImapSession
from service.records import Posting

MARK = "X-Nutgraf-Digest"  # stays where a provider writes a Message-ID of its own (Amazon SES does)
FOLDERS = 200  # more than these are not looked at


class ImapProbe:
    """Looks in the accounts that we have, named by their e-mail address in lower case."""

    def __init__(self, accounts: Mapping[str, ImapAccount]) -> None:
        self._accounts = accounts

    def find(self, posting: Posting) -> bool | None:
        """Return whether the posting has arrived, None where we can't look; see `contracts.Probe`."""
        inbox, outbox = (self._accounts.get(parseaddr(address)[1].lower()) for address in (posting.recipient, posting.sender))
        if inbox is not None and _stands_in(inbox, posting, sent_only=False):
            return True
        if outbox is not None and outbox != inbox and _stands_in(outbox, posting, sent_only=True):
            return True
        return None if inbox is None else False


def _stands_in(account: ImapAccount, posting: Posting, sent_only: bool) -> bool:
    marks = [("Message-ID", posting.message_id), *((MARK, mark) for mark in _marks(posting.content))]
    with _session(account) as session:
        folders = session.sent_folders() if sent_only else session.folder_names()
        for folder in sorted(folders, key=lambda name: name.upper() != "INBOX")[:FOLDERS]:
            try:
                session.examine(folder)
            except (Permanent, Refused):  # it has gone meanwhile, or is not ours to read
                continue
            if any(session.search("HEADER", name, value) for name, value in marks):
                return True
    return False


def _marks(content: bytes) -> Iterator[str]:
    header = content.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    found = re.search(rb"^%b:[ \t]*([!-~]+)[ \t]*$" % MARK.encode(), header, re.IGNORECASE | re.MULTILINE)
    if found:
        yield found.group(1).decode("ascii")


@contextmanager
def _session(account: ImapAccount) -> Iterator[ImapSession]:
    session = ImapSession(account)
    try:
        yield session
    except BaseException:
        session.drop()
        raise
    session.close()
