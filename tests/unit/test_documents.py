"""The documents say what the code does: each table complete, each example real, each link alive."""

import inspect
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from checks.__main__ import GATES
from processor import SOFTWARE, errors
from processor.domain.reject import Reason
from tests.support.world import World, without_times

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
ACTORS = {"sender", "platform team", "nobody"}

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.DOTALL | re.MULTILINE)
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def document(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


def table(text: str, first_column: str) -> list[dict[str, str]]:
    """The rows of the table whose first column has this head, each cell by its column's head."""
    lines = text[text.index(f"| {first_column} |") :].partition("\n\n")[0].splitlines()
    head, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return [dict(zip(head, row, strict=True)) for row in rows]


def codes(rows: list[dict[str, str]], column: str) -> list[str]:
    return [row[column].strip("`") for row in rows]


def blocks(text: str) -> dict[str, list[str]]:
    """Code blocks by language, in their order."""
    found: dict[str, list[str]] = {}
    for language, code in _BLOCK.findall(text):
        found.setdefault(language, []).append(code)
    return found


def anchors(text: str) -> set[str]:
    """The names by which GitHub links to headings."""
    heads = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_every_gate_is_documented_in_its_order() -> None:
    assert codes(table(document("testing.md"), "Gate"), "Gate") == list(GATES)


def test_every_reason_is_documented_in_the_order_of_precedence() -> None:
    rows = table(document("reject-reasons.md"), "Code")

    assert codes(rows, "Code") == [reason.value for reason in Reason]


def test_every_reason_says_its_scope_what_it_means_who_acts_and_how() -> None:
    for row in table(document("reject-reasons.md"), "Code"):
        assert row["Scope"] in {"file", "record", "both"}, row
        assert row["Who acts"] in ACTORS, row
        assert len(row["Means"]) > 10, row
        assert len(row["What to do"]) > 5, row


def test_every_operating_error_is_documented() -> None:
    rows = table(document("reject-reasons.md"), "Error")
    classes = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]

    families = {parent for kind in classes for parent in kind.__mro__[1:]}
    raised = [kind.__name__ for kind in classes if kind not in families]

    assert sorted(codes(rows, "Error")) == sorted(raised)
    assert {row["Who acts"] for row in rows} <= ACTORS


def test_every_notice_is_documented_and_in_the_code() -> None:
    section = document("reject-reasons.md").partition("## Notices")[2]
    notices = codes(table(section, "Code"), "Code")
    source = "".join(path.read_text() for path in (ROOT / "src" / "processor").rglob("*.py"))

    assert notices == [
        *("DUPLICATE_FILE", "CARD_NUMBER_IN_KEY", "REPLAY_UNREADABLE"),
        *("DUPLICATE_DELIVERY", "BAD_EVENT"),
    ]
    assert all(notice in source for notice in notices)


def example() -> tuple[World, dict[str, Any]]:
    """The two files of docs/receipt.md, processed."""
    monday, tuesday = blocks(document("receipt.md"))["csv"]
    world = World(software=SOFTWARE)
    world.process_file(monday.encode(), "partner/monday.csv")
    return world, world.process_file(tuesday.encode(), "partner/tuesday.csv")


def test_the_example_s_receipt_is_the_one_that_is_written() -> None:
    _, receipt = example()

    documented = json.loads(blocks(document("receipt.md"))["json"][0])

    assert without_times(documented) == without_times(json.loads(json.dumps(receipt)))
    assert list(documented) == list(receipt)


def test_the_example_s_quarantine_is_the_one_that_is_written() -> None:
    world, receipt = example()
    (listed,) = receipt["quarantine"]["objects"]

    (body,) = world.results.objects[listed["key"]]

    assert blocks(document("receipt.md"))["jsonl"] == [body.decode()]


def test_every_field_of_receipt_and_quarantine_is_documented() -> None:
    world, receipt = example()
    text = document("receipt.md")
    first_cells = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    documented = set(re.findall(r"`([\w.]+)`", "\n".join(first_cells)))

    fields = set(receipt) | {name for line in world.quarantine(receipt) for name in line}

    assert fields <= documented | {field.partition(".")[0] for field in documented}


@pytest.mark.parametrize("falsified", [None, "outcomes", "sums", "hashTotal", "quarantine"])
def test_a_third_party_can_recount_a_receipt(tmp_path: Path, falsified: str | None) -> None:
    world, receipt = example()
    parts = blocks(document("receipt.md"))
    (quarantine,) = world.results.objects[receipt["quarantine"]["objects"][0]["key"]]
    if falsified == "outcomes":
        receipt["outcomes"]["stored"] += 1
    elif falsified == "sums":
        receipt["controlTotals"]["computed"]["sums"]["EUR"] = "26.00"
    elif falsified == "hashTotal":
        receipt["controlTotals"]["computed"]["hashTotal"] = "0" * 16
    elif falsified == "quarantine":
        quarantine += b"\n"
    (tmp_path / "file.csv").write_text(parts["csv"][1])
    (tmp_path / "receipt.json").write_text(json.dumps(receipt))
    (tmp_path / "quarantine.jsonl").write_bytes(quarantine)

    done = subprocess.run(
        [sys.executable, "-I", "-c", parts["python"][0]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    if falsified:
        assert "AssertionError" in done.stderr
    else:
        assert (done.stdout, done.stderr) == (parts["text"][0], "")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_local_link_leads_somewhere(path: Path) -> None:
    dead = []
    for target in _LINK.findall(_CODE.sub("", path.read_text())):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        linked = (path.parent / name) if name else path
        if not linked.exists() or (
            anchor and linked.suffix == ".md" and anchor not in anchors(linked.read_text())
        ):
            dead.append(target)

    assert dead == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_stays_within_the_repository(path: Path) -> None:
    targets = [target for target in _LINK.findall(path.read_text()) if ":" not in target]

    resolved = [(path.parent / target.partition("#")[0]).resolve() for target in targets]

    assert all(found.is_relative_to(ROOT) for found in resolved)
