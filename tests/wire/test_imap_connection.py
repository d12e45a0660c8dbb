"""IMAP: getting in, and what keeps us out. Each test is named by its fault; the numbers are those of docs/reliability.md."""

from __future__ import annotations

import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from service.contracts import Permanent, Temporary, Unauthorised
from service.edges.imap_connection import ImapAccount
from service.edges.imap_faults import ConnectionLost
from service.edges.imap_mailbox import ImapMailbox
from service.edges.imap_session import ImapSession
from service.edges.sasl import Mechanism
from service.edges.tls import Security
from tests.contract.mailbox_contract import LONG_AGO, collect, letter, octets
from tests.servers import dovecot
from tests.servers.certificates import Certificates
from tests.servers.dovecot import Dovecot
from tests.servers.fault_proxy import FaultProxy, How
from tests.servers.scripted_imap import Command, ScriptedImap

HASTY = timedelta(seconds=1)


def hasty(account: ImapAccount) -> ImapAccount:
    """Return the account with patience for a test."""
    return replace(account, connect=HASTY, read=HASTY)


def refusing(text: str) -> ScriptedImap:
    """Return a server that refuses every login with these words."""
    return ScriptedImap(answers={"LOGIN": lambda command: command.no(text)})


@pytest.mark.dovecot
def test_fault_17_a_wrong_password_waits_for_a_person(dovecot_server: Dovecot) -> None:
    """17: Unauthorised, with what to do; the caller counts the attempts."""
    with pytest.raises(Unauthorised) as failure:
        ImapSession(replace(dovecot_server.account(), password="wrong"))
    assert "password" in failure.value.fix


def test_fault_17_a_server_that_is_unavailable_is_tried_again() -> None:
    """17: a login refused for a passing reason is not the password's fault."""
    with refusing("[UNAVAILABLE] backend is down") as server, pytest.raises(Temporary):
        ImapSession(server.account())


@pytest.mark.parametrize("text", ["[LIMIT] Maximum number of connections exceeded", "Too many simultaneous connections. (Failure)"])
def test_fault_16_a_connection_limit_is_waited_out(text: str) -> None:
    """16: the server is left alone for minutes."""
    with refusing(text) as server, pytest.raises(Temporary) as failure:
        ImapSession(server.account())
    assert failure.value.retry_after == timedelta(minutes=5)


def test_fault_16_a_greeting_of_goodbye_is_waited_out() -> None:
    """16: some servers refuse a connection too many before any login."""
    with ScriptedImap(greeting=b"* BYE Too many connections from your address\r\n") as server, pytest.raises(Temporary) as failure:
        ImapSession(server.account())
    assert failure.value.retry_after


@pytest.mark.dovecot
@pytest.mark.skipif(bool(dovecot.missing()), reason=dovecot.missing())
def test_fault_16_dovecots_own_connection_limit_is_waited_out() -> None:
    """16: the same against a real server."""
    with Dovecot(connections=1) as server:
        first = ImapSession(server.account())
        with pytest.raises(Temporary) as failure:
            ImapSession(server.account())
        first.close()
    assert failure.value.retry_after


def test_fault_17_a_connection_lost_while_logging_in_is_no_wrong_password() -> None:
    """17: IMAPClient calls both a LoginError."""
    with ScriptedImap(answers={"LOGIN": lambda command: command.connection.close()}) as server, pytest.raises(ConnectionLost):
        ImapSession(server.account())


def test_fault_8_nobody_listens() -> None:
    """8: a server that is down is tried again."""
    with ScriptedImap() as server:
        account = server.account()
    with pytest.raises(ConnectionLost):
        ImapSession(account)


def test_fault_10_a_silent_greeting_is_given_up() -> None:
    """10: a server that accepts and says nothing does not hold us."""
    with ScriptedImap(greeting=b"") as server, pytest.raises(ConnectionLost):
        ImapSession(hasty(server.account()))


def test_fault_11_a_greeting_that_drips_is_given_up() -> None:
    """11: an octet now and then beats every timeout of the socket, not the deadline of the whole."""

    def drip(command: Command) -> None:
        for octet in b"* CAPABILITY IMAP4rev1" + b" X" * 400:
            command.connection.send(bytes([octet]))
            time.sleep(0.02)

    began = time.monotonic()
    with ScriptedImap(answers={"CAPABILITY": drip}) as server, pytest.raises(ConnectionLost, match="no complete answer"):
        ImapSession(hasty(server.account()))
    assert time.monotonic() - began < 6


