"""Raw records as quarantine keeps them, of a file with a card number column and of one without."""

from processor.domain.reject import Reason
from processor.formats.records import RawRecord
from processor.redaction import Redactor

HEADER = ("transactionId", "card_number", "note")
NO_CARD = ("transactionId", "note")


def redact(
    raw: bytes | str,
    header: tuple[str, ...] | None,
    defect: Reason | None = None,
    cut_bytes: int = 0,
) -> tuple[bytes, int]:
    data = raw.encode() if isinstance(raw, str) else raw
    record = RawRecord(1, 0, data, len(data) + cut_bytes, defect=defect)
    return Redactor(header).redact(record)


def in_csv(raw: str, defect: Reason | None = None) -> tuple[str, int]:
    redacted, count = redact(raw, HEADER, defect)
    return redacted.decode(), count


def in_json(raw: str, defect: Reason | None = None) -> tuple[str, int]:
    redacted, count = redact(raw, None, defect)
    return redacted.decode(), count
