"""Who may be answered: the author's address, where a server that we trust vouches for it (RFC 8601)."""

from __future__ import annotations

import re

from service.newsletter.headers import Headers, addresses
from service.newsletter.kinds import automatic

_QUOTED = re.compile(r'"[^"]*"')
_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"^\s*(dkim|spf|dmarc)\s*=\s*pass(?=\s|$)", re.IGNORECASE)
_PROPERTY = re.compile(r"\b(header\.(?:d|i|from)|smtp\.(?:mailfrom|mail|helo))\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
_PROPERTIES = {
    "dkim": frozenset({"header.d", "header.i"}),
    "spf": frozenset({"smtp.mailfrom", "smtp.mail"}),
    "dmarc": frozenset({"header.from"}),
}
LONGEST = 8_000  # taking nested comments out of more takes seconds
_ADDRESS = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+")


def answer_to(headers: Headers, trusted: tuple[str, ...]) -> str | None:
    """Return the address that an answer may go to; None unless all of this holds.

    There is one From with one plain address, its display name names no other; no machine sent the letter; the topmost
    Authentication-Results is by a server in `trusted` and says that DKIM, SPF or DMARC passed for the From's own domain.
    """
    authors = [pair for field in headers.all("from") for pair in addresses(field)]
    if len(headers.all("from")) != 1 or len(authors) != 1 or automatic(headers):
        return None
    author, (name, address) = headers.get("from").lower(), authors[0]
    if not address.isascii() or not _ADDRESS.fullmatch(address := address.lower()) or author.count("<") > 1:
        return None
    if any("@" in words.replace(address, "") for words in (author, name.lower())):
        return None
    results = next(iter(headers.all("authentication-results")), "")
    return address if _vouched(results, address.rpartition("@")[2], trusted) else None


def _vouched(results: str, domain: str, trusted: tuple[str, ...]) -> bool:
    """Whether the results are by a trusted server and pass the domain, or one that the same owner registered."""
    if len(results) > LONGEST or "\\" in results or results.count('"') % 2:
        return False  # a stranger's quotation mark may open or end what the server quotes
    plain = _QUOTED.sub(" ", results)
    while plain != (plain := _COMMENT.sub(" ", plain)):  # comments nest, and a sender's words may stand in them
        pass
    server, *methods = plain.split(";")
    if "(" in plain or ")" in plain or server.strip().partition(" ")[0].lower() not in {known.lower() for known in trusted}:
        return False
    return any(_aligned(method, domain) for method in methods)


def _aligned(method: str, domain: str) -> bool:
    """Whether a method passed for the From's domain, or for one above or below it: what one owner can have (cf. RFC 7489, 3.1)."""
    passed = _RESULT.match(method)
    names = _PROPERTIES[passed[1].lower()] if passed else frozenset()
    found = {value.lower().rpartition("@")[2].strip("<>.") for name, value in _PROPERTY.findall(method) if name.lower() in names}
    return any(
        other == domain or ("." in other and domain.endswith(f".{other}")) or ("." in domain and other.endswith(f".{domain}"))
        for other in found
    )
