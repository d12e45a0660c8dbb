"""The outbox over a real Postfix and a real Dovecot, killed again and again: every digest arrives, and none twice."""

from __future__ import annotations

import email
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.edges.sql_store import open_store
from service.records import Digest, Posting, Slot
from tests.servers import dovecot, postfix
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.postfix import DOMAIN, Postfix
from tests.wire.outbox_under_fire import Bed

READER = f"reader@{DOMAIN}"
LONG_AGO = datetime(2026, 5, 1, 7, 0, tzinfo=UTC)


@pytest.fixture
def servers() -> Iterator[tuple[Postfix, Dovecot]]:
    """Give a Postfix that delivers into a Dovecot's mailboxes."""
    if reason := postfix.missing() or dovecot.missing():
        pytest.skip(reason)
    with Dovecot() as imap, Postfix(("reader",), mail=imap.directory / "mail") as smtp:
        yield smtp, imap


def fill(store_url: str, count: int) -> set[str]:
    """Put so many digests, of one posting each, into a new store; return their Message-IDs."""
    store = open_store(store_url, reserve=0, low_water=0)
    for number in range(count):
        name = f"slot {number}"
        message_id = f"<{number}.fire@{DOMAIN}>"
        head = f"From: digest@{DOMAIN}\r\nTo: {READER}\r\nSubject: {name}\r\nMessage-ID: {message_id}\r\n\r\n"
        posting = Posting("daily", name, f"digest@{DOMAIN}", READER, message_id, (head + "News.\r\n" * 40).encode())
        assert store.add_digest(Digest("daily", Slot(name, LONG_AGO), LONG_AGO, name, postings=(posting,)))
    store.close()
    return {f"<{number}.fire@{DOMAIN}>" for number in range(count)}


def under_fire(servers: tuple[Postfix, Dovecot], folder: Path, digests: int, kills: int) -> tuple[dict[str, int], Counter[str], set[str]]:
    """Deliver digests while being killed; return what the program counted, what arrived how often, and what should have."""
    smtp, imap = servers
    url = f"sqlite:///{folder}/fire.db"
    sent = fill(url, digests)
    bed = Bed(url, smtp.port, imap.imap_port, READER, PASSWORD, str(smtp.directory), kills, seed=5)
    command = [sys.executable, "-m", "tests.wire.outbox_under_fire", bed.to_text()]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=900)  # noqa: S603
    assert ended.returncode == 0, ended.stderr[-3000:]
    arrived = Counter(str(email.message_from_bytes(raw)["Message-ID"]) for raw in smtp.letters("reader"))
    return json.loads(ended.stdout), arrived, sent


@pytest.mark.slow
@pytest.mark.postfix
@pytest.mark.dovecot
@pytest.mark.timeout(600)
def test_fault_75_killed_at_any_moment_every_digest_arrives_once(servers: tuple[Postfix, Dovecot], tmp_path: Path) -> None:
    """Counted on the server's side: none lost, none doubled."""
    counted, arrived, sent = under_fire(servers, tmp_path, digests=80, kills=80)
    assert counted["kills"] >= 40
    assert set(arrived) == sent
    assert set(arrived.values()) == {1}
