"""From an account in the settings to what speaks to it: the mailboxes, the way out, and what looks for a posting.

Nothing is spoken to yet. Each technology is imported where it is needed, so that a daemon without IMAP does not carry it.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from service.contracts import Courier, Mailbox, Probe, Unauthorised
from service.edges.imap_connection import ImapAccount
from service.edges.oauth_accounts import PassingSafe, token_source
from service.edges.oauth_tokens import TokenSafe
from service.edges.sasl import Mechanism, TokenSource
from service.settings import Account, Settings


def mailboxes(settings: Settings, safe: TokenSafe | None = None) -> tuple[Mailbox, ...]:
    """Return every mailbox of the settings; none is opened yet."""
    boxes: list[Mailbox] = []
    if settings.accounts:
        from service.edges.imap_mailbox import ImapLimits, ImapMailbox

        limits = ImapLimits(letter=settings.letter_limit)
        boxes += [ImapMailbox(each.name, imap_account(settings, each, safe), each.folders, limits) for each in settings.accounts]
    if settings.folders:
        from service.edges.maildir_mailbox import MaildirLimits, MaildirMailbox

        boxes += [MaildirMailbox(each.name, each.path, limits=MaildirLimits(letter=settings.letter_limit)) for each in settings.folders]
    return tuple(boxes)


def imap_account(settings: Settings, account: Account, safe: TokenSafe | None = None) -> ImapAccount:
    """Return how to log in to an IMAP server."""
    return ImapAccount(
        host=account.host,
        user=account.user,
        password=account.password,
        port=account.port,
        security=account.security,
        tokens=_tokens(settings, account, safe),
        mechanism=_mechanism(account),
        ca_file=settings.ca_file,
    )


def probe(settings: Settings, safe: TokenSafe) -> Probe:
    """Return what looks for a posting: in the folder that digests go to, or in the mailboxes that we have, by their users' addresses."""
    if settings.smtp is None:
        from service.edges.folder_courier import FolderProbe

        return FolderProbe(_outbox(settings))
    from service.edges.imap_probe import ImapProbe

    return ImapProbe({each.user.lower(): imap_account(settings, each, safe) for each in settings.accounts if "@" in each.user})


def courier(settings: Settings, safe: TokenSafe | None = None) -> Courier:
    """Return the way out: the SMTP server, or the folder where there is none. Raises Permanent for settings that can't work."""
    if settings.smtp is None:
        from service.edges.folder_courier import FolderCourier

        return FolderCourier(_outbox(settings))
    from service.edges.smtp_courier import SmtpCourier

    smtp = settings.smtp
    return SmtpCourier(
        host=smtp.host,
        port=smtp.port,
        security=smtp.security,
        user=smtp.user,
        password=smtp.password,
        token=_tokens(settings, smtp, safe),
        ca_file=settings.ca_file,
    )


def _outbox(settings: Settings) -> Path:
    return settings.outbox or settings.data_dir / "outbox"


def _tokens(settings: Settings, account: Account, safe: TokenSafe | None) -> TokenSource | None:
    """Return where access tokens come from: `nutgraf login`'s grant, or the token given as the password; none for a password."""
    if account.oauth:
        return token_source(settings, account, safe or PassingSafe(settings))
    if account.login == "password":
        return None
    return partial(_given_token, account)


def _given_token(account: Account, refused: str = "") -> str:
    if refused == account.password:
        raise Unauthorised(f"{account.host} refuses the token given for {account.name}", "give a fresh one, or set up `nutgraf login`")
    return account.password


def _mechanism(account: Account) -> Mechanism:
    return Mechanism.OAUTHBEARER if account.login == "oauthbearer" else Mechanism.XOAUTH2
