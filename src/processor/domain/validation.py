"""The rules: from the fields of a raw record to a transaction, or the first reason against it."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Final, cast

from processor.domain.card import CardNumber, TokenizedCard, parse_card_number
from processor.domain.field import FieldValue, NumberText, text_of
from processor.domain.forms import has_candidate
from processor.domain.free_text import has_card_number_field, has_number_in_names, mask_fields
from processor.domain.layout import Layout
from processor.domain.masking import has_card_number
from processor.domain.money import MINOR_UNIT_DIGITS, parse_amount
from processor.domain.reject import Reason, Reject
from processor.domain.sensitive import sensitive_within
from processor.domain.timestamp import parse_timestamp_ms
from processor.domain.transaction import (
    CARD_NUMBER_FIELD,
    CONTENT_BYTES_MAX,
    REQUIRED_FIELDS,
    Transaction,
)

TRANSACTION_ID_BYTES_MAX: Final = 2048
"""A partition key's limit.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

_INVISIBLE: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)
"""Letters and marks that show nothing, which Python calls printable.

Source: Unicode's DerivedCoreProperties.txt, Default_Ignorable_Code_Point; and Braille's blank.
"""

REMEMBERED_NAMES_MAX: Final = 10_000
"""Field names of all remembered layouts together, but for the latest. A CSV file has one layout, a
JSON feed a handful; a hostile file that has more, or giant ones, costs time and not memory."""

_REQUIRED: Final = frozenset(REQUIRED_FIELDS)

_IDENTIFIERS: Final = ("transactionId", "accountId")

_TEXT: Final = {str}
_PLAIN: Final = {str, NumberText, type(None)}
"""Types of values that hold no others, and that a known field may have."""

CARD_LIKE_AMOUNT_DIGITS_MIN: Final = 15
"""Digits before the decimal point from which an amount is looked at as a card number: where columns
are shifted, one stands there, and would be a valid amount. Shorter ones are amounts (a trillion
rupiah has 13 digits); in no currency is there one of 15."""

type Tokenize = Callable[[CardNumber], TokenizedCard]
"""Makes the token of a card number, under the key of the file."""


def validate_header(names: Sequence[str]) -> Reject | None:
    """Judges a file's header before any record is read, so that nothing of a wrong file is stored.

    Returns:
        SENSITIVE_AUTHENTICATION_DATA with its kind, HEADER_DUPLICATE or HEADER_MISMATCH with the
        known field that is there twice or missing, or None. Never a name from the file: in a file
        without header that would be a value.
    """
    layout = Layout.of(names)
    stripped = [name.strip() for name in names]
    if layout.sensitive:
        return Reject(Reason.SENSITIVE_AUTHENTICATION_DATA, layout.sensitive.value)
    if layout.duplicate:
        return Reject(Reason.HEADER_DUPLICATE, layout.duplicate)
    if len(set(stripped)) < len(stripped):
        return Reject(Reason.HEADER_DUPLICATE)
    known = dict(layout.known)
    for name in REQUIRED_FIELDS:
        if name not in known:
            return Reject(Reason.HEADER_MISMATCH, name)
    return None if layout.is_named and all(stripped) else Reject(Reason.HEADER_MISMATCH)


class Validator:
    """Turns the fields of raw records into transactions. Holds no state but remembered layouts.

    Args:
        tokenize: For card numbers; whatever it raises comes out of `validate`.
    """

    def __init__(self, tokenize: Tokenize) -> None:
        self._tokenize = tokenize
        self._layouts: dict[tuple[str, ...], Layout] = {}
        self._remembered_names = 0

    def validate(
        self, names: tuple[str, ...], values: Sequence[FieldValue]
    ) -> Transaction | Reject:
        """Judges one record by the rules, in the order of precedence of `Reason`.

        Args:
            names: Field names as the file spells them.
            values: One value a name. None and the empty text are absent.

        Returns:
            The transaction, or the first reason against it with the canonical name of the field.
            SENSITIVE_AUTHENTICATION_DATA speaks against the file: nothing of the record may be
            kept, not even in quarantine.
        """
        layout = self._layouts.get(names) or self._remember(names)
        kinds = set(map(type, values))
        reject = layout.reject if kinds <= _PLAIN else _judge_nested(layout, values)
        if reject:
            return reject
        if kinds == _TEXT and layout.required:
            # Nearly every record of CSV, and most of JSON.
            plain = cast("Sequence[str]", values)
            given = layout.required(plain)
            if all(given):
                texts = {name: text for name, column in layout.optional if (text := plain[column])}
                return self._validate_fields(given, texts, layout, values)
        texts, mistyped = _known_texts(layout, values)
        if mistyped or not texts.keys() >= _REQUIRED:
            return _incomplete(texts, mistyped)
        given = tuple([texts.pop(name) for name in REQUIRED_FIELDS])
        return self._validate_fields(given, texts, layout, values)

    def _validate_fields(
        self,
        given: tuple[str, ...],
        texts: dict[str, str],
        layout: Layout,
        values: Sequence[FieldValue],
    ) -> Transaction | Reject:
        """Judges fields of which none of the required is missing.

        Args:
            given: Those of REQUIRED_FIELDS.
            texts: The other known ones that are present.
            layout: For the unknown ones.
            values: The same.
        """
        required = _validate_required(*given)
        if isinstance(required, Reject):
            return required
        amount = given[-1]
        card_text = texts.pop(CARD_NUMBER_FIELD, None)
        extra = {name: text for name, column in layout.extra if (text := text_of(values[column]))}
        transaction_id = required[0]
        # One look at all of them: a line end stands between two texts, and is no separator.
        is_suspect = has_candidate("\n".join((transaction_id, *texts.values(), *extra.values())))
        if is_suspect:
            # Masked, two of them could become one.
            for name, text in (("transactionId", transaction_id), *texts.items()):
                if name in _IDENTIFIERS and has_card_number(text):
                    return Reject(Reason.CARD_NUMBER_MISPLACED, name)
        is_long = len(amount) >= CARD_LIKE_AMOUNT_DIGITS_MIN
        if is_long and _is_as_long_as_a_card_number(amount) and has_card_number(amount):
            return Reject(Reason.CARD_NUMBER_MISPLACED, "amount")
        number = parse_card_number(card_text) if card_text else None
        if isinstance(number, Reason):
            return Reject(number, CARD_NUMBER_FIELD)
        if is_suspect and sum(map(len, (*texts.values(), *extra.values()))) > CONTENT_BYTES_MAX:
            # Too large whatever is masked, which keeps the length of a text and takes time.
            return Reject(Reason.ITEM_TOO_LARGE)
        return Transaction(
            *required,
            texts,
            extra,
            self._tokenize(number) if number else None,
            mask_fields(texts, extra, layout.extra, values) if is_suspect else 0,
        )

    def _remember(self, names: tuple[str, ...]) -> Layout:
        layout = Layout.of(names)
        if self._remembered_names + len(names) > REMEMBERED_NAMES_MAX:
            self._layouts.clear()
            self._remembered_names = 0
        self._layouts[names] = layout
        self._remembered_names += len(names)
        return layout


