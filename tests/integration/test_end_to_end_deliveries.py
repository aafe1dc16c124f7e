"""Events that come twice, together, wrapped or in vain; identities that are used twice."""

import copy
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest

from processor.domain.file import ObjectVersion
from tests.integration.delivery import Desk, Sent, wait_for
from tests.integration.deployed import Json
from tests.integration.files import as_csv, transaction
from tests.support.events import s3_event

EVENTS = Path(__file__).parents[2] / "events"
FILE_EVENTS = sorted(
    path.name for path in EVENTS.glob("*.json") if path.name != "s3_test_event.json"
)


def a_file(run: str, name: str, count: int = 3, **changes: str) -> bytes:
    return as_csv(transaction(f"{run}-{name}", number) | changes for number in range(count))


@pytest.fixture(scope="module")
def first(desk: Desk, run: str) -> Sent:
    """A file that is done."""
    sent = desk.send("deliveries/first.csv", a_file(run, "first"))
    desk.receipt(sent)
    return sent


@pytest.fixture
def items(desk: Desk, first: Sent, ids: list[str]) -> list[Json]:
    """What the table holds of it before the test."""
    return desk.items(ids)


@pytest.fixture(scope="module")
def ids(run: str) -> list[str]:
    return [f"{run}-first-{number:05}" for number in range(3)]


def test_an_event_that_comes_again_changes_nothing_and_says_so(
    desk: Desk, first: Sent, ids: list[str], items: list[Json]
) -> None:
    receipt = desk.receipt(first)

    answers = [desk.invoke(s3_event(first.version)) for _ in range(2)]

    told = {name: receipt[name] for name in ("file", "status", "fault", "outcomes", "sums")}
    told["seenAgain"] = True
    assert [answer.failed for answer in answers] == [False, False]
    assert [answer.document for answer in answers] == [{"files": [told], "sweeps": []}] * 2
    assert desk.items(ids) == items
    assert desk.receipt(first) == receipt
    assert len(desk.receipt_versions(first)) == 1
    assert wait_for(
        lambda: any("DUPLICATE_DELIVERY" in line for line in desk.log_of(first)) or None
    )


def test_an_event_that_comes_four_times_at_once_is_one_file(desk: Desk, run: str) -> None:
    sent = desk.send("deliveries/at-once.csv", a_file(run, "at-once", count=100))

    # Together with S3's own notification these are four.
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(desk.invoke, [s3_event(sent.version)] * 3))

    outcomes = [answer.document["files"][0]["outcomes"] for answer in answers]
    assert [answer.failed for answer in answers] == [False] * 3
    assert outcomes == [desk.receipt(sent)["outcomes"]] * 3
    assert outcomes[0]["stored"] == 100
    assert len(desk.receipt_versions(sent)) == 1


def test_a_file_uploaded_in_parts_is_processed_like_any_other(desk: Desk, run: str) -> None:
    body = a_file(run, "in-parts", count=60, description="long " * 20_000)
    sent = desk.send_in_parts("deliveries/in-parts.csv", body)

    receipt = desk.receipt(sent)

    assert receipt["file"]["eTag"].endswith("-2")
    assert receipt["file"]["size"] == len(body)
    assert receipt["outcomes"]["stored"] == 60


def test_the_same_file_under_another_key_is_all_duplicates_of_the_first(
    desk: Desk, first: Sent, ids: list[str], items: list[Json]
) -> None:
    again = desk.send("deliveries/again.csv", first.body)

    receipt = desk.receipt(again)

    assert receipt["outcomes"] == {
        "read": 3,
        "stored": 0,
        "duplicate": 3,
        "conflict": 0,
        "rejected": 0,
    }
    assert receipt["notices"] == ["DUPLICATE_FILE"]
    assert receipt["duplicates"]["firstStoredBy"] == [
        {
            "bucket": first.version.bucket,
            "key": first.version.key,
            "versionId": first.version.version_id,
            "count": 3,
        }
    ]
    assert desk.items(ids) == items


def test_an_identity_used_for_another_content_is_a_conflict_and_the_first_one_stays(
    desk: Desk, first: Sent, ids: list[str], items: list[Json], run: str
) -> None:
    contradicting = desk.send(
        "deliveries/contradicting.csv", a_file(run, "first", amount="66.60", currency="EUR")
    )

    receipt = desk.receipt(contradicting)

    lines = desk.quarantine(receipt)
    assert receipt["outcomes"]["conflict"] == len(lines) == 3
    assert receipt["reasons"] == {"CONFLICT_ID_REUSED": 3}
    assert receipt["sums"] == {"EUR": {"stored": "0.00", "duplicate": "0.00", "conflict": "199.80"}}
    for line, item in zip(lines, items, strict=True):
        assert line["outcome"] == "conflict"
        assert line["fingerprint"] != item["fingerprint"]
        assert line["stored"] == {
            "fingerprint": item["fingerprint"],
            "bucket": first.version.bucket,
            "key": first.version.key,
            "versionId": first.version.version_id,
            "recordNumber": int(item["recordNumber"]),
        }
    assert desk.items(ids) == items


