"""How a connection to a mail server is made safe: always verified, and never in clear to another machine."""

from __future__ import annotations

import ipaddress
import ssl
from enum import StrEnum
from pathlib import Path

from service.contracts import Permanent


class Security(StrEnum):
    """TLS from the first octet (RFC 8314), STARTTLS before anything else is said, or nothing at all (loopback only)."""

    TLS = "tls"
    STARTTLS = "starttls"
    PLAIN = "plain"


def verified_context(ca_file: Path | None = None) -> ssl.SSLContext:
    """Return a context that checks chain, dates and host name, against the system's authorities and those in `ca_file`.

    Given explicitly everywhere: smtplib's own default verifies nothing. Raises Permanent when `ca_file` can't be read.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=str(ca_file))
        except (OSError, ssl.SSLError) as error:
            raise Permanent(f"{ca_file} can't be read as certificates: {error}", "give a file of PEM certificates") from error
    return context


def refuse_clear_text(host: str, security: Security) -> None:
    """Raise Permanent when letters and passwords would cross a network in clear."""
    if security is Security.PLAIN and not is_loopback(host):
        raise Permanent(f"{host} is another machine, and security is 'plain'", "set the security to tls or starttls")


def is_loopback(host: str) -> bool:
    """Return whether `host` is this machine by its name or address alone; nothing is looked up, since an answer can be forged."""
    if host.rstrip(".").lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
