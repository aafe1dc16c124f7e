"""No card number is kept or told anywhere, wherever in a file it stands and whatever is odd there.

The processor's own tests say how a number is masked; these search everything that it leaves behind.
"""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from processor.domain.file import ObjectVersion
from processor.errors import ConfigurationInvalid
from tests.support.faults import Faults
from tests.support.leaks import deliver, findings, told
from tests.support.marked import CARDS, MARKS, grouped
from tests.support.marked_files import (
    ARABIC_DIGITS,
    BAD,
    CASES,
    COLUMN,
    FORMATS,
    GOOD,
    SOME_OF_EVERYTHING,
    Case,
    as_csv,
    as_json,
    as_ndjson,
    marked,
)
from tests.support.world import World

CARD = CARDS["card in a bad record"]
WRONG = CARDS["card of wrong check digit"]
AMEX = CARDS["card in an unknown column"]
KEPT_BYTES_MAX = 64 * 1024
ESCAPED = "".join(f"\\u{ord(digit):04x}" for digit in CARD)
LINE = as_csv(GOOD).partition(b"\r\n")[2]


def json_line(text: str) -> Case:
    return Case(as_ndjson(GOOD) + text.encode() + b"\n", "in/file.ndjson")


def csv_line(line: bytes) -> Case:
    return Case(as_csv(GOOD) + line)


def too_large(before: int, card: str = CARD) -> Case:
    """A record that is kept in part, cut at so many digits into a card number."""
    filler = KEPT_BYTES_MAX - before
    return csv_line(b"x" * filler + card.encode() + b"," * 1024 * 1024)


