"""The quarantine that a file should have, compared with the one that is there."""

from collections.abc import Iterator
from typing import Final

from desk.differences import Differences, compare_lines
from desk.reading import Json, QuarantineBody, json_object
from processor.domain.reject import Reason
from processor.ports import PutAnswer

ABSENT_ROW: Final = Reason.VALUE_OUT_OF_RANGE
"""The reason of a row that the table would not take, and here of every row that it does not hold:
which of both it is, the quarantine tells."""


class QuarantineComparison:
    """Takes what would be written to quarantine, and compares it with what is there.

    Both are in the order of the file, so that they are merged by record numbers, in the memory of
    one object. Which record lies in which object is not compared.

    Args:
        bodies: The objects that are there, in their order.
        differences: Takes what differs.
    """

    def __init__(self, bodies: Iterator[QuarantineBody], differences: Differences) -> None:
        self._differences = differences
        self._there = self._lines(bodies)
        self._next = next(self._there, None)

    def put_if_absent(self, key: str, body: bytes, content_type: str) -> PutAnswer:
        """See ResultsBucket. Nothing is put."""
        del key, content_type  # Which record lies in which object is not compared.
        for text in body.split(b"\n")[:-1]:
            line = json_object(text)
            if line is not None:
                self._compare(line)
        return PutAnswer(created=True)

    def put(self, key: str, body: bytes, content_type: str) -> str | None:
        """Never called: nothing is ever there already."""
        raise NotImplementedError(key, body, content_type)

    def get(self, key: str) -> tuple[bytes, str | None]:
        """Never called, as `put`."""
        raise NotImplementedError(key)

    def close(self) -> None:
        """Tells of what is there behind the last record that should be."""
        while self._next is not None:
            self._tell_surplus(self._next)

    def _compare(self, expected: Json) -> None:
        number = expected["recordNumber"]
        while self._next is not None and self._next["recordNumber"] < number:
            self._tell_surplus(self._next)
        if self._next is not None and self._next["recordNumber"] == number:
            compare_lines(self._next, expected, number, self._differences)
            self._next = next(self._there, None)
        elif expected["reason"] == ABSENT_ROW.value:
            self._differences.add("table", number, "nothing", "a valid record, not in quarantine")
        else:
            found = f"{expected['outcome']}, {expected['reason']}"
            self._differences.add("quarantine", number, "nothing", found)

    def _tell_surplus(self, line: Json) -> None:
        self._differences.add("quarantine", line["recordNumber"], "a record", "no such reject")
        self._next = next(self._there, None)

    def _lines(self, bodies: Iterator[QuarantineBody]) -> Iterator[Json]:
        """The lines that are there; those that name no record, and faulty objects, are told."""
        for body in bodies:
            if body.fault:
                self._differences.add("quarantine object", None, body.key_shown, body.fault)
            for line in body.lines:
                if line is None or type(line.get("recordNumber")) is not int:
                    said, found = body.key_shown, "an unreadable line"
                    self._differences.add("quarantine object", None, said, found)
                else:
                    yield line
