"""A table whose items lie on disk, so that millions fit, and whose hot paths are short."""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from benchmarks.serving.encoding import dumps, loads
from tests.simulation.services.dynamodb_store import Item, ItemKey, Table
from tests.simulation.services.dynamodb_values import normalized, normalized_number, size_of

WRITE_UNIT_BYTES: Final = 1024
READ_UNIT_BYTES: Final = 4096
_SAMPLED_EVERY: Final = 64
_LENGTH_BITS: Final = 24
_NAMES_BITS: Final = 16


class ItemTable(Table):
    """A table with a text and a number as its key. In memory is where each item lies, no more.

    Values are kept as they were sent and normalized when they are read; what is quick does not
    judge them. Queries are refused.

    Attributes:
        overwritten: Times that an item took another's place.
        written: Items that were ever written, refused ones too.
        write_units: Those they cost, refused ones too.
    """

    def __init__(self, name: str, partition_key: str, sort_key: str) -> None:
        key_types = {partition_key: "S", sort_key: "N"}
        super().__init__(name, partition_key, sort_key, key_types, partitions=_Unknown())
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  Lives as long as this.
        self._end = 0
        self._waiting: list[bytes] = []
        self._sampled = 0
        self._sampled_bytes = 0
        self._places: dict[str, int] = {}
        self._numbers: dict[tuple[str, ...], int] = {}
        self._names: list[tuple[str, ...]] = []
        self._names_sizes: list[int] = []
        self.overwritten = 0
        self.written = 0
        self.write_units = 0

    @property
    def count(self) -> int:
        """Items in it. (A length would make an empty table false.)"""
        return len(self._places)

    def names_number(self, names: tuple[str, ...]) -> int:
        """A number for the names of an item's attributes, the same for the same."""
        number = self._numbers.get(names)
        if number is None:
            number = self._numbers[names] = len(self._names)
            self._names.append(names)
            self._names_sizes.append(sum(len(name.encode()) for name in names))
        return number

    def key_text(self, partition: Mapping[str, str], sort: Mapping[str, str]) -> str:
        """The two values of a key as one text. Raises KeyError for another type, and Refused."""
        return self.key_text_of(partition["S"], sort["N"])

    def key_text_of(self, partition: str, sort: str) -> str:
        """The same of a text and a number."""
        return f"{partition}\0{normalized_number(sort)}"

    def add(self, key: str, names_number: int, line: bytes, *, replace: bool) -> bool:
        """Stores an item, and says whether it did; `flush` must follow before anything is read.

        Args:
            key: See key_text.
            names_number: See names_number.
            line: JSON array of its values in the order of the names, typed.
            replace: Whether an item that is there gives way.
        """
        self._count(names_number, line)
        if key in self._places:
            if not replace:
                return False
            self.overwritten += 1
        self._waiting.append(line)
        place = (self._end << _LENGTH_BITS) | len(line)
        self._places[key] = (place << _NAMES_BITS) | names_number
        self._end += len(line)
        return True

    def _count(self, names_number: int, line: bytes) -> None:
        """Counts what a write costs; the sizes of some are summed exactly, for their mean.

        A value costs eight characters of JSON at least, and a comma. What fits a unit without those
        does so as an item; of the rest the size is taken.
        """
        names = self._names[names_number]
        self.written += 1
        size = len(line) - 9 * len(names) - 1 + self._names_sizes[names_number]
        is_sampled = self.written % _SAMPLED_EVERY == 1
        if size > WRITE_UNIT_BYTES or is_sampled:
            size = size_of(self._item(names_number, loads(line)))
        if is_sampled:
            self._sampled_bytes += size
            self._sampled += 1
        self.write_units += -(-size // WRITE_UNIT_BYTES)

    @property
    def mean_item_bytes(self) -> float:
        """Of all items that were written, refused ones too."""
        return self._sampled_bytes / max(1, self._sampled)

    def flush(self) -> None:
        """Writes what was added."""
        if self._waiting:
            os.write(self._file.fileno(), b"".join(self._waiting))
            self._waiting.clear()

    def find(self, key: str) -> Item | None:
        """The item as it was sent, if there is one."""
        place = self._places.get(key)
        return None if place is None else self._read(place)

    def get(self, key: ItemKey) -> Item | None:
        """See Table."""
        item = self.find(_text_of(key))
        return None if item is None else {name: normalized(value) for name, value in item.items()}

    def set(self, key: ItemKey, item: Item | None) -> None:
        """See Table."""
        if item is None:
            self._places.pop(_text_of(key), None)
            return
        line = dumps(list(item.values()))
        self.add(_text_of(key), self.names_number(tuple(item)), line, replace=True)
        self.flush()

    def stored(self) -> Iterator[Item]:
        """Every item as it was sent."""
        for place in self._places.values():
            yield self._read(place)

    def items(self) -> list[Item]:
        """See Table."""
        return list(self.stored())

    def _read(self, place: int) -> Item:
        names_number = place & ((1 << _NAMES_BITS) - 1)
        place >>= _NAMES_BITS
        length = place & ((1 << _LENGTH_BITS) - 1)
        line = os.pread(self._file.fileno(), length, place >> _LENGTH_BITS)
        return self._item(names_number, loads(line))

    def _item(self, names_number: int, values: Sequence[Any]) -> Item:
        return dict(zip(self._names[names_number], values, strict=True))


def _text_of(key: ItemKey) -> str:
    return f"{key[0]}\0{format(Decimal(key[1]), 'f')}"


class _Unknown(dict[Any, Any]):
    """Partitions that nobody keeps."""

    def get(self, key: Any, default: Any = None) -> Any:
        raise NotImplementedError(f"a table that knows whole keys only: {key}, {default}")
