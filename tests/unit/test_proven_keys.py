"""A tokenisation key must stay what it was: the ledger remembers how to recognise it."""

import random

import pytest

from processor.backoff import Backoff
from processor.domain.card import TokenizationKey
from processor.errors import ConfigurationInvalid
from processor.proven_keys import ProvenKeys
from tests.support.cards import csv
from tests.support.fake_ledger import InMemoryLedger
from tests.support.fakes import FakeClock, InMemoryKeys, RecordingTelemetry
from tests.support.world import World

EXCHANGED = TokenizationKey("k1", b"another key under the same id, 32 long")


class ExchangedKeys(InMemoryKeys):
    """As CloudFormation leaves a secret behind whose template text was changed."""

    def key(self, key_id: str) -> TokenizationKey:
        return EXCHANGED


def proven(keys: InMemoryKeys, ledger: InMemoryLedger) -> ProvenKeys:
    backoff = Backoff(FakeClock(), RecordingTelemetry(), random.Random(1))
    return ProvenKeys(keys, ledger, backoff)


def test_a_key_is_proven_once_and_then_given() -> None:
    ledger = InMemoryLedger()
    keys = proven(InMemoryKeys(), ledger)

    first, again = keys.key("k1"), keys.key("k1")

    assert first == again == InMemoryKeys().key("k1")
    assert keys.current_id == "k1"
    assert ledger.faults.calls == ["pin_key"]
    assert ledger.keys == {"k1": first.check_value}


def test_an_exchanged_key_is_refused_by_its_id_alone() -> None:
    ledger = InMemoryLedger()
    proven(InMemoryKeys(), ledger).key("k1")

    with pytest.raises(ConfigurationInvalid, match="key k1 is not the one") as refused:
        proven(ExchangedKeys(), ledger).key("k1")

    assert EXCHANGED.secret.decode() not in str(refused.value)
    assert ledger.keys == {"k1": InMemoryKeys().key("k1").check_value}


def test_a_check_value_tells_keys_apart_and_is_no_part_of_the_key_or_of_a_token() -> None:
    key = InMemoryKeys().key("k1")

    assert key.check_value != EXCHANGED.check_value
    assert len(bytes.fromhex(key.check_value)) == 8
    assert key.check_value.encode() not in key.secret


def test_a_file_with_cards_under_an_exchanged_key_is_not_done_and_stores_nothing() -> None:
    world = World()
    world.process_file(csv("A,4111 1111 1111 1111,"))
    world.keys = ExchangedKeys()

    with pytest.raises(ConfigurationInvalid, match="restore that one"):
        world.process_file(csv("B,5555 5555 5555 4444,"))

    assert [identity.transaction_id for identity in world.table.items] == ["A"]


def test_a_file_without_cards_asks_for_no_key() -> None:
    world = World()

    world.process_file(csv("A,,x"))

    assert world.ledger.keys == {}
