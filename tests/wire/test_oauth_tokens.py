"""Access tokens: renewed in time, once when refused, never lost in a crash, and told to nobody."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from service.contracts import Temporary, Unauthorised
from service.edges.oauth_client import IssuerClient
from service.edges.oauth_tokens import Grant, OAuthTokens
from tests.servers.token_issuer import Answer, TokenIssuer
from tests.wire.oauth_grants import START, Clock, Safe, registered, tokens


@pytest.fixture
def issuer() -> Iterator[TokenIssuer]:
    """Give an issuer that knows the refresh token of the grant that the tests start with."""
    with TokenIssuer() as running:
        running.refresh_tokens = {"refresh-0"}
        yield running


@pytest.fixture
def safe() -> Safe:
    """Give a safe with a grant of one hour, obtained at START."""
    safe = Safe()
    safe.texts["main"] = Grant("access-0", "refresh-0", START, timedelta(hours=1)).to_text()
    return safe


@pytest.fixture
def clock() -> Clock:
    """Give a clock at START."""
    return Clock()


def test_a_young_token_is_used_as_it_is(issuer: TokenIssuer, safe: Safe, clock: Clock) -> None:
    """Up to 80 % of its life nobody is asked."""
    clock.time = START + timedelta(minutes=47)
    assert tokens(issuer, safe, clock)() == "access-0"
    assert issuer.asked == []


def test_fault_18_a_token_is_renewed_at_80_percent_of_its_life(issuer: TokenIssuer, safe: Safe, clock: Clock) -> None:
    """Before it expires, not after."""
    clock.time = START + timedelta(minutes=48)
    assert tokens(issuer, safe, clock)() == "access-1"


def test_fault_84_a_clock_set_back_renews(issuer: TokenIssuer, safe: Safe, clock: Clock) -> None:
    """A token from the future may be of any age."""
    clock.time = START - timedelta(days=1)
    assert tokens(issuer, safe, clock)() == "access-1"


def test_fault_18_a_refused_token_is_renewed_whatever_its_age(issuer: TokenIssuer, safe: Safe, clock: Clock) -> None:
    """The server knows better than its `expires_in`."""
    assert tokens(issuer, safe, clock)(refused="access-0") == "access-1"


def test_a_token_refused_to_two_at_once_is_renewed_once(issuer: TokenIssuer, safe: Safe, clock: Clock) -> None:
    """Mailbox and courier meet the refusal at the same time; the second finds the first one's new token."""
    source, got = tokens(issuer, safe, clock), list[str]()
    threads = [threading.Thread(target=lambda: got.append(source(refused="access-0"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert got == ["access-1"] * 4
    assert len(issuer.asked) == 1


def test_fault_21_a_rotated_refresh_token_is_in_the_safe_before_its_first_use(issuer: TokenIssuer, safe: Safe, clock: Clock) -> None:
    """And the one before it is kept until the new one has worked."""
    tokens(issuer, safe, clock)(refused="access-0")
    first = Grant.from_text(safe.saved[-1])
    tokens(issuer, safe, clock)(refused="access-1")
    second = Grant.from_text(safe.saved[-1])
    assert first is not None
    assert second is not None
    assert (first.refresh, first.previous) == ("refresh-1", "refresh-0")
    assert (second.refresh, second.previous) == ("refresh-2", "refresh-1")


def test_fault_21_a_token_that_could_not_be_saved_is_not_used(issuer: TokenIssuer, safe: Safe, clock: Clock) -> None:
    """Used and then lost, it would leave nothing to come back with."""
    safe.broken = True
    with pytest.raises(Temporary, match="disk full"):
        tokens(issuer, safe, clock)(refused="access-0")


def test_fault_21_a_refresh_token_that_never_worked_falls_back_on_the_one_before(issuer: TokenIssuer, safe: Safe, clock: Clock) -> None:
    """The issuer may never have heard that it gave out the newest."""
    safe.texts["main"] = Grant("access-0", "lost", START, timedelta(hours=1), previous="refresh-0").to_text()
    assert tokens(issuer, safe, clock)(refused="access-0") == "access-1"


def test_an_issuer_that_does_not_rotate_keeps_its_refresh_token(safe: Safe, clock: Clock) -> None:
    """As Google does."""
    with TokenIssuer(rotates=False) as issuer:
        issuer.refresh_tokens = {"refresh-0"}
        tokens(issuer, safe, clock)(refused="access-0")
        tokens(issuer, safe, clock)(refused="access-1")
    held = Grant.from_text(safe.saved[-1])
    assert held is not None
    assert (held.refresh, held.previous) == ("refresh-0", "")


def test_fault_20_a_revoked_grant_needs_a_login_by_the_exact_command(issuer: TokenIssuer, safe: Safe, clock: Clock) -> None:
    """`invalid_grant` is final: password changed, consent withdrawn, too long unused."""
    issuer.refresh_tokens = set()
    with pytest.raises(Unauthorised, match="new login") as refused:
        tokens(issuer, safe, clock)(refused="access-0")
    assert refused.value.fix == "run `nutgraf login main`"
    assert "AADSTS70008" in str(refused.value)


def test_a_grant_renewed_elsewhere_is_taken_over(issuer: TokenIssuer, safe: Safe, clock: Clock) -> None:
    """Another process was faster: its grant lies in the safe by the time ours is refused."""
    issuer.refresh_tokens = set()
    theirs = Grant("access-theirs", "refresh-theirs", START, timedelta(hours=1)).to_text()

    class Overtaken(IssuerClient):
        """An issuer at which the other process comes first."""

        def refresh(self, refresh_token: str) -> dict[str, object]:
            """Let the other one save, then ask."""
            safe.texts["main"] = theirs
            return dict(super().refresh(refresh_token))

    source = OAuthTokens("main", "main", safe, lambda: Overtaken(registered(issuer), "nutgraf login main"), clock)
    assert source(refused="access-0") == "access-theirs"


@pytest.mark.parametrize(
    "text", [None, "", "{}", "[]", "null", '{"access": 1}', "\x00", '{"access":"a","refresh":"b","obtained":1e300,"life":1}']
)
def test_without_a_grant_a_login_is_needed(issuer: TokenIssuer, clock: Clock, text: str | None) -> None:
    """Never logged in, or something else in its place."""
    safe = Safe()
    if text is not None:
        safe.texts["main"] = text
    with pytest.raises(Unauthorised, match="needs a login") as refused:
        tokens(issuer, safe, clock)()
    assert refused.value.fix == "run `nutgraf login main`"


@pytest.mark.parametrize(
    "answer",
    [
        (500, b"oops"),
        (503, {"error": "temporarily_unavailable"}),
        (429, b"slow down"),
        (400, {"error": "temporarily_unavailable"}),
        (400, {"error": "server_error"}),
        (200, b"<html>a hotel's network wants you to log in</html>"),
        (200, b"[]"),
        (200, {}),
        (200, {"access_token": None}),
        (200, {"access_token": ["x"]}),
        (302, b""),
        (307, {}),
        (404, b""),
    ],
)
def test_an_issuer_in_trouble_is_temporary(issuer: TokenIssuer, safe: Safe, clock: Clock, answer: Answer) -> None:
    """Whatever does not prove that a person must act; the grant stays as it was."""
    issuer.faults = [answer]
    with pytest.raises(Temporary):
        tokens(issuer, safe, clock)(refused="access-0")
    assert safe.saved == []
    assert tokens(issuer, safe, clock)(refused="access-0") == "access-1"


def test_an_issuer_that_limits_us_says_for_how_long(issuer: TokenIssuer, safe: Safe, clock: Clock) -> None:
    """`Retry-After` is kept."""
    issuer.faults = [(429, b"")]
    with pytest.raises(Temporary) as later:
        tokens(issuer, safe, clock)(refused="access-0")
    assert later.value.retry_after == timedelta(seconds=120)


def test_what_only_a_person_can_mend_is_held_against_no_posting(issuer: TokenIssuer, safe: Safe, clock: Clock) -> None:
    """A CA file that has gone meanwhile is no digest's fault: Unauthorised, not merely Permanent."""

    def broken() -> IssuerClient:
        return IssuerClient(registered(issuer), "nutgraf login main", Path("/no/such/ca.pem"))

    with pytest.raises(Unauthorised, match="can't be read as certificates"):
        OAuthTokens("main", "main", safe, broken, clock)(refused="access-0")


def test_an_issuer_that_drips_is_left(issuer: TokenIssuer, safe: Safe, clock: Clock) -> None:
    """An octet at a time never lets a read time out; the whole answer has a deadline."""
    issuer.drips = True

    def hurried() -> IssuerClient:
        return IssuerClient(registered(issuer), "nutgraf login main", seconds=0.2)

    with pytest.raises(Temporary, match="TimeoutError"):
        OAuthTokens("main", "main", safe, hurried, clock)(refused="access-0")


def test_an_issuer_that_is_down_is_temporary(safe: Safe, clock: Clock) -> None:
    """Nobody listens."""
    with TokenIssuer() as gone:
        pass
    with pytest.raises(Temporary, match="can't be asked"):
        tokens(gone, safe, clock)(refused="access-0")


@pytest.mark.parametrize("error", ["invalid_client", "unauthorized_client", "invalid_scope", "unsupported_grant_type"])
def test_a_wrong_registration_is_said_so(issuer: TokenIssuer, safe: Safe, clock: Clock, error: str) -> None:
    """A person must correct the settings; a login would not help."""
    issuer.faults = [(401, {"error": error})]
    with pytest.raises(Unauthorised, match=error) as refused:
        tokens(issuer, safe, clock)(refused="access-0")
    assert "[oauth.example]" in refused.value.fix


@pytest.mark.parametrize("life", [None, "soon", -5, 0, 1e12, float("inf")])
def test_a_lifetime_without_sense_is_taken_for_an_hour(safe: Safe, clock: Clock, life: object) -> None:
    """RFC 6749 only recommends that it be given."""
    with TokenIssuer(life=life) as issuer:
        issuer.refresh_tokens = {"refresh-0"}
        try:
            tokens(issuer, safe, clock)(refused="access-0")
        except Temporary:
            assert safe.saved == []
            return
    held = Grant.from_text(safe.saved[-1])
    assert held is not None
    assert held.life == timedelta(hours=1)


@pytest.mark.parametrize("secret", ["", "s3cret"])
def test_the_client_says_who_it_is(issuer: TokenIssuer, safe: Safe, clock: Clock, secret: str) -> None:
    """A public client by its id alone, another with its secret in the form."""
    tokens(issuer, safe, clock, secret)(refused="access-0")
    assert (issuer.asked[0]["client_id"], issuer.asked[0].get("client_secret", "")) == ("nutgraf", secret)


def test_no_secret_is_in_a_log_an_error_or_a_representation(
    issuer: TokenIssuer, safe: Safe, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """At the most talkative level, through a success and each kind of failure."""
    caplog.set_level(logging.DEBUG)
    safe.texts["main"] = Grant("canary-a", "canary-r", START, timedelta(hours=1), "canary-p").to_text()
    issuer.refresh_tokens = {"canary-r"}
    issuer.mint = lambda number: f"canary-new-{number}"
    source, said = tokens(issuer, safe, clock, "canary-secret"), list[str]()
    refusal: Answer = (400, {"error": "invalid_client", "error_description": "canary-secret"})
    troubles: list[list[Answer]] = [[(500, b"canary")], [refusal], [(200, b"canary")], []]
    for trouble in troubles:
        issuer.faults = trouble
        try:
            source(refused="canary-a")
        except (Temporary, Unauthorised) as failure:
            said.append(f"{failure} {failure!r} {getattr(failure, 'fix', '')}")
    issuer.refresh_tokens = set()
    with pytest.raises(Unauthorised) as refused:
        source(refused="canary-new-1")
    said += [str(refused.value), repr(source), repr(Grant.from_text(safe.texts["main"])), repr(registered(issuer, "canary-secret"))]
    assert "canary" not in caplog.text + "".join(said)
