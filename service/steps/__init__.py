"""The five verbs: collect · read · condense · compose · deliver.

Each step gathers from the store or the world, decides (a pure function elsewhere) and applies in one transaction; it answers how much
it did, and is called until it answers 0. A step may be killed anywhere and run again. No step knows which database, server or clock
it works with.
"""

from service.steps.collecting import collect
from service.steps.composing import compose
from service.steps.delivering import deliver
from service.steps.reading import condense, read
from service.steps.waiting import backoff

__all__ = ["backoff", "collect", "compose", "condense", "deliver", "read"]
