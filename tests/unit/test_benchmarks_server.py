"""The loopback AWS answers SDK clients as AWS does, on its short paths as on the others."""

import select
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from benchmarks.loopback import Loopback, started
from benchmarks.serving.names import IDEMPOTENCY, LEDGER, RESULTS, TRANSACTIONS, UPLOADS

pytestmark = pytest.mark.usefixtures("socket_enabled")

PLACEHOLDERS = "'transactionId': ?, 'timestamp': ?, 'amount': ?, 'currency': ?"
INSERT = f'INSERT INTO "{TRANSACTIONS}" VALUE {{{PLACEHOLDERS}}}'


@pytest.fixture(scope="module")
def server() -> Iterator[Loopback]:
    with started() as loopback:
        yield loopback


@pytest.fixture
def loopback(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> Loopback:
    """Empty, and found by clients."""
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    server.reset()
    return server


def client(service: str) -> Any:
    config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
    return boto3.Session().client(service, config=config)  # type: ignore[call-overload]  # The stubs want a literal.


def key(name: str, at: int = 1) -> dict[str, Any]:
    return {"transactionId": {"S": name}, "timestamp": {"N": str(at)}}


def item(name: str, amount: str = "1.50", currency: str = "EUR", **more: str) -> dict[str, Any]:
    rest = {attribute: {"S": text} for attribute, text in more.items()}
    return key(name) | {"amount": {"N": amount}, "currency": {"S": currency}} | rest


def insert(*items: dict[str, Any]) -> list[Any]:
    """Codes of the errors, None for what was stored."""
    statements = [{"Statement": INSERT, "Parameters": list(one.values())} for one in items]
    answer = client("dynamodb").batch_execute_statement(Statements=statements)
    assert all(response["TableName"] == TRANSACTIONS for response in answer["Responses"])
    return [response.get("Error", {}).get("Code") for response in answer["Responses"]]


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    return error.value.response["Error"]["Code"]


def test_an_insert_is_refused_where_an_item_is_and_alone(loopback: Loopback) -> None:
    assert insert(item("a"), item("b")) == [None, None]
    assert insert(item("b", "9.00"), item("c", "2", "JPY")) == ["DuplicateItem", None]

    table = loopback.table(TRANSACTIONS)
    assert table["counts"] == {"EUR": 2, "JPY": 1}
    assert table["sums"] == {"EUR": "3.00", "JPY": "2"}
    assert table["overwritten"] == 0
    assert loopback.counters()["writeUnits"] == 4


def test_what_was_inserted_is_read_back_by_batches_and_alone(loopback: Loopback) -> None:
    insert(item("a", "1.50"), item("b", "2.00"))
    dynamodb = client("dynamodb")
    asked = {
        "Keys": [key("a"), key("absent"), key("b")],
        "ProjectionExpression": "#a, currency",
        "ExpressionAttributeNames": {"#a": "amount"},
        "ConsistentRead": True,
    }

    found = dynamodb.batch_get_item(RequestItems={TRANSACTIONS: asked})
    alone = dynamodb.get_item(TableName=TRANSACTIONS, Key=key("a"))

    assert found["Responses"][TRANSACTIONS] == [
        {"amount": {"N": "1.5"}, "currency": {"S": "EUR"}},
        {"amount": {"N": "2"}, "currency": {"S": "EUR"}},
    ]
    assert found["UnprocessedKeys"] == {}
    assert alone["Item"] == item("a", "1.5")


@pytest.mark.parametrize("returned", [{}, {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}])
def test_a_conditional_put_is_refused_on_the_short_path_and_the_long(
    loopback: Loopback, returned: dict[str, str]
) -> None:
    dynamodb = client("dynamodb")
    condition = {"ConditionExpression": "attribute_not_exists(transactionId)", **returned}
    dynamodb.put_item(TableName=TRANSACTIONS, Item=item("a"), **condition)

    with pytest.raises(ClientError) as refused:
        dynamodb.put_item(TableName=TRANSACTIONS, Item=item("a", "7"), **condition)

    assert code_of(refused) == "ConditionalCheckFailedException"
    assert float(loopback.table(TRANSACTIONS)["sums"]["EUR"]) == 1.5


def test_plain_puts_and_batches_overwrite_and_it_is_seen(loopback: Loopback) -> None:
    dynamodb = client("dynamodb")
    dynamodb.put_item(TableName=TRANSACTIONS, Item=item("a", "1"))
    writes = [{"PutRequest": {"Item": item(name, "5")}} for name in ("a", "b")]

    answer = dynamodb.batch_write_item(RequestItems={TRANSACTIONS: writes})

    assert answer["UnprocessedItems"] == {}
    table = loopback.table(TRANSACTIONS)
    assert (table["count"], table["sums"], table["overwritten"]) == (2, {"EUR": "10"}, 1)


def test_a_write_costs_a_unit_for_each_kilobyte(loopback: Loopback) -> None:
    insert(item("a"))
    before = loopback.counters()["writeUnits"]

    client("dynamodb").put_item(TableName=TRANSACTIONS, Item=item("b", description="ü" * 600))

    assert (before, loopback.counters()["writeUnits"]) == (1, 3)


def test_other_tables_are_the_simulation_s(loopback: Loopback) -> None:
    dynamodb = client("dynamodb")
    entry = {"fileId": {"S": "f"}, "entry": {"S": "FILE"}}
    update = {"TableName": LEDGER, "Key": entry, "ReturnValues": "ALL_NEW"}
    first = dynamodb.update_item(
        **update,
        UpdateExpression="ADD deliveries :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )
    put: Any = {"Put": {"TableName": LEDGER, "Item": entry, "ConditionExpression": "#e <> :e"}}
    put["Put"] |= {
        "ExpressionAttributeNames": {"#e": "entry"},
        "ExpressionAttributeValues": {":e": {"S": "FILE"}},
    }

    with pytest.raises(ClientError) as refused:
        dynamodb.transact_write_items(TransactItems=[put])

    assert first["Attributes"] == entry | {"deliveries": {"N": "1"}}
    assert code_of(refused) == "TransactionCanceledException"
    reasons: Any = refused.value.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["ConditionalCheckFailed"]


def test_tables_are_described(loopback: Loopback) -> None:
    described = client("dynamodb").describe_table(TableName=IDEMPOTENCY)["Table"]

    assert described["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert boto3.resource("dynamodb").Table(TRANSACTIONS).table_status == "ACTIVE"
    assert loopback.counters()["requests"]["DescribeTable"] == 2


def test_a_served_file_is_read_by_ranges_of_its_version(loopback: Loopback, tmp_path: Path) -> None:
    data = bytes(range(256)) * 12_000
    (tmp_path / "old").write_bytes(data)
    (tmp_path / "new").write_bytes(b"new")
    old = loopback.serve_file(tmp_path / "old", "a/ö b.csv")
    new = loopback.serve_file(tmp_path / "new", "a/ö b.csv")
    place = {"Bucket": UPLOADS, "Key": "a/ö b.csv"}
    s3 = client("s3")

    head = s3.head_object(**place, VersionId=old.version_id)
    part = s3.get_object(
        **place, VersionId=old.version_id, Range="bytes=1000-2999999", IfMatch=f'"{old.etag}"'
    )
    whole = s3.get_object(**place, VersionId=old.version_id)
    with pytest.raises(ClientError) as changed:
        s3.get_object(**place, IfMatch=f'"{old.etag}"')
    with pytest.raises(ClientError) as behind:
        s3.get_object(**place, Range="bytes=3-")

    assert (head["ContentLength"], head["ContentType"]) == (len(data), "text/csv")
    assert part["ContentRange"] == f"bytes 1000-2999999/{len(data)}"
    assert part["Body"].read() == data[1000:3_000_000]
    assert whole["Body"].read() == data
    assert s3.get_object(**place)["VersionId"] == new.version_id
    assert (code_of(changed), code_of(behind)) == ("PreconditionFailed", "InvalidRange")


def test_an_object_is_put_once_where_that_is_asked_and_told_of(loopback: Loopback) -> None:
    s3 = client("s3")
    put: dict[str, Any] = {
        "Bucket": RESULTS,
        "Key": "work/a",
        "Body": b"x" * 100_000,
        "ContentType": "text/x",
    }
    put |= {"Metadata": {"of": "me"}, "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "k"}

    first = s3.put_object(**put, IfNoneMatch="*")
    with pytest.raises(ClientError) as refused:
        s3.put_object(**put, IfNoneMatch="*")

    read = s3.get_object(Bucket=RESULTS, Key="work/a")
    assert code_of(refused) == "PreconditionFailed"
    assert (read["Body"].read(), read["Metadata"]) == (put["Body"], {"of": "me"})
    assert loopback.object_bytes(RESULTS, "work/a") == put["Body"]
    (told,) = loopback.notifications()
    assert (told["key"], told["versionId"]) == ("work/a", first["VersionId"])
    assert loopback.notifications(after=1) == []


def test_what_is_absent_is_not_found(loopback: Loopback) -> None:
    with pytest.raises(ClientError) as head:
        client("s3").head_object(Bucket=UPLOADS, Key="absent")
    with pytest.raises(ClientError) as get:
        client("s3").get_object(Bucket=UPLOADS, Key="absent")
    with pytest.raises(ClientError) as table:
        client("dynamodb").get_item(TableName="absent", Key={"id": {"S": "a"}})

    assert code_of(head) == "404"
    assert code_of(get) == "NoSuchKey"
    assert code_of(table) == "ResourceNotFoundException"


def test_the_secret_is_what_the_benchmark_sets(loopback: Loopback) -> None:
    loopback.change_settings(part_bytes=65536)

    read = client("secretsmanager").get_secret_value(
        SecretId=loopback.environment()["CONFIG_SECRET_ARN"]
    )

    assert '"part_bytes": 65536' in read["SecretString"]
    loopback.change_settings(part_bytes=None)


def test_what_is_not_served_is_refused(loopback: Loopback) -> None:
    with pytest.raises(ClientError) as refused:
        client("dynamodb").list_tables()

    assert code_of(refused) == "NotServed"


def test_an_answer_comes_after_the_latency_and_not_before(loopback: Loopback) -> None:
    dynamodb = client("dynamodb")
    loopback.set_latency(50)
    begun = time.perf_counter()

    dynamodb.describe_table(TableName=LEDGER)

    assert time.perf_counter() - begun >= 0.05
    loopback.set_latency(0)


def test_what_waits_for_its_answer_is_done_and_keeps_none_waiting(loopback: Loopback) -> None:
    loopback.set_latency(600_000)
    head = b"HEAD /uploads/absent HTTP/1.1\r\nAuthorization: any\r\n\r\n"
    connections = [socket.create_connection(("127.0.0.1", loopback.port)) for _ in range(3)]

    for connection in connections:
        connection.sendall(head)
    while loopback.counters()["requests"].get("HeadObject") != 3:
        pass

    assert select.select(connections, [], [], 0)[0] == []
    loopback.set_latency(0)
    for connection in connections:
        connection.close()
