"""JSON as the server reads and writes it.

msgspec is part of the benchmarks' own environment (requirements.txt), where everything is measured.
Elsewhere, as in tests, the standard library does the same, and only more slowly.
"""

import importlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

type Inserts = Sequence[tuple[str, bytes]]
"""Of each statement its text, and its parameters as JSON."""


@dataclass(frozen=True)
class Encoding:
    """Who reads and writes JSON.

    Args:
        name: Of the package.
        loads: A text to its value.
        dumps: A value to its text.
        inserts: The body of a BatchExecuteStatement, its parameters left as they are.
    """

    name: str
    loads: Callable[[bytes], Any]
    dumps: Callable[[Any], bytes]
    inserts: Callable[[bytes], Inserts]


def _standard() -> Encoding:
    def dumps(value: Any) -> bytes:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    def inserts(body: bytes) -> Inserts:
        statements = json.loads(body)["Statements"]
        return [(one["Statement"], dumps(one["Parameters"])) for one in statements]

    return Encoding("json", json.loads, dumps, inserts)


def _fast(msgspec: Any) -> Encoding:
    statement: Any = msgspec.defstruct(
        "Statement", [("Statement", str), ("Parameters", msgspec.Raw)]
    )
    listed: Any = list.__class_getitem__(statement)
    request = msgspec.defstruct("Request", [("Statements", listed)])
    decode = msgspec.json.Decoder(request).decode

    def inserts(body: bytes) -> Inserts:
        return [(one.Statement, bytes(one.Parameters)) for one in decode(body).Statements]

    return Encoding("msgspec", msgspec.json.decode, msgspec.json.encode, inserts)


def _chosen() -> Encoding:
    try:
        return _fast(importlib.import_module("msgspec"))
    except ImportError:
        return _standard()


ENCODING = _chosen()
loads = ENCODING.loads
dumps = ENCODING.dumps
