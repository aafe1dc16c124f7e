"""Many runs at less cost: what nobody looks at is not made. No run goes another way for it."""

import gc
import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from unittest.mock import patch

from boto3.dynamodb.types import TypeDeserializer

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
        with (
            patch.object(traceback, "format_tb", lambda _: []),
            patch.object(TypeDeserializer, "deserialize", deserialize),
        ):
            yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
        log.setLevel(level)


def deserialize(boto3s: TypeDeserializer, value: Mapping[str, Any]) -> Any:
    """As boto3's own, which looks for a method by name at each value."""
    for kind, content in value.items():
        if kind == "S":
            return content
        return _BY_KIND[kind](boto3s, content)
    raise TypeError("a value without type")


_METHODS: Final = {kind: f"_deserialize_{kind.lower()}" for kind in ("NULL", "BOOL", "N", "L", "M")}
_BY_KIND: Final[Mapping[str, Callable[[TypeDeserializer, Any], Any]]] = {
    kind: getattr(TypeDeserializer, name) for kind, name in _METHODS.items()
}
