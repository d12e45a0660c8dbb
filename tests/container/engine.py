"""A container engine for the tests: Docker where one answers, else podman and runc, which need root and no daemon.

Where there is no registry to pull from, the base image is made here: Debian's Python, by debootstrap.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
BASE = "localhost/nutgraf-base"
IMAGE = "localhost/nutgraf"


@dataclass(frozen=True, slots=True)
class Engine:
    """How to call an engine; `options` go with the verb of their name. Docker and podman take the same words otherwise."""

    program: tuple[str, ...]
    build_options: tuple[str, ...] = ()
    run_options: tuple[str, ...] = ()

    def __call__(self, *words: str | Path, seconds: float = 60) -> str:
        """Run a command of the engine and return what it prints; AssertionError, with its complaint, when it fails."""
        done = self.attempt(*words, seconds=seconds)
        assert done.returncode == 0, f"{words[0]} ended with {done.returncode}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout.strip()

    def attempt(self, *words: str | Path, seconds: float = 60) -> subprocess.CompletedProcess[str]:
        """Run a command of the engine and return how it ended."""
        verb, *rest = map(str, words)
        extra = {"build": self.build_options, "run": self.run_options}.get(verb, ())
        command = [*self.program, verb, *extra, *rest]
        return subprocess.run(command, check=False, capture_output=True, text=True, timeout=seconds)  # noqa: S603

    def saved(self, image: str) -> subprocess.Popen[bytes]:
        """Return a process that writes the image, all its layers and its history, to its standard output."""
        return subprocess.Popen([*self.program, "save", image], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # noqa: S603


def missing() -> str:
    """Return why no image can be built here, '' when one can."""
    if _docker_answers():
        return ""
    if os.geteuid() != 0:
        return "no Docker engine answers, and podman needs root"
    lacking = [tool for tool in ("podman", "runc", "debootstrap") if not shutil.which(tool)]
    return f"no Docker engine answers, and {', '.join(lacking)} not installed (apt-get install)" if lacking else ""


def _docker_answers() -> bool:
    if not shutil.which("docker"):
        return False
    return subprocess.run(["docker", "info"], check=False, capture_output=True, timeout=30).returncode == 0  # noqa: S607


class Workshop:
    """An engine with a place of its own for images and containers, gone at its end; the base image is made when it is missing."""

    def __enter__(self) -> Engine:
        self._place = Path(tempfile.mkdtemp(prefix="nutgraf-containers-"))
        if _docker_answers():
            return Engine(("docker",), build_options=("--network", "host"))
        store = ("--root", f"{self._place}/store", "--runroot", f"{self._place}/run", "--storage-driver", "overlay")
        engine = Engine(
            ("podman", *store, "--runtime", "runc", "--cgroup-manager", "cgroupfs", "--events-backend", "file"),
            build_options=("--isolation", "chroot", "--network", "host", "--format", "docker", "--build-arg", f"PYTHON_IMAGE={BASE}"),
            # Docker's --read-only gives no writable /run and /var/tmp, podman's does.
            run_options=("--pull", "never", "--read-only-tmpfs=false", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000"),
        )
        _make_base(engine, self._place)
        return engine

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", str(self._place / "store/overlay")], check=False, capture_output=True)  # noqa: S603, S607
        shutil.rmtree(self._place, ignore_errors=True)


def _make_base(engine: Engine, place: Path) -> None:
    """Make Debian's Python into an image, with this machine's certificates, so that pip reaches the package index."""
    root, packages = place / "base", "--include=python3,python3-venv,ca-certificates"
    _run("debootstrap", "--variant=minbase", packages, "bookworm", root)
    shutil.copyfile(CERTIFICATES, root / CERTIFICATES.relative_to("/"))
    _run("tar", "-C", root, "-cf", place / "base.tar", ".")
    certificates = ("--change", f"ENV PIP_CERT={CERTIFICATES}", "--change", f"ENV SSL_CERT_FILE={CERTIFICATES}")
    engine("import", *certificates, place / "base.tar", BASE, seconds=120)
    (place / "base.tar").unlink()
    shutil.rmtree(root)


def _run(*command: str | Path) -> None:
    done = subprocess.run([*map(str, command)], check=False, capture_output=True, text=True, timeout=400)  # noqa: S603
    assert done.returncode == 0, f"{command[0]} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
