"""Quarantined bytes: exact, but for digits of card numbers, wherever they may stand."""

import re

import pytest

from processor.domain.reject import Reason
from processor.formats.records import RawRecord
from processor.redaction import Redactor, sensitive_in_record
from tests.support.redacted import HEADER, NO_CARD, in_csv, in_json, redact


@pytest.mark.parametrize("header", [HEADER, None])
def test_bytes_without_a_card_number_are_the_same_object(header: tuple[str, ...] | None) -> None:
    raw = b"T-1,,\xff \\u0041 \0 note 2026-03-01"
    record = RawRecord(1, 0, raw, len(raw), defect=Reason.BAD_ENCODING)

    redacted, count = Redactor(header).redact(record)

    assert redacted is raw
    assert count == 0


@pytest.mark.parametrize("header", [HEADER, NO_CARD, None])
def test_a_number_that_masking_finds_is_masked_in_any_record(
    header: tuple[str, ...] | None,
) -> None:
    redacted, count = redact("x 4111 1111 1111 1111 y", header, Reason.CSV_QUOTE)

    assert (redacted, count) == (b"x **** **** **** 1111 y", 1)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("4111 1111 1111 1112", "**** **** **** 1112"),
        ("9999999999999995", "************9995"),
        ("123456789012", "********9012"),
        ("12345", "*2345"),
        ("1234", "1234"),
        ("n/a", "n/a"),
        ("", ""),
        ("4111x1111x1111x1111", "****x****x****x****"),
        ("4111 1111 1111 1111 cvv 123", "**** **** **** **** cvv ***"),
        ("41111111111111111111111", "***********************"),
        ('"4111 1111 1111 1112"', '"**** **** **** 1112"'),
        ('"x ""4111111111111112"""', '"x ""************1112"""'),
    ],
)
def test_the_value_of_a_card_number_column_is_masked_valid_or_not(value: str, shown: str) -> None:
    redacted, count = in_csv(f"T-123456,{value},note 123456789012")

    assert redacted == f"T-123456,{shown},note 123456789012"
    assert count == (value != shown)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ('"4111 1111 1111 1112"', '"**** **** **** 1112"'),
        ("4111111111111112", "************1112"),
        ("4.111e15", "*.***e**"),
        (r'"\u0034111 1111 1111 111\u0032"', r'"**** **** **** 111\u0032"'),
        (r'"4111 1111 1111\u00201112"', r'"**** **** ****\u00201112"'),
        ("null", "null"),
        ("true", "true"),
        ('"\\"4111111111111112\\""', '"\\"************1112\\""'),
    ],
)
@pytest.mark.parametrize("name", ["cardNumber", "CARD_NUMBER", r"card\u004eumber"])
def test_the_value_of_a_json_card_number_is_masked_at_any_depth(
    name: str, value: str, shown: str
) -> None:
    raw = '{"id": "123456789012", "a": [{"%s" : %s}]}'

    redacted, count = in_json(raw % (name, value))

    assert redacted == raw % (name, shown)
    assert count == (value != shown)


@pytest.mark.parametrize(
    "value",
    [
        '["4111111111111112"]',
        '{"pan": "4111111111111112"}',
        '["4111","1111","1111","1111"]',
        '{"a":"41111111","b":["1111", {"c": 1111}]}',
    ],
)
def test_all_digits_of_a_nested_json_card_number_are_masked(value: str) -> None:
    redacted, count = in_json(f'{{"cardNumber": {value}, "n": 1}}')

    assert redacted == f'{{"cardNumber": {re.sub("[0-9]", "*", value)}, "n": 1}}'
    assert count == 1


def test_a_card_number_within_a_nested_one_is_masked_once() -> None:
    redacted, count = in_json('{"cardNumber": {"cardNumber": ["4111", "1112"]}, "n": "1234"}')

    assert redacted == '{"cardNumber": {"cardNumber": ["****", "****"]}, "n": "1234"}'
    assert count == 1


