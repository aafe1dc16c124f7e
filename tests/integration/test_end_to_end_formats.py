"""A file of each format, sent by a sender: its receipt and items are what a recount says."""

import re
from decimal import Decimal

import pytest

from tests.integration.delivery import Desk, Sent
from tests.integration.deployed import Json
from tests.integration.files import ENCODERS, reader_of, some_of_everything
from tests.integration.recount import Recount, recount

FORMATS = {
    "plain.csv": "csv",
    "plain.ndjson": "ndjson",
    "array.json": "json",
    "object.json": "json",
}
RFC3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{3})?Z")
FIRST = 1


@pytest.fixture(scope="module")
def sent(desk: Desk, run: str) -> dict[str, Sent]:
    """All files, sent before any receipt is waited for."""
    return {
        name: desk.send(
            f"formats/{name}",
            encode(some_of_everything(f"{run}-{name}")),
            ContentType="text/x-transactions",
            ChecksumAlgorithm="SHA256",
        )
        for name, encode in ENCODERS.items()
    }


@pytest.fixture(scope="module")
def receipts(desk: Desk, sent: dict[str, Sent]) -> dict[str, Json]:
    return desk.receipts(sent)


@pytest.fixture(scope="module")
def items(desk: Desk, sent: dict[str, Sent], receipts: dict[str, Json]) -> dict[str, list[Json]]:
    """What the table holds of each file, once all are done."""
    found = desk.items_by_file(sent.values())
    return {name: found[file.version.version] for name, file in sent.items()}


@pytest.fixture(scope="module")
def recounts(sent: dict[str, Sent]) -> dict[str, Recount]:
    return {name: recount(reader_of(name)(file.body)) for name, file in sent.items()}


@pytest.mark.parametrize("name", ENCODERS)
def test_the_receipts_counts_and_sums_are_those_of_a_separate_recount(
    receipts: dict[str, Json], recounts: dict[str, Recount], name: str
) -> None:
    receipt, counted = receipts[name], recounts[name]

    assert receipt["outcomes"] == counted.outcomes_document()
    assert receipt["sums"] == counted.sums_document()
    assert receipt["controlTotals"] == {
        "declared": None,
        "computed": counted.control_totals_document(),
    }
    assert receipt["status"] == "processed"
    assert receipt["fault"] is None


@pytest.mark.parametrize("name", [name for name in ENCODERS if "object" not in name])
def test_every_outcome_is_among_them(recounts: dict[str, Recount], name: str) -> None:
    assert recounts[name].outcomes_document() == {
        "read": 46,
        "stored": 40,
        "duplicate": 1,
        "conflict": 1,
        "rejected": 4,
    }


@pytest.mark.parametrize("name", ENCODERS)
def test_the_table_holds_exactly_the_transactions_that_a_recount_finds(
    items: dict[str, list[Json]], recounts: dict[str, Recount], name: str
) -> None:
    found = {
        (item["transactionId"], int(item["timestamp"])): (
            int(item["recordNumber"]),
            item["fingerprint"],
            item["amount"],
        )
        for item in items[name]
    }

    assert found == {
        identity: (number, fingerprint, Decimal(amount))
        for identity, (number, fingerprint, amount) in recounts[name].stored.items()
    }


@pytest.mark.parametrize("name", ENCODERS)
def test_the_format_is_recognised(receipts: dict[str, Json], name: str) -> None:
    plain = FORMATS[name.removesuffix(".gz")]

    assert receipts[name]["format"] == (f"{plain}+gzip" if name.endswith(".gz") else plain)


@pytest.mark.parametrize("name", ENCODERS)
def test_the_receipt_names_the_file_by_everything_that_s3_knows_of_it(
    sent: dict[str, Sent], receipts: dict[str, Json], name: str
) -> None:
    version, told = sent[name].version, dict(receipts[name]["file"])

    assert RFC3339.fullmatch(told.pop("lastModified"))
    assert told == {
        "bucket": version.bucket,
        "key": version.key,
        "versionId": version.version_id,
        "size": len(sent[name].body),
        "eTag": version.etag,
        "contentType": "text/x-transactions",
        "encryptionType": "aws:kms",
    }


@pytest.mark.parametrize("name", ["plain.csv", "array.json.gz"])
def test_an_item_has_the_designed_attributes_and_no_other(
    sent: dict[str, Sent],
    receipts: dict[str, Json],
    items: dict[str, list[Json]],
    recounts: dict[str, Recount],
    name: str,
) -> None:
    version = sent[name].version
    (item,) = [each for each in items[name] if each["recordNumber"] == FIRST]

    assert RFC3339.fullmatch(item.pop("processedAt"))
    identity = next(iter(recounts[name].stored))
    assert item == {
        "transactionId": identity[0],
        "timestamp": Decimal(1_772_323_200_000),
        "amount": Decimal("10.50"),
        "currency": "EUR",
        "accountId": "ACC-000000",
        "type": "payment",
        "merchant": 'The "Old" Mill, Łódź',
        "description": "two\nlines",
        "reference": "INV-0",
        "extra": {"channel": "web"},
        "fingerprint": recounts[name].stored[identity][1],
        "status": "processed",
        "bucket": version.bucket,
        "key": version.key,
        "versionId": version.version_id,
        "recordNumber": Decimal(FIRST),
        "contentType": "text/x-transactions",
        "encryptionType": "aws:kms",
        "lastModified": receipts[name]["file"]["lastModified"],
    }


def test_receipts_are_encrypted_by_the_key_and_lie_under_the_sources_own_key(
    desk: Desk, sent: dict[str, Sent], receipts: dict[str, Json]
) -> None:
    (version,) = desk.receipt_versions(sent["plain.csv"])

    assert version["Key"] == sent["plain.csv"].receipt_key
    assert version["IsLatest"] is True
