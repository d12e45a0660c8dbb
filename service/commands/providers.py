"""The servers of well-known mail providers, so that `init` need not ask what people don't know."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Provider:
    """Where a provider's mail is read and sent, and what its users must know."""

    imap: str
    smtp: str
    smtp_security: str = "tls"
    hint: str = ""
    oauth: str = ""


GMAIL = Provider(
    "imap.gmail.com",
    "smtp.gmail.com",
    hint="Google wants an app password: turn on 2-step verification, then https://myaccount.google.com/apppasswords;"
    " where an administrator forbids them, docs/oauth.md.",
)
FASTMAIL = Provider(
    "imap.fastmail.com", "smtp.fastmail.com", hint="Fastmail wants an app password: Settings, Privacy & Security, App passwords."
)
OUTLOOK = Provider(
    "outlook.office365.com",
    "smtp.office365.com",
    "starttls",
    "Microsoft takes no passwords any more: register a client (docs/oauth.md, five minutes), then `nutgraf login main`.",
    "microsoft",
)
ICLOUD = Provider("imap.mail.me.com", "smtp.mail.me.com", "starttls", "iCloud wants an app-specific password: https://account.apple.com")
YAHOO = Provider("imap.mail.yahoo.com", "smtp.mail.yahoo.com", hint="Yahoo wants an app password: Account security, Generate app password.")
GMX = Provider("imap.gmx.net", "mail.gmx.net", hint="GMX: allow IMAP first (Settings, POP3/IMAP).")

BY_DOMAIN = {
    **dict.fromkeys(("gmail.com", "googlemail.com"), GMAIL),
    **dict.fromkeys(("fastmail.com", "fastmail.fm"), FASTMAIL),
    **dict.fromkeys(("outlook.com", "hotmail.com", "live.com", "msn.com"), OUTLOOK),
    **dict.fromkeys(("icloud.com", "me.com", "mac.com"), ICLOUD),
    **dict.fromkeys(("yahoo.com", "yahoo.de", "yahoo.fr", "yahoo.co.uk"), YAHOO),
    **dict.fromkeys(("gmx.net", "gmx.de", "gmx.at", "gmx.ch"), GMX),
}


HOSTS = {"google": GMAIL, "microsoft": OUTLOOK, "fastmail": FASTMAIL, "icloud": ICLOUD}
OTHER = "other"
"""Who may run the mail of a company's or a family's own domain."""


def unknown_provider(domain: str) -> Provider:
    """Return the names that most servers have."""
    return Provider(f"imap.{domain}", f"smtp.{domain}", hint="Your provider's help pages name its IMAP and SMTP servers.")
