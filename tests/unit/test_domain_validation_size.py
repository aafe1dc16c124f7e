"""A record too large for an item is refused before its texts are searched for card numbers."""

import pytest

from processor.domain.field import FieldValue
from processor.domain.masking import mask
from processor.domain.reject import Reason, Reject
from processor.domain.transaction import CONTENT_BYTES_MAX, Transaction
from processor.domain.validation import Validator
from tests.support.fakes import InMemoryKeys

VALID: dict[str, FieldValue] = {
    "transactionId": "T-1",
    "timestamp": "2026-03-01T12:00:00Z",
    "amount": "10.50",
    "currency": "EUR",
}


def validate(fields: dict[str, FieldValue]) -> Transaction | Reject:
    validator = Validator(InMemoryKeys().key("k1").tokenize)
    return validator.validate(tuple(fields), tuple(fields.values()))


def test_a_text_too_large_for_an_item_is_refused_before_it_is_searched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    searched: list[str] = []

    def recording_mask(text: str) -> tuple[str, int]:
        searched.append(text)
        return mask(text)

    monkeypatch.setattr("processor.domain.free_text.mask", recording_mask)
    half = "4111111111111111" + "x" * (CONTENT_BYTES_MAX // 2 - 16)

    kept = validate(VALID | {"description": half, "note": half})
    reject = validate(VALID | {"description": half, "note": half + "x"})

    assert isinstance(kept, Transaction)
    assert searched == [half, half]
    assert kept.masked_count == 2
    assert reject == Reject(Reason.ITEM_TOO_LARGE)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"accountId": "4111111111111111"}, Reason.CARD_NUMBER_MISPLACED),
        ({"cardNumber": "4111111111111112"}, Reason.CARD_NUMBER_CHECK_DIGIT),
        ({"amount": "x"}, Reason.AMOUNT_FORMAT),
    ],
)
def test_every_reason_about_values_comes_before_the_size(
    fields: dict[str, FieldValue], reason: Reason
) -> None:
    note = "4111111111111111" + "x" * CONTENT_BYTES_MAX

    reject = validate(VALID | {"note": note} | fields)

    assert isinstance(reject, Reject)
    assert reject.reason is reason
