"""The settings of which there can be several: mailboxes and their servers, editions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from service.digest import timetable
from service.edges.tls import Security, is_loopback
from service.records import Edition, Kind, Rhythm, Timetable
from service.settings import values
from service.settings.records import Account, Folder, config_file
from service.settings.sources import PREFIX, Sources, as_name, did_you_mean

Value = TypeVar("Value")
PASSED_ON = "passed on"
"""The built-in edition that hands confirmations and one-time codes to the owner at once."""

IMAP_PORTS = {Security.TLS: 993, Security.STARTTLS: 143, Security.PLAIN: 143}
SMTP_PORTS = {Security.TLS: 465, Security.STARTTLS: 587, Security.PLAIN: 25}
EDITION_KEYS = {"name", "recipients", "timetable", "sources", "title", "entries", "sentences", "language", "kinds", "answers"}
MAILBOX_KEYS = {"name", "path", "host", "port", "user", "password", "security", "login", "oauth", "folders"}


def mailboxes(sources: Sources) -> tuple[tuple[Account, ...], tuple[Folder, ...]]:
    """Return the mailbox of the environment and those of `[[mailbox]]` in service.toml."""
    accounts: list[Account] = []
    folders: list[Folder] = []
    if account := imap_account(sources, "main", "IMAP", {}):
        accounts.append(account)
    if path := sources.path("MAILDIR"):
        folders.append(Folder("folder", path))
    for index, table in enumerate(sources.rows(sources.toml, "mailbox", "service.toml"), 1):
        name = str(table.get("name") or f"mailbox{index}")
        place = f"service.toml: mailbox {name}"
        _refuse_unknown(sources, table, MAILBOX_KEYS, place)
        if path := table.get("path"):
            folders.append(Folder(name, Path(str(path)).expanduser()))
        elif account := imap_account(sources, name, f"MAILBOX_{as_name(name)}", table):
            accounts.append(account)
        else:
            sources.faults.append(f"{place}: host: not set: give the server's name (or path, for a folder)")
    _refuse_repeated(sources, [*(each.name for each in accounts), *(each.name for each in folders)], "service.toml: mailbox")
    return tuple(accounts), tuple(folders)


def imap_account(sources: Sources, name: str, prefix: str, table: Mapping[str, Any]) -> Account | None:
    """Return an IMAP server from `NUTGRAF_<prefix>_HOST` and the like, else from its table; None without a host."""
    return _account(sources, name, prefix, table, IMAP_PORTS)


def smtp_account(sources: Sources) -> Account | None:
    """Return the SMTP server of the environment; None without a host."""
    return _account(sources, "smtp", "SMTP", {}, SMTP_PORTS)


def _account(sources: Sources, name: str, prefix: str, table: Mapping[str, Any], ports: Mapping[Security, int]) -> Account | None:
    place = f"service.toml: mailbox {name}"

    def one(key: str, parse: Callable[[str], Value], default: Value) -> Value:
        return sources.row(prefix, table, place, key, parse, default)

    security = one("security", values.security, Security.TLS)
    account = Account(
        name=name,
        host=one("host", values.host, ""),
        port=one("port", values.port, ports[security]),
        user=one("user", values.text, ""),
        password=one("password", values.text, ""),
        security=security,
        login=one("login", values.login, "password"),
        oauth=one("oauth", values.text, ""),
        folders=one("folders", values.names, ("INBOX",)),
    )
    if not account.host:
        return None
    if security is Security.PLAIN and not is_loopback(account.host):
        sources.faults.append(
            f"{PREFIX}{prefix}_SECURITY: 'plain': {account.host} is not this machine, so letters and password would cross"
            " the network in clear; use tls or starttls"
        )
    if not account.user and (prefix != "SMTP" or account.password or account.oauth):
        sources.faults.append(f"{PREFIX}{prefix}_USER: not set: the name to log in with, mostly the whole address")
    if account.user and not account.password and not account.oauth:
        sources.faults.append(f"{PREFIX}{prefix}_PASSWORD: not set: give it, or {PREFIX}{prefix}_PASSWORD_FILE")
    return account


def editions(sources: Sources, recipients: tuple[str, ...]) -> tuple[Edition, ...]:
    """Return the editions of editions.toml, or the one of the environment where there is none."""
    schedule = sources.value("SCHEDULE", timetable.parse, Timetable(Rhythm.DAILY), "schedule")
    sentences = sources.value("SENTENCES", values.count, 3, "summaries.sentences")
    file = sources.read_toml(config_file(sources.config_dir, "editions.toml"))
    _refuse_unknown(sources, file, {"edition"}, "editions.toml")
    tables = sources.rows(file, "edition", "editions.toml")
    if not tables:
        return (Edition("digest", recipients, schedule, sentences=sentences),)
    default = Edition("", recipients, schedule, sentences=sentences)
    found = tuple(_edition(sources, index, table, default) for index, table in enumerate(tables, 1))
    _refuse_repeated(sources, [edition.name for edition in found] + [PASSED_ON], "editions.toml: edition")
    return found


def _edition(sources: Sources, index: int, table: Mapping[str, Any], default: Edition) -> Edition:
    name = str(table.get("name") or f"edition{index}")
    place = f"editions.toml: {name}"
    _refuse_unknown(sources, table, EDITION_KEYS, place)

    def one(key: str, parse: Callable[[str], Value], fallback: Value) -> Value:
        return sources.row("", table, place, key, parse, fallback)

    answers = one("answers", values.yes, False)
    return Edition(
        name=one("name", values.text, name),
        recipients=one("recipients", values.addresses, default.recipients) or default.recipients,
        timetable=Timetable(Rhythm.EACH_LETTER) if answers else one("timetable", timetable.parse, default.timetable),
        sources=one("sources", values.names, default.sources) or default.sources,
        title=one("title", values.text, default.title),
        entries=one("entries", values.count, default.entries),
        sentences=one("sentences", values.count, default.sentences),
        language=one("language", values.text, default.language),
        kinds=one("kinds", values.kinds, frozenset(Kind) - {Kind.OWN, Kind.NOTICE} if answers else default.kinds),
        answers=answers,
    )


def _refuse_unknown(sources: Sources, table: Mapping[str, Any], known: set[str], place: str) -> None:
    for key in sorted(set(table) - known):
        sources.faults.append(f"{place}: {key}: no such setting{did_you_mean(key, known)}")


def _refuse_repeated(sources: Sources, names: list[str], place: str) -> None:
    for name in sorted({name for name in names if names.count(name) > 1}):
        sources.faults.append(f"{place}: {name!r}: two have this name; give each its own")
