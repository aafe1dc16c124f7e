"""Many runs at less cost: what nobody looks at is not made. No run goes another way for it."""

import gc
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from unittest.mock import patch

from processor import app
from tests.simulation.world import silence

_GARBAGE_OBJECTS: Final = 50_000
"""So many new objects start a search for garbage. A run leaves some thousands, in cycles, since
world and function know each other."""


@contextmanager
def many_runs() -> Iterator[None]:
    """Within it no log is written and no traceback put into words, and garbage is looked for
    rarely, and only among what is new."""
    thresholds = gc.get_threshold()
    log = logging.getLogger(app.logger.name)
    level = log.level
    gc.freeze()
    gc.set_threshold(_GARBAGE_OBJECTS, *thresholds[1:])
    silence()
    try:
        with patch.object(traceback, "format_tb", lambda _: []):
            yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
        log.setLevel(level)