@pytest.mark.parametrize("name", [r"card\/number", r"card\nnumber", "Card No", "cc_number"])
def test_the_card_number_is_found_however_its_name_is_spelled(name: str) -> None:
    redacted, count = in_json('{"%s": "123456789012"}' % name)  # noqa: UP031  JSON has braces.

    assert redacted == '{"%s": "********9012"}' % name  # noqa: UP031  JSON has braces.
    assert count == 1


def test_a_record_that_cannot_be_split_has_all_long_runs_masked() -> None:
    raw = "T 123456789012,4111-1111-1111-1112,2026-03-01 9999 8888 7777 6666,12345678901,%s" % (
        "9" * 20
    )

    redacted, count = in_csv(raw, Reason.COLUMN_COUNT)

    assert redacted == (
        "T ********9012,****-****-****-1112,****-**-** **** **** **** ****,12345678901," + "*" * 20
    )
    assert count == 4


def test_a_card_number_is_seen_in_a_json_text_without_its_colon() -> None:
    redacted, count = in_json('{"card-number" "4111 1111 1111 1112"}', Reason.JSON_SYNTAX)

    assert redacted == '{"card-number" "**** **** **** 1112"}'
    assert count == 1


@pytest.mark.parametrize(
    "value",
    ['["4111","1111","1111","1112"]', "[4111, 1111, 1111, 1112]", "4111.1111.1111.1112, 737"],
)
def test_whatever_divides_the_digits_of_a_card_number_in_a_defective_text(value: str) -> None:
    raw = '{"cardNumber": %s, "amount": "1.00" "at": "2026-03-01T12:00:00Z"'

    redacted, count = in_json(raw % value, Reason.JSON_SYNTAX)

    assert redacted == raw % re.sub("[0-9]", "*", value)
    assert count == 1


@pytest.mark.parametrize(
    "value", ["4111.1111.1111.1112", "4111_1111_1111_1112", "4111  1111--11111112"]
)
def test_whatever_divides_the_digits_of_a_card_number_in_a_record_of_too_many_fields(
    value: str,
) -> None:
    redacted, count = in_csv(f"12,2026-03-01T12:00:00Z,{value},1200,x", Reason.COLUMN_COUNT)

    assert redacted == f"12,2026-03-01T12:00:00Z,{re.sub('[0-9]', '*', value)},1200,x"
    assert count == 1


def test_without_a_card_number_column_long_runs_stay() -> None:
    raw = "T 123456789012,9999-8888-7777-6666"

    assert redact(raw, NO_CARD, Reason.COLUMN_COUNT) == (raw.encode(), 0)


@pytest.mark.parametrize(
    "name",
    [
        *("cardNumber", "card_number", "CARDNUMBER", "'card number'", '"card_num_ber"', "card no"),
        *('"primaryAccountNumber"', '"c\\/ardNum"'),
    ],
)
def test_a_json_text_that_cannot_be_read_has_long_runs_masked_if_it_names_a_card(
    name: str,
) -> None:
    redacted, count = in_json("{%s: 4111 1111 1111 1112" % name, Reason.JSON_SYNTAX)  # noqa: UP031  JSON has braces.

    assert redacted == "{%s: **** **** **** 1112" % name  # noqa: UP031  JSON has braces.
    assert count == 1
    assert in_json("{id: 4111 1111 1111 1112", Reason.JSON_SYNTAX)[1] == 0


@pytest.mark.parametrize("raw", [rb'{"c\u0076v": 1', b'{"cvv": "\xff"}', b'[{"cvv":1}]'])
def test_a_sensitive_name_is_seen_in_bytes_that_could_not_be_read(raw: bytes) -> None:
    record = RawRecord(1, 0, raw, len(raw), defect=Reason.JSON_SYNTAX)

    assert sensitive_in_record(record, is_json=True) == "cvv"