PLACES: dict[str, Case] = {
    "track 1": Case(as_csv(marked(reference=f"%B{CARD}^ZQ/MARK^27121010000?"))),
    "track 2": Case(as_csv(marked(reference=f";{CARD}=27121010000?"))),
    "behind a brand": Case(as_csv(marked(reference=f"VISA{CARD}"))),
    "a type": Case(as_csv(marked(type=grouped(CARD)))),
    "a JSON number": Case(as_ndjson(marked(**{COLUMN: int(CARD)})), "in/file.ndjson"),
    "nested": Case(as_ndjson(marked(**{COLUMN: {"a": [{"b": CARD}, int(CARD)]}})), "in/x.ndjson"),
    "a nested name": Case(as_ndjson(marked(**{COLUMN: {CARD: 1}})), "in/file.ndjson"),
    "a name": Case(as_ndjson(GOOD, marked(**{CARD: 1})), "in/file.ndjson"),
    "a column's name": Case(as_csv({**GOOD, CARD: 1})),
    "a file without header": Case(LINE + LINE),
    "an identity": Case(as_csv(marked(transactionId=CARD))),
    "an account": Case(as_csv(marked(accountId=grouped(CARD)))),
    "a time": Case(as_csv(marked(timestamp=CARD))),
    "a currency": Case(as_csv(marked(currency=CARD))),
    "an amount": Case(as_csv(marked(amount=CARD))),
    "an amount of 15 digits": Case(
        as_csv(marked(amount=f"-{CARDS['card in an unknown column']}.00"))
    ),
    "a bad amount": Case(as_csv(marked(amount=grouped(CARD)))),
    "other digits": Case(as_csv(marked(card_number=CARD.translate(ARABIC_DIGITS)))),
    "dots in its field": Case(as_csv(marked(card_number=grouped(CARD, ".")))),
    "two in its field": Case(as_csv(marked(card_number=f"{CARD} {CARD}"))),
    "a wrong one in its field": Case(as_csv(marked(card_number=WRONG))),
    "a wrong one as a JSON number": Case(as_ndjson(GOOD, marked(card_number=int(WRONG)))),
    "a wrong one in a list": Case(as_ndjson(GOOD, marked(card_number=[WRONG]))),
    "a wrong one in a row of too many columns": csv_line(b"x," + WRONG.encode() + b",x\r\n"),
    "a wrong one in a broken quote": csv_line(b'x,"' + grouped(WRONG).encode() + b'"x\r\n'),
    "a wrong one in broken JSON": json_line(f'{{"cardNumber": "{WRONG}", "x": }}'),
    "a wrong one, the name escaped": json_line(f'{{"card\\u004eumber": "{WRONG}", "x": }}'),
    "escapes in broken JSON": json_line(f'{{"x": "{ESCAPED}", "y": }}'),
    "escapes in sound JSON": json_line(f'{{"x": "{ESCAPED}"}}'),
    "escapes in its field": json_line(
        json.dumps(marked(card_number=None, amount="x"))[:-1] + f', "cardNumber": "{ESCAPED}"}}'
    ),
    "no UTF-8": csv_line(LINE[:-2] + b"\xe4 " + CARD.encode() + b"\r\n"),
    "NULs between": csv_line("\0".join(CARD).encode() + b"," + LINE),
    "a bare carriage return": csv_line(f"x\r{CARD},y\r\n".encode()),
    "behind an open quote": csv_line(f'x,"{CARD}\r\n'.encode() + LINE),
    "the end of a cut array": Case(as_json(GOOD, marked(reference=CARD))[:-40], "in/file.json"),
    "behind the end of an array": Case(as_json(GOOD) + CARD.encode(), "in/file.json"),
    "an escaped quote before it": json_line(
        json.dumps(marked(amount="x"))[:-1]
        + rf', "payload": "{{\u0022card\u0022:\u0022{CARD}\u0022}}"}}'
    ),
    "escapes in a column": Case(as_csv(marked(**{COLUMN: rf"pan\u003d{CARD}"}))),
    "escapes of escapes": Case(as_ndjson(marked(**{COLUMN: rf"\u0022{CARD}"})), "in/x.ndjson"),
    "an address": Case(as_csv(marked(reference=f"pan%3D{grouped(CARD, '%20')}"))),
    "an address in an address": Case(as_csv(marked(reference=f"%253D{CARD}"))),
    "zeros before it": Case(as_csv(marked(reference=f"000{CARD}", card_number=f"000{CARD}"))),
    "an identity with zeros": Case(as_csv(marked(transactionId=f"000{CARD}"))),
    "dashes that are wide": Case(as_csv(marked(reference=grouped(CARD, "\uff0d")))),
    "nothing that is seen": Case(as_csv(marked(reference=grouped(CARD, "\u2060")))),
    "dashes of Windows-1252": csv_line(b"x," + grouped(CARD, "~").encode().replace(b"~", b"\x96")),
    "a cut gzip file": Case(gzip.compress(as_csv(GOOD, marked(amount=CARD)), mtime=0)[:-9]),
    **{f"cut behind {count} digits": too_large(count) for count in (1, 4, 8, 11, 15, 16)},
    "cut behind groups with dots": too_large(15, grouped(CARD, ".")),
    "cut behind groups in an address": too_large(21, grouped(CARD, "%20")),
}


@pytest.mark.parametrize("name", PLACES)
def test_no_card_number_is_kept_or_told(name: str) -> None:
    world, version = PLACES[name].arrive()

    run = deliver(world, version)

    receipt = world.receipt(version)
    assert receipt["fault"] or sum(handled(receipt)) > 0
    assert findings(world, run) == []


def test_an_amount_too_short_for_most_card_numbers_is_an_amount() -> None:
    # 14 digits, a Diners Club number's beginning and check digit: yen, all the same.
    world, version = Case(as_csv(marked(amount="36227206271667", currency="JPY"))).arrive()

    deliver(world, version)

    assert world.receipt(version)["outcomes"]["stored"] == 1


def handled(receipt: dict[str, Any]) -> list[int]:
    """How many card numbers the receipt tells of, each way."""
    return [receipt["cardNumbers"][name] for name in ("tokenized", "masked", "maskedInQuarantine")]


def test_what_is_done_with_card_numbers_is_counted() -> None:
    world, version = Case(SOME_OF_EVERYTHING).arrive()

    deliver(world, version)

    # Two stored, a duplicate and a conflict have a card each, and four more in their texts, but for
    # the conflict's description; the conflict and the reject are in quarantine, with all they have.
    assert handled(world.receipt(version)) == [4, 15, 9]


