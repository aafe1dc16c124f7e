"""JSON as the server reads and writes it.

orjson is part of the benchmarks' own environment (requirements.txt), where everything is measured.
Elsewhere, as in tests, the standard library does the same, and only more slowly.
"""

import importlib
import json
from collections.abc import Callable
from typing import Any


def _standard_dumps(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _chosen() -> tuple[str, Callable[[bytes], Any], Callable[[Any], bytes]]:
    try:
        orjson = importlib.import_module("orjson")
    except ImportError:
        return "json", json.loads, _standard_dumps
    return "orjson", orjson.loads, orjson.dumps


NAME, loads, dumps = _chosen()
"""Which one it is; bytes to value; value to bytes, without spaces."""
