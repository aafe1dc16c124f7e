"""A new tokenisation key: what was stored stays the same transaction, and new cards get new tokens.

The stack's own secret is rotated as an operator rotates it, and the function runs in processes of
its own, each a new execution environment that reads the secret; then the secret is put back.
"""

import json
import secrets
from collections.abc import Iterator

import pytest

from tests.integration.cards import PUBLISHED, secret_of, tokens_of
from tests.integration.delivery import Desk, Sent
from tests.integration.deployed import Json, Stack, client
from tests.integration.files import SNAKE, as_csv, transaction
from tests.integration.function_process import run_handler
from tests.support.events import s3_event

pytestmark = pytest.mark.usefixtures("embedded")

NAMES = SNAKE | {"cardNumber": "card_number"}
CARDS = list(PUBLISHED.values())
SOME = 5


def put(stack: Stack, secret: Json) -> None:
    client("secretsmanager", "deployer").put_secret_value(
        SecretId=stack.outputs["SecretsManagerSecretArn"], SecretString=json.dumps(secret)
    )


@pytest.fixture
def before(stack: Stack) -> Iterator[Json]:
    """The configuration before the rotation; it is put back behind the test."""
    secret = secret_of(stack)
    yield secret
    put(stack, secret)


def rotated(secret: Json) -> Json:
    """The configuration with a new current key, the former one among the previous."""
    current, key = secret["tokenization_key_id"], secret["tokenization_key"]
    previous = secret.get("previous_tokenization_keys", {}) | {current: key}
    return secret | {
        # A key's id is never given to another one, in this stack's life.
        "tokenization_key_id": f"k{secrets.token_hex(4)}",
        "tokenization_key": secrets.token_urlsafe(48),
        "previous_tokenization_keys": previous,
    }


def file_of(prefix: str, count: int) -> bytes:
    records = [
        transaction(prefix, number) | {"cardNumber": CARDS[number]} for number in range(count)
    ]
    return as_csv(records, NAMES)


def process(desk: Desk, stack: Stack, key: str, body: bytes) -> tuple[Sent, Json]:
    """Sends a file and runs its event in a new process of the function; the receipt."""
    sent = desk.send(f"rotation/{key}", body)
    run_handler(stack, s3_event(sent.version))
    return sent, desk.receipt(sent)


def tokens_in(desk: Desk, prefix: str, count: int) -> list[str]:
    ids = [f"{prefix}-{number:05}" for number in range(count)]
    return [item["cardToken"] for item in desk.items(ids)]


@pytest.mark.usefixtures("notifications_lost")
def test_the_same_file_after_a_rotation_is_all_duplicates_and_new_cards_get_the_new_key(
    stack: Stack, desk: Desk, run: str, before: Json
) -> None:
    prefix = f"{run}-rotation"
    first, receipt = process(desk, stack, "first.csv", file_of(prefix, SOME))
    after = rotated(before)
    put(stack, after)

    again, again_receipt = process(desk, stack, "again.csv", file_of(prefix, SOME))
    _, more_receipt = process(desk, stack, "more.csv", file_of(prefix, SOME + 1))

    assert receipt["outcomes"]["stored"] == SOME
    assert receipt["cardNumbers"]["tokenKeyId"] == before["tokenization_key_id"]
    assert again_receipt["outcomes"] | {"duplicate": SOME} == again_receipt["outcomes"]
    assert again_receipt["notices"] == ["DUPLICATE_FILE"]
    assert again_receipt["cardNumbers"]["tokenKeyId"] == after["tokenization_key_id"]
    assert more_receipt["outcomes"] == {
        "read": SOME + 1,
        "stored": 1,
        "duplicate": SOME,
        "conflict": 0,
        "rejected": 0,
    }
    old, new = tokens_of(before), tokens_of(after)
    expected = [old.token(card) for card in CARDS[:SOME]] + [new.token(CARDS[SOME])]
    assert tokens_in(desk, prefix, SOME + 1) == expected
    # The first file's key is its own: its event may come again at any time.
    assert run_handler(stack, s3_event(first.version)).answer["files"][0]["seenAgain"]
    assert desk.receipt(first) == receipt
    assert again.version != first.version


@pytest.mark.usefixtures("notifications_lost")
def test_another_card_under_the_same_identity_is_a_conflict_after_a_rotation_too(
    stack: Stack, desk: Desk, run: str, before: Json
) -> None:
    record = transaction(f"{run}-other-card", 0)
    process(desk, stack, "card.csv", as_csv([record | {"cardNumber": CARDS[0]}], NAMES))
    put(stack, rotated(before))

    _, receipt = process(
        desk, stack, "other-card.csv", as_csv([record | {"cardNumber": CARDS[1]}], NAMES)
    )

    assert receipt["outcomes"]["conflict"] == 1
    (token,) = tokens_in(desk, f"{run}-other-card", 1)
    assert token == tokens_of(before).token(CARDS[0])


@pytest.mark.usefixtures("notifications_lost")
def test_a_lost_key_fails_the_file_that_needs_it_until_it_is_there_again(
    stack: Stack, desk: Desk, run: str, before: Json
) -> None:
    prefix = f"{run}-lost"
    process(desk, stack, "held.csv", file_of(prefix, 1))
    current, after = before["tokenization_key_id"], rotated(before)
    put(stack, {name: value for name, value in after.items() if not name.startswith("previous")})
    sent = desk.send("rotation/lost.csv", file_of(prefix, 1))

    with pytest.raises(AssertionError, match=f"the secret holds no tokenisation key {current}"):
        run_handler(stack, s3_event(sent.version))

    assert not desk.has_receipt(sent)
    put(stack, after)
    run_handler(stack, s3_event(sent.version))
    assert desk.receipt(sent)["outcomes"]["duplicate"] == 1


@pytest.mark.usefixtures("notifications_lost")
def test_a_key_exchanged_under_its_id_fails_the_file_until_it_is_back(
    stack: Stack, desk: Desk, run: str, before: Json
) -> None:
    process(desk, stack, "known.csv", file_of(f"{run}-known", 1))
    put(stack, before | {"tokenization_key": secrets.token_urlsafe(48)})
    sent = desk.send("rotation/exchanged.csv", file_of(f"{run}-exchanged", 1))

    with pytest.raises(AssertionError, match="is not the one that tokens were made with"):
        run_handler(stack, s3_event(sent.version))

    assert not desk.has_receipt(sent)
    put(stack, before)
    run_handler(stack, s3_event(sent.version))
    assert desk.receipt(sent)["outcomes"]["stored"] == 1
