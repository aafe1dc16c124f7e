"""Files of marked values through the deployed stack: no value is told, nor kept where none belongs.

The same files go through the pipeline in `tests/unit/test_marked_values*.py`, with every failure;
here the whole stack around it is searched: logs, metrics, failed events, receipts, the ledger.
"""

import json

import pytest

from processor.domain.reject import Reason
from tests.integration.delivery import Desk, Sent, wait_for
from tests.integration.deployed import Json, Stack
from tests.integration.everywhere import items, logs, messages, metrics, objects
from tests.support.leaks import SUMS
from tests.support.marked import MARKS, Search, texts_of
from tests.support.marked_files import BAD, CASES, FORMATS, GOOD, SOME_OF_EVERYTHING

NOT_AMOUNTS = {name: mark for name, mark in MARKS.items() if not name.startswith("amount")}
"""A ledger item is searched as text, its sums too; over one record a sum is its amount."""

READ_IN_VAIN = (
    Reason.HEADER_MISMATCH, Reason.HEADER_DUPLICATE, Reason.FORMAT_UNKNOWN, Reason.GZIP_CORRUPT,
    Reason.SENSITIVE_AUTHENTICATION_DATA, Reason.CSV_UNTERMINATED_QUOTE, Reason.JSON_SYNTAX,
    Reason.BAD_ENCODING, Reason.CURRENCY, Reason.TIMESTAMP_FORMAT, Reason.CARD_NUMBER_FORMAT,
)  # fmt: skip


@pytest.fixture(scope="module")
def sent(desk: Desk) -> list[Sent]:
    bodies = [(case.body, case.key) for case in FORMATS.values()]
    bodies += [(CASES[reason].body, CASES[reason].key) for reason in READ_IN_VAIN]
    bodies.append((SOME_OF_EVERYTHING, "in/some-of-everything.csv"))
    return [desk.send(f"marked/{number}/{key}", body) for number, (body, key) in enumerate(bodies)]


@pytest.fixture(scope="module")
def receipts(desk: Desk, sent: list[Sent]) -> list[Json]:
    """All receipts, once the log tells the end of each file, which may be later."""
    found = [desk.receipt(one) for one in sent]

    def all_told() -> bool | None:
        return all('"file done"' in "".join(desk.log_of(one)) for one in sent) or None

    assert wait_for(all_told)
    return found


@pytest.mark.usefixtures("receipts")
def test_no_log_no_metric_and_no_failed_event_tells_a_value(stack: Stack, sent: list[Sent]) -> None:
    places = logs() | metrics() | messages(stack)

    assert any(sent[0].version.file_id in text for text in places.values())
    assert Search().findings(places) == []


def test_no_receipt_and_no_key_of_an_object_holds_a_value(
    stack: Stack, receipts: list[Json]
) -> None:
    places = {str(number): texts_of(receipt, SUMS) for number, receipt in enumerate(receipts)}

    places["keys"] = "\n".join(objects(stack))

    assert Search().findings(places) == []


@pytest.mark.usefixtures("receipts")
def test_the_ledger_holds_no_value(stack: Stack) -> None:
    ledger = items(stack)["table FileLedgerTableName"]

    assert Search(NOT_AMOUNTS).findings({"ledger": ledger}) == []


@pytest.mark.usefixtures("receipts")
def test_the_values_went_where_they_belong(stack: Stack) -> None:
    # Otherwise there was nothing to be found, and the tests above show nothing.
    table = items(stack)["table TransactionMetadataTableName"]
    raw = "".join(text for place, text in objects(stack).items() if "object rejected/" in place)

    assert MARKS["transactionId"] in table
    assert BAD in raw


def test_the_answer_to_an_event_that_is_none_quotes_nothing_of_it(desk: Desk) -> None:
    answer = desk.invoke({"Records": [GOOD, BAD]})

    assert answer.failed
    assert "BAD_EVENT" in answer.document["errorMessage"]
    assert Search().findings({"answer": json.dumps(answer.document)}) == []