def _judge_nested(layout: Layout, values: Sequence[FieldValue]) -> Reject | None:
    """What speaks against the names of a record, those of nested values included."""
    sensitive = layout.sensitive or sensitive_within(values)
    if sensitive:
        return Reject(Reason.SENSITIVE_AUTHENTICATION_DATA, sensitive.value)
    if not layout.is_named or any(map(has_number_in_names, values)):
        return Reject(Reason.FIELD_NAME)
    if any(map(has_card_number_field, values)):
        return Reject(Reason.FIELD_NAME, CARD_NUMBER_FIELD)
    return layout.reject


def _is_as_long_as_a_card_number(amount: str) -> bool:
    whole, _, _ = amount.lstrip("-").partition(".")
    return len(whole) >= CARD_LIKE_AMOUNT_DIGITS_MIN


def _known_texts(layout: Layout, values: Sequence[FieldValue]) -> tuple[dict[str, str], list[str]]:
    """The known fields that are present, and those that are neither text nor number."""
    known = {name: values[column] for name, column in layout.known}
    texts = {name: str(value) for name, value in known.items() if isinstance(value, str) and value}
    mistyped = [
        name for name, value in known.items() if value is not None and not isinstance(value, str)
    ]
    return texts, mistyped


def _incomplete(texts: Mapping[str, str], mistyped: Sequence[str]) -> Reject:
    """What is missing, or else of the wrong type."""
    for name in REQUIRED_FIELDS:
        if name not in texts and name not in mistyped:
            return Reject(Reason.FIELD_MISSING, name)
    return Reject(Reason.FIELD_TYPE, mistyped[0])


def _validate_required(
    transaction_id: str, timestamp_text: str, currency: str, amount: str
) -> tuple[str, int, str, int, str] | Reject:
    """The first values of a Transaction, in order."""
    reason = validate_transaction_id(transaction_id)
    if reason:
        return Reject(reason, "transactionId")
    timestamp_ms = parse_timestamp_ms(timestamp_text)
    if isinstance(timestamp_ms, Reason):
        return Reject(timestamp_ms, "timestamp")
    if currency not in MINOR_UNIT_DIGITS:
        return Reject(Reason.CURRENCY, "currency")
    amount_minor = parse_amount(amount, currency)
    if isinstance(amount_minor, Reason):
        return Reject(amount_minor, "amount")
    return transaction_id, timestamp_ms, timestamp_text, amount_minor, currency


def validate_transaction_id(text: str) -> Reason | None:
    """Says what speaks against an id, which is otherwise taken exactly as sent.

    Nothing is trimmed, folded or normalised, so that two different ids never become one. Texts that
    look alike but differ (not in normal form C, invisible characters, white space at an end) are
    refused, so that what a person reads as one id never yields two keys.
    """
    if not text.isprintable() or text[0] == " " or text[-1] == " ":
        return Reason.TRANSACTION_ID_FORMAT
    if not text.isascii() and (
        _INVISIBLE.search(text) or not unicodedata.is_normalized("NFC", text)
    ):
        return Reason.TRANSACTION_ID_FORMAT
    if len(text.encode()) > TRANSACTION_ID_BYTES_MAX:
        return Reason.TRANSACTION_ID_LENGTH
    return None
