"""What is not taken: each with its reason and its exact bytes; and files that cannot be read."""

import base64
import gzip

import pytest

from tests.integration.delivery import Desk, Sent
from tests.integration.deployed import Json
from tests.integration.files import as_csv, transaction
from tests.integration.recount import plain

ODD_KEYS = {"odd": "a b+c/ü%.csv", "odder": "key/with//slashes/../and=&?#.csv"}
HEADER = b"transactionId,timestamp,amount,currency\n"


def row(run: str, name: str, amount: str = "1.00", currency: str = "EUR") -> bytes:
    return f"{run}-rejects-{name},2026-03-01T12:00:00Z,{amount},{currency}\n".encode()


def bad_rows(run: str) -> dict[str, tuple[bytes, str, str | None]]:
    """By name: a record, the reason it is given, and the field that decides."""
    return {
        "comma": (row(run, "comma", '"1,50"'), "AMOUNT_FORMAT", "amount"),
        "exponent": (row(run, "exponent", "1e5"), "AMOUNT_FORMAT", "amount"),
        "digits": (row(run, "digits", "١٢"), "AMOUNT_FORMAT", "amount"),
        "negative-zero": (row(run, "zero", "-0.00"), "AMOUNT_NEGATIVE_ZERO", "amount"),
        "range": (row(run, "range", "1" * 19), "AMOUNT_RANGE", "amount"),
        "scale": (row(run, "scale", "10.5", "JPY"), "AMOUNT_SCALE", "amount"),
        "currency": (row(run, "currency", currency="HRK"), "CURRENCY", "currency"),
        "missing": (row(run, "missing", ""), "FIELD_MISSING", "amount"),
        "id": (row(run, "zero\u200bwidth"), "TRANSACTION_ID_FORMAT", "transactionId"),
        "no-offset": (
            f"{run}-o,2026-03-01T12:00:00,1,EUR\n".encode(),
            "TIMESTAMP_OFFSET",
            "timestamp",
        ),
        "leap": (f"{run}-l,2026-12-31T23:59:60Z,1,EUR\n".encode(), "TIMESTAMP_RANGE", "timestamp"),
        "date": (f"{run}-d,01.03.2026,1,EUR\n".encode(), "TIMESTAMP_FORMAT", "timestamp"),
        "short": (f"{run}-s,2026-03-01T12:00:00Z,1\n".encode(), "COLUMN_COUNT", None),
        "long": (row(run, "long")[:-1] + b",x\n", "COLUMN_COUNT", None),
        "nul": (row(run, "nul\0"), "NUL_BYTE", None),
        "latin-1": (row(run, "latin")[:-5] + b"\xe4\xf6\n", "BAD_ENCODING", None),
        "quote": (f'{run}-q,2026-03-01T12:00:00Z,"1"x,EUR\n'.encode(), "CSV_QUOTE", None),
    }


def with_neighbours(run: str, name: str) -> bytes:
    """A CSV file in which every bad row has a good one before and behind it."""
    rows = [row(run, f"{name}-first")]
    for number, (bad, _, _) in enumerate(bad_rows(f"{run}-{name}").values()):
        rows += [bad, row(run, f"{name}-{number}")]
    return HEADER + b"".join(rows)


