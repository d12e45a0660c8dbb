"""A throw-away certificate authority for the tests' servers, and the certificates that a client must refuse."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme


@dataclass(frozen=True, slots=True)
class Certificate:
    """A server's certificate with its key, each in a PEM file."""

    chain: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        """Return a server's context that shows this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain, self.key)
        return context


@dataclass(frozen=True, slots=True)
class Certificates:
    """One authority (`ca_file`), a good certificate for localhost and 127.0.0.1, and three bad ones."""

    ca_file: Path
    good: Certificate
    wrong_host: Certificate
    expired: Certificate
    untrusted: Certificate


def make_certificates(directory: Path) -> Certificates:
    """Write the authority and all its certificates into a directory."""
    authority, stranger = trustme.CA(), trustme.CA()
    ca_file = directory / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    now = datetime.now(UTC)
    here = ("localhost", "127.0.0.1")
    return Certificates(
        ca_file,
        good=_write(directory, "good", authority.issue_cert(*here)),
        wrong_host=_write(directory, "wrong_host", authority.issue_cert("elsewhere.example")),
        expired=_write(
            directory, "expired", authority.issue_cert(*here, not_before=now - timedelta(days=9), not_after=now - timedelta(days=2))
        ),
        untrusted=_write(directory, "untrusted", stranger.issue_cert(*here)),
    )


def _write(directory: Path, name: str, leaf: trustme.LeafCert) -> Certificate:
    written = Certificate(directory / f"{name}.pem", directory / f"{name}.key")
    leaf.private_key_pem.write_to_path(str(written.key))
    for number, blob in enumerate(leaf.cert_chain_pems):
        blob.write_to_path(str(written.chain), append=number > 0)
    return written
