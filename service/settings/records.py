"""What an operator can set, as frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.resources.abc import Traversable
from pathlib import Path

from service import bundled
from service.edges.tls import Security
from service.records import Edition


@dataclass(frozen=True, slots=True)
class Account:
    """A server and how to log in to it. `login` is password, xoauth2 or oauthbearer; `oauth` names the provider of `nutgraf login`."""

    name: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    security: Security
    login: str = "password"
    oauth: str = ""
    folders: tuple[str, ...] = ("INBOX",)


@dataclass(frozen=True, slots=True)
class Folder:
    """A Maildir or a folder of `.eml` files to collect from."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Model:
    """An OpenAI-compatible endpoint that may write the summaries."""

    url: str
    name: str
    key: str = field(repr=False)
    timeout: timedelta
    tokens_a_day: int


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an operator can set, checked."""

    accounts: tuple[Account, ...]
    folders: tuple[Folder, ...]
    smtp: Account | None
    outbox: Path | None
    sender: str
    owner: str
    editions: tuple[Edition, ...]
    ca_file: Path | None
    poll: timedelta
    lookback: timedelta
    letter_limit: int
    retention: timedelta
    sentences: int
    method: str
    model: Model | None
    trusted_authserv_ids: tuple[str, ...]
    oauth: Mapping[str, Mapping[str, str]] = field(repr=False)
    database_url: str = field(repr=False)
    data_dir: Path
    config_dir: Path | None
    secret_key: str = field(repr=False)
    log_level: str
    log_format: str

    def file(self, name: str) -> Traversable:
        """Return the operator's file of this name where there is one, else the one that travels with the package."""
        return config_file(self.config_dir, name)


def config_file(config_dir: Path | None, name: str) -> Traversable:
    """Return `config_dir/name` where it exists, else the package's own."""
    own = config_dir / name if config_dir else None
    return own if own and own.exists() else bundled.config().joinpath(name)
