"""With which files a file conflicts: the quarantine lines of its conflicts name them."""

from desk.files import FileReading, FileState
from desk.reading import read_quarantine
from processor.errors import ServiceRefused

type FirstFile = tuple[str, str]
"""Key and version."""


def first_files(state: FileState, reading: FileReading) -> list[FirstFile]:
    """The files that had stored what a file conflicts with, as its quarantine begins.

    Only its first object is read, of at most 8 MiB or so, however many there are. None is known
    where that is not there, or is not for the caller to read: a page needs no value of a record.

    Raises:
        ServiceUnavailable: It cannot be read now.
    """
    if not state.receipt:
        return []
    try:
        body = next(read_quarantine(reading.results, state.receipt, reading.patience), None)
    except ServiceRefused:
        return []
    lines = body.lines if body else []
    stored = (line["stored"] for line in lines if line and line.get("stored"))
    return list(dict.fromkeys((one["key"], one["versionId"]) for one in stored))
