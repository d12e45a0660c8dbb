"""A wrong password: three attempts in all, said plainly, and the other mailboxes go on."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

from tests.journey.beds import READER, Daemon, LoopbackBed, loopback_bed, text_of
from tests.journey.invented import newsletter
from tests.servers.waiting import wait_until
from tests.wire.test_imap_connection import refusing

PATIENCE = 40.0
OWNER = "owner@demo.example"


def to(bed: LoopbackBed, recipient: str) -> list[EmailMessage]:
    """Return the mails to one recipient."""
    return [mail for mail in bed.sent() if recipient in mail["to"]]


def test_three_refused_logins_are_the_end_and_other_mailboxes_go_on(tmp_path: Path) -> None:
    """Servers lock accounts that go on knocking; polling and watching together knock three times."""
    with loopback_bed() as bed, refusing("[AUTHENTICATIONFAILED] wrong password") as locked:
        config = tmp_path / "config"
        config.mkdir()
        (config / "service.toml").write_text(
            f'[[mailbox]]\nname = "other"\nhost = "127.0.0.1"\nport = {locked.port}\nuser = "x"\nsecurity = "plain"\n'
        )
        environment = {
            **bed.environment(),
            "NUTGRAF_CONFIG_DIR": str(config),
            "NUTGRAF_MAILBOX_OTHER_PASSWORD": "wrong",
            "NUTGRAF_OWNER": OWNER,
        }
        with Daemon(environment, tmp_path / "data") as daemon:
            wait_until(lambda: "not tried again for an hour" in daemon.log.read_text(), "it gives up", PATIENCE)
            bed.deliver(newsletter(1))
            wait_until(lambda: len(to(bed, READER)) == 1, "the other mailbox's digest", PATIENCE)
            bed.deliver(newsletter(2))
            wait_until(lambda: len(to(bed, READER)) == 2, "and one more", PATIENCE)
            wait_until(lambda: bool(to(bed, OWNER)), "the owner, who reads no digest, is told", PATIENCE)
            assert daemon.stop() == 0

        log = daemon.log.read_text()
        assert log.count("action=login refused") == 3
        assert log.count("check the user and the password for 127.0.0.1") == 3
        assert len(locked.said(b"LOGIN") + locked.said(b"AUTHENTICATE")) == 3
        assert READER not in log
        assert any("could not be read" in text_of(mail) for mail in to(bed, READER))
        assert ["could not be read" in text_of(mail) for mail in to(bed, OWNER)] == [True]
