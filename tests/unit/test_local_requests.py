"""What the embedded AWS takes a request for, in IAM's terms."""

import json

import pytest

from local.emulator.requests import partiql_checks, role_arn

LEDGER = "arn:aws:dynamodb:us-east-1:000000000000:table/ledger"
TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table/transactions"


def checks(*statements: str) -> list[tuple[str, str]]:
    body = json.dumps({"Statements": [{"Statement": text} for text in statements]}).encode()
    return partiql_checks(body, "us-east-1", "000000000000")


@pytest.mark.parametrize(
    ("statement", "action", "resource"),
    [
        ("INSERT INTO \"transactions\" VALUE {'a': ?}", "PartiQLInsert", TABLE),
        ("insert into transactions value {'a': ?}", "PartiQLInsert", TABLE),
        ('UPDATE "transactions" SET a = 1', "PartiQLUpdate", TABLE),
        ('DELETE FROM "transactions" WHERE a = 1', "PartiQLDelete", TABLE),
        ('SELECT *\nFROM "transactions"', "PartiQLSelect", TABLE),
        ('SELECT a FROM "transactions"."by_day"', "PartiQLSelect", f"{TABLE}/index/by_day"),
        ('EXISTS(SELECT * FROM "transactions")', "PartiQLSelect", TABLE),
    ],
)
def test_statement_needs_the_right_of_its_verb_on_its_table(
    statement: str, action: str, resource: str
) -> None:
    assert checks(statement) == [(f"dynamodb:{action}", resource)]


def test_every_table_of_a_batch_is_checked_once() -> None:
    to_table = "INSERT INTO \"transactions\" VALUE {'a': 1}"
    to_ledger = "INSERT INTO \"ledger\" VALUE {'a': 1}"

    found = checks(to_table, to_ledger, to_table)

    assert found == [("dynamodb:PartiQLInsert", TABLE), ("dynamodb:PartiQLInsert", LEDGER)]


def test_batch_with_an_unreadable_statement_is_no_checked_batch() -> None:
    # MiniStack then asks for the right to BatchExecuteStatement, which no policy grants.
    assert checks("INSERT INTO \"transactions\" VALUE {'a': 1}", "DROP TABLE x") == []


def test_single_statement_and_transaction_are_read_as_well() -> None:
    text = "INSERT INTO \"transactions\" VALUE {'a': 1}"
    single = json.dumps({"Statement": text}).encode()
    transaction = json.dumps({"TransactStatements": [{"Statement": text}]}).encode()

    found = [partiql_checks(body, "us-east-1", "000000000000") for body in (single, transaction)]

    assert found == [[("dynamodb:PartiQLInsert", TABLE)]] * 2


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        (
            "arn:aws:sts::000000000000:assumed-role/processor/session",
            "arn:aws:iam::000000000000:role/processor",
        ),
        ("arn:aws:iam::000000000000:user/sender", "arn:aws:iam::000000000000:user/sender"),
        ("arn:aws:iam::000000000000:root", "arn:aws:iam::000000000000:root"),
    ],
)
def test_principal_of_a_role_session_is_the_role(principal: str, expected: str) -> None:
    assert role_arn(principal) == expected
