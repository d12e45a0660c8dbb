"""Servers that repeat a password or token in what they say, as it is or as it went over the wire: no failure of ours passes it on."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from datetime import timedelta

import pytest

from service.contracts import Failure, Permanent
from service.edges.imap_connection import ImapAccount
from service.edges.imap_session import ImapSession
from service.edges.sasl import Mechanism
from service.edges.smtp_courier import SmtpCourier
from service.edges.tls import Security
from tests.servers.faulty_smtp import Fault, FaultySmtp, Then
from tests.servers.scripted_imap import Command, ScriptedImap

SECRET = "stieglitz-schlüssel"
HASTY = timedelta(seconds=1)
USER = "me@example.org"
PLAIN = b64encode(f"\0{USER}\0{SECRET}".encode()).decode()
BEARER = b64encode(f"user={USER}\x01auth=Bearer {SECRET}\x01\x01".encode()).decode()
ECHOES = (SECRET, PLAIN, b64encode(SECRET.encode()).decode(), f"Bearer {SECRET}", BEARER)


def given(refused: str = "") -> str:  # noqa: ARG001
    """Return the token, again and again."""
    return SECRET


def refuse_secret(failure: Failure) -> None:
    """Fail when the secret stands in what the failure says, in any of its forms."""
    said = str(failure) + (failure.fix if isinstance(failure, Permanent) else "")
    assert [echo for echo in ECHOES if echo in said] == []


@pytest.mark.parametrize("bearer", [False, True])
@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize("code", ["535 5.7.8", "454 4.7.0", "421 4.3.0"])
def test_fault_91_smtp(code: str, echo: str, bearer: bool) -> None:
    """Refused for good or for now."""
    heard = f"{code} you said {echo}".encode().decode("latin-1")
    with FaultySmtp(Fault("AUTH", heard, Then.CLOSE), logins={USER: "other"}, mechanisms=("PLAIN", "XOAUTH2")) as server:
        token = given if bearer else None
        courier = SmtpCourier(server.host, server.port, Security.PLAIN, user=USER, password="" if bearer else SECRET, token=token)
        with pytest.raises(Failure) as failure:
            courier.check()
    refuse_secret(failure.value)


def saying(answer: str, account: ImapAccount) -> Failure:
    """Return the failure of a login that is answered so; `*` for `tag`."""

    def answered(command: Command) -> bytes:
        if command.name == "AUTHENTICATE":
            command.connection.send(b"+ \r\n")
            command.connection.read_line()
        return answer.replace("TAG", command.tag.decode()).encode() + b"\r\n"

    capabilities = "IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2" if account.tokens or "ü" in account.password else "IMAP4rev1"
    with ScriptedImap(answers={"LOGIN": answered, "AUTHENTICATE": answered}, capabilities=capabilities) as server:
        there = server.account()
        with pytest.raises(Failure) as failure:
            ImapSession(replace(account, host=there.host, port=there.port))
    return failure.value


@pytest.mark.parametrize("bearer", [False, True])
@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize("answer", ["TAG NO [AUTHENTICATIONFAILED] {}", "TAG NO [UNAVAILABLE] {}", "TAG BAD {}", "* BYE {}\r\nTAG NO bye"])
def test_fault_91_imap(answer: str, echo: str, bearer: bool) -> None:
    """Refused for good, for now, not understood, or with a goodbye."""
    token = given if bearer else None
    account = ImapAccount(
        "", USER, "" if bearer else SECRET, security=Security.PLAIN, tokens=token, mechanism=Mechanism.XOAUTH2, connect=HASTY, read=HASTY
    )
    refuse_secret(saying(answer.format(echo), account))
