"""What goes into which digest, and when. Pure.

    material | sort_out > letters of the edition | choose > sections of entries | render > text and HTML | seal > postings

`plan` is the door that the compose step knocks at, `preview` the one for a reader who can't wait; `taker` says of which letters the
store need tell the stories.
"""

from service.digest.planning import owes, plan, preview, warning
from service.digest.rendering import Templates, default
from service.digest.selection import taker

__all__ = ["Templates", "default", "owes", "plan", "preview", "taker", "warning"]
