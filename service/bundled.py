"""Where the files that travel with the package are: `config/` beside `service/` in a checkout, inside it in a wheel."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def config() -> Traversable:
    """Return the folder of the default settings, phrases and templates."""
    inside = files("service") / "config"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "config"
