"""What reasons mean, in a few words each: docs/reject-reasons.md says who acts, and how."""

from types import MappingProxyType
from typing import Final

from processor.domain.reject import Reason

EXPLAINED_IN: Final = "docs/reject-reasons.md"

MEANINGS: Final = MappingProxyType(
    {
        Reason.OBJECT_GONE: "deleted before it could be read",
        Reason.OBJECT_CHANGED: "overwritten before it could be read",
        Reason.EMPTY_FILE: "no byte but white space",
        Reason.GZIP_BOMB: "decompresses to far more than is read",
        Reason.GZIP_TRUNCATED: "the compressed file ends in the middle",
        Reason.GZIP_CORRUPT: "the compressed file is damaged",
        Reason.BAD_ENCODING: "not UTF-8",
        Reason.FORMAT_UNKNOWN: "neither CSV nor NDJSON nor JSON",
        Reason.SENSITIVE_AUTHENTICATION_DATA: "track data, a CVV or a PIN, which nobody may keep",
        Reason.HEADER_DUPLICATE: "a column twice in the header",
        Reason.HEADER_MISMATCH: "a required column is missing, or one has no name",
        Reason.CSV_UNTERMINATED_QUOTE: "a quote is never closed",
        Reason.JSON_UNTERMINATED: "ends within the array or object",
        Reason.JSON_TRAILING_DATA: "something follows the end of the document",
        Reason.RECORD_TOO_LARGE: "longer than 1 MiB",
        Reason.NUL_BYTE: "holds a NUL byte",
        Reason.CSV_QUOTE: "a quote where none may be",
        Reason.CSV_BARE_CR: "a line end of another kind than the file's",
        Reason.COLUMN_COUNT: "more or fewer fields than the header",
        Reason.JSON_DEPTH: "more than 64 levels deep",
        Reason.JSON_SYNTAX: "no valid JSON",
        Reason.JSON_NOT_OBJECT: "not an object",
        Reason.JSON_DUPLICATE_KEY: "a name twice in one object",
        Reason.JSON_SURROGATE: "a text that was cut within a character",
        Reason.FIELD_NAME: "the name of an unknown field cannot be kept",
        Reason.FIELD_DUPLICATE: "two spellings of one field",
        Reason.FIELD_MISSING: "a required field is absent or empty",
        Reason.FIELD_TYPE: "a known field is neither text nor number",
        Reason.TRANSACTION_ID_FORMAT: "the id has blanks or invisible characters",
        Reason.TRANSACTION_ID_LENGTH: "the id is longer than 2,048 bytes",
        Reason.TIMESTAMP_FORMAT: "the timestamp is not of RFC 3339",
        Reason.TIMESTAMP_OFFSET: "the timestamp has no offset",
        Reason.TIMESTAMP_RANGE: "no such instant, or not from 1970 to 2099",
        Reason.CURRENCY: "no current ISO 4217 code",
        Reason.AMOUNT_FORMAT: "the amount is no plain decimal",
        Reason.AMOUNT_NEGATIVE_ZERO: "the amount is minus zero",
        Reason.AMOUNT_RANGE: "the amount has more than 18 digits",
        Reason.AMOUNT_SCALE: "more decimals than the currency has",
        Reason.CARD_NUMBER_MISPLACED: "a card number in an id or an amount",
        Reason.CARD_NUMBER_FORMAT: "the card number has another form",
        Reason.CARD_NUMBER_CHECK_DIGIT: "the card number's check digit is wrong",
        Reason.ITEM_TOO_LARGE: "over 380 KiB: no item holds it",
        Reason.VALUE_OUT_OF_RANGE: "the table refused it for good",
        Reason.CONFLICT_ID_REUSED: "the id is stored already, with other content",
    }
)


def meaning_of(reason: str) -> str:
    """What a reason means; empty for one that only a later release knows."""
    return MEANINGS[Reason(reason)] if reason in Reason else ""
