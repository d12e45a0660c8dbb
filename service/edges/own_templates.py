"""The templates of digests: an operator's, tried out, or those that travel with the package."""

from __future__ import annotations

from service.contracts import Permanent
from service.digest import Templates
from service.settings import Settings

NAMES = ("digest.html", "digest.txt", "words.toml")


def load(settings: Settings) -> Templates:
    """Return the templates. Raises Permanent, naming file and line, when an operator's can't be used: no reader gets half a digest."""
    try:
        html, text, words = (settings.file(f"templates/{name}").read_text("utf-8") for name in NAMES)
    except (OSError, UnicodeDecodeError) as error:
        raise Permanent(f"the templates can't be read: {error}", "let them be text files in UTF-8 that Nutgraf may read") from None
    templates = Templates(html, text, words)
    if settings.config_dir and (settings.config_dir / "templates").is_dir():
        _try(templates)
    return templates


def _try(templates: Templates) -> None:
    from service.digest import trial  # brings Jinja2 along, which a daemon without templates of its own need not have yet

    if wrong := trial.faults(templates):
        raise Permanent(f"the templates can't be used: {'; '.join(wrong)}", "mend the file, or take it away to have Nutgraf's own")
