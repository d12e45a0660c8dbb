"""A person lets us in: by a code on any device, by the browser of this machine, or by pasting where the browser ended."""

from __future__ import annotations

import http.client
import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from service.contracts import Temporary, Unauthorised
from service.edges.oauth_client import IssuerClient
from service.edges.oauth_issuers import Registration, registration
from service.edges.oauth_login import by_browser, by_device_code, obtain
from tests.servers.token_issuer import TokenIssuer


@pytest.fixture
def issuer() -> Iterator[TokenIssuer]:
    """Give an issuer whose person consents."""
    with TokenIssuer() as running:
        yield running


def registered(issuer: TokenIssuer, **table: str) -> Registration:
    """Return a registration that finds the endpoints by the issuer's metadata."""
    return registration("example", {"client_id": "nutgraf", "issuer": issuer.url, "scope": "mail", **table})


def client(issuer: TokenIssuer) -> IssuerClient:
    """Return a client at the issuer."""
    return IssuerClient(registered(issuer), "nutgraf login main")


def visit(address: str) -> bytes:
    """Return the page at an address of this machine, following redirects as a browser does."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    connection.request("GET", f"{parts.path}?{parts.query}")
    answer = connection.getresponse()
    page, location = answer.read(), answer.getheader("Location")
    connection.close()
    return visit(location) if location else page


class Pauses:
    """A pause that takes no time and is remembered."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    def __call__(self, seconds: float) -> None:
        """Remember."""
        self.taken.append(seconds)


class Browser:
    """A person at a browser: opens what `say` shows, in a thread, and follows where the issuer sends it."""

    def __init__(self, change: Callable[[str], str] = str) -> None:
        self.change = change
        self.said: list[str] = []
        self.page = b""
        self.thread = threading.Thread(target=self._visit, daemon=True)

    def __call__(self, text: str) -> None:
        """Note what is shown, and set out when it is an address."""
        self.said.append(text)
        if "/authorize?" in text:
            self.thread.start()

    def _visit(self) -> None:
        address = next(line for line in self.said[-1].splitlines() if line.startswith("http"))
        self.page = visit(self.change(address))


def test_a_device_code_is_shown_and_polled_until_it_was_typed(issuer: TokenIssuer) -> None:
    """RFC 8628: wait as the issuer says, longer after each `slow_down`."""
    issuer.pending = ["authorization_pending", "slow_down", "authorization_pending"]
    said, pauses = list[str](), Pauses()
    with client(issuer) as asked:
        answer = by_device_code(asked, said.append, pauses)
    assert answer["access_token"] == "access-1"
    assert pauses.taken == [1, 1, 6, 6]
    assert "WDJB-MJHT" in said[0]
    assert issuer.url + "/activate" in said[0]


@pytest.mark.parametrize("error", ["access_denied", "expired_token"])
def test_a_device_code_that_was_refused_ends_the_login(issuer: TokenIssuer, error: str) -> None:
    """The person said no, or was too slow for the issuer."""
    issuer.pending = [error]
    with client(issuer) as asked, pytest.raises(Unauthorised, match=error):
        by_device_code(asked, lambda _: None, Pauses())


def test_a_device_code_that_nobody_types_ends_in_time(issuer: TokenIssuer) -> None:
    """After its lifetime we stop asking, whatever the issuer says."""
    issuer.pending = ["authorization_pending"] * 1000
    with client(issuer) as asked, pytest.raises(Temporary, match="in time"):
        by_device_code(asked, lambda _: None, Pauses())
    assert len(issuer.asked) < 650


def test_an_issuer_with_device_codes_is_asked_for_one(issuer: TokenIssuer) -> None:
    """They work on machines without a browser, so they come first."""
    said = list[str]()
    with client(issuer) as asked:
        obtain(asked, registered(issuer), said.append)
    assert "type the code" in said[0]


def test_the_browser_comes_back_with_a_code_that_pkce_protects(issuer: TokenIssuer) -> None:
    """The issuer checks the verifier against the challenge; the page that the person sees holds no secret."""
    browser = Browser()
    with client(issuer) as asked:
        answer = by_browser(asked, registered(issuer), browser, None)
    browser.thread.join(10)
    assert answer["access_token"] == "access-1"
    assert b"closed" in browser.page
    assert b"code-" not in browser.page


