"""The Dockerfile for real: built from what git keeps, started as compose.yaml starts it, between servers on loopback."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import checkout
from tests.checkout import ROOT
from tests.container import compose
from tests.container import engine as engines
from tests.container.engine import BASE, IMAGE, Engine, Workshop
from tests.journey.beds import LoopbackBed, loopback_bed, text_of
from tests.journey.invented import newsletter
from tests.servers.waiting import wait_until

pytestmark = [pytest.mark.container, pytest.mark.timeout(900)]

MARK = b"never-in-an-image"
"""Stands in the private files beside the Dockerfile."""

OURS = 300_000_000
"""Bytes that Nutgraf and its libraries may add to the base image."""

WRITABLE = ["/data", "/tmp"]  # noqa: S108 - of the container

DRAINED = 10.0
"""Seconds that a container runtime waits after SIGTERM before it kills."""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """Give an engine; skip with the reason where there is none."""
    if why := engines.missing():
        pytest.skip(why)
    with Workshop() as made:
        yield made


@pytest.fixture(scope="module")
def image(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Build the image from a fresh clone's files, with an operator's private files beside them."""
    context = checkout.copy_to(tmp_path_factory.mktemp("context"))
    for name in (".env", "service/.env", "my-config/service.toml", "nutgraf.db"):
        (context / name).parent.mkdir(exist_ok=True)
        (context / name).write_bytes(b"NUTGRAF_IMAP_PASSWORD=" + MARK)
    engine("build", "--tag", IMAGE, context, seconds=600)
    return IMAGE


@dataclass(frozen=True, slots=True)
class Container:
    """A daemon in a container, as compose.yaml starts it; `bed` are the servers around it."""

    engine: Engine
    bed: LoopbackBed
    name: str = "nutgraf-at-work"

    def inside(self, *command: str) -> tuple[int, str]:
        """Run a command in it; return the exit code and what was printed."""
        done = self.engine.attempt("exec", self.name, *command)
        return done.returncode, done.stdout.strip()

    def health(self) -> tuple[int, str]:
        """Run what the image names as its HEALTHCHECK; return the exit code and what was printed."""
        found = json.loads(self.engine("inspect", "--format", "{{json .Config.Healthcheck.Test}}", self.name))
        assert found[0] == "CMD"
        return self.inside(*found[1:])

    def digests(self) -> list[str]:
        """Return the texts of the digests that were sent."""
        return [" ".join(text_of(mail).split()) for mail in self.bed.sent()]


@pytest.fixture(scope="module")
def container(engine: Engine, image: str) -> Iterator[Container]:
    """Start the daemon, and hand it a first letter."""
    with loopback_bed() as bed:
        made = Container(engine, bed)
        bed.deliver(newsletter(1))
        settings = [word for name, value in bed.environment().items() for word in ("--env", f"{name}={value}")]
        engine("run", "--detach", "--network=host", "--volume=at-work:/data", "--name", made.name, *settings, *compose.run_options(), image)
        try:
            wait_until(lambda: bool(bed.sent()), "the digest of the first letter", 60)
            yield made
        finally:
            print(engine.attempt("logs", made.name).stderr)  # noqa: T201 - pytest shows it when something failed
            engine.attempt("rm", "--force", "--volumes", made.name)


def test_a_letter_comes_in_and_its_digest_goes_out(container: Container) -> None:
    """The whole road, out of a container with a read-only root."""
    assert "The town of Number 1 has opened its new bridge over the river." in container.digests()[0]


def test_it_runs_as_an_ordinary_user(container: Container) -> None:
    """Neither root nor a member of its group, and with no way to become one."""
    assert container.inside("id", "-u")[1] != "0"
    assert container.inside("id", "-G")[1] == container.inside("id", "-g")[1] != "0"
    capabilities = container.inside("grep", "-E", "^(CapEff|CapBnd|NoNewPrivs)", "/proc/1/status")[1].split()
    assert [value.strip("0") for value in capabilities[1::2]] == ["", "", "1"]


def test_only_data_and_tmp_can_be_written(container: Container) -> None:
    """Nothing else that is a file or a folder is writable, mounts included (but for the kernel's own)."""
    kernel = [word for path in ("/proc", "/sys", "/dev") for word in ("-path", path, "-prune", "-o")]
    tops = [word for path in WRITABLE for word in ("-path", path, "-prune", "-print", "-o")]
    _, found = container.inside("find", "/", *kernel, *tops, "-writable", "(", "-type", "d", "-o", "-type", "f", ")", "-print")
    assert sorted(found.split()) == WRITABLE


def test_it_is_healthy_while_its_work_is_done(container: Container) -> None:
    """The HEALTHCHECK answers 0."""
    assert container.health()[0] == 0


def test_it_is_unhealthy_while_its_work_stands_still(container: Container) -> None:
    """A process that lives but finishes nothing is unhealthy, and healthy again when it goes on."""
    container.engine("kill", "--signal", "STOP", container.name)
    try:
        container.inside("sed", "-i", "-E", 's/"at": "20[0-9]{2}/"at": "2020/g', "/data/heartbeat.json")
        code, said = container.health()
    finally:
        container.engine("kill", "--signal", "CONT", container.name)
    assert (code, "nothing finished since 2020" in said) == (1, True)
    wait_until(lambda: container.health()[0] == 0, "healthy again", 90)


