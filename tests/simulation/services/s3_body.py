"""The body of an object that is read: each read crosses the border."""

from typing import Any

from tests.simulation.border import Border


class Body:
    """A StreamingBody's read and close.

    Args:
        border: Asked for every read, as "GetObject.read" with the parameters Bucket, Key, Amount.
        place: Bucket and Key.
        data: What is read.
    """

    def __init__(self, border: Border, place: dict[str, Any], data: bytes) -> None:
        self._border = border
        self._place = place
        self._data = data
        self._offset = 0
        self.closed = False

    def read(self, amt: int | None = None) -> bytes:
        """The next bytes, at most so many; b"" at the end."""
        left = len(self._data) - self._offset
        parameters = {**self._place, "Amount": left if amt is None else min(amt, left)}

        def execute() -> dict[str, Any]:
            begin = self._offset
            self._offset = min(begin + parameters["Amount"], len(self._data))
            return {"data": self._data[begin : self._offset]}

        data: bytes = self._border.call("s3", "GetObject.read", parameters, execute)["data"]
        return data

    def close(self) -> None:
        """No more is read."""
        self.closed = True