@pytest.fixture(scope="module")
def sent(desk: Desk, run: str) -> dict[str, Sent]:
    good = as_csv(transaction(f"{run}-broken", number) for number in range(20))
    whole = gzip.compress(as_csv(transaction(f"{run}-cut", number) for number in range(4000)))
    bodies = {
        "rejects.csv": with_neighbours(run, "plain"),
        "rejects.csv.gz": gzip.compress(with_neighbours(run, "gzip")),
        "empty.csv": b"",
        "header-only.csv": HEADER,
        "no-header.csv": row(run, "no-header") * 2,
        "twice-in-header.csv": b"transactionId,timestamp,amount,AMOUNT,currency\n1,2,3,4,5\n",
        "picture.csv": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 20,
        "open-quote.csv": good + b'x,"2026-03-01T12:00:00Z,1.00,EUR\n' + b"y,2026,1,EUR\n" * 9,
        "cut.csv.gz": whole[: len(whole) * 2 // 3],
        "cut.json": b'[{"transactionId":"' + run.encode() + b'-cut-json","timestamp":'
        b'"2026-03-01T12:00:00Z","amount":1.00,"currency":"EUR"}, {"transactionId":',
        **{key: HEADER + row(run, name) for name, key in ODD_KEYS.items()},
    }
    return {name: desk.send(f"rejects/{name}", body) for name, body in bodies.items()}


@pytest.fixture(scope="module")
def receipts(desk: Desk, sent: dict[str, Sent]) -> dict[str, Json]:
    return desk.receipts(sent)


@pytest.mark.parametrize("name", ["rejects.csv", "rejects.csv.gz"])
def test_every_bad_record_is_kept_byte_for_byte_with_its_reason_and_its_place(
    desk: Desk, sent: dict[str, Sent], receipts: dict[str, Json], run: str, name: str
) -> None:
    content = plain(sent[name].body)

    lines = desk.quarantine(receipts[name])

    prefix = f"{run}-{'gzip' if name.endswith('.gz') else 'plain'}"
    expected = bad_rows(prefix).values()
    assert [(line["reason"], line["field"]) for line in lines] == [
        (reason, field) for _, reason, field in expected
    ]
    for line, (bad, _, _) in zip(lines, expected, strict=True):
        raw = line["raw"]
        kept = base64.b64decode(raw) if line["rawEncoding"] == "base64" else raw.encode()
        end = line["byteOffset"] + line["byteLength"]
        assert kept == content[line["byteOffset"] : end]
        assert kept.rstrip(b"\n") == bad.rstrip(b"\n")
        assert line["outcome"] == "rejected"


@pytest.mark.parametrize("name", ["rejects.csv", "rejects.csv.gz"])
def test_bad_records_never_stop_their_neighbours(receipts: dict[str, Json], name: str) -> None:
    bad_count = len(bad_rows(""))

    assert receipts[name]["status"] == "processed"
    assert receipts[name]["outcomes"] == {
        "read": 2 * bad_count + 1,
        "stored": bad_count + 1,
        "duplicate": 0,
        "conflict": 0,
        "rejected": bad_count,
    }


@pytest.mark.parametrize(
    ("name", "reason", "field"),
    [
        ("empty.csv", "EMPTY_FILE", None),
        ("no-header.csv", "HEADER_MISMATCH", "transactionId"),
        ("twice-in-header.csv", "HEADER_DUPLICATE", "amount"),
        ("picture.csv", "BAD_ENCODING", None),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole_and_says_why(
    receipts: dict[str, Json], name: str, reason: str, field: str | None
) -> None:
    receipt = receipts[name]

    assert receipt["status"] == "refused"
    assert receipt["fault"] == {
        "reason": reason,
        "byteOffset": 0,
        "recordNumber": 1,
        "field": field,
    }
    assert receipt["outcomes"]["read"] == 0
    assert receipt["quarantine"] is None


def test_a_file_of_a_header_alone_is_processed_and_holds_nothing(
    receipts: dict[str, Json],
) -> None:
    receipt = receipts["header-only.csv"]

    assert receipt["outcomes"]["read"] == 0
    assert receipt["sums"] == {}
    assert (receipt["status"], receipt["fault"]) in (
        ("processed", None),
        ("refused", receipt["fault"] and receipt["fault"] | {"reason": "EMPTY_FILE"}),
    )


@pytest.mark.parametrize(
    ("name", "reason", "stored_min"),
    [
        ("open-quote.csv", "CSV_UNTERMINATED_QUOTE", 20),
        ("cut.csv.gz", "GZIP_TRUNCATED", 1000),
        ("cut.json", "JSON_UNTERMINATED", 1),
    ],
)
def test_a_file_that_breaks_keeps_what_was_valid_before_and_says_where(
    sent: dict[str, Sent],
    receipts: dict[str, Json],
    name: str,
    reason: str,
    stored_min: int,
) -> None:
    receipt = receipts[name]
    outcomes = receipt["outcomes"]

    assert receipt["status"] == "broken"
    assert receipt["fault"]["reason"] == reason
    assert receipt["fault"]["byteOffset"] > 0
    assert receipt["fault"]["recordNumber"] >= outcomes["stored"] + 1
    assert outcomes["stored"] >= stored_min
    assert outcomes["read"] == outcomes["stored"] + outcomes["rejected"]


@pytest.mark.parametrize("name", ODD_KEYS)
def test_a_file_with_an_odd_key_is_processed_under_that_key(
    desk: Desk, receipts: dict[str, Json], run: str, name: str
) -> None:
    key = f"{desk.prefix}rejects/{ODD_KEYS[name]}"

    (item,) = desk.items([f"{run}-rejects-{name}"])

    assert receipts[ODD_KEYS[name]]["file"]["key"] == key
    assert receipts[ODD_KEYS[name]]["outcomes"]["stored"] == 1
    assert item["key"] == key
