"""TLS on the way out: verified always, never given up silently, and no secret said before it stands."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from service.contracts import Permanent, Temporary
from service.edges.smtp_courier import Patience, SmtpCourier
from service.edges.tls import Security
from service.records import Posting
from tests.servers.certificates import Certificate, Certificates, make_certificates
from tests.servers.faulty_smtp import Fault, FaultySmtp, Then

POSTING = Posting("daily", "2026-05-01", "digest@example.org", "reader@example.org", "<one@example.org>", b"Subject: x\r\n\r\n")
PATIENT = Patience(connect=5, command=5, farewell=0.4)
ENCRYPTED = [Security.TLS, Security.STARTTLS]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Give an authority and its certificates."""
    return make_certificates(tmp_path_factory.mktemp("tls"))


def serve(security: Security, certificate: Certificate, fault: Fault | None = None) -> FaultySmtp:
    """Return a server of either kind, which knows one user."""
    pair = (certificate.chain, certificate.key)
    return FaultySmtp(fault, logins={"me": "secret"}, certificate=pair, implicit=security is Security.TLS)


def courier(server: FaultySmtp, security: Security, ca_file: Path | None, host: str = "localhost") -> SmtpCourier:
    """Return a courier that trusts `ca_file`."""
    return SmtpCourier(host, server.port, security, user="me", password="secret", ca_file=ca_file, patience=PATIENT)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
@pytest.mark.parametrize("security", ENCRYPTED)
def test_a_verified_connection_carries_login_and_letter(certificates: Certificates, security: Security, host: str) -> None:
    """Both ways into TLS, by name and by address; the login comes after it."""
    with serve(security, certificates.good) as server:
        courier(server, security, certificates.ca_file, host).send(POSTING, lambda: None)
    assert (server.received[0].encrypted, server.received[0].user) == (True, "me")


@pytest.mark.parametrize("kind", ["untrusted", "wrong_host", "expired"])
@pytest.mark.parametrize("security", ENCRYPTED)
def test_fault_22_a_certificate_that_proves_nothing_is_refused(certificates: Certificates, security: Security, kind: str) -> None:
    """Untrusted, another host's, expired: nothing is said to that server, and the message names the cure."""
    with serve(security, getattr(certificates, kind)) as server, pytest.raises(Temporary, match="certificate of localhost"):
        courier(server, security, certificates.ca_file).send(POSTING, lambda: None)
    assert (server.count("AUTH"), server.count("MAIL")) == (0, 0)


@pytest.mark.parametrize("security", ENCRYPTED)
def test_fault_22_our_authority_is_not_trusted_without_being_named(certificates: Certificates, security: Security) -> None:
    """The system's authorities alone do not know it."""
    with serve(security, certificates.good) as server, pytest.raises(Temporary, match="NUTGRAF_CA_FILE"):
        courier(server, security, None).send(POSTING, lambda: None)


def test_fault_22_a_stripped_starttls_is_not_given_up(certificates: Certificates) -> None:
    """A server, or someone between, that offers no STARTTLS gets neither password nor letter."""
    with FaultySmtp(logins={"me": "secret"}) as server, pytest.raises(Temporary, match="no STARTTLS"):
        courier(server, Security.STARTTLS, certificates.ca_file).send(POSTING, lambda: None)
    assert (server.count("AUTH"), server.count("MAIL")) == (0, 0)


@pytest.mark.parametrize("reply", ["454 4.7.0 TLS not available", "501 5.5.4 no"])
def test_fault_22_a_refused_starttls_is_temporary(certificates: Certificates, reply: str) -> None:
    """The server's own trouble, and no reason to go on in clear."""
    fault = Fault("STARTTLS", reply, Then.CLOSE)
    with serve(Security.STARTTLS, certificates.good, fault) as server, pytest.raises(Temporary, match=reply):
        courier(server, Security.STARTTLS, certificates.ca_file).send(POSTING, lambda: None)
    assert (server.count("AUTH"), server.count("MAIL")) == (0, 0)


def test_fault_23_what_is_said_before_tls_is_forgotten(certificates: Certificates) -> None:
    """An answer injected behind STARTTLS's is not taken for one given under TLS."""
    with serve(Security.STARTTLS, certificates.good, Fault("STARTTLS", "220 go ahead\r\n554 5.0.0 injected")) as server:
        courier(server, Security.STARTTLS, certificates.ca_file).send(POSTING, lambda: None)
    assert server.received[0].encrypted


def test_tls_with_a_port_that_has_none_says_what_to_look_at(certificates: Certificates) -> None:
    """The commonest mistake in settings: tls on 587."""
    with FaultySmtp() as server, pytest.raises(Temporary, match="tls on 465, or starttls on 587"):
        courier(server, Security.TLS, certificates.ca_file).send(POSTING, lambda: None)


def test_fault_62_a_handshake_that_never_comes_is_left(certificates: Certificates) -> None:
    """A port that accepts and keeps silent."""
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Temporary):
        SmtpCourier("localhost", silent.getsockname()[1], ca_file=certificates.ca_file, patience=Patience(connect=0.5)).send(
            POSTING, lambda: None
        )


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_a_ca_file_that_is_none_is_refused_at_once(tmp_path: Path, text: str | None) -> None:
    """A wrong setting is told at the start, not at the first digest."""
    ca_file = tmp_path / "ca.pem"
    if text is not None:
        ca_file.write_text(text)
    with pytest.raises(Permanent, match="can't be read as certificates"):
        SmtpCourier("mail.example.org", 465, ca_file=ca_file)