def test_gmail_is_asked_for_a_refresh_token() -> None:
    """`access_type=offline`, and the consent again, without which Google gives a second login none."""
    with IssuerClient(registration("gmail", {"client_id": "x"}), "nutgraf login main") as asked:
        address, state = asked.authorization_url("http://127.0.0.1:1/", "v" * 43)
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert (query["access_type"], query["prompt"], query["code_challenge_method"], query["state"]) == ("offline", "consent", "S256", state)


def test_a_person_who_says_no_ends_the_login(issuer: TokenIssuer) -> None:
    """`access_denied` comes back by the browser."""
    issuer.consents = False
    with client(issuer) as asked, pytest.raises(Unauthorised, match="did not let us in"):
        by_browser(asked, registered(issuer), Browser(), None)


def test_a_visitor_with_another_state_is_nobody(issuer: TokenIssuer) -> None:
    """A page that sends the browser to our port with a code of its own (CSRF) changes nothing; nor does an address without sense."""

    def forge(address: str) -> str:
        redirect = parse_qs(urlsplit(address).query)["redirect_uri"][0]
        for path in ("?code=evil&state=evil", "?code=evil", "favicon.ico", "?state=%FF&code=evil"):
            visit(redirect + path)
        with socket.create_connection(("127.0.0.1", urlsplit(redirect).port or 0)) as raw:
            raw.sendall(b"GET //[?code=evil HTTP/1.0\r\n\r\n")
            raw.recv(100)
        return address

    with client(issuer) as asked:
        assert by_browser(asked, registered(issuer), Browser(forge), None)["access_token"] == "access-1"


def test_a_visitor_that_breaks_off_is_passed_by(issuer: TokenIssuer, capfd: pytest.CaptureFixture[str]) -> None:
    """The person goes on logging in and is shown no traceback."""

    def slam(address: str) -> str:
        with socket.create_connection(("127.0.0.1", urlsplit(parse_qs(urlsplit(address).query)["redirect_uri"][0]).port or 0)) as raw:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closes by RST
            raw.sendall(b"GET / HT")
        return address

    with client(issuer) as asked:
        assert by_browser(asked, registered(issuer), Browser(slam), None)["access_token"] == "access-1"
    assert capfd.readouterr().err == ""


def test_a_browser_that_never_comes_back_is_not_waited_for_for_ever(issuer: TokenIssuer) -> None:
    """And the port is closed again."""
    with client(issuer) as asked, pytest.raises(Temporary, match="in time"):
        by_browser(asked, registered(issuer), lambda _: None, None, timedelta(seconds=0.1))


def test_an_address_pasted_from_another_machine_s_browser_does_too(issuer: TokenIssuer) -> None:
    """There the last hop fails, but the address bar holds the code."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as typed, os.fdopen(writing, "w") as keyboard, client(issuer) as asked:

        def person(text: str) -> None:
            if "/authorize?" in text:
                address = next(line for line in text.splitlines() if line.startswith("http"))
                query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
                keyboard.write("what?\n" + issuer.authorize(query) + "\n")
                keyboard.flush()

        assert by_browser(asked, registered(issuer), person, typed)["access_token"] == "access-1"


def test_a_closed_keyboard_leaves_the_browser_to_wait_for(issuer: TokenIssuer) -> None:
    """End of input is no answer."""
    reading, writing = os.pipe()
    os.close(writing)
    with os.fdopen(reading) as typed, client(issuer) as asked:
        assert by_browser(asked, registered(issuer), Browser(), typed)["access_token"] == "access-1"


def test_the_metadata_must_be_the_issuer_s_own(issuer: TokenIssuer) -> None:
    """RFC 8414, 3.3: else one issuer could pose as another."""
    issuer.named = "https://evil.example"
    with client(issuer) as asked, pytest.raises(Temporary, match="without sense"):
        asked.endpoints()


def test_the_port_to_come_back_to_can_be_fixed(issuer: TokenIssuer) -> None:
    """For a port that is forwarded from the machine with the browser."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    browser = Browser()
    with client(issuer) as asked:
        by_browser(asked, registered(issuer, redirect_port=str(port)), browser, None)
    assert f"127.0.0.1%3A{port}" in browser.said[0]
