"""compose.yaml as the words of `run`, so that what the tests start is what `docker compose up` would."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

from tests.container.engine import Engine

FILE = Path(__file__).parent.parent.parent / "compose.yaml"
ELSEWHERE = {"build", "image", "env_file", "environment", "volumes", "restart", "stop_grace_period"}
"""Keys that the tests look at by themselves, or that only mean something beside other containers."""


def service() -> dict[str, Any]:
    """Return the one service that compose.yaml describes."""
    services: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))["services"]
    (only,) = services.values()
    return dict(only)


def command(engine: Engine, folder: Path) -> list[str]:
    """Return what `up` and the like follow: Docker's own, or podman-compose, for which a podman with our options is put into `folder`."""
    if engine.program == ("docker",):
        return ["docker", "compose"]
    podman = folder / "podman"
    options = f'[ "$verb" = create ] && set -- {" ".join(engine.run_options)} "$@"'
    podman.write_text(f'#!/bin/sh\nverb=$1; shift\n{options}\nexec {" ".join(engine.program)} "$verb" "$@"\n')
    podman.chmod(0o755)
    return [sys.executable, "-m", "podman_compose", "--podman-path", str(podman)]


def run_options() -> list[str]:
    """Return the options of `run` that do what the service asks for. AssertionError for a key that nothing here tries out."""
    asked = {key: value for key, value in service().items() if key not in ELSEWHERE}
    options = ["--read-only"] if asked.pop("read_only") else []
    options += [f"--tmpfs={path}" for path in asked.pop("tmpfs")]
    options += [f"--cap-drop={name}" for name in asked.pop("cap_drop")]
    options += [f"--security-opt={option}" for option in asked.pop("security_opt")]
    assert asked.pop("init") is False
    assert not asked, f"compose.yaml asks for what no test tries out: {asked}"
    return options