def test_a_corrected_file_sent_again_stores_what_is_new_and_only_that(
    desk: Desk, first: Sent, run: str
) -> None:
    corrected = desk.send("deliveries/corrected.csv", a_file(run, "first", count=5))

    receipt = desk.receipt(corrected)

    assert receipt["outcomes"] == {
        "read": 5,
        "stored": 2,
        "duplicate": 3,
        "conflict": 0,
        "rejected": 0,
    }
    assert receipt["notices"] == []


def test_two_versions_of_one_key_are_two_files_with_two_receipts(desk: Desk, run: str) -> None:
    key = "deliveries/overwritten.csv"
    old = desk.send(key, a_file(run, "old"))
    new = desk.send(key, a_file(run, "new", count=4))

    receipts = desk.receipts({"old": old, "new": new})

    assert old.receipt_key != new.receipt_key
    assert {name: receipt["outcomes"]["stored"] for name, receipt in receipts.items()} == {
        "old": 3,
        "new": 4,
    }
    assert {name: receipt["file"]["versionId"] for name, receipt in receipts.items()} == {
        "old": old.version.version_id,
        "new": new.version.version_id,
    }


@pytest.mark.usefixtures("refusals_meant")
def test_one_forbidden_file_of_an_event_stops_no_other_and_fails_the_invocation(
    desk: Desk, run: str
) -> None:
    good = [desk.send(f"deliveries/good-{n}.csv", a_file(run, f"good-{n}")) for n in range(2)]
    forbidden = ObjectVersion(
        desk.stack.outputs["CloudTrailLogsBucketName"], f"forbidden-{run}.csv", "v1"
    )
    missing = ObjectVersion(
        desk.stack.outputs["TransactionDataBucketName"], f"{desk.prefix}never-there.csv", None, "e"
    )
    own = ObjectVersion(desk.stack.outputs["TransactionResultsBucketName"], good[0].receipt_key)

    answer = desk.invoke(s3_event(good[0].version, forbidden, missing, own, good[1].version))

    assert answer.failed
    assert forbidden.key in answer.document["errorMessage"]
    assert not [sent for sent in good if sent.version.key in answer.document["errorMessage"]]
    assert all(desk.has_receipt(sent) for sent in good)
    gone = Sent(ObjectVersion(missing.bucket, missing.key, missing.version), b"")
    assert desk.receipt(gone)["fault"]["reason"] == "OBJECT_GONE"
    assert not desk.has_receipt(Sent(forbidden, b""))


@pytest.mark.parametrize("name", FILE_EVENTS)
def test_the_sample_event_is_understood(desk: Desk, run: str, name: str) -> None:
    event = json.loads((EVENTS / name).read_text(encoding="utf-8"))
    files: list[Sent] = []

    def send(key: str) -> Sent:
        number = len(files)
        files.append(desk.send(f"events/{name}/{key}", a_file(run, f"{name}-{number}", 1)))
        return files[-1]

    answer = desk.invoke(pointed_at(event, send))

    assert not answer.failed, answer.document
    assert [told["file"]["key"] for told in answer.document["files"]] == [
        sent.version.key for sent in files
    ]
    assert [told["outcomes"]["read"] for told in answer.document["files"]] == [1] * len(files)


def pointed_at(value: Any, send: Any) -> Any:
    """An event like this one for files that are there: their bucket, key, version, size, ETag.

    What the sample leaves out stays out, and keys stay encoded where the sample's are.
    """
    if isinstance(value, str) and value.startswith('{"Records"'):
        return json.dumps(pointed_at(json.loads(value), send))
    if isinstance(value, list):
        return [pointed_at(each, send) for each in value]
    if not isinstance(value, dict):
        return value
    if "bucket" in value and "object" in value:
        return at_a_file(value, send)
    return {key: pointed_at(each, send) for key, each in value.items()}


def at_a_file(described: Json, send: Any) -> Json:
    is_eventbridge = "etag" in described["object"] or "version-id" in described["object"]
    # A key of the sample that needs encoding, so that decoding twice or never would be seen.
    version = send("a b+ü%.csv").version
    facts = {
        "key": version.key if is_eventbridge else quote_plus(version.key, safe="/"),
        "size": version.size_bytes,
        "eTag": version.etag,
        "etag": version.etag,
        "versionId": version.version_id,
        "version-id": version.version_id,
    }
    changed = copy.deepcopy(described)
    changed["bucket"]["name"] = version.bucket
    changed["object"] |= {name: facts[name] for name in changed["object"] if name in facts}
    return changed


def test_s3s_test_event_is_no_failure(desk: Desk) -> None:
    event = json.loads((EVENTS / "s3_test_event.json").read_text(encoding="utf-8"))

    answer = desk.invoke(event)

    assert not answer.failed
    assert answer.document == {"files": [], "sweeps": []}


@pytest.mark.parametrize("event", [{}, {"Records": [{"eventSource": "aws:dynamodb"}]}])
def test_an_event_of_unknown_shape_fails_visibly(desk: Desk, event: object) -> None:
    answer = desk.invoke(event)

    assert answer.failed
    assert "BAD_EVENT" in answer.document["errorMessage"]
