"""Why a record, or a file, was not taken: one closed list, in order of precedence.

A record may break several rules at once; it is given the first reason of this list that applies,
so that the same bytes always get the same verdict. `docs/reject-reasons.md` has a line for each
member, saying what it means and who must act; a test keeps the two in step.
"""

from enum import StrEnum
from typing import NamedTuple


class Reason(StrEnum):
    """The reason codes, spelled the same in code, quarantine, receipt, metrics and documents."""

    # The object itself.
    OBJECT_GONE = "OBJECT_GONE"
    OBJECT_CHANGED = "OBJECT_CHANGED"
    EMPTY_FILE = "EMPTY_FILE"
    # The container.
    GZIP_BOMB = "GZIP_BOMB"
    GZIP_TRUNCATED = "GZIP_TRUNCATED"
    GZIP_CORRUPT = "GZIP_CORRUPT"
    # Whether records can be told apart at all.
    BAD_ENCODING = "BAD_ENCODING"
    FORMAT_UNKNOWN = "FORMAT_UNKNOWN"
    SENSITIVE_AUTHENTICATION_DATA = "SENSITIVE_AUTHENTICATION_DATA"
    HEADER_DUPLICATE = "HEADER_DUPLICATE"
    HEADER_MISMATCH = "HEADER_MISMATCH"
    CSV_UNTERMINATED_QUOTE = "CSV_UNTERMINATED_QUOTE"
    JSON_UNTERMINATED = "JSON_UNTERMINATED"
    JSON_TRAILING_DATA = "JSON_TRAILING_DATA"
    # The structure of one record.
    RECORD_TOO_LARGE = "RECORD_TOO_LARGE"
    NUL_BYTE = "NUL_BYTE"
    CSV_QUOTE = "CSV_QUOTE"
    CSV_BARE_CR = "CSV_BARE_CR"
    COLUMN_COUNT = "COLUMN_COUNT"
    JSON_DEPTH = "JSON_DEPTH"
    JSON_SYNTAX = "JSON_SYNTAX"
    JSON_NOT_OBJECT = "JSON_NOT_OBJECT"
    JSON_DUPLICATE_KEY = "JSON_DUPLICATE_KEY"
    JSON_SURROGATE = "JSON_SURROGATE"
    # The values of one record, field by field.
    FIELD_NAME = "FIELD_NAME"
    FIELD_DUPLICATE = "FIELD_DUPLICATE"
    FIELD_MISSING = "FIELD_MISSING"
    FIELD_TYPE = "FIELD_TYPE"
    TRANSACTION_ID_FORMAT = "TRANSACTION_ID_FORMAT"
    TRANSACTION_ID_LENGTH = "TRANSACTION_ID_LENGTH"
    TIMESTAMP_FORMAT = "TIMESTAMP_FORMAT"
    TIMESTAMP_OFFSET = "TIMESTAMP_OFFSET"
    TIMESTAMP_RANGE = "TIMESTAMP_RANGE"
    CURRENCY = "CURRENCY"
    AMOUNT_FORMAT = "AMOUNT_FORMAT"
    AMOUNT_NEGATIVE_ZERO = "AMOUNT_NEGATIVE_ZERO"
    AMOUNT_RANGE = "AMOUNT_RANGE"
    AMOUNT_SCALE = "AMOUNT_SCALE"
    CARD_NUMBER_MISPLACED = "CARD_NUMBER_MISPLACED"
    CARD_NUMBER_FORMAT = "CARD_NUMBER_FORMAT"
    CARD_NUMBER_CHECK_DIGIT = "CARD_NUMBER_CHECK_DIGIT"
    # What the table said.
    ITEM_TOO_LARGE = "ITEM_TOO_LARGE"
    VALUE_OUT_OF_RANGE = "VALUE_OUT_OF_RANGE"
    CONFLICT_ID_REUSED = "CONFLICT_ID_REUSED"


class Reject(NamedTuple):
    """A decision about one record: why it was not taken, and which of its fields decided.

    Args:
        reason: The first reason of the list that applies.
        field: Canonical name of the deciding field; of sensitive authentication data its kind; None
            where the record as a whole decided.
    """

    reason: Reason
    field: str | None = None