def test_fault_91_the_secret_is_not_in_the_failure() -> None:
    """91: a server that repeats the login in its refusal does not get it into our log."""
    with refusing("user reader with password secret is wrong") as server, pytest.raises(Unauthorised) as failure:
        ImapSession(server.account())
    assert "secret" not in f"{failure.value!r}{failure.value.__cause__}"
    assert "reader" not in str(failure.value)


@pytest.mark.parametrize(
    ("user", "password"), [("x\r\nA1 DELETE INBOX", "secret"), ("reader", "secret\nA1 DELETE INBOX"), ("rea\0der", "secret")]
)
def test_fault_27_a_control_character_in_the_account_is_refused(user: str, password: str) -> None:
    """27: nothing can be smuggled into a command."""
    with ScriptedImap() as server:
        with pytest.raises(Permanent, match="control character"):
            ImapSession(replace(server.account(), user=user, password=password))
        assert server.lines == []


def test_fault_27_a_control_character_in_a_folder_is_refused() -> None:
    """27: nor by the name of a folder."""
    with ScriptedImap() as server, pytest.raises(Permanent, match="control character"):
        list(ImapMailbox("imap", server.account()).collect("INBOX\r\nA1 NOOP", None, LONG_AGO))


def test_fault_27_a_user_with_a_space_and_a_quote_can_log_in() -> None:
    """27: what is odd but legal is quoted."""
    with ScriptedImap() as server:
        session = ImapSession(replace(server.account(), user='odd "one"'))
        session.close()
        assert server.said(b'LOGIN "odd \\"one\\"" "secret"')


# -- TLS ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["tls", "starttls"])
def security(request: pytest.FixtureRequest) -> Security:
    """Return both ways into TLS."""
    return Security(request.param)


def served(security: Security, certificates: Certificates, name: str) -> ScriptedImap:
    """Return a server that shows the named certificate."""
    certificate = getattr(certificates, name)
    if security is Security.TLS:
        return ScriptedImap([letter(1)], certificate=certificate)
    return ScriptedImap([letter(1)], starttls=certificate, capabilities="IMAP4rev1 STARTTLS")


def test_fault_22_a_good_certificate_lets_us_in(security: Security, certificates: Certificates) -> None:
    """22: with the authority's certificate as CA file."""
    with served(security, certificates, "good") as server:
        mailbox = ImapMailbox("imap", replace(server.account(security), ca_file=certificates.ca_file))
        assert octets(collect(mailbox)) == [letter(1)]
        mailbox.close()


@pytest.mark.parametrize("name", ["untrusted", "wrong_host"])
def test_fault_22_a_bad_certificate_keeps_us_out(security: Security, certificates: Certificates, name: str) -> None:
    """22: an unknown authority or another host's name: nothing is said, a person is told."""
    with served(security, certificates, name) as server:
        with pytest.raises(Permanent, match="certificate") as failure:
            ImapSession(replace(server.account(security), ca_file=certificates.ca_file))
        assert failure.value.fix
        assert not server.said(b"LOGIN")


def test_fault_22_an_expired_certificate_is_tried_again(security: Security, certificates: Certificates) -> None:
    """22: the other side will renew it; until then nothing is said."""
    with served(security, certificates, "expired") as server:
        with pytest.raises(Temporary, match="expired"):
            ImapSession(replace(server.account(security), ca_file=certificates.ca_file))
        assert not server.said(b"LOGIN")


def test_fault_22_starttls_that_was_stripped_is_not_given_up(certificates: Certificates) -> None:
    """22: where STARTTLS is wanted and not offered, no password is sent."""
    with ScriptedImap(capabilities="IMAP4rev1") as server:
        with pytest.raises(Permanent, match="STARTTLS"):
            ImapSession(replace(server.account(Security.STARTTLS), ca_file=certificates.ca_file))
        assert not server.said(b"LOGIN")


def test_fault_22_starttls_that_is_refused_is_not_given_up() -> None:
    """22: nor where it is offered and then refused."""
    answers = {"STARTTLS": lambda command: command.no("not now")}
    with ScriptedImap(answers=answers, capabilities="IMAP4rev1 STARTTLS") as server:
        with pytest.raises(Temporary):
            ImapSession(server.account(Security.STARTTLS))
        assert not server.said(b"LOGIN")


