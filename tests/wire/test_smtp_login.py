"""Logging in to send: one attempt a password, one fresh token a refusal, and no secret in what is said about it."""

from __future__ import annotations

import base64
import json

import pytest

from service.contracts import Permanent, Temporary, Unauthorised
from service.edges.sasl import Bearer, Mechanism, TokenSource, login, plain, read_refusal
from service.edges.smtp_courier import Patience, SmtpCourier
from service.edges.tls import Security
from service.records import Posting
from tests.servers.faulty_smtp import Fault, FaultySmtp, Then

POSTING = Posting("daily", "2026-05-01", "digest@example.org", "reader@example.org", "<one@example.org>", b"Subject: x\r\n\r\n")


def courier(server: FaultySmtp, password: str = "", token: TokenSource | None = None) -> SmtpCourier:
    """Return a courier that logs in as `me`."""
    patience = Patience(connect=5, command=2, farewell=0.4)
    return SmtpCourier(server.host, server.port, Security.PLAIN, user="me", password=password, token=token, patience=patience)


class Tokens:
    """A token source that deals out the given tokens, and remembers what it was told of refusals."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens)
        self.asked: list[str] = []

    def __call__(self, refused: str = "") -> str:
        """Deal."""
        self.asked.append(refused)
        return self.tokens.pop(0)


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_a_password_logs_in(mechanism: str) -> None:
    """By whichever of the two mechanisms the server has."""
    with FaultySmtp(logins={"me": "secret"}, mechanisms=(mechanism,)) as server:
        courier(server, "secret").send(POSTING, lambda: None)
    assert server.received[0].user == "me"


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_fault_64_a_password_may_hold_any_letter(mechanism: str) -> None:
    """UTF-8, as RFC 4616 wants it; smtplib's own login fails on it."""
    with FaultySmtp(logins={"me": "pässwört€"}, mechanisms=(mechanism,)) as server:
        courier(server, "pässwört€").send(POSTING, lambda: None)
    assert server.received[0].user == "me"


def test_fault_63_a_refused_password_is_tried_once() -> None:
    """A second mechanism after a 535 would be a second bad attempt: accounts lock after a few."""
    with FaultySmtp(logins={"me": "secret"}) as server, pytest.raises(Unauthorised, match="535") as refused:
        courier(server, "wrong").send(POSTING, lambda: None)
    assert server.count("AUTH") == 1
    assert "app password" in refused.value.fix


def test_fault_63_a_temporary_failure_of_the_login_is_temporary() -> None:
    """454: the server's own trouble with its list of users."""
    with FaultySmtp(Fault("AUTH", "454 4.7.0 later"), logins={"me": "secret"}) as server, pytest.raises(Temporary, match="454"):
        courier(server, "secret").send(POSTING, lambda: None)


@pytest.mark.parametrize("then", [Then.CLOSE, Then.RESET, Then.HANG])
def test_a_connection_lost_in_the_login_is_temporary(then: Then) -> None:
    """Nothing is proven against the password."""
    with FaultySmtp(Fault("AUTH", then=then), logins={"me": "secret"}) as server, pytest.raises(Temporary):
        courier(server, "secret").send(POSTING, lambda: None)


@pytest.mark.parametrize("reply", ["530 5.7.0 login first", "535 5.7.8 no", "550 5.7.30 Basic authentication is not supported"])
def test_a_server_that_wants_another_login_holds_it_against_no_posting(reply: str) -> None:
    """Said in answer to MAIL it concerns the account: every digest would be refused alike."""
    with FaultySmtp(Fault("MAIL", reply)) as server, pytest.raises(Unauthorised):
        SmtpCourier(server.host, server.port, Security.PLAIN).send(POSTING, lambda: None)


def test_a_server_without_a_login_is_said_so() -> None:
    """A user in the settings and no AUTH at the server: a wrong port, or no need for a user."""
    with FaultySmtp() as server, pytest.raises(Unauthorised, match="no login at all") as refused:
        courier(server, "secret").send(POSTING, lambda: None)
    assert "leave the SMTP user empty" in refused.value.fix


def test_a_server_without_our_mechanisms_is_said_so() -> None:
    """Its own are named, and the password is not sent."""
    with FaultySmtp(logins={"me": "secret"}, mechanisms=("GSSAPI", "NTLM")) as server, pytest.raises(Unauthorised, match="GSSAPI, NTLM"):
        courier(server, "secret").send(POSTING, lambda: None)
    assert server.count("AUTH") == 0


def test_without_a_user_nobody_logs_in() -> None:
    """Also when the server offers it."""
    with FaultySmtp(logins={"me": "secret"}) as server, pytest.raises(Permanent):
        SmtpCourier(server.host, server.port, Security.PLAIN).send(POSTING, lambda: None)
    assert server.count("AUTH") == 0


