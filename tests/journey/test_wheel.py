"""What travels: a wheel in an empty environment, used from an empty directory, does as the checkout does; the sdist holds what it takes."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests import checkout
from tests.checkout import ROOT
from tests.journey.invented import newsletter

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

LETTER = ROOT / "config" / "demo" / "01-harbour-dispatch.eml"


def run(*command: str | Path, folder: Path, **settings: str) -> str:
    """Run a command in `folder` without the checkout in sight and return what it printed; AssertionError when it fails."""
    environment = {name: value for name, value in os.environ.items() if name.startswith(("PATH", "HOME", "PIP_", "SSL_"))} | settings
    done = subprocess.run([*map(str, command)], check=False, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)  # noqa: S603
    assert done.returncode == 0, f"{command[0]}: {done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of what git keeps, so that building leaves nothing in the checkout."""
    return checkout.copy_to(tmp_path_factory.mktemp("sources"))


@pytest.fixture(scope="module")
def built(sources: Path) -> Path:
    """Build the sdist, and from it the wheel; return the folder with both."""
    run(sys.executable, "-m", "build", "--outdir", sources / "made", sources, folder=sources)
    return sources / "made"


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    """Give the wheel."""
    (made,) = built.glob("nutgraf-*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel, with the extra [demo], into an empty environment; return the command."""
    environment = tmp_path_factory.mktemp("environment")
    venv.create(environment, with_pip=True)
    pip = (environment / "bin" / "python", "-m", "pip", "install", "--quiet", "--constraint", ROOT / "constraints.txt")
    run(*pip, f"{wheel}[demo]", folder=environment)
    return environment / "bin" / "nutgraf"


def test_the_wheel_extracts_what_the_checkout_extracts(installed: Path, sources: Path, tmp_path: Path) -> None:
    """The same JSON for the same letters: phrases, weights and trees travel along."""
    letters = sorted((ROOT / "config" / "demo").glob("*.eml"))
    for command in ("extract", "summarise"):
        ours = run(sys.executable, "-m", "service", command, "--format", "json", *letters, folder=tmp_path, PYTHONPATH=str(sources))
        assert run(installed, command, "--format", "json", *letters, folder=tmp_path) == ours
        assert len(ours.splitlines()) == len(letters)


def test_the_wheel_digests_a_folder_of_letters_into_another(installed: Path, tmp_path: Path) -> None:
    """`nutgraf once` from an empty directory: migrations, templates and words travel along."""
    for name in ("letters", "digests"):
        (tmp_path / name).mkdir()
    (tmp_path / "letters" / "one.eml").write_bytes(newsletter(5))
    settings = {
        "NUTGRAF_MAILDIR": str(tmp_path / "letters"),
        "NUTGRAF_OUTBOX": str(tmp_path / "digests"),
        "NUTGRAF_DATA_DIR": str(tmp_path / "data"),
        "NUTGRAF_TO": "reader@demo.example",
        "NUTGRAF_FROM": "nutgraf@demo.example",
        "NUTGRAF_SCHEDULE": "each letter",
        "NUTGRAF_LOOKBACK": "3650d",
    }
    run(installed, "once", folder=tmp_path, **settings)

    (digest,) = (tmp_path / "digests").rglob("*.eml")
    mail = message_from_bytes(digest.read_bytes(), policy=policy.default)
    assert "Bridge 5 opens" in str(mail["subject"])


def test_the_wheel_shows_the_demo(installed: Path, tmp_path: Path) -> None:
    """With the extra [demo], the letters and servers of the demo are there."""
    assert "9 letters wait" in run(installed, "demo", folder=tmp_path)
    assert "<html" in (tmp_path / "nutgraf-demo.html").read_text("utf-8")


def test_the_wheel_holds_the_service_and_its_settings_alone(wheel: Path) -> None:
    """No tests, no caches, nothing at the top but the package and its metadata."""
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"service", "nutgraf"}
    assert {"service/config/service.toml", "service/config/templates/digest.html", "service/py.typed"} <= set(names)
    assert [name for name in names if "__pycache__" in name or "test" in name] == []


def test_the_sdist_holds_what_building_and_testing_take(built: Path, sources: Path) -> None:
    """A wheel was built from it; its tests are in it, and nothing that git does not keep."""
    (sdist,) = built.glob("nutgraf-*.tar.gz")
    with tarfile.open(sdist) as archive:
        files = {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}
    assert {"pyproject.toml", "README.md", "LICENSE", "service/__main__.py", "config/service.toml", "tests/conftest.py"} <= files
    assert sorted(file for file in files - {"PKG-INFO"} if not (sources / file).is_file()) == []
