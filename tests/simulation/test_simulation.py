"""The five promises hold under every fault that a seed, or a crash point, brings."""

import gc
import logging
import random
import traceback
from collections.abc import Iterator

import pytest

from processor import app
from processor.ports import InsertAnswer
from tests.simulation.__main__ import run_exhaustive, run_seeds
from tests.simulation.economy import many_runs
from tests.simulation.evidence import Broken
from tests.simulation.exhaustive import parse_script, run_script
from tests.simulation.faults import Fault
from tests.simulation.files import Uploads
from tests.simulation.mistakes import MUTATIONS
from tests.simulation.mutations import ROOT
from tests.simulation.reading import read
from tests.simulation.run import simulate
from tests.simulation.scenarios import SCENARIOS
from tests.simulation.world import silence

SEEDS = 2000
BATCH = 100


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """The entry point's log is the process's: other tests read it."""
    log = logging.getLogger(app.logger.name)
    level = log.level
    silence()
    yield
    log.setLevel(level)


@pytest.mark.parametrize("first", range(0, SEEDS, BATCH))
def test_promises_hold_for_each_seed(first: int) -> None:
    broken, _ = run_seeds(first, BATCH)

    assert broken is None


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_promises_hold_for_each_crash_point(scenario: str) -> None:
    broken, summary = run_exhaustive(scenario, in_full=False)

    assert broken is None
    # Keys are read back only behind an attempt that died; pairs of that with this are chance's.
    not_met = {Fault.UNPROCESSED} if scenario == "small" else set()
    assert {kind for kind, _ in summary.faults} == {str(fault) for fault in {*Fault} - not_met}


def test_large_files_take_the_ways_that_they_are_for() -> None:
    ways = ("a part task was queued", "a count task was queued", "a remainder was taken up")
    gone = {}
    for name, scenario in SCENARIOS.items():
        calm, _ = run_script(scenario, {})
        gone[name] = tuple(calm.summary.recoveries[way] for way in ways)

    assert gone == {
        "small": (0, 0, 0),
        "csv-parts": (4, 0, 0),
        "ndjson-parts": (3, 3, 0),
        "handed-on": (2, 0, 2),
    }


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_verdict_names_the_command_that_runs_it_again(scenario: str) -> None:
    script = {(1, 3): Fault.KILL_AFTER, (2, 2): Fault.LOST_REPLY}
    verdict, _ = run_script(SCENARIOS[scenario], script)
    text = verdict.replay.partition("--script ")[2].removesuffix(" --trace")
    again, _ = run_script(*parse_script(text))

    assert text == f"{scenario}:1.3=KILL_AFTER,2.2=LOST_REPLY"
    assert again.trace.text() == verdict.trace.text()
    assert again.summary.faults.total() == 2


def test_a_seed_is_one_run() -> None:
    stormy = [simulate(seed) for seed in range(20)]
    again = [simulate(seed) for seed in range(20)]

    assert [one.trace.text() for one in stormy] == [one.trace.text() for one in again]
    assert any(one.summary.faults for one in stormy)


def test_a_broken_promise_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    # Every row is taken for stored, whatever the table says.
    monkeypatch.setattr("processor.adapters.dynamodb._EXISTS", frozenset())
    monkeypatch.setattr("processor.adapters.dynamodb._answer", _always_inserted)

    broken = next(filter(None, (simulate(seed).broken for seed in range(50))))

    assert isinstance(broken, Broken)
    assert broken.promise in (1, 2, 3, 4)


def _always_inserted(_code: str | None) -> InsertAnswer:
    return InsertAnswer.INSERTED


def test_many_runs_leave_the_process_as_it_was() -> None:
    log = logging.getLogger(app.logger.name)
    log.setLevel(logging.WARNING)
    own = (gc.get_threshold(), traceback.format_tb)
    with many_runs():
        assert not {*own} & {gc.get_threshold(), traceback.format_tb}
        assert not log.isEnabledFor(logging.CRITICAL)

    assert own == (gc.get_threshold(), traceback.format_tb)
    assert log.level == logging.WARNING


def test_every_mistake_can_be_made() -> None:
    for mutation in MUTATIONS:
        text = (ROOT / "src" / "processor" / mutation.module).read_text()

        assert text.count(mutation.old) == 1, mutation.name
        assert mutation.old != mutation.new


def test_uploads_have_records_of_every_kind() -> None:
    reasons = set()
    for seed in range(300):
        uploads = Uploads(random.Random(seed), 12)
        for _ in range(4):
            upload = uploads.next()
            reading = read(upload.body)
            reasons |= {one.flaw.reason if one.flaw else "valid" for one in reading.records}
            reasons |= {reading.fault[0].reason} if reading.fault else set()

    assert {"valid", "COLUMN_COUNT", "JSON_SYNTAX", "JSON_DUPLICATE_KEY", "AMOUNT_SCALE"} <= reasons
    assert {"CSV_UNTERMINATED_QUOTE", "JSON_UNTERMINATED", "GZIP_TRUNCATED"} <= reasons
    assert {"EMPTY_FILE", "CARD_NUMBER_CHECK_DIGIT", "FIELD_MISSING"} <= reasons
