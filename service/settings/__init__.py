"""`.env` and `config/*.toml` and the environment -> one frozen Settings. The only reader of the environment.

A setting is looked for in the environment (`NUTGRAF_POLL`), in the file that `NUTGRAF_POLL_FILE` names (container secrets), in the `.env`
of the folder where the service is started, in the operator's `service.toml` (`poll`), and in the one that travels with the package.
Every fault is found before any is reported.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from service.edges.tls import Security, is_loopback
from service.settings import oauth, tables, values
from service.settings.records import Account, Folder, Model, Settings, config_file
from service.settings.sources import PREFIX, Sources

__all__ = ["Account", "Folder", "Model", "Security", "Settings", "SettingsError", "config_file", "load"]


NOBODY = "Nutgraf <nutgraf@localhost>"
"""Who digests come from that are only put into a folder."""


class SettingsError(Exception):
    """The settings have faults; `faults` lists them all, each with the key, the value (secrets masked) and the fix."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def load(config_dir: Path | None = None, environ: Mapping[str, str] | None = None, folder: Path | None = None) -> Settings:
    """Read and check every setting; `folder` is where `.env` is looked for. Raises SettingsError with all faults."""
    sources = Sources(os.environ if environ is None else environ, folder or Path.cwd(), config_dir)
    settings = _settings(sources)
    _check(settings, sources)
    if sources.faults:
        raise SettingsError(tuple(sources.faults))
    return settings


def _settings(sources: Sources) -> Settings:
    accounts, folders = tables.mailboxes(sources)
    smtp = tables.smtp_account(sources)
    own_address = next((a.user for a in (smtp, *accounts) if a and values.ADDR_SPEC.fullmatch(a.user)), "")
    nobody: tuple[str, ...] = ()
    recipients = sources.value("TO", values.addresses, (own_address,) if own_address else nobody, "to")
    editions = tables.editions(sources, recipients)
    secret_key = sources.value("SECRET_KEY", values.text, "")
    outbox = sources.path("OUTBOX")
    data_dir = sources.path("DATA_DIR") or Path("~/.local/state/nutgraf").expanduser()
    everyone = (*recipients, *(address for edition in editions for address in edition.recipients), "")
    return _alone(sources)(
        accounts=accounts,
        folders=folders,
        smtp=smtp,
        outbox=outbox,
        sender=sources.value("FROM", values.named_address, own_address or (NOBODY if outbox and not smtp else ""), "from"),
        owner=sources.value("OWNER", values.address, everyone[0], "owner"),
        editions=editions,
        sentences=max(edition.sentences for edition in editions),
        trusted_authserv_ids=sources.value("AUTHSERV_IDS", values.names, nobody, "trusted_authserv_ids"),
        oauth=oauth.registrations(sources, (*accounts, smtp), secret_key),
        database_url=sources.value("DATABASE_URL", values.text, f"sqlite:///{data_dir.absolute()}/nutgraf.db", "database_url"),
        data_dir=data_dir,
        config_dir=sources.config_dir,
        secret_key=secret_key,
    )


def _alone(sources: Sources) -> partial[Settings]:
    """Return the settings that depend on no other one; the others complete them."""
    return partial(
        Settings,
        ca_file=sources.path("CA_FILE"),
        poll=sources.value("POLL", values.duration, timedelta(seconds=60), "poll"),
        lookback=sources.value("LOOKBACK", values.duration, timedelta(hours=24), "lookback"),
        letter_limit=sources.value("LETTER_LIMIT", values.size, 25_000_000, "letter_limit"),
        retention=sources.value("RETENTION", values.duration, timedelta(days=30), "retention"),
        method=sources.value("METHOD", values.method, "nutgraf", "summaries.method"),
        model=_model(sources),
        log_level=sources.value("LOG_LEVEL", values.log_level, "INFO", "log_level"),
        log_format=sources.value("LOG_FORMAT", values.log_format, "text", "log_format"),
    )


def _model(sources: Sources) -> Model | None:
    model = Model(
        url=sources.value("MODEL_URL", values.web_address, "", "summaries.model.url"),
        name=sources.value("MODEL", values.text, "", "summaries.model.name"),
        key=sources.value("MODEL_KEY", values.text, ""),
        timeout=sources.value("MODEL_TIMEOUT", values.duration, timedelta(seconds=60), "summaries.model.timeout"),
        tokens_a_day=sources.value("MODEL_TOKENS", values.count, 200_000, "summaries.model.tokens_a_day"),
    )
    if model.url and not model.name:
        sources.faults.append(f"{PREFIX}MODEL: not set: the model's name on that server")
    if model.key and model.url.startswith("http:") and not is_loopback(urlsplit(model.url).hostname or ""):
        sources.faults.append(f"{PREFIX}MODEL_URL: the key would cross the network in clear; use https, or a server that asks for no key")
    return model if model.url else None


def _check(settings: Settings, sources: Sources) -> None:
    """Note what is wrong with the whole rather than with one value."""
    nobody = not all(edition.recipients for edition in settings.editions)
    missing = (  # what is not there, its name and fix, and by which other faults that was said already
        (
            not settings.accounts and not settings.folders,
            "IMAP_HOST",
            "where letters come in; or NUTGRAF_MAILDIR for a folder of them",
            r"\S+ mailbox",
        ),
        (settings.smtp is None and settings.outbox is None, "SMTP_HOST", "where digests go out; or NUTGRAF_OUTBOX for a folder", "-"),
        (nobody, "TO", "who gets the digest", r"\S+ (to|\S+: recipients):"),
        (not settings.sender, "FROM", "the address that digests come from", r"\S+ from:"),
    )
    said = tuple(sources.faults)
    sources.faults += [
        f"{PREFIX}{name}: not set: {fix}"
        for wrong, name, fix, also in missing
        if wrong and not any(re.match(f"{PREFIX}{name}(_FILE)?:|{also}", fault) for fault in said)
    ]
    if settings.ca_file and not settings.ca_file.is_file():
        sources.faults.append(f"{PREFIX}CA_FILE: '{settings.ca_file}': no such file; give a PEM file of certificates to trust")
    sources.unknown_names()