def test_the_password_echoed_by_a_server_is_not_repeated() -> None:
    """What is said of a refusal goes to logs and to the owner."""
    fault = Fault("AUTH", "535 5.7.8 user me with password canary-7 is wrong")
    with FaultySmtp(fault, logins={"me": "x"}) as server, pytest.raises(Unauthorised) as refused:
        courier(server, "canary-7").send(POSTING, lambda: None)
    assert "canary-7" not in str(refused.value)


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_a_token_logs_in(mechanism: str) -> None:
    """By whichever of the two mechanisms the server has."""
    with FaultySmtp(logins={"me": "token-1"}, mechanisms=("PLAIN", mechanism)) as server:
        courier(server, token=Tokens("token-1")).send(POSTING, lambda: None)
    assert server.received[0].user == "me"


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_fault_18_a_refused_token_is_replaced_once(mechanism: str) -> None:
    """The source is told which token was refused, and its next one goes at once."""
    tokens = Tokens("old", "new")
    with FaultySmtp(logins={"me": "new"}, mechanisms=(mechanism,)) as server:
        courier(server, token=tokens).send(POSTING, lambda: None)
    assert tokens.asked == ["", "old"]
    assert len(server.received) == 1


def test_a_fresh_token_refused_too_ends_the_attempts() -> None:
    """With the server's own reason; the tokens themselves are not told."""
    with FaultySmtp(logins={"me": "x"}) as server, pytest.raises(Unauthorised, match="401") as refused:
        courier(server, token=Tokens("canary-1", "canary-2")).send(POSTING, lambda: None)
    assert server.count("AUTH") == 2
    assert "canary" not in str(refused.value)


def test_a_source_without_a_token_speaks_for_itself() -> None:
    """What the token source raises comes through."""

    def token(refused: str = "") -> str:
        raise Unauthorised(f"needs login{refused}", "run `nutgraf login me`")

    with FaultySmtp(logins={"me": "x"}) as server, pytest.raises(Unauthorised, match="needs login"):
        courier(server, token=token).send(POSTING, lambda: None)


def test_check_logs_in_and_sends_nothing() -> None:
    """What `nutgraf check` calls."""
    with FaultySmtp(logins={"me": "secret"}) as server:
        courier(server, "secret").check()
        with pytest.raises(Unauthorised):
            courier(server, "wrong").check()
    assert (server.count("MAIL"), server.count("QUIT")) == (0, 2)


def test_xoauth2_says_user_and_token() -> None:
    """Google's form, then an empty answer to the error challenge, whose status is kept."""
    dialogue = Bearer(Mechanism.XOAUTH2, "me@example.org", "abc")
    assert dialogue(None) == b"user=me@example.org\x01auth=Bearer abc\x01\x01"
    assert (dialogue(b'{"status":"400","schemes":"Bearer"}'), dialogue.refusal) == (b"", "400")


def test_oauthbearer_says_the_gs2_header_host_and_port() -> None:
    """RFC 7628, 3.1; a comma and an equals sign in the user are escaped (RFC 5801)."""
    dialogue = Bearer(Mechanism.OAUTHBEARER, "m,e=1", "abc", "imap.example.org", 993)
    assert dialogue(None) == b"n,a=m=2Ce=3D1,\x01host=imap.example.org\x01port=993\x01auth=Bearer abc\x01\x01"
    assert (dialogue(b'{"status":"invalid_token"}'), dialogue.refusal) == (b"\x01", "invalid_token")


def test_plain_and_login_speak_utf_8() -> None:
    """PLAIN in one message, LOGIN in two, and LOGIN gives up (`*`) when asked for a third."""
    assert plain("mé", "pä")(None) == "\0mé\0pä".encode()
    dialogue = login("mé", "pä")
    assert [dialogue(b"?"), dialogue(b"?"), dialogue(b"?")] == ["mé".encode(), "pä".encode(), b"*"]


@pytest.mark.parametrize("field", ["user", "token", "host"])
def test_a_control_character_can_not_forge_a_sasl_field(field: str) -> None:
    """The separators of the message must not stand in its values."""
    values = {"user": "me", "token": "abc", "host": "h"} | {field: "x\x01auth=Bearer evil"}
    with pytest.raises(ValueError, match="control character"):
        Bearer(Mechanism.OAUTHBEARER, values["user"], values["token"], values["host"])


@pytest.mark.parametrize("challenge", [b"", b"\xff", b"[]", b"{", b"[" * 100_000, b'"x"', json.dumps({"status": "<b>\r\n"}).encode()])
def test_any_challenge_is_read_without_harm(challenge: bytes) -> None:
    """A server may say what it likes; one harmless word comes out."""
    word = read_refusal(challenge)
    assert len(word) <= 40
    assert word == "".join(letter for letter in word if letter.isalnum() or letter in "_-")


def test_a_challenge_that_is_no_base64_is_taken_as_empty() -> None:
    """The login then ends as the server wants it to."""
    with FaultySmtp(Fault("AUTH", "334 " + "!" * 9), logins={"me": "x"}) as server, pytest.raises(Unauthorised):
        courier(server, "x").send(POSTING, lambda: None)
    assert base64.b64encode(b"\0me\0x").decode() in server.said[1]
