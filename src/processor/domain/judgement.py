"""What a taken identity means for a record: stored before, duplicate or conflict."""

from typing import NamedTuple

from processor.domain.control_totals import FirstFile, Outcome
from processor.domain.reject import Reject


class Verdict(NamedTuple):
    """What became of a record.

    Args:
        outcome: Exactly one.
        reject: Why, for a conflict or a reject.
        first_file: Who stored this identity, for a duplicate or a conflict.
        first_record_number: And in which record.
        first_fingerprint: And with what content.
    """

    outcome: Outcome
    reject: Reject | None = None
    first_file: FirstFile | None = None
    first_record_number: int | None = None
    first_fingerprint: str | None = None