def test_the_last_four_digits_and_the_token_are_kept() -> None:
    world, version = FORMATS["CSV"].arrive()

    deliver(world, version)

    (row, _, _), *_ = world.table.items.values()
    content = json.loads(row.transaction.canonical_content())
    assert content["cardLastFour"] == CARDS["card in its own field"][-4:]
    assert content["cardToken"].startswith("k1.")
    assert content["description"].endswith(" **** **** **** 9903 12/27")


SENSITIVE = {
    "CSV": Case(as_csv({**GOOD, "Card-CVV2": BAD})),
    "CSV, gzipped": Case(gzip.compress(as_csv({**GOOD, "pin_block": BAD}))),
    "NDJSON": Case(as_ndjson(GOOD, marked(track2=BAD)), "in/file.ndjson"),
    "JSON": Case(as_json(GOOD, marked(**{COLUMN: {"pvv": BAD}})), "in/file.json"),
    "broken JSON": json_line(f'{{"cvc": "{BAD}", }}'),
    "an escaped name": json_line(f'{{"cv\\u0076": "{BAD}", }}'),
}


@pytest.mark.parametrize("name", SENSITIVE)
def test_sensitive_authentication_data_is_kept_nowhere(name: str) -> None:
    world, version = SENSITIVE[name].arrive()

    run = deliver(world, version)

    fault = world.receipt(version)["fault"]
    assert fault["reason"] == "SENSITIVE_AUTHENTICATION_DATA"
    assert fault["field"] in ("track", "cvv", "pin")
    assert BAD not in repr(world.table.items) + repr(world.results.objects)
    assert findings(world, run) == []


def _rotate(world: World) -> None:
    world.keys.rotate("k2")


def _lose_the_first_key(world: World) -> None:
    world.keys.rotate("k2")
    world.keys.known.discard("k1")


@pytest.mark.parametrize(
    ("change", "reason"), [(_rotate, None), (_lose_the_first_key, ConfigurationInvalid)]
)
def test_a_rotation_tells_no_value(
    change: Callable[[World], None], reason: type[Exception] | None
) -> None:
    world, version = Case(SOME_OF_EVERYTHING).arrive()
    runs = [deliver(world, version)]
    change(world)

    runs.append(deliver(world, world.files.upload(SOME_OF_EVERYTHING, "in/again.csv")))

    assert reason is None or reason.__name__ in runs[1].error
    assert findings(world, *runs) == []


CARD_IN_KEY = f"in/{grouped(CARDS['card in a key'], '-')}.csv"


@pytest.mark.parametrize("error", [None, ValueError(CARD_IN_KEY)])
def test_a_card_number_in_an_object_s_key_is_not_told(error: Exception | None) -> None:
    # The key itself names the object, its receipt and its quarantine: it cannot be another.
    world, version = Case(SOME_OF_EVERYTHING, CARD_IN_KEY).arrive()

    def fail(name: str, _: int) -> None:
        if error and name == "load":
            raise error

    world.set_faults(Faults(before=fail))
    run = deliver(world, version)

    assert ("ValueError" in run.error) is (error is not None)
    assert findings(world, run) == []


@pytest.mark.parametrize("gone", [True, False])
def test_a_card_number_in_the_key_of_an_event_in_vain_is_not_told(gone: bool) -> None:
    world = World()
    version = ObjectVersion("bucket", CARD_IN_KEY, "v1")
    refused = Faults(before=lambda *_: (_ for _ in ()).throw(ConfigurationInvalid("none")))
    world.set_faults(Faults() if gone else refused)

    run = deliver(world, version)

    assert ("EventFailed" in run.error) is not gone
    # There is no file to take the key from: its receipt is named for it all the same.
    assert told(run) == []


def test_the_marks_are_no_card_numbers() -> None:
    world, version = Case(as_csv({**GOOD, **MARKS, "amount": "1", "card_number": ""})).arrive()

    deliver(world, version)

    assert handled(world.receipt(version))[0] == 0
    assert CASES