def test_what_never_ran_is_unhealthy(engine: Engine, image: str, container: Container) -> None:
    """Without a daemon at all the HEALTHCHECK answers 1 and says so."""
    settings = [word for name, value in container.bed.environment().items() for word in ("--env", f"{name}={value}")]
    done = engine.attempt("run", "--rm", *settings, *compose.run_options(), image, "health")
    assert done.returncode == 1
    assert "never run" in done.stdout


@pytest.mark.parametrize("command", ["check", "preview"])
def test_a_person_can_look_while_it_works(container: Container, command: str) -> None:
    """What the README has people type beside the daemon works: it finds the settings and may write where it must."""
    code, said = container.inside("nutgraf", command)
    assert code == 0, said


def test_no_tool_to_build_or_install_with_is_left(container: Container) -> None:
    """No compiler, no pip: what an intruder would want, and nothing that Nutgraf needs."""
    tools = ("cc", "gcc", "g++", "clang", "make", "ld", "as", "cargo", "rustc", "pip", "pip3", "git", "curl", "wget")
    _, found = container.inside("sh", "-c", f"for tool in {' '.join(tools)}; do command -v $tool; done; true")
    assert found == ""
    for module in ("pip", "setuptools", "wheel", "hatchling"):
        assert container.inside("python3", "-c", f"import {module}")[0] == 1, module


def test_no_private_file_lies_in_any_layer(engine: Engine, image: str, container: Container) -> None:  # noqa: ARG001 - the image is in use
    """Neither the image's layers nor its history hold what lay beside the Dockerfile."""
    with engine.saved(image) as saving:
        assert saving.stdout is not None
        before, octets = b"", 0
        while chunk := saving.stdout.read(1 << 20):
            assert MARK not in before + chunk
            before, octets = chunk[-len(MARK) :], octets + len(chunk)
    assert (saving.returncode, octets > OURS / 3) == (0, True)


def test_it_is_small(engine: Engine, image: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What Nutgraf adds to the base image is bounded, and reported."""
    whole, base = (int(engine("image", "inspect", "--format", "{{.Size}}", name)) for name in (image, _base(engine)))
    with capsys.disabled():
        print(f"\nimage: {whole / 1e6:.0f} MB, of which {(whole - base) / 1e6:.0f} MB on top of the base")  # noqa: T201
    assert whole - base < OURS


def _base(engine: Engine) -> str:
    return "python:3.13-slim-bookworm" if engine.program == ("docker",) else BASE


def test_the_settings_in_env_example_are_understood(engine: Engine, image: str, tmp_path: Path) -> None:
    """A copy of .env.example, filled in, is all that compose.yaml needs: `check` finds no fault in it but the servers' names."""
    filled = (ROOT / ".env.example").read_text("utf-8").replace("PASSWORD=\n", "PASSWORD=x\n").replace("example.org", "nowhere.invalid")
    (tmp_path / ".env").write_text(filled, "utf-8")
    done = engine.attempt("run", "--rm", "--env-file", tmp_path / ".env", *compose.run_options(), image, "check")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "nowhere.invalid" in done.stdout + done.stderr


def test_compose_starts_it_as_the_readme_says(engine: Engine, image: str, tmp_path: Path) -> None:
    """compose.yaml itself with a `.env` beside it: up, a letter in and its digest out, a look inside, down."""
    engine("tag", image, "nutgraf")
    shutil.copy(compose.FILE, tmp_path)
    (tmp_path / "compose.override.yaml").write_text("services:\n  nutgraf:\n    network_mode: host\n")  # where the tests' servers are
    with loopback_bed() as bed:
        (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in bed.environment().items()))
        bed.deliver(newsletter(1))
        _composed(engine, tmp_path, "up", "--detach", "--no-build")
        try:
            wait_until(lambda: bool(bed.sent()), "the digest of a letter", 60)
            looked = _composed(engine, tmp_path, "exec", "-T", "nutgraf", "nutgraf", "check")
        finally:
            _composed(engine, tmp_path, "down", "--volumes")
    assert "smtp  ok" in looked


def _composed(engine: Engine, folder: Path, *words: str) -> str:
    """Run a command of compose in `folder` and return what it prints."""
    command = [*compose.command(engine, folder), *words]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True, timeout=120)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_sigterm_ends_it_in_time(container: Container) -> None:
    """As process 1 it hears SIGTERM, finishes what is at hand and ends with 0, well before it would be killed. (The last test.)"""
    assert container.inside("cat", "/proc/1/cmdline")[1].replace("\0", " ").split()[-2:] == ["/opt/nutgraf/bin/nutgraf", "run"]
    container.bed.deliver(newsletter(2))
    began = time.monotonic()
    container.engine("kill", "--signal", "TERM", container.name)
    assert container.engine("wait", container.name) == "0"
    assert time.monotonic() - began < DRAINED
