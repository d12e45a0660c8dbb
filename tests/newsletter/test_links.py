"""Links: unwrapped without a request, tracking cut, nothing that acts."""

from __future__ import annotations

import base64
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.newsletter import DEFAULT_RULES
from service.newsletter.blocks import Link, Piece
from service.newsletter.links import clean, for_its_reader, personal, web_version

STORY = "https://paper.example/story?page=2"


def token(octets: bytes) -> str:
    """Return octets as URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


@pytest.mark.parametrize(
    "url",
    [
        f"{STORY}&utm_source=mail&utm_campaign=x",
        f"{STORY}&mc_cid=1&mc_eid=2#utm_source=mail",
        f"{STORY}&fbclid=abc&email=reader%40home.example",
        f"{STORY}&who=reader@home.example",
        f"{STORY}&p=eyJpZCI6InJlYWRlciIsIm5hbWUiOiJSIn0",
        f"{STORY}&m=1ed23d55-8119-4b10-b903-392c96d1198c",
    ],
)
def test_tracking_and_the_reader_s_marks_are_cut(url: str) -> None:
    """What only says who reads and from where is gone, the rest of the query stays."""
    assert clean(url) == STORY


@pytest.mark.parametrize(
    "url",
    [
        "https://l.wrap.example/l.php?u=https%3A%2F%2Fpaper.example%2Fstory%3Fpage%3D2&h=AT0x",
        "https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fpaper.example%2Fstory%3Fpage%3D2&data=05%7Cx",
        "https://urldefense.proofpoint.com/v2/url?u=https-3A__paper.example_story-3Fpage-3D2&d=DwM",
        "https://urldefense.com/v3/__https://paper.example/story?page=2__;!!abc$",
        "https://track.wrap.example/CL0/https:%2F%2Fpaper.example%2Fstory%3Fpage=2/1/0100018/abc=300",
        "https://wrap.example/r/https://paper.example/story?page=2",
        f"https://click.wrap.example/a1/b2/{token(STORY.encode())}",
        f"https://wrap.example/c?x=1&t={token(STORY.encode())}",
        f"https://wrap.example/redirect/2/{token(json.dumps({'e': STORY, 'p': 1}).encode())}.sig",
        f"https://mail.wrap.example/c/{token(zlib.compress(b'r=reader&l=https%3A%2F%2Fpaper.example%2Fstory%3Fpage%3D2'))}",
        f"https://open.wrap.example/{base64.b32encode(STORY.encode()).decode().rstrip('=').lower()}",
        "https://a.example/?url=https%3A%2F%2Fb.example%2F%3Furl%3Dhttps%253A%252F%252Fpaper.example%252Fstory%253Fpage%253D2",
    ],
)
def test_wrappers_are_taken_off(url: str) -> None:
    """Plain, percent-encoded, base64, base32, JSON and deflated forms, and a wrapper in a wrapper."""
    assert clean(url) == STORY


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "mailto:a@b.example",
        "data:text/html,x",
        "ftp://paper.example/x",
        "https://",
        "https://[::1",
        "https://paper.example:99999/",
        "//",
        "",
        "https://paper.example/unsubscribe?u=1",
        "https://paper.example/newsletter/abmelden/1",
        "https://paper.example/email-preferences",
        "https://paper.example/track/open.php?u=1",
        "https://wrap.example/?url=https%3A%2F%2Fpaper.example%2Funsubscribe%2F1",
        "https://paper.example/" + "a" * 5000,
    ],
)
def test_what_no_digest_may_link(url: str) -> None:
    """Other schemes, broken addresses, and links that act for the reader."""
    assert clean(url) is None


@pytest.mark.parametrize(
    "url", ["https://www.facebook.com/sharer.php?u=https://paper.example", "https://paper.example/login?next=https://paper.example/a"]
)
def test_a_link_that_names_another_is_not_always_a_wrapper(url: str) -> None:
    """Sharing and logging in are what they are."""
    assert clean(url) == url


@pytest.mark.parametrize(
    "url", ["https://paper.example/a%20b?q=%C3%A9&n=", "https://paper.example/user-preferences-study", "http://paper.example/#part-2"]
)
def test_ordinary_links_stay_as_they_are(url: str) -> None:
    """Nothing is rewritten without need."""
    assert clean(url) == url


def test_a_password_in_an_address_is_cut() -> None:
    """`user:secret@` leads people astray and tells a secret."""
    assert clean("https://user:secret@paper.example/a") == "https://paper.example/a"


def test_an_opaque_redirector_is_personal() -> None:
    """Where the target does not stand in the address, following it tells who was written to."""
    assert personal("https://u1.ct.sender.example/ls/click?upn=Yb5GCmH5NAN8hwB7qdPPzq1s6Nfcq9ZlEmO1gbp")
    assert not personal(STORY)


def test_the_web_version_is_found_by_its_words() -> None:
    """The link under "view in browser" is the letter's own address."""
    pieces = (Piece("View this email in your browser", links=(Link("View this email in your browser", f"{STORY}&utm_source=x"),)),)
    assert web_version(pieces, DEFAULT_RULES) == STORY


