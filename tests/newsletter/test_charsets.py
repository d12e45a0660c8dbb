"""Octets to text: declared, wrong, missing and dangerous charsets."""

from __future__ import annotations

import pytest

from service.newsletter.charsets import codec, decode


@pytest.mark.parametrize(
    ("text", "declared", "python"),
    [
        ("Größe – „fein“", "windows-1252", "cp1252"),
        ("Größe „fein“", "iso-8859-1", "cp1252"),
        ("Żółć", "iso-8859-2", "iso8859-2"),
        ("Привет", "koi8-r", "koi8-r"),
        ("橋が開通", "iso-2022-jp", "iso2022_jp"),
        ("橋が開通", "shift_jis", "cp932"),
        ("桥梁开通", "gb2312", "gb18030"),
        ("다리 개통", "ks_c_5601-1987", "cp949"),
        ("Grüße", "utf-16", "utf-16"),
    ],
)
def test_declared_charsets_are_followed(text: str, declared: str, python: str) -> None:
    """A label is read as the codec that the senders of the world mean by it."""
    assert decode(text.encode(python), declared) == text


def test_utf8_declared_as_latin1_is_utf8() -> None:
    """Octets that are valid UTF-8 beyond ASCII were meant as UTF-8."""
    assert decode("Größe".encode(), "iso-8859-1") == "Größe"


def test_latin1_declared_as_utf8_is_read() -> None:
    """The other way round, the fall-back is cp1252."""
    assert decode("Größe über Maß für".encode("cp1252"), "utf-8") == "Größe über Maß für"


@pytest.mark.parametrize("label", ["zlib", "unicode_escape", "undefined", "rot13", "base64", "idna", "x\x00y", "", "no-such-charset"])
def test_codecs_that_are_no_charsets_are_never_run(label: str) -> None:
    """Python would run these by name; a letter must not choose them."""
    assert codec(label) is None
    assert decode("Größe".encode(), label) == "Größe"


def test_html_says_its_charset_in_a_meta_tag() -> None:
    """Without a declaration the page's own is taken."""
    assert "Żółć" in decode('<meta charset="iso-8859-2"><p>Żółć</p>'.encode("iso-8859-2"), html=True)


def test_a_byte_order_mark_decides() -> None:
    """A BOM is stronger than any label and no part of the text."""
    assert decode(b"\xef\xbb\xbfGr\xc3\xb6\xc3\x9fe", "koi8-r") == "Größe"


def test_controls_and_nuls_are_taken_out() -> None:
    """NULs would cut the text short elsewhere."""
    assert decode(b"a\x00b\x08c\td\n") == "abc\td\n"


def test_a_character_cut_off_at_the_end_does_not_change_the_charset() -> None:
    """A partial letter ends anywhere."""
    assert decode("Größe für Öl".encode()[:-1] + b"\xc3", None).startswith("Größe für")
