"""`desk report` writes one page, whole or not at all, and tells its numbers."""

import html
import json
import os
import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from desk import cli
from desk.page.bins import Bins
from desk.page.page import render
from desk.page.rows import Made
from desk.page.summary import AWAITING_LISTED_MAX, summarize
from desk.terminal import Terminal
from processor.domain.file import ObjectVersion
from processor.errors import ServiceRefused, ServiceUnavailable
from tests.support.desk_fakes import InMemoryQueue, WorldResults
from tests.support.desk_shell import Shell, shell_on
from tests.support.file_states import NOW, states_of_every_kind
from tests.support.html_page import Page
from tests.support.world import MIXED, World, csv_file, csv_row

CARD = "4111111111111111"
PERIOD = ("--since", "2026-03-01", "--until", "2026-03-04")


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Path) -> Shell:
    """A file of every outcome, one that is well, one without a receipt, and an empty folder."""
    world = World()
    world.process_file(csv_file(csv_row("A", "1.10"), csv_row("X")), "in/first.csv")
    world.process(world.files.upload(MIXED, f"in/{CARD}.csv"))
    world.files.upload(MIXED, "in/never-begun.csv")
    monkeypatch.chdir(tmp_path)
    return shell_on(world, monkeypatch, capsys)


def test_the_page_has_the_numbers_of_the_receipts(shell: Shell) -> None:
    told = shell.run("report", *PERIOD, "--output", "page.html")

    page = Page(Path("page.html").read_text()).text
    assert told.code == 0
    assert "2 files await action." in page
    assert "1 file without a receipt" in page
    assert "1 file with conflicts" in page
    # Two of the first file; A is there already, in the second one.
    assert "records read 8" in page
    assert "stored 4 duplicate 2 conflict 1 rejected 1" in page
    assert "in/************1111.csv" in page
    assert CARD not in page
    assert "s eu-central-1 Transaction files" in page
    assert "2026-03-01 00:00 to 2026-03-04 00:00 UTC" in page


def test_it_tells_a_person_what_awaits_action_and_where_the_page_is(shell: Shell) -> None:
    shell.queue.add({}, {})

    told = shell.run("report", *PERIOD, "--output", f"{CARD}.html")

    size = f"{Path(f'{CARD}.html').stat().st_size / 1024:.1f} KiB"
    assert told.out.splitlines() == [
        "3 files. 2 files and 2 failed events await action.",
        "  2 failed events",
        "  1 file without a receipt",
        "  1 file with conflicts",
        f"************1111.html: {size}",
    ]
    assert (told.code, told.err) == (0, "")


def test_with_json_the_same_numbers_are_printed_and_the_page_is_written(shell: Shell) -> None:
    shell.queue.add({})

    told = shell.run("report", *PERIOD, "--output", "page.html", "--json")

    document = json.loads(told.out)
    assert (told.code, document["page"]) == (0, "page.html")
    assert document["pageSize"] == Path("page.html").stat().st_size
    assert document["files"] == {"all": 3, "processed": 2, "no receipt": 1}
    assert list(document["records"].items()) == [
        *(("read", 8), ("stored", 4), ("duplicate", 2)),
        *(("conflict", 1), ("rejected", 1)),
    ]
    assert document["sums"]["JPY"] == {"stored": "500", "duplicate": "0", "conflict": "0"}
    assert document["sums"]["EUR"]["stored"] == "4.30"
    assert document["reasons"]["TIMESTAMP_FORMAT"] == {"records": 1, "files": 1}
    assert list(document["awaiting"].items()) == [
        *(("files", 2), ("failedEvents", 1), ("noReceipt", 1)),
        *(("brokenOrRefused", 0), ("conflicts", 1), ("rejects", 0)),
    ]
    (conflict,) = document["firstAwaiting"]["conflicts"]
    assert conflict["key"] == "in/************1111.csv"
    over_time = document["overTime"]
    assert sum(one["files"]["processed"] for one in over_time) == 2
    assert sum(one["records"]["stored"] for one in over_time) == 4
    assert CARD not in told.out


