"""`demo`: the whole road on loopback, with a real IMAP and SMTP server in this process and letters that travel with the package."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service import bundled
from service import settings as configuration
from service.commands.faults import reported
from service.commands.steps_in_turn import every_step

if TYPE_CHECKING:
    from service.edges.loopback_servers import SentMail

READER = "reader@demo.example"
PASSWORD = "demo"  # noqa: S105 - of a server that lives for a second, on loopback


def demo(html: Path) -> int:
    """Deliver the sample letters, run every step as the daemon would, show the digest, and write its HTML."""
    try:
        from service.edges.loopback_servers import LoopbackServers
    except ImportError as error:
        click.echo(f"The demo needs the extra [demo] ({error.name} is missing): pip install 'nutgraf[demo]'", err=True)
        return 2
    with LoopbackServers({READER: PASSWORD}) as servers, tempfile.TemporaryDirectory() as folder:
        letters = sorted((file for file in (bundled.config() / "demo").iterdir() if file.name.endswith(".eml")), key=_name)
        for letter in letters:
            servers.deliver(letter.read_bytes())
        click.echo(f"{len(letters)} letters wait in the mailbox of {READER} (IMAP on port {servers.imap_port}); tomorrow at 07:00:")
        environment = {
            "NUTGRAF_IMAP_HOST": servers.host,
            "NUTGRAF_IMAP_PORT": str(servers.imap_port),
            "NUTGRAF_IMAP_USER": READER,
            "NUTGRAF_IMAP_PASSWORD": PASSWORD,
            "NUTGRAF_IMAP_SECURITY": "plain",
            "NUTGRAF_SMTP_HOST": servers.host,
            "NUTGRAF_SMTP_PORT": str(servers.smtp_port),
            "NUTGRAF_SMTP_SECURITY": "plain",
            "NUTGRAF_TO": READER,
            "NUTGRAF_FROM": "Nutgraf <nutgraf@demo.example>",
            "NUTGRAF_SCHEDULE": "daily 07:00",
            "NUTGRAF_DATA_DIR": folder,
        }
        failed = reported(lambda: _run(configuration.load(environ=environment, folder=Path(folder))))
        return failed or _show(digest_in(servers.sent), html)


def _name(file: Traversable) -> str:
    return file.name


def _run(settings: configuration.Settings) -> int:
    """Run the daemon's steps: collecting now, the rest at the next morning's time, since nobody wants to wait for it."""
    from service.edges.assembly import assemble, utc_now

    service = assemble(settings)
    try:
        service.store.started(utc_now(), settings.lookback)
        service.store.first_seen(settings.editions[0].name, utc_now())
        return int(every_step(replace(service, now=lambda: utc_now() + timedelta(days=1))))
    finally:
        service.close()


def digest_in(sent: Iterable[SentMail]) -> EmailMessage:
    """Return the digest among what the SMTP server was handed: the one of an edition, not what was passed on."""
    mails = (message_from_bytes(mail.content, EmailMessage, policy=policy.SMTP) for mail in sent)
    return next(mail for mail in mails if mail.get_content_type() == "multipart/alternative")


def _show(digest: EmailMessage, html: Path) -> int:
    """Print the digest's text and write its HTML."""
    text, markup = (part.get_content() for part in digest.iter_parts())
    html.write_text(markup, encoding="utf-8")
    click.echo(f"\nThe mail that went out (SMTP), Subject: {digest['subject']}\n\n{text}")
    click.echo(f"The same as HTML: {html.absolute()}\nWith your own mailbox: nutgraf init")
    return 0
