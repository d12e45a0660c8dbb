"""Header fields: folding, encoded words, parameters, addresses, and caps."""

from __future__ import annotations

import pytest

from service.newsletter.headers import BLOCK_LIMIT, FIELD_LIMIT, addresses, decoded, parameter, parse


def test_folded_fields_are_unfolded() -> None:
    """White space at the start of a line goes on with the field before."""
    assert parse(b"Subject: a\n b\n\tc\nFrom: d").fields == (("subject", "a b c"), ("from", "d"))


def test_a_field_is_capped() -> None:
    """A million folds are not kept."""
    assert len(parse(b"X: y" + b"\n z" * 500_000).get("x")) <= FIELD_LIMIT


def test_a_flood_of_fields_is_capped() -> None:
    """The block as a whole is bounded too."""
    assert sum(len(k) + len(v) for k, v in parse(b"A: b\n" * 500_000).fields) < BLOCK_LIMIT


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?utf-8?q?Gr=C3=B6=C3=9Fe?=", "Größe"),
        ("=?utf-8?b?R3LDtg==?= =?utf-8?b?w59l?=", "Größe"),
        ("=?utf-8?b?R3LD?= =?utf-8?b?tsOfZQ==?=", "Größe"),
        ("Re: =?iso-8859-1?Q?Gr=F6=DFe?= now", "Re: Größe now"),
        ("=?zlib?b?eJw=?=", None),
        ("=?utf-8?b?!!!?=", None),
        ("=?utf-8?q?a=0D=0ABcc:_x?=", "a Bcc: x"),
    ],
)
def test_encoded_words_are_decoded_for_people(value: str, text: str | None) -> None:
    """RFC 2047, with what senders get wrong; a line break never survives."""
    found = decoded(value)
    assert "\n" not in found
    assert text is None or found == text


def test_raw_octets_in_a_field_are_read_in_the_body_s_charset() -> None:
    """Old senders put 8-bit letters there without saying so."""
    assert parse("Subject: Привет".encode("koi8-r"), "koi8-r").get("subject") == "Привет"


@pytest.mark.parametrize(
    ("value", "name", "expected"),
    [
        ('multipart/mixed; boundary="a;b"; charset=x', "boundary", "a;b"),
        ("text/plain; charset=utf-8", "charset", "utf-8"),
        ("text/plain;\tCHARSET = utf-8 ", "charset", "utf-8"),
        ("a/b; name*0=one; name*1=two", "name", "onetwo"),
        ("text/plain", "charset", ""),
    ],
)
def test_parameters(value: str, name: str, expected: str) -> None:
    """Quoted, spaced, cut into pieces (RFC 2231), missing."""
    assert parameter(value, name) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a@b.example", [("", "a@b.example")]),
        ("The Paper <a@b.example>", [("The Paper", "a@b.example")]),
        ('"Paper, The" <a@b.example>, c@d.example', [("Paper, The", "a@b.example"), ("", "c@d.example")]),
        ("a@b.example (The Paper)", [("The Paper", "a@b.example")]),
        ('"boss@our.example" <evil@x.example>', [("boss@our.example", "evil@x.example")]),
        ("boss@our.example <evil@x.example>", [("boss@our.example", "evil@x.example")]),
        ('"open <a@b.example>', [('"open', "a@b.example")]),
        ("", []),
        ("undisclosed-recipients:;", []),
    ],
)
def test_addresses(value: str, expected: list[tuple[str, str]]) -> None:
    """The address is what stands in the brackets, whatever the display name says."""
    found = [(name.strip(), address) for name, address in addresses(value)]
    assert [a for _, a in found] == [a for _, a in expected]
    assert found == expected or value.startswith('"open')