def test_the_files_that_a_conflict_is_with_are_read_from_its_quarantine(shell: Shell) -> None:
    world = shell.world
    world.process_file(csv_file(csv_row("X", "7.00")), "in/second.csv")

    shell.run("report", *PERIOD, "--output", "page.html")

    page = Page(Path("page.html").read_text()).text
    assert "1 in/first.csv" in page
    assert "1 the same file" in page


def test_a_quarantine_that_is_not_for_the_caller_leaves_that_open(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: Any = WorldResults.read

    def refuse(self: WorldResults, key: str, version_id: str | None = None) -> bytes | None:
        if key.startswith("rejected/"):
            raise ServiceRefused("GetObject: AccessDenied")
        found: bytes | None = read(self, key, version_id)
        return found

    monkeypatch.setattr(WorldResults, "read", refuse)

    told = shell.run("report", *PERIOD, "--output", "page.html")

    assert (told.code, told.err) == (0, "")
    assert "the same file" not in Path("page.html").read_text()


def test_only_files_of_the_period_and_the_prefix_are_counted(shell: Shell) -> None:
    told = shell.run("report", *PERIOD, "--prefix", "in/f", "--output", "a.html", "--json")
    later = shell.run("report", "--since", "2026-03-03", "--output", "b.html", "--json")

    assert json.loads(told.out)["files"] == {"all": 1, "processed": 1}
    assert "keys that begin with in/f" in Page(Path("a.html").read_text()).text
    assert json.loads(later.out)["files"] == {"all": 0}


def test_without_since_it_is_about_seven_days_until_now(shell: Shell) -> None:
    document = json.loads(shell.run("report", "--output", "a.html", "--json").out)

    since, until, made_at = (
        datetime.fromisoformat(document[name]) for name in ("since", "until", "madeAt")
    )
    assert (until - since).days == 7
    assert until == made_at
    assert abs((datetime.now(UTC) - made_at).total_seconds()) < 60


def test_a_period_that_ends_before_it_begins_is_refused(shell: Shell) -> None:
    told = shell.run("report", "--since", "2026-03-04", "--until", "2026-03-01")

    assert told.code == 2
    assert "--since is not before --until" in told.err
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("since", ["0001-01-01", "9000d"])
def test_a_period_from_before_s3_begins_with_s3(shell: Shell, since: str) -> None:
    told = shell.run("report", "--since", since, "--output", "a.html", "--json")

    document = json.loads(told.out)
    assert document["files"]["all"] == 3
    assert document["since"] == "2006-03-14T00:00:00+00:00"
    assert len(document["overTime"]) <= 32


def test_the_file_is_named_after_stack_and_time(shell: Shell) -> None:
    shell.run("report", *PERIOD)

    (name,) = [path.name for path in Path().iterdir()]
    assert re.fullmatch(r"report-s-\d{4}-\d\d-\d\dT\d{4}Z\.html", name)


def test_a_page_replaces_none_unless_it_is_told_to(shell: Shell) -> None:
    target = Path(f"{CARD}.html")
    target.write_text("kept")

    told = shell.run("report", *PERIOD, "--output", target)

    assert (told.code, told.out) == (2, "")
    assert told.err == "************1111.html is there already: it stays, unless --force is given\n"
    assert target.read_text() == "kept"
    assert shell.run("report", *PERIOD, "--output", target, "--force").code == 0
    assert target.read_text().startswith("<!DOCTYPE html>")
    assert os.listdir() == [target.name]  # noqa: PTH208  Hidden files would be listed, too.


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_a_page_that_cannot_be_read_for_leaves_nothing_and_what_was_there(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, force: tuple[str, ...]
) -> None:
    def fail(_: InMemoryQueue) -> int:
        raise ServiceUnavailable("GetQueueAttributes: Throttling")

    monkeypatch.setattr(InMemoryQueue, "count", fail)
    target = Path("page.html")
    if force:
        target.write_text("kept")

    told = shell.run("report", *PERIOD, "--output", target, *force)

    assert (told.code, told.err) == (2, "GetQueueAttributes: Throttling\n")
    assert [path.read_text() for path in Path().iterdir()] == (["kept"] if force else [])


@pytest.mark.parametrize("force", [(), ("--force",)])
@pytest.mark.parametrize(
    ("target", "said"), [("nowhere/page.html", "No such file"), (".", "is there already|folder")]
)
def test_a_place_where_nothing_can_be_written_is_told_before_anything_is_read(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, target: str, said: str, force: tuple[str, ...]
) -> None:
    monkeypatch.setattr(InMemoryQueue, "count", lambda _: pytest.fail("was asked"))

    told = shell.run("report", *PERIOD, "--output", target, *force)

    assert (told.code, told.err.count("\n")) == (2, 1)
    assert re.search(said, told.err)


def test_the_reading_is_shown_as_it_goes(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[str, int | None]] = []
    progress = Terminal.progress

    def seen(self: Terminal, label: str, total: int | None = None, **settings: bool) -> Any:
        shown.append((label, total))
        return progress(self, label, total, **settings)

    monkeypatch.setattr(Terminal, "progress", seen)

    shell.run("report", *PERIOD)

    assert shown == [("list files", None), ("read receipts", 3), ("read conflicts", 1)]


def test_corrected_records_take_a_file_from_the_list(shell: Shell) -> None:
    world = shell.world
    rejected = csv_file(csv_row("R", "1.00"), b"S,yesterday,1.00,EUR\n")
    world.process_file(rejected, "in/rejects.csv")
    Path("corrected.csv").write_bytes(csv_file(csv_row("S")))

    before = shell.run("report", *PERIOD, "--output", "before.html", "--json")
    shell.run("replay", "in/rejects.csv", "--rejects", "corrected.csv", "--no-wait")
    world.process(ObjectVersion(*list(world.files.objects)[-1]))
    after = shell.run("report", *PERIOD, "--output", "after.html", "--json")

    assert json.loads(before.out)["awaiting"]["rejects"] == 1
    assert json.loads(after.out)["awaiting"]["rejects"] == 0
    assert "replays in/rejects.csv" in Page(Path("after.html").read_text()).text


def test_every_next_step_is_a_command_that_the_desk_takes(shell: Shell) -> None:
    states = [
        state
        for number in range(AWAITING_LISTED_MAX + 1)
        for state in states_of_every_kind(f"in/{number}.csv")
    ]
    week = Bins(NOW - timedelta(days=7), NOW)

    page = render(summarize(states, week, NOW, 1), Made("s", "eu-central-1", "in/", "desk"))

    steps = {html.unescape(step) for step in re.findall("<code>(desk .*?)</code>", page)}
    names = set()
    for step in steps - {"desk rejects KEY --json"}:
        _, name, *arguments = shlex.split(step)
        cli.desk.commands[name].make_context(name, arguments)
        names.add(name)
    assert names == {"redrive", "sweep", "status", "receipt", "rejects"}
    # Conflicts and rejects have one and the same, and five are about no single file.
    assert len(steps) == 3 * AWAITING_LISTED_MAX + 5


def test_other_commands_do_not_pay_for_charts_and_templates() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import desk.cli, sys; print(*sys.modules)"],
        capture_output=True,
        check=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )

    loaded = {name.partition(".")[0] for name in told.stdout.split()}
    assert "desk" in loaded
    assert not loaded & {"matplotlib", "numpy", "jinja2"}


def test_it_is_one_of_the_desk_s_commands() -> None:
    assert "report" in cli.desk.commands
