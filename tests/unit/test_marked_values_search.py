"""The search for marked values bites: a value planted anywhere, in any disguise, is found."""

import base64
import hashlib
import json
import logging
import sys
import warnings
from collections.abc import Callable
from urllib.parse import quote

import pytest
from aws_lambda_powertools.metrics import MetricUnit

from processor import app
from processor.errors import ServiceRefused
from tests.support.emitted import emitted_by
from tests.support.faults import Faults
from tests.support.leaks import deliver, findings
from tests.support.marked import CARDS, MARKS, Search, grouped, luhn_is_valid
from tests.support.marked_files import SOME_OF_EVERYTHING, Case
from tests.support.world import World

VALUE = MARKS["accountId"]
CARD = CARDS["card in its own field"]


def raise_with_a_note() -> None:
    error = ServiceRefused("PutObject: AccessDenied")
    error.add_note(f"while {VALUE} was stored")
    raise error


def raise_quoting() -> None:
    raise ServiceRefused(f"PutObject: {VALUE}")


def log_a_traceback() -> None:
    try:
        raise_quoting()
    except ServiceRefused:
        app.logger.exception("call failed")


LEAKS: dict[str, tuple[Callable[[], object], str]] = {
    "a log line": (lambda: app.logger.info("stored", account=VALUE), "output"),
    "a log message": (lambda: app.logger.error("cannot store %s", VALUE), "output"),
    "a logged traceback": (log_a_traceback, "output"),
    "a print": (lambda: sys.stdout.write(VALUE), "output"),
    "standard error": (lambda: sys.stderr.write(VALUE), "output"),
    "a warning": (lambda: warnings.warn(f"odd: {VALUE}", stacklevel=1), "output"),
    "a metric's name": (lambda: app.metrics.add_metric(VALUE, MetricUnit.Count, 1), "output"),
    "metadata of metrics": (lambda: app.metrics.add_metadata("account", VALUE), "output"),
    "a dimension": (lambda: app.metrics.add_dimension("account", VALUE), "output"),
    "another logger at DEBUG": (lambda: logging.getLogger("odd").debug(VALUE), "SDK log"),
    "the SDK at WARNING": (lambda: logging.getLogger("botocore.x").warning(VALUE), "SDK log"),
    "an error's text": (raise_quoting, "error"),
}


@pytest.mark.parametrize("name", LEAKS)
def test_one_leak_is_found_in_its_channel(name: str) -> None:
    world, version = Case(SOME_OF_EVERYTHING).arrive()
    plant, channel = LEAKS[name]

    def plant_once(_: str, number: int) -> None:
        if number == 5:
            plant()

    world.set_faults(Faults(before=plant_once))

    found = findings(world, deliver(world, version))

    assert f"{channel} of run 1: accountId, as it is" in found


def raise_from_it() -> None:
    raise ServiceRefused("refused") from ValueError(VALUE)


def raise_within_its_handler() -> None:
    try:
        raise_quoting()
    except ServiceRefused:
        raise ServiceRefused("refused")  # noqa: B904  That is the leak.


def raise_in_a_group() -> None:
    raise ExceptionGroup("two", [ValueError(VALUE)])


@pytest.mark.parametrize(
    "fail", [raise_from_it, raise_within_its_handler, raise_in_a_group, raise_with_a_note]
)
def test_a_leak_in_what_an_error_carries_is_found(fail: Callable[[], None]) -> None:
    emitted = emitted_by(fail)

    assert "error: accountId, as it is" in Search().findings(emitted.channels)


def test_a_leak_in_the_answer_is_found() -> None:
    emitted = emitted_by(lambda: {"files": [{"account": VALUE}]})

    assert "answer: accountId, as it is" in Search().findings(emitted.channels)


def plant_key(world: World) -> None:
    world.results.objects[f"rejected/{VALUE}.jsonl"] = [b"{}"]


def plant_in_receipt(world: World) -> None:
    (key,) = [key for key in world.results.objects if key.startswith("receipts/")]
    receipt = json.loads(world.results.objects[key][0])
    receipt["fault"] = {"field": VALUE}
    world.results.objects[key] = [json.dumps(receipt).encode()]


def plant_in_quarantine(world: World) -> None:
    (key,) = [key for key in world.results.objects if key.startswith("rejected/")]
    world.results.objects[key] = [json.dumps({"raw": "…", "field": VALUE}).encode()]


def plant_in_ledger(world: World) -> None:
    (part,) = world.ledger.parts
    world.ledger.parts[part] = json.dumps({"fault": {"field": VALUE}})


