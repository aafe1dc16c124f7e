"""Card numbers on the way of a file: tokens, masks, and the key that is pinned to it."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest

from processor.domain.entries import FileEntry
from processor.domain.transaction import fingerprint_of
from processor.errors import ConfigurationInvalid
from tests.support.cards import CARD, HEADER, csv, everything, ndjson
from tests.support.fakes import InMemoryKeys
from tests.support.faults import Faults
from tests.support.world import World, without_times


def test_a_card_number_is_stored_as_token_and_last_four_and_fingerprinted_so() -> None:
    world = World()

    receipt = world.process_file(csv("A,4111 1111 1111 1111,", "B,,"))

    (with_card, _, _), (without, _, _) = world.table.items.values()
    content = json.loads(with_card.transaction.canonical_content())
    # That it has a card is what is asserted.
    token = InMemoryKeys().key("k1").tokenize(with_card.transaction.card.number).token  # type: ignore[union-attr]
    assert content["cardToken"] == token
    assert content["cardLastFour"] == "1111"
    assert "cardNumber" not in content
    assert with_card.fingerprint == fingerprint_of(with_card.transaction.canonical_content())
    assert b"card" not in without.transaction.canonical_content()
    assert receipt["cardNumbers"] == {
        "tokenized": 1,
        "masked": 0,
        "maskedInQuarantine": 0,
        "tokenKeyId": "k1",
    }


@pytest.mark.parametrize(
    "body",
    [
        csv(
            f"A,{CARD},by {CARD}", f"B,{CARD[:-1]}2,{CARD}", f"A,{CARD},other", f'C,{CARD},"{CARD}'
        ),
        ndjson(
            {"cardNumber": CARD, "note": [f"by {CARD}", {"n": CARD}]},
            {"cardNumber": int(CARD) + 1},
            {"cardNumber": CARD, "type": CARD},
            f'{{"cardNumber": "{CARD}", "note": {CARD}',
        ),
    ],
    ids=["csv", "ndjson"],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_no_card_number_is_kept_anywhere(body: bytes, pack: Any) -> None:
    world = World()

    receipt = world.process_file(pack(body))

    assert receipt["outcomes"] == {
        "read": 4,
        "stored": 1,
        "duplicate": 0,
        "conflict": 1,
        "rejected": 2,
    }
    assert CARD[:-1] not in everything(world)
    assert CARD[:8] not in everything(world)
    assert receipt["cardNumbers"]["tokenized"] == 2
    assert receipt["cardNumbers"]["masked"] == (1 if body.startswith(HEADER) else 3)
    lines = world.quarantine(receipt)
    assert receipt["cardNumbers"]["maskedInQuarantine"] == sum(
        line["maskedCardNumbers"] for line in lines
    )
    assert all(line["maskedCardNumbers"] for line in lines)
    for line in lines:
        exact = body[line["byteOffset"] :][: line["byteLength"]].decode()
        assert len(line["raw"]) == len(exact)
        assert CARD[:12] in exact


def test_nested_values_stay_json_when_they_are_masked() -> None:
    world = World()

    world.process_file(ndjson({"n": {"pan": int(CARD), "list": [CARD, "x"], "amount": 1.5}}))

    ((row, _, _),) = world.table.items.values()
    assert json.loads(row.transaction.extra["n"]) == {
        "pan": "************1111",
        "list": ["************1111", "x"],
        "amount": 1.5,
    }
    assert row.transaction.masked_count == 2


@pytest.mark.parametrize("record", [{CARD: "x"}, {"n": {CARD: 1}}, {"n": [{"a": {CARD: 1}}]}])
def test_a_card_number_in_a_name_rejects_the_record(record: dict[str, object]) -> None:
    world = World()

    receipt = world.process_file(ndjson(record))

    assert receipt["reasons"] == {"FIELD_NAME": 1}
    assert CARD not in everything(world)


@pytest.mark.parametrize(
    "name",
    [
        *(" cardNumber", "cardNumber ", "Card Number", "card-number", "CardNo", "card_num"),
        *("credit card number", "debitCardNumber", "PRIMARY_ACCOUNT_NUMBER", "ccNumber"),
        *("creditCardNo", "cc_num", "card_pan", "debit_card_no", "payment.cardNumber"),
        *("cardNumber2", "c\u0430rdNumber"),
    ],
)
@pytest.mark.parametrize("card", [CARD, CARD[:-1] + "2", "501800000009"])
def test_a_card_number_is_kept_under_no_spelling_of_its_name(name: str, card: str) -> None:
    world = World()

    world.process_file(csv(f"A,{card},x").replace(b"cardNumber", name.encode()), "a.csv")
    world.process_file(ndjson({name: card}), "b.ndjson")
    nested = world.process_file(ndjson({"payment": [{name: card}]}), "c.ndjson")

    assert card not in everything(world)
    assert nested["reasons"] == {"FIELD_NAME": 1}
    assert nested["firstRejects"][0]["field"] == "cardNumber"


def test_a_nested_card_number_that_is_absent_rejects_nothing() -> None:
    world = World()

    receipt = world.process_file(ndjson({"payment": {"cardNumber": None, "cardNo": ""}}))

    assert receipt["outcomes"]["stored"] == 1


def test_files_without_card_numbers_need_no_key() -> None:
    world = World()
    world.keys.known.clear()

    receipt = world.process_file(csv("A,,x"))

    assert receipt["outcomes"]["stored"] == 1
    assert receipt["cardNumbers"]["tokenKeyId"] is None
    assert world.keys.asked == []


def test_a_file_keeps_the_key_with_which_it_was_first_seen() -> None:
    undisturbed = World().process_file(csv(f"A,{CARD},", f"B,{CARD},"))
    world = World()
    version = world.files.upload(csv(f"A,{CARD},", f"B,{CARD},"))
    faults = world.set_faults(Faults())

    def fail(name: str, _: int) -> None:
        if name == "record_part":
            raise ConfigurationInvalid("stopped")

    faults.before = fail
    with pytest.raises(ConfigurationInvalid, match="stopped"):
        world.process(version)
    world.set_faults(Faults())
    world.keys.rotate("k2")

    receipt = world.process(version)

    assert without_times(receipt) == without_times(undisturbed)
    assert receipt["cardNumbers"]["tokenKeyId"] == "k1"
    assert {
        row.transaction.card.key_id
        for row, _, _ in world.table.items.values()
        if row.transaction.card
    } == {"k1"}


def test_a_file_registered_before_there_were_keys_gets_the_current_one() -> None:
    world = World()
    version = world.files.upload(csv(f"A,{CARD},"))
    world.ledger.register(FileEntry(version, None, 1, 0, "2026-03-01T00:00:00Z"))
    world.keys.rotate("k2")

    receipt = world.process(version)

    assert receipt["cardNumbers"]["tokenKeyId"] == "k2"


def test_the_same_transactions_after_a_rotation_are_duplicates_and_new_ones_have_the_new_key() -> (
    None
):
    world = World()
    world.process_file(csv(f"A,{CARD},x", "B,,x", f"C,{CARD},x"), "first.csv")
    world.keys.rotate("k2")

    receipt = world.process_file(
        csv(f"A,{CARD},x", "B,,x", f"C,{CARD},y", f"D,{CARD},x"), "second.csv"
    )

    assert receipt["outcomes"] == {
        "read": 4,
        "stored": 1,
        "duplicate": 2,
        "conflict": 1,
        "rejected": 0,
    }
    assert receipt["cardNumbers"]["tokenKeyId"] == "k2"
    key_ids = [
        row.transaction.card and row.transaction.card.key_id
        for row, _, _ in world.table.items.values()
    ]
    assert key_ids == ["k1", None, "k1", "k2"]


@pytest.mark.parametrize("second", ["5555555555554444", ""])
def test_another_card_or_none_is_a_conflict_after_a_rotation_too(second: str) -> None:
    world = World()
    world.process_file(csv(f"A,{CARD},x"), "first.csv")
    world.keys.rotate("k2")

    receipt = world.process_file(csv(f"A,{second},x"), "second.csv")

    assert receipt["outcomes"]["conflict"] == 1


def test_a_transaction_under_a_key_that_is_lost_stops_the_file_and_names_the_key() -> None:
    world = World()
    world.process_file(csv(f"A,{CARD},x"), "first.csv")
    world.keys.rotate("k2")
    world.keys.known.remove("k1")

    with pytest.raises(ConfigurationInvalid, match="k1"):
        world.process_file(csv(f"A,{CARD},x"), "second.csv")


def test_a_card_number_in_the_key_is_noticed_and_shown_nowhere_but_in_its_own_name() -> None:
    world = World()

    receipt = world.process_file(csv("A,,x"), f"in/{CARD}.csv")

    assert receipt["notices"] == ["CARD_NUMBER_IN_KEY"]
    assert receipt["file"]["key"] == f"in/{CARD}.csv"


def counted(receipt: dict[str, Any]) -> Iterator[int]:
    cards = receipt["cardNumbers"]
    yield from (cards["tokenized"], cards["masked"], cards["maskedInQuarantine"])


def test_duplicates_and_conflicts_count_as_valid_records() -> None:
    world = World()
    world.process_file(csv(f"A,{CARD},{CARD}"), "first.csv")

    again = world.process_file(csv(f"A,{CARD},{CARD}"), "second.csv")
    conflict = world.process_file(csv(f"A,{CARD},{CARD} {CARD}"), "third.csv")

    assert list(counted(again)) == [1, 1, 0]
    assert list(counted(conflict)) == [1, 2, 3]


def test_telemetry_is_never_given_a_card_number() -> None:
    world = World()

    world.process_file(csv(f"A,{CARD},{CARD}", f"B,{CARD}9,{CARD}"))

    told = [
        value if isinstance(value, dict | tuple) else asdict(value)
        for _, value in world.telemetry.events
    ]
    assert CARD not in json.dumps(told)
