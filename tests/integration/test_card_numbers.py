"""Card numbers, from upload to receipt: a token is kept of each, and the number is nowhere."""

import gzip
from collections.abc import Iterable, Mapping

import pytest

from tests.integration import cards
from tests.integration.cards import PUBLISHED, Tokens, secret_of, tokens_of
from tests.integration.delivery import Desk, Sent, wait_for
from tests.integration.deployed import Json, Stack
from tests.integration.everywhere import everything, logs
from tests.integration.files import (
    SNAKE,
    Fields,
    as_csv,
    as_json_array,
    as_ndjson,
    compressed,
    reader_of,
    transaction,
)
from tests.integration.recount import Recount, recount
from tests.support.marked import Search, grouped

NAMES = SNAKE | {"cardNumber": "card_number"}
NETWORKS = len(PUBLISHED)
WRONG = "4539578763621487"
"""Its check digit is wrong: no card number, and yet one may be meant."""


def with_cards(prefix: str) -> list[Fields]:
    """Of each published number: in its field and in texts of a valid, a duplicate and a bad record.

    One record of a wrong number, and one that conflicts with the first.
    """
    good = [
        transaction(prefix, number)
        | {
            "cardNumber": grouped(card),
            "merchant": f"Mill {card}",
            "description": f"paid with {grouped(card, '-')} 12/27",
            "channel": f"VISA{card}",
        }
        for number, card in enumerate(PUBLISHED.values())
    ]
    bad = [record | {"amount": "1,50"} for record in good]
    wrong = good[0] | {"transactionId": f"{prefix}-wrong", "cardNumber": WRONG}
    return [*good, *good, *bad, wrong, good[0] | {"reference": "another"}]


def card_csv(records: Iterable[Mapping[str, str]]) -> bytes:
    return as_csv(records, NAMES)


ENCODERS = {
    "cards.csv": card_csv,
    "cards.ndjson": as_ndjson,
    "cards.json": as_json_array,
    "cards.csv.gz": compressed(card_csv),
}


def malformed(prefix: str) -> bytes:
    """A good row, and each number in a row that nobody can split, once with a wrong end."""
    rows = [b'x,"%b"y,%b\n' % (card.encode(), card.encode()) for card in PUBLISHED.values()]
    return card_csv([transaction(prefix, 0)]) + b"".join(rows) + f'x,"{WRONG}"y\n'.encode()


@pytest.fixture(scope="module")
def sent(desk: Desk, run: str) -> dict[str, Sent]:
    bodies = {name: encode(with_cards(f"{run}-{name}")) for name, encode in ENCODERS.items()}
    names = b"transactionId,timestamp,amount,currency"
    row = f"{run}-sad,2026-03-01T12:00:00Z,1.00,EUR".encode()
    bodies |= {
        "malformed.csv": malformed(f"{run}-malformed"),
        "sensitive.csv": names + b",Card_CVV2\n" + row + b",987\n",
        "sensitive.ndjson": as_ndjson([transaction(f"{run}-sad", 1) | {"track2": "zqTrack2Mark"}]),
    }
    return {name: desk.send(f"cards/{name}", body) for name, body in bodies.items()}


@pytest.fixture(scope="module")
def receipts(desk: Desk, sent: dict[str, Sent]) -> dict[str, Json]:
    return desk.receipts(sent)


@pytest.fixture(scope="module")
def tokens(stack: Stack) -> Tokens:
    """Made with the key that the stack has now."""
    return tokens_of(secret_of(stack))


@pytest.fixture(scope="module")
def recounts(sent: dict[str, Sent], tokens: Tokens) -> dict[str, Recount]:
    return {name: recount(reader_of(name)(sent[name].body), tokens) for name in ENCODERS}


@pytest.mark.parametrize("name", ENCODERS)
def test_the_receipt_is_that_of_a_separate_recount(
    receipts: dict[str, Json], recounts: dict[str, Recount], name: str
) -> None:
    receipt, counted = receipts[name], recounts[name]

    assert receipt["outcomes"] == counted.outcomes_document()
    assert receipt["sums"] == counted.sums_document()
    assert receipt["controlTotals"]["computed"] == counted.control_totals_document()
    assert receipt["reasons"] == {
        "AMOUNT_FORMAT": NETWORKS,
        "CARD_NUMBER_CHECK_DIGIT": 1,
        "CONFLICT_ID_REUSED": 1,
    }