@pytest.mark.parametrize(
    ("plant", "channel"),
    [
        (plant_key, "keys"),
        (plant_in_receipt, "object receipts/in/file.csv/v1.json"),
        (plant_in_quarantine, "object rejected/in/file.csv/v1/part-00001/00001.jsonl"),
        (plant_in_ledger, "ledger"),
    ],
)
def test_a_leak_in_what_is_written_is_found(plant: Callable[[World], None], channel: str) -> None:
    world, version = Case(SOME_OF_EVERYTHING).arrive()
    run = deliver(world, version)

    plant(world)

    assert f"{channel}: accountId, as it is" in findings(world, run)


DISGUISES: dict[str, Callable[[str], str]] = {
    "cut short": lambda value: value[:8] + "…",
    "its end": lambda value: "…" + value[-8:],
    "backwards": lambda value: value[::-1],
    "repr": repr,
    "repr of bytes": lambda value: repr(value.encode()),
    "JSON": json.dumps,
    "JSON in JSON": lambda value: json.dumps(json.dumps({"value": value})),
    "URL": lambda value: quote(value, safe=""),
    "Base64": lambda value: base64.b64encode(value.encode()).decode(),
    "Base64 behind one byte": lambda value: base64.b64encode(b"x" + value.encode()).decode(),
    "Base64 within": lambda value: base64.b64encode(f"ab{value}, c".encode()).decode(),
    "Base64 for URLs": lambda value: base64.urlsafe_b64encode(f"?{value}".encode()).decode(),
    "hexadecimal": lambda value: value.encode().hex(),
    "hexadecimal, capitals": lambda value: value.encode().hex().upper(),
    "SHA-256": lambda value: hashlib.sha256(value.encode()).hexdigest(),
    "SHA-256 in Base64": lambda value: base64.b64encode(
        hashlib.sha256(value.encode()).digest()
    ).decode(),
    "MD5": lambda value: hashlib.md5(value.encode(), usedforsecurity=False).hexdigest(),
}


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("name", MARKS)
def test_a_value_is_found_in_any_disguise(name: str, disguise: str) -> None:
    line = f'{{"message": "{DISGUISES[disguise](MARKS[name])}", "level": "INFO"}}'

    found = Search().findings({"log": line})

    assert any(one.startswith(f"log: {name}, ") for one in found)


CARD_DISGUISES: dict[str, Callable[[str], str]] = {
    **{name: make for name, make in DISGUISES.items() if name not in ("cut short", "its end")},
    "spaces": grouped,
    "hyphens": lambda card: grouped(card, "-"),
    "dots": lambda card: grouped(card, "."),
    "double spaces": lambda card: grouped(card, "  "),
    "a group of two": lambda card: f"{card[:2]} {card[2:7]}/{card[7:]}",
    "first ten digits": lambda card: f"{card[:10]}{'*' * (len(card) - 10)}",
    "last ten digits": lambda card: f"{'*' * (len(card) - 10)}{card[-10:]}",
    "within digits": lambda card: f"12{card}34",
    "Arabic digits": lambda card: card.translate({48 + n: 0x660 + n for n in range(10)}),
    "JSON escapes": lambda card: "".join(f"\\u{ord(digit):04x}" for digit in card),
    "SHA-256 of the groups": lambda card: hashlib.sha256(grouped(card).encode()).hexdigest(),
}


@pytest.mark.parametrize("disguise", CARD_DISGUISES)
@pytest.mark.parametrize("name", CARDS)
def test_a_card_number_is_found_in_any_disguise(name: str, disguise: str) -> None:
    line = f'{{"message": "card {CARD_DISGUISES[disguise](CARDS[name])}", "level": "INFO"}}'

    found = Search().findings({"log": line})

    assert any(one.startswith(f"log: {name}, ") for one in found)


@pytest.mark.parametrize(
    "text",
    [
        f"**** **** **** {CARD[-4:]}",
        f"{CARD[:8]}****{CARD[-4:]}",
        "2026-03-01T12:00:00.000Z 3f1c2b9a-6a5e-4b1e-9b1e-0123456789ab",
        hashlib.sha256(b"something else").hexdigest(),
    ],
)
def test_what_may_be_shown_is_not_found(text: str) -> None:
    assert Search().findings({"log": text}) == []


def test_the_card_numbers_are_card_numbers() -> None:
    wrong = [name for name, card in CARDS.items() if not luhn_is_valid(card)]

    assert wrong == ["card of wrong check digit"]