@given(st.text(max_size=300) | st.text("https://?&=%.ab@:#[]eyJ2", max_size=300).map(lambda tail: f"https://a.example/{tail}"))
def test_any_text_is_cleaned_without_raising(url: str) -> None:
    """And cleaning what is clean changes nothing more."""
    found = clean(url)
    assert found is None or found.startswith(("http://", "https://"))


KEY = "Zq81aB3xK9Zq81aB3xK9"


@pytest.mark.parametrize(
    "url",
    [
        f"https://app.example/login/{KEY}",
        f"https://app.example/magic-link?t={KEY}",
        f"https://app.example/auth/callback?code={KEY}",
        f"https://paper.example/subscribe/confirm/{KEY}",
        f"https://paper.example/reset-password/{KEY}",
        f"https://paper.example/account/{KEY}",
        "https://paper.example/verify/1ed23d55-8119-4b10-b903-392c96d1198c",
        "https://paper.example/story/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJyZWFkZXIifQ.dozjgNryP4J3jVmN",
    ],
)
def test_a_link_that_lets_in_whoever_holds_it_is_personal(url: str) -> None:
    """Digests are read by others, and passed on: what logs in, confirms or resets is for its reader alone."""
    found = clean(url)
    assert found is None or personal(found)
    assert for_its_reader(f"Your page is {url} and it is valid for a year.")


@pytest.mark.parametrize(
    "url",
    [
        "https://paper.example/2026/11/how-to-reset-your-password-in-10-steps",
        "https://paper.example/account/of-the-war-of-1870",
        "https://paper.example/story/4f2a9c81b7d04e55a0b1",
        "https://paper.example/login",
    ],
)
def test_a_story_about_logins_is_none(url: str) -> None:
    """Words of a title are no key, and a key that opens no door is the name of a page."""
    assert not personal(url)
    assert not for_its_reader(f"Read {url} today.")


def test_a_key_in_running_text_is_seen() -> None:
    """`clean` would take it off a link, but nobody takes it out of a sentence."""
    assert for_its_reader(f"See https://paper.example/story?token={KEY} for more.")
    assert not for_its_reader("See https://paper.example/story?utm_source=mail for more.")


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "127.1", "192.168.1.1", "[::1]", "[::ffff:10.0.0.1]", "app.localhost."])
def test_the_reader_s_own_machine_and_router_are_no_pages(host: str) -> None:
    """A look may do something there; nor is a wrapper taken off such a link."""
    assert clean(f"http://{host}/reboot") is None
    assert (clean(f"https://wrap.example/?url=http%3A%2F%2F{host}%2Freboot") or "").startswith("https://wrap.example/")


def test_a_name_in_letters_that_look_like_others_is_shown_as_it_is() -> None:
    """A Cyrillic a, a fraction slash."""
    assert clean("https://\u0430pple.example/") == "https://xn--pple-43d.example/"
    assert clean("https://evil.example\u2044good.example:8080/a") == "https://evil.xn--examplegood-lx3f.example:8080/a"
    assert clean("https://" + "\u0430" * 70 + ".example/") is None
