"""Sensitive authentication data ends the reading of a file, and nothing of it is kept."""

from typing import Any

import pytest

from tests.support.cards import CARD, HEADER, csv, everything, ndjson
from tests.support.world import World


@pytest.mark.parametrize("column", ["cvv", "Card-CVC2", "track 2", "PIN", "source[cvv]"])
@pytest.mark.parametrize("more", ["", ",amount,AMOUNT", ",,"])
def test_a_csv_header_with_sensitive_data_refuses_the_file_before_any_record(
    column: str, more: str
) -> None:
    world = World()

    receipt = world.process_file(f"transactionId,{column}{more}\nA,SENSITIVE\n".encode())

    assert receipt["status"] == "refused"
    assert receipt["fault"]["reason"] == "SENSITIVE_AUTHENTICATION_DATA"
    assert receipt["fault"]["field"] in {"cvv", "track", "pin"}
    assert receipt["outcomes"]["read"] == 0
    assert world.table.items == {}
    assert list(world.results.objects) == [world.files.upload(b"").receipt_key.replace("v2", "v1")]
    assert "SENSITIVE" not in everything(world).replace("SENSITIVE_AUTHENTICATION_DATA", "")


BAD_RECORDS: list[dict[str, object] | str] = [
    {"cvv": "SECRET"},
    {"n": [{"m": {"Card_CVV2": "SECRET"}}]},
    {"merchant": {"cvc": "SECRET"}},
    '{"cvv": "SECRET", }',
    '{"a": 1, "a": 2, "cvv": "SECRET"}',
    '{"x": "\\ud800", "cvv": "SECRET"}',
    '[{"cvv": "SECRET"}]',
    '{"c\\u0076v": "SECRET"',
    '{"c\\u0022vv": "SECRET"',
    '{"cvv"="SECRET"}',
    '{"cvv" => "SECRET"}',
    '{"cvv:"SECRET"}',
    {"payment.cvv": "SECRET"},
    {"\u0441vv": "SECRET"},
    '{"n":' + "[" * 70 + '{"cvv": "SECRET"}' + "]" * 70 + "}",
]


@pytest.mark.parametrize("bad", BAD_RECORDS, ids=range(len(BAD_RECORDS)))
@pytest.mark.parametrize("before", [0, 2])
def test_a_json_record_with_sensitive_data_ends_the_reading_there(
    bad: dict[str, object] | str, before: int
) -> None:
    world = World()
    good: list[Any] = [{"transactionId": f"G{number}"} for number in range(before)]
    body = ndjson(*good, bad, {"transactionId": "behind"}, "no JSON behind")

    receipt = world.process_file(body, "x.ndjson")

    assert receipt["status"] == ("broken" if before else "refused")
    assert receipt["fault"] == {
        "reason": "SENSITIVE_AUTHENTICATION_DATA",
        "byteOffset": len(ndjson(*good)) + 1 if before else body.index(b"{"),
        "recordNumber": before + 1,
        "field": "cvv",
    }
    assert receipt["outcomes"] == {
        "read": before,
        "stored": before,
        "duplicate": 0,
        "conflict": 0,
        "rejected": 0,
    }
    assert len(world.table.items) == before
    assert receipt["quarantine"] is None
    assert "SECRET" not in everything(world)


def test_a_sensitive_record_that_has_no_end_is_not_quarantined_either() -> None:
    world = World()

    receipt = world.process_file(b'[{"transactionId": "A", "cvv": "SECRET"', "x.json")

    assert receipt["status"] == "refused"
    assert receipt["fault"]["reason"] == "SENSITIVE_AUTHENTICATION_DATA"
    assert "SECRET" not in everything(world)


def test_a_csv_cell_that_looks_like_json_names_no_field() -> None:
    world = World()

    receipt = world.process_file(csv('A,,"{""cvv"": 1}"', 'B,,x,{"cvv": 1}'))

    assert receipt["status"] == "processed"
    assert receipt["outcomes"]["rejected"] == 1


FIRST_TABLE = HEADER + b"A,2026-03-01T12:00:00Z,1.00,EUR,,x\n"
SECOND_TABLE = [
    # Another number of columns, and the same one: a defective record, and one of wrong values.
    (
        HEADER + b"A,2026-03-01T12:00:00Z,1.00,EUR,,x\n",
        b"transactionId,amount,cvv\nB,1.00,SECRET\n",
    ),
    (
        FIRST_TABLE,
        HEADER.replace(b"note", b"CVV2") + b"B,2026-03-01T12:00:00Z,1.00,EUR,,SECRET\n",
    ),
    (
        FIRST_TABLE.replace(b"cardNumber,note", b"x,y"),
        HEADER.replace(b"cardNumber,note", b"cvv,3ds_status")
        + b"B,2026-03-01T12:00:00Z,1.00,EUR,SECRET,Y\n",
    ),
    (ndjson({"transactionId": "A"}), b"transactionId;CVV\nB;SECRET\n"),
    (ndjson({"transactionId": "A"}), b'["transactionId","cvv"]\n["B","SECRET"]\n'),
]


@pytest.mark.parametrize(("first", "second"), SECOND_TABLE)
def test_a_second_table_with_sensitive_data_ends_the_reading_at_its_header(
    first: bytes, second: bytes
) -> None:
    world = World()

    receipt = world.process_file(first + second)

    assert receipt["status"] == "broken"
    assert receipt["fault"] == {
        "reason": "SENSITIVE_AUTHENTICATION_DATA",
        "byteOffset": len(first),
        "recordNumber": 2,
        "field": "cvv",
    }
    assert receipt["outcomes"]["read"] == receipt["outcomes"]["stored"] == 1
    assert "SECRET" not in everything(world)


@pytest.mark.parametrize(
    "body",
    [
        csv("A,,PIN,x", "B,,PIN"),
        ndjson('{"by": ["chip", "PIN"], "amount": }', {"by": ["chip", "PIN"]}),
        ndjson({"by": ["chip", "PIN"], "amount": "x"}, {"by": ["chip", "PIN"]}),
        ndjson({"note": "asked, pin: forgotten", "amount": "x"}, {}),
    ],
    ids=["csv", "defective", "whole", "text"],
)
def test_a_value_that_is_called_like_sensitive_data_ends_nothing(body: bytes) -> None:
    world = World()

    receipt = world.process_file(body)

    assert receipt["status"] == "processed"
    assert receipt["outcomes"]["rejected"] == 1
    assert receipt["outcomes"]["stored"] == 1


def test_a_table_under_the_name_of_json_lines_is_refused() -> None:
    world = World()

    receipt = world.process_file(csv(f"A,{CARD[:-1]}2,x"), "x.ndjson")

    assert (receipt["status"], receipt["fault"]["reason"]) == ("refused", "FORMAT_UNKNOWN")
    assert receipt["quarantine"] is None
    assert CARD[:-1] not in everything(world)
