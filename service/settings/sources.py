"""Where a setting's value stands: the environment, a secret's file, `.env`, TOML; with every fault noted, none raised."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from importlib.resources.abc import Traversable
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

from dotenv.parser import parse_stream

from service import bundled

Value = TypeVar("Value")
PREFIX = "NUTGRAF_"
SECRETS = ("PASSWORD", "TOKEN", "KEY", "DATABASE_URL", "SECRET")
LOGIN = re.compile(r"://\S*@")
"""User and password in a URL, which a setting that is refused may be."""
FREE_TABLES = {"oauth"}
"""Tables of service.toml that hold what the operator names; all other keys are known beforehand."""


class Sources:
    """One pass over all sources. `faults` and `asked` (the names looked for) grow with each look-up."""

    def __init__(self, environ: Mapping[str, str], folder: Path, config_dir: Path | None) -> None:
        self.faults: list[str] = []
        self.asked: set[str] = set()
        self.environ = environ
        self.dotenv, faults = read_dotenv(folder / ".env")
        self.faults += faults
        self.config_dir = config_dir or self.path("CONFIG_DIR")
        if self.config_dir and not self.config_dir.is_dir():
            self.faults.append(f"{PREFIX}CONFIG_DIR: '{self.config_dir}': no such folder; make it, or leave the setting out")
        self.toml = self._service_toml()

    def raw(self, name: str) -> str | None:
        """Return a setting as it is written in the environment, its file or `.env`; None where it is in none of them."""
        self.asked |= {name, f"{name}_FILE"}
        for source in (self.environ, self.dotenv):
            if source.get(PREFIX + name, "").strip():
                return source[PREFIX + name]
            if path := source.get(f"{PREFIX}{name}_FILE", "").strip():
                return self._secret_file(name, Path(path))
        return None

    def value(self, name: str, parse: Callable[[str], Value], default: Value, key: str = "") -> Value:
        """Return a setting from the environment, or from `service.toml` under the dotted `key`, or its default."""
        found = self.raw(name)
        if found is not None:
            return self.parsed(PREFIX + name, found, parse, default)
        written = _at(self.toml, key) if key else None
        return default if written in (None, "", []) else self.parsed(f"service.toml: {key}", written, parse, default)

    def row(self, prefix: str, table: Mapping[str, Any], place: str, key: str, parse: Callable[[str], Value], default: Value) -> Value:
        """Return a setting of one of several: from `NUTGRAF_<prefix>_<KEY>` (where there is a prefix), else from its TOML table."""
        found = self.raw(f"{prefix}_{key.upper()}") if prefix else None
        if found is not None:
            return self.parsed(f"{PREFIX}{prefix}_{key.upper()}", found, parse, default)
        return self.parsed(f"{place}: {key}", table[key], parse, default) if key in table else default

    def parsed(self, name: str, written: object, parse: Callable[[str], Value], default: Value) -> Value:
        """Parse one written value, or note the fault and go on with the default."""
        shown = "***" if any(word in name.upper() for word in SECRETS) else LOGIN.sub("://***@", repr(written))
        try:
            return parse(_as_text(written))
        except (ValueError, OverflowError) as error:
            self.faults.append(f"{name}: {shown}: {error}")
            return default

    def path(self, name: str) -> Path | None:
        """Return a setting that names a file or folder, `~` expanded."""
        found = self.raw(name)
        return Path(found.strip()).expanduser() if found else None

    def read_toml(self, file: Traversable) -> dict[str, Any]:
        """Return what a TOML file holds; an unreadable one is a fault and empty."""
        try:
            return tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            self.faults.append(f"{file}: not readable as TOML: {error}")
            return {}

    def rows(self, table: Mapping[str, Any], key: str, file: str) -> list[Mapping[str, Any]]:
        """Return the tables `[[key]]` of a TOML file; anything else under that key is a fault."""
        found = table.get(key, [])
        if isinstance(found, list) and all(isinstance(row, Mapping) for row in found):
            return found
        self.faults.append(f"{file}: {key}: must be written as [[{key}]], with its settings on the lines below")
        return []

    def unknown_names(self) -> None:
        """Note each NUTGRAF_ name in `.env` that nothing asked for. (The environment may hold a platform's own, such as _SERVICE_HOST.)"""
        known = sorted(PREFIX + name for name in self.asked)
        for name in sorted(set(self.dotenv) - set(known)):
            if name.upper().startswith(PREFIX):
                self.faults.append(f"{name}: no such setting (in .env){did_you_mean(name.upper(), known)}")

    def _secret_file(self, name: str, path: Path) -> str:
        try:
            return path.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "not text"
            self.faults.append(f"{PREFIX}{name}_FILE: '{path}': {why}; point it to a readable file")
            return ""

    def _service_toml(self) -> dict[str, Any]:
        """Return the package's `service.toml` with the operator's on top; a key that the package's does not hold is a fault."""
        default = self.read_toml(bundled.config().joinpath("service.toml"))
        own = self.config_dir / "service.toml" if self.config_dir else None
        if own is None or not own.exists():
            return default
        return self._merged(default, self.read_toml(own), "")

    def _merged(self, default: dict[str, Any], own: dict[str, Any], prefix: str) -> dict[str, Any]:
        merged = dict(default)
        for key, value in own.items():
            dotted = prefix + key
            if key not in default:
                self.faults.append(f"service.toml: {dotted}: no such setting{did_you_mean(key, default)}")
            elif isinstance(default[key], dict) and not isinstance(value, dict):
                self.faults.append(f"service.toml: {dotted}: must be written as [{dotted}], with its settings on the lines below")
            elif isinstance(default[key], dict) and dotted not in FREE_TABLES:
                merged[key] = self._merged(default[key], value, f"{dotted}.")
            else:
                merged[key] = value
        return merged


def read_dotenv(path: Path) -> tuple[dict[str, str], list[str]]:
    """Return what a `.env` says, nothing where there is none, and what is wrong with it."""
    try:
        found = list(parse_stream(StringIO(path.read_text("utf-8-sig")))) if path.exists() else []
    except (OSError, UnicodeDecodeError) as error:
        return {}, [f"{path}: {getattr(error, 'strerror', None) or 'not text in UTF-8'}; mend the file, or take it away"]
    faults = [f"{path}: line {one.original.line}: not readable; write NAME=value" for one in found if one.error]
    return {one.key: one.value or "" for one in found if one.key}, faults


def as_name(text: str) -> str:
    """Return what an operator calls a thing as part of a setting's name: `work 1` as WORK_1."""
    return "".join(letter if letter.isalnum() else "_" for letter in text.upper())


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the end of a fault's sentence: the nearest known name, or that this one should go."""
    near = get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else "; take it out"


def _at(table: Mapping[str, Any], dotted: str) -> object:
    found: Any = table
    for part in dotted.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _as_text(written: object) -> str:
    if isinstance(written, bool):
        return "true" if written else "false"
    return ", ".join(map(str, written)) if isinstance(written, list) else str(written)
