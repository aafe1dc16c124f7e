"""Tasks: what `work/` in TransactionResultsBucket queues. Each object there starts an invocation.

The ledger holds what is true of a file; a task only says where to go on. So a task may be lost,
delivered twice or written again at any time.
"""

import json
from typing import Final, NamedTuple

from processor.domain.entries import PlannedPart
from processor.domain.file import ObjectVersion
from processor.domain.masking import mask
from processor.domain.position import FILE_BEGINS, Position

WORK_PREFIX: Final = "work/"
CONTENT_TYPE: Final = "application/json"

type Document = dict[str, object]


class StartAgain(NamedTuple):
    """Start a file again, as if its upload had just been notified, and everything of it that is
    queued but not done."""

    version: ObjectVersion

    @property
    def key(self) -> str:
        return f"{_folder(self.version)}start.json"

    def to_document(self) -> Document:
        return {"task": "start", **_file(self.version)}


class PlanOn(NamedTuple):
    """Go on planning a file.

    Args:
        version: The file.
        parts_count: Parts that were planned before; tells this task from the one before.
    """

    version: ObjectVersion
    parts_count: int

    @property
    def key(self) -> str:
        return f"{_folder(self.version)}plan-{self.parts_count:05}.json"

    def to_document(self) -> Document:
        return {"task": "plan", **_file(self.version), "parts": self.parts_count}


class CountRecords(NamedTuple):
    """Count the records of a planned part, so that those of later parts have their numbers."""

    version: ObjectVersion
    part_number: int
    begin: int
    end: int

    @property
    def key(self) -> str:
        return f"{_folder(self.version)}count-{self.part_number:05}.json"

    def to_document(self) -> Document:
        extent = {"part": self.part_number, "begin": self.begin, "end": self.end}
        return {"task": "count", **_file(self.version), **extent}


class ProcessPart(NamedTuple):
    """Process a part, or go on with one.

    Args:
        version: The file.
        part_number: From 1.
        segment: From 1.
        start: Where it begins.
        end: Offset behind its last byte; None for the end of the file.
    """

    version: ObjectVersion
    part_number: int = 1
    segment: int = 1
    start: Position = FILE_BEGINS
    end: int | None = None

    @property
    def key(self) -> str:
        further = f"-{self.segment:03}" if self.segment > 1 else ""
        return f"{_folder(self.version)}part-{self.part_number:05}{further}.json"

    def to_document(self) -> Document:
        return {
            "task": "part",
            **_file(self.version),
            "part": self.part_number,
            "segment": self.segment,
            "begin": self.start.byte_offset,
            "end": self.end,
            "record": self.start.record_number,
            "afterStrayComma": self.start.after_stray_comma,
        }


class SweepOn(NamedTuple):
    """Go on with a sweep.

    Args:
        before: Versions that were uploaded later are left alone. UTC, RFC 3339.
        after_key: Where in the listing of all versions to go on: behind this key.
        after_version_id: And behind this version of it.
    """

    before: str
    after_key: str
    after_version_id: str

    @property
    def key(self) -> str:
        """The same for each step of one sweep: each is a new version of it, and a new event."""
        return f"{WORK_PREFIX}sweep/{self.before}.json"

    def to_document(self) -> Document:
        listed = {"afterKey": self.after_key, "afterVersionId": self.after_version_id}
        return {"task": "sweep", "before": self.before, **listed}


type Task = StartAgain | PlanOn | CountRecords | ProcessPart | SweepOn


def key_shown(key: str) -> str:
    """A task's key as log lines and error messages show it: card numbers masked.

    The processor's own keys hold none. But whoever may write below `work/` can name an object as he
    likes, and its event comes here.
    """
    return mask(key)[0]


def count_task(version: ObjectVersion, part: PlannedPart) -> CountRecords:
    """The task that counts a planned part."""
    return CountRecords(version, part.part_number, part.begin, part.end)


def part_task(version: ObjectVersion, part: PlannedPart, record_number: int) -> ProcessPart:
    """The task that processes a planned part, whose first record has this number."""
    start = Position(part.begin, record_number)
    return ProcessPart(version, part.part_number, 1, start, part.end)


def render(task: Task) -> bytes:
    """The body of the task's object: the same whenever the same task is written again."""
    return json.dumps(task.to_document(), ensure_ascii=False, indent=2).encode() + b"\n"


def parse(body: bytes) -> Task | None:
    """Reads a task's object; None if it is none."""
    try:
        document = json.loads(body)
        return _task(document)
    except (ValueError, KeyError, TypeError):
        return None


def _task(document: dict[str, object]) -> Task | None:
    kind = document["task"]
    if kind == "sweep":
        names = ("before", "afterKey", "afterVersionId")
        return SweepOn(*(_text(document[name]) for name in names))
    version = _version(document)
    if kind == "start":
        return StartAgain(version)
    if kind == "plan":
        return PlanOn(version, _number(document["parts"]))
    if kind == "count":
        extent = (_number(document[name]) for name in ("part", "begin", "end"))
        return CountRecords(version, *extent)
    if kind == "part":
        start = Position(
            _number(document["begin"]),
            _number(document["record"]),
            after_stray_comma=document["afterStrayComma"] is True,
        )
        end = document["end"]
        return ProcessPart(
            version,
            _number(document["part"]),
            _number(document["segment"]),
            start,
            None if end is None else _number(end),
        )
    return None


def _folder(version: ObjectVersion) -> str:
    return f"{WORK_PREFIX}{version.file_id}/"


def _file(version: ObjectVersion) -> Document:
    return {
        "bucket": version.bucket,
        "key": version.key,
        "versionId": version.version_id,
        "eTag": version.etag,
        "size": version.size_bytes,
    }


def _version(document: dict[str, object]) -> ObjectVersion:
    version_id, etag, size = (document[name] for name in ("versionId", "eTag", "size"))
    return ObjectVersion(
        _text(document["bucket"]),
        _text(document["key"]),
        None if version_id is None else _text(version_id),
        None if etag is None else _text(etag),
        None if size is None else _number(size),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError
    return value