@pytest.mark.parametrize("name", ENCODERS)
def test_the_receipt_counts_what_was_done_with_card_numbers(
    receipts: dict[str, Json], tokens: Tokens, name: str
) -> None:
    assert receipts[name]["cardNumbers"] == {
        "tokenized": 2 * NETWORKS + 1,
        "masked": 3 * (2 * NETWORKS + 1),
        "maskedInQuarantine": 4 * (NETWORKS + 2),
        "tokenKeyId": tokens.key_id,
    }


@pytest.mark.usefixtures("receipts")
@pytest.mark.parametrize("name", ENCODERS)
def test_items_hold_token_and_last_four_digits_and_masked_texts(
    desk: Desk, sent: dict[str, Sent], recounts: dict[str, Recount], tokens: Tokens, name: str
) -> None:
    version = sent[name].version.version

    items = desk.items_by_file([sent[name]])[version]

    by_number = {int(item["recordNumber"]): item for item in items}
    fingerprints = {number: text for number, text, _ in recounts[name].stored.values()}
    assert {number: item["fingerprint"] for number, item in by_number.items()} == fingerprints
    for number, card in enumerate(PUBLISHED.values(), start=1):
        item = by_number[number]
        assert item["cardToken"] == tokens.token(card)
        assert item["cardLastFour"] == card[-4:]
        assert "cardNumber" not in item
        assert item["merchant"] == f"Mill {'*' * (len(card) - 4)}{card[-4:]}"


@pytest.mark.parametrize("name", [*ENCODERS, "malformed.csv"])
def test_quarantine_keeps_records_masked_and_where_they_lie(
    desk: Desk, sent: dict[str, Sent], receipts: dict[str, Json], name: str
) -> None:
    body = gzip.decompress(sent[name].body) if name.endswith(".gz") else sent[name].body

    lines = desk.quarantine(receipts[name])

    assert len(lines) == receipts[name]["quarantine"]["lineCount"] > NETWORKS
    for line in lines:
        end = line["byteOffset"] + line["byteLength"]
        original = body[line["byteOffset"] : end].decode()
        wrong_masked = original.replace(WRONG, f"{'*' * 12}{WRONG[-4:]}")
        assert line["raw"] == cards.masked(wrong_masked)
        assert line["maskedCardNumbers"] >= 1


@pytest.mark.parametrize(
    ("name", "field"), [("sensitive.csv", "cvv"), ("sensitive.ndjson", "track")]
)
def test_sensitive_authentication_data_refuses_the_file(
    desk: Desk, receipts: dict[str, Json], run: str, name: str, field: str
) -> None:
    receipt = receipts[name]

    assert receipt["status"] == "refused"
    assert receipt["fault"]["reason"] == "SENSITIVE_AUTHENTICATION_DATA"
    assert receipt["fault"]["field"] == field
    assert receipt["outcomes"]["read"] == 0
    assert receipt["quarantine"] is None
    assert desk.items([f"{run}-sad", f"{run}-sad-00001"]) == []


@pytest.mark.usefixtures("embedded")
def test_no_card_number_is_anywhere_in_the_stack(
    stack: Stack, desk: Desk, sent: dict[str, Sent], receipts: dict[str, Json], tokens: Tokens
) -> None:
    def all_told() -> bool | None:
        """Whether the log tells the end of each file, which may be later than its receipt."""
        return all('"file done"' in "".join(desk.log_of(one)) for one in sent.values()) or None

    assert wait_for(all_told)
    places = everything(stack)

    found = Search({"track": "zqTrack2Mark", "key": tokens.key}, PUBLISHED | {"wrong": WRONG})

    assert found.findings(places) == []
    # What was searched is what the files above left behind.
    assert tokens.token(PUBLISHED["Visa"]) in places["table TransactionMetadataTableName"]
    assert sent["cards.csv"].version.file_id in places["table FileLedgerTableName"]
    assert any(receipts["cards.csv"]["fileId"] in text for text in logs().values())
    assert any(sent["malformed.csv"].receipt_key in place for place in places)
