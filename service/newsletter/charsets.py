"""Octets to text: the declared charset where it is one we trust, what the octets say where it is not."""

from __future__ import annotations

import re

# Labels in the wild and the codec that reads them best (WHATWG Encoding Standard, 4.2): the Windows superset of what was declared.
# A charset that is not here is never looked up by name: Python would run `zlib`, `unicode_escape` or `undefined` as well.
_CODECS = {
    "utf-8": "utf-8 utf8 unicode-1-1-utf-8 utf-8-sig cp65001 utf8mb4 unknown-8bit x-unknown",
    "utf-7": "utf-7 utf7 unicode-1-1-utf-7",
    "utf-16": "utf-16 utf16 unicode ucs-2",
    "utf-16-le": "utf-16le utf-16-le",
    "utf-16-be": "utf-16be utf-16-be",
    "utf-32": "utf-32 utf32",
    "cp1252": "us-ascii ascii ansi_x3.4-1968 iso-8859-1 iso8859-1 iso_8859-1 latin1 latin-1 cp1252 windows-1252 cp819 8bit ansi",
    "cp1250": "cp1250 windows-1250",
    "cp1251": "cp1251 windows-1251 win-1251",
    "cp1253": "cp1253 windows-1253",
    "cp1254": "iso-8859-9 iso8859-9 latin5 cp1254 windows-1254",
    "cp1255": "cp1255 windows-1255 iso-8859-8-i",
    "cp1256": "cp1256 windows-1256",
    "cp1257": "cp1257 windows-1257",
    "cp1258": "cp1258 windows-1258",
    "cp437": "cp437 ibm437",
    "cp850": "cp850 ibm850",
    "cp866": "cp866 ibm866",
    "iso8859-2": "iso-8859-2 iso8859-2 latin2 latin-2",
    "iso8859-3": "iso-8859-3",
    "iso8859-4": "iso-8859-4",
    "iso8859-5": "iso-8859-5",
    "iso8859-6": "iso-8859-6",
    "iso8859-7": "iso-8859-7 greek",
    "iso8859-8": "iso-8859-8 hebrew",
    "iso8859-10": "iso-8859-10",
    "iso8859-13": "iso-8859-13",
    "iso8859-14": "iso-8859-14",
    "iso8859-15": "iso-8859-15 iso8859-15 latin9 latin-9",
    "iso8859-16": "iso-8859-16",
    "koi8-r": "koi8-r koi8r koi8",
    "koi8-u": "koi8-u",
    "mac-roman": "macintosh mac x-mac-roman",
    "cp874": "tis-620 windows-874 cp874 iso-8859-11",
    "gb18030": "gb2312 gbk gb18030 x-gbk cp936 gb_2312-80 euc-cn",
    "big5hkscs": "big5 big5-hkscs cp950 x-x-big5",
    "cp932": "shift_jis shift-jis sjis x-sjis cp932 windows-31j ms_kanji",
    "euc_jp": "euc-jp x-euc-jp eucjp",
    "iso2022_jp_ext": "iso-2022-jp iso-2022-jp-1 iso-2022-jp-ms csiso2022jp",
    "iso2022_kr": "iso-2022-kr",
    "cp949": "euc-kr euckr ks_c_5601-1987 ks_c_5601 cp949 ks_c_5601-1989 uhc",
}
_BY_LABEL = {label: codec for codec, labels in _CODECS.items() for label in labels.split()}
_SINGLE_OCTET = re.compile(r"cp\d{3,4}|iso8859|koi8|mac")
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe\x00\x00", "utf-32-le"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_JAPANESE_ESCAPE = re.compile(rb"\x1b[$(][@BJ]")
_CONTROLS = bytes((*range(9), 0x0B, *range(0x0E, 0x20), 0x7F))
_FORM_FEED_ENDS_LINE = bytes.maketrans(b"\x0c", b"\n")
# Octets that cp1252 leaves undefined are rare damage, not a reason to doubt the charset.
_TOLERATED = 0.02


def codec(label: str | None) -> str | None:
    """Return the Python codec for a charset label of a letter, None for one we do not trust."""
    return _BY_LABEL.get((label or "").strip().strip("\"'").casefold())


def decode(octets: bytes, declared: str | None = None, *, html: bool = False) -> str:
    """Return `octets` as text without NULs and control characters; never raises, replaces what can't be read."""
    return clean(_decode(octets, declared, html=html))


def clean(text: str) -> str:
    """Return text without control characters and lone surrogates."""
    if text.isprintable():
        return text
    # In UTF-8 no other character has these octets in it, and octets are translated a hundred times faster than characters.
    return text.encode("utf-8", "replace").translate(_FORM_FEED_ENDS_LINE, _CONTROLS).decode("utf-8")


def _decode(octets: bytes, declared: str | None, *, html: bool) -> str:
    for bom, name in _BOMS:
        if octets.startswith(bom):
            return octets[len(bom) :].decode(name, "replace")
    if octets.isascii() and b"\x1b" not in octets and codec(declared) not in {"utf-7", "utf-16", "utf-16-le", "utf-16-be", "utf-32"}:
        return octets.decode("ascii")
    whole = _utf8(octets)
    for name in _candidates(octets, declared, bool(whole), html=html):
        text = whole if whole and name == "utf-8" else octets.decode(name, "replace")
        if text.count("\ufffd") <= (1 if whole and name == "utf-8" else _TOLERATED * len(octets)) or len(octets) < 2:
            return text
    return octets.decode("cp1252", "replace")


def _candidates(octets: bytes, declared: str | None, whole: bool, *, html: bool) -> list[str]:
    """Codecs to try, best first. Octets that are valid UTF-8 beyond ASCII are UTF-8, whatever a single-octet label says."""
    label = codec(declared)
    meta = _META.search(octets[:4096]) if html else None
    found = [label, codec(meta[1].decode("ascii", "replace")) if meta else None]
    if _JAPANESE_ESCAPE.search(octets[:100_000]):
        found.insert(0 if label in {None, "cp1252", "utf-8"} else 1, "iso2022_jp_ext")
    if whole and (label is None or _SINGLE_OCTET.match(label)):
        found.insert(0, "utf-8")
    return [name for name in (*found, "utf-8", "cp1252") if name]


def _utf8(octets: bytes) -> str:
    """Return octets that are UTF-8 with something beyond ASCII as text, others as ""; a character cut off at the very end is replaced."""
    if octets.isascii():
        return ""
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError as fault:
        cut = fault.start >= len(octets) - 3 and fault.start > 0 and not octets[: fault.start].isascii()
        return octets.decode("utf-8", "replace") if cut else ""