def test_fault_23_a_response_injected_before_starttls_is_not_believed(certificates: Certificates) -> None:
    """23: what came in clear along with the answer to STARTTLS is gone once TLS has begun."""

    def inject(command: Command) -> bytes:
        command.connection.send(command.ok() + b"* CAPABILITY IMAP4rev1 IDLE\r\n")
        command.connection.secure(certificates.good)
        return b""

    with ScriptedImap(answers={"STARTTLS": inject}, capabilities="IMAP4rev1 STARTTLS") as server:
        session = ImapSession(replace(server.account(Security.STARTTLS), ca_file=certificates.ca_file))
        assert not session.can_idle()
        session.close()


def test_fault_22_preauth_is_refused() -> None:
    """22: a greeting that skips the login would skip STARTTLS too."""
    with ScriptedImap(greeting=b"* PREAUTH welcome\r\n") as server, pytest.raises(Permanent, match="PREAUTH"):
        ImapSession(server.account())


def test_fault_22_clear_text_to_another_machine_is_refused() -> None:
    """22: 'plain' is for loopback."""
    with pytest.raises(Permanent, match="plain"):
        ImapSession(ImapAccount("imap.example.org", "reader", "secret", 143, Security.PLAIN))


@pytest.mark.dovecot
def test_fault_24_a_flipped_bit_is_noticed_by_tls(dovecot_server: Dovecot) -> None:
    """24: a damaged record ends the connection; the next one collects everything."""
    dovecot_server.deliver(letter(1), user="flip")
    account = dovecot_server.account("flip", Security.TLS)
    with FaultProxy(account.port, how=How.FLIP, break_on=rb"^\x17\x03\x03.{60}") as proxy:
        mailbox = ImapMailbox("imap", replace(account, port=proxy.port))
        with pytest.raises(Temporary):
            collect(mailbox)
        proxy.heal()
        assert octets(collect(mailbox)) == [letter(1)]
        mailbox.close()


# -- tokens ------------------------------------------------------------------------------------------------------------


class Tokens:
    """A source of tokens that hands out the next one when one is refused."""

    def __init__(self, *tokens: str) -> None:
        self._tokens = iter(tokens)
        self._token = next(self._tokens)

    def __call__(self, refused: str = "") -> str:
        """Return the token, or the next one."""
        if refused == self._token:
            self._token = next(self._tokens)
        return self._token


@pytest.fixture(params=list(Mechanism)[2:])
def mechanism(request: pytest.FixtureRequest) -> Mechanism:
    """Return both bearer mechanisms."""
    return Mechanism(request.param)


@pytest.fixture
def token_server() -> Iterator[ScriptedImap]:
    """Start a server that takes the token `fresh` and refuses every other one as Gmail does."""

    def authenticate(command: Command) -> bytes:
        command.connection.send(b"+ \r\n")
        if b"Bearer fresh\x01" in b64decode(command.connection.read_line()):
            return command.ok()
        command.connection.send(b"+ " + b64encode(b'{"status":"401","schemes":"bearer"}') + b"\r\n")
        command.connection.read_line()
        return command.no("[AUTHENTICATIONFAILED] Invalid credentials")

    with ScriptedImap([letter(1)], {"AUTHENTICATE": authenticate}) as server:
        yield server


def test_fault_18_an_expired_token_is_renewed_once(token_server: ScriptedImap, mechanism: Mechanism) -> None:
    """18: the source is told which token was refused, and the next one lets us in."""
    mailbox = ImapMailbox("imap", replace(token_server.account(), tokens=Tokens("stale", "fresh"), mechanism=mechanism))
    assert octets(collect(mailbox)) == [letter(1)]
    mailbox.close()


def test_fault_18_a_token_that_is_refused_twice_waits_for_a_person(token_server: ScriptedImap, mechanism: Mechanism) -> None:
    """18: then only a new login helps, and the server's word for it is told."""
    with pytest.raises(Unauthorised) as failure:
        ImapSession(replace(token_server.account(), tokens=Tokens("stale", "staler"), mechanism=mechanism))
    assert "nutgraf login" in failure.value.fix
    assert "401" in failure.value.fix
