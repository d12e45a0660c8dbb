"""Settings that nobody would write: they are read, or each fault is told, and no secret with it."""

from __future__ import annotations

import json
import re
import string
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from service.digest import envelope
from service.settings import SettingsError, load
from service.settings.values import ADDR_SPEC, named_address
from tests.test_settings import MAIL

ASKED = sorted(set(re.findall(r"NUTGRAF_[A-Z_]+", (Path(__file__).parent.parent / ".env.example").read_text("utf-8"))))
SECRET = "d0-not-say-me"
KEYS = {
    "service.toml": ("poll", "to", "mailbox", "oauth", "summaries", "trusted_authserv_ids", "letter_limit", "schedule"),
    "editions.toml": ("edition", "name", "recipients", "schedule", "sources", "sentences"),
}

one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])  # written anew each time
scalars = st.text(max_size=30) | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()
names = st.sampled_from(("name", "host", "user", "port", "url", "client_id", "recipients")) | st.text(string.ascii_lowercase, min_size=1)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=6)


def written(value: Any) -> str:
    """Return a value as TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {written(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return json.dumps(value).replace("\x7f", "\\u007f")


@given(st.dictionaries(st.sampled_from(ASKED), st.text(max_size=40), max_size=6))
@one_folder
def test_any_environment(tmp_path: Path, environ: dict[str, str]) -> None:
    """Names that are known, values that may be anything."""
    with suppress(SettingsError):
        load(None, MAIL | environ, tmp_path)


@given(st.sampled_from([name for name in ASKED if "PASSWORD" in name or "KEY" in name]), st.text(max_size=5), st.text(max_size=5))
@one_folder
def test_no_secret_is_told(tmp_path: Path, name: str, before: str, after: str) -> None:
    """Whatever is wrong with it, or with the rest."""
    with pytest.raises(SettingsError) as raised:
        load(None, MAIL | {name: f"{before}{SECRET}{after}", "NUTGRAF_POLL": "never"}, tmp_path)
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("file", KEYS)
@given(data=st.data())
@one_folder
def test_any_file(tmp_path: Path, file: str, data: st.DataObject) -> None:
    """Keys that are known, with values of any shape."""
    table = data.draw(st.dictionaries(st.sampled_from(KEYS[file]), values, max_size=4))
    rows = data.draw(st.lists(st.dictionaries(st.sampled_from(KEYS[file]), values, max_size=4), max_size=2)) if "edition" in table else []
    (tmp_path / file).write_text(
        "".join(f"{key} = {written(value)}\n" for key, value in table.items() if key != "edition" or not rows)
        + "".join("[[edition]]\n" + "".join(f"{key} = {written(value)}\n" for key, value in row.items()) for row in rows),
        "utf-8",
    )
    with suppress(SettingsError):
        load(tmp_path, MAIL, tmp_path)


@given(st.binary(max_size=200))
@one_folder
def test_any_octets_in_a_file(tmp_path: Path, octets: bytes) -> None:
    """Also what is no text."""
    for name in (".env", *KEYS):
        (tmp_path / name).write_bytes(octets)
    with suppress(SettingsError):
        load(tmp_path, MAIL, tmp_path)


@example("Ann <a..b@example.org>")
@example("a@example..org")
@given(st.from_regex(ADDR_SPEC, fullmatch=True) | st.text(string.ascii_letters + ".@<> \"'", max_size=40))
def test_an_address_that_is_accepted_can_be_written_to(text: str) -> None:
    """Else the settings are sound and each digest, or a warning to the owner, crashes its step."""
    try:
        accepted = named_address(text)
    except ValueError:
        return
    assert envelope.address(accepted).spec in accepted
