"""How single settings are written: durations, sizes, addresses, hosts. Each parser raises ValueError with the fix."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

from service.edges.tls import Security
from service.records import Kind

DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d|w)")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
SIZE = re.compile(r"(\d+)\s*(kB|KB|MB|GB|B)?")
OCTETS = {"B": 1, "kB": 1_000, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000, None: 1}
SMALLEST = 10_000
ADDR_SPEC = re.compile(r"(?!.*\.\.)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
DISPLAY = re.compile(r"\s*(?:\"([^\"<>]*)\"|([^\"<>]*?))\s*<([^<>\s]+)>\s*")
METHODS = ("nutgraf", "lexrank", "textrank", "lsa", "luhn", "edmundson", "kl", "sumbasic", "reduction")
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


def text(value: str) -> str:
    """Return the value; control characters would change the protocol it travels in."""
    if CONTROL.search(value):
        raise ValueError("must not contain control characters or line breaks")
    return value


def duration(value: str) -> timedelta:
    """Read `90s`, `5m`, `24h`, `30d`, `1w`, and sums of them (`1h 30m`)."""
    parts = DURATION.findall(value)
    if not parts or DURATION.sub("", value).strip():
        raise ValueError("must be a duration such as 60s, 5m, 24h or 30d")
    total = sum((timedelta(**{UNITS[unit]: float(number)}) for number, unit in parts), timedelta())
    if total <= timedelta():
        raise ValueError("must be longer than nothing, for example 60s")
    return total


def size(value: str) -> int:
    """Read `25MB`, `800kB` or a plain number of octets."""
    found = SIZE.fullmatch(value.strip())
    octets = int(found[1]) * OCTETS[found[2]] if found else 0
    if octets < SMALLEST:
        raise ValueError("must be a size such as 25MB or 800kB, of 10kB at least")
    return octets


def port(value: str) -> int:
    """Read a TCP port."""
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise ValueError("must be a port number from 1 to 65535")
    return int(value)


def count(value: str) -> int:
    """Read a number of at least one."""
    if not value.isdecimal() or int(value) < 1:
        raise ValueError("must be a whole number of at least 1")
    return int(value)


def yes(value: str) -> bool:
    """Read yes or no."""
    if value.casefold() in {"true", "yes", "on", "1"}:
        return True
    if value.casefold() in {"false", "no", "off", "0"}:
        return False
    raise ValueError("must be true or false")


def security(value: str) -> Security:
    """Read `tls`, `starttls` or `plain`."""
    try:
        return Security(value.casefold())
    except ValueError:
        raise ValueError("must be tls, starttls or plain") from None


def address(value: str) -> str:
    """Read an address without a name: ASCII, as it travels in an SMTP envelope."""
    if not ADDR_SPEC.fullmatch(value.strip()):
        raise ValueError("must be an e-mail address such as ann@example.org")
    return value.strip()


def named_address(value: str) -> str:
    """Read `ann@example.org` or `Ann <ann@example.org>`."""
    found = DISPLAY.fullmatch(text(value))
    if not found:
        return address(value)
    return f"{(found[1] or found[2] or '').strip()} <{address(found[3])}>".strip()


def addresses(value: str) -> tuple[str, ...]:
    """Read addresses with commas between them."""
    items = [item for item in value.split(",") if item.strip()]
    try:
        return tuple(address(item) for item in items)
    except ValueError as error:
        raise ValueError(f"{error}, without a name; several with commas between them") from None


def host(value: str) -> str:
    """Read a server's name or number, without the rest of a URL."""
    if "://" in value or "/" in value or " " in value:
        raise ValueError("must be a server's name alone, such as imap.example.org")
    if value.count(":") == 1:
        raise ValueError("must be a server's name alone; its port is a setting of its own")
    return text(value)


def method(value: str) -> str:
    """Read how summaries are made."""
    return _one_of(value.casefold(), METHODS)


def names(value: str) -> tuple[str, ...]:
    """Read names with commas between them."""
    return tuple(text(item.strip()) for item in value.split(",") if item.strip())


def login(value: str) -> str:
    """Read how to log in."""
    return _one_of(value.casefold(), ("password", "xoauth2", "oauthbearer"))


def kinds(value: str) -> frozenset[Kind]:
    """Read kinds of letters with commas between them."""
    return frozenset(Kind(_one_of(name, tuple(Kind))) for name in names(value))


def web_address(value: str) -> str:
    """Read the base URL of a server."""
    if not text(value).startswith(("http://", "https://")) or not urlsplit(value).hostname:
        raise ValueError("must be a base URL such as http://localhost:11434/v1")
    return value.rstrip("/")


def log_level(value: str) -> str:
    """Read the least important level that is logged."""
    return _one_of(value.upper(), ("DEBUG", "INFO", "WARNING", "ERROR"))


def log_format(value: str) -> str:
    """Read how log lines are written."""
    return _one_of(value.casefold(), ("text", "json"))


def _one_of(value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(f"must be one of {', '.join(known)}")
    return value
