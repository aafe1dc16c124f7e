"""What is deployed is pinned, and what is pinned is needed."""

import shutil
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from checks.outcome import ToolFailed
from checks.packages import pins_outcome
from checks.pins import exact_version, imported_packages, pin_findings
from local.paths import SOURCE

DEPLOYED = {"boto3": "1", "six": "2"}


@pytest.mark.parametrize(
    ("lines", "deployed", "needed", "expected"),
    [
        (["boto3==1", "six==2"], DEPLOYED, DEPLOYED, []),
        (["boto3==1"], DEPLOYED, DEPLOYED, ["six: pin: is deployed, and not pinned: six==2"]),
        (["boto3==1", "six>=2"], DEPLOYED, DEPLOYED, ["six: pin: is deployed, and not pinned"]),
        (["boto3==1", "six==1.9"], DEPLOYED, DEPLOYED, ["six: pin: is pinned to another version"]),
        (["boto3==1", "six==2"], DEPLOYED, {"boto3": "1"}, ["six: pin: is needed by nothing"]),
        (["boto3==1"], {"boto3": "1"}, DEPLOYED, ["six: pin: is needed by the function, and not"]),
    ],
)
def test_each_package_that_is_deployed_has_one_exact_line_and_each_line_a_need(
    lines: list[str], deployed: dict[str, str], needed: dict[str, str], expected: list[str]
) -> None:
    found = [str(one) for one in pin_findings(requirements_of(lines), deployed, needed)]

    assert len(found) == len(expected)
    assert all(one.startswith(start) for one, start in zip(found, expected, strict=True))


def requirements_of(lines: list[str]) -> list[Requirement]:
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ("six==1.17.0", "1.17.0"),
        ("six==1.*", None),
        ("six>=1.17.0", None),
        ("six==1.17.0,!=1.18", None),
        ("six~=1.17.0", None),
        ("six", None),
    ],
)
def test_one_version_only_is_exact(line: str, version: str | None) -> None:
    assert exact_version(Requirement(line)) == version


def test_imports_of_the_function_are_packages_without_types_or_its_own_modules(
    tmp_path: Path,
) -> None:
    (tmp_path / "processor").mkdir()
    (tmp_path / "processor" / "app.py").write_text(
        "import json\n"
        "import boto3.dynamodb.types\n"
        "from processor.domain import money\n"
        "from . import other\n"
        "if TYPE_CHECKING:\n    from mypy_boto3_s3 import S3Client\n"
        "else:\n    import botocore\n"
        "def late():\n    from dateutil import tz\n"
    )

    names = [one.name for one in imported_packages(tmp_path)]

    assert names == ["boto3", "botocore", "python-dateutil"]


def source_with(folder: Path, requirements: str) -> Path:
    source = folder / "src"
    shutil.copytree(SOURCE, source, ignore=shutil.ignore_patterns("__pycache__"))
    (source / "requirements.txt").write_text(requirements)
    return source


LINES = (SOURCE / "requirements.txt").read_text(encoding="utf-8")


def test_the_projects_own_file_pins_all_that_is_deployed_and_nothing_else() -> None:
    outcome = pins_outcome(SOURCE)

    assert outcome.findings == ()
    assert outcome.rules == 8


@pytest.mark.parametrize(
    "line", [line for line in LINES.splitlines() if line and not line.startswith("#")]
)
def test_no_line_of_the_projects_own_file_can_be_left_out(tmp_path: Path, line: str) -> None:
    outcome = pins_outcome(source_with(tmp_path, LINES.replace(line, "")))

    assert line.partition("==")[0] in [one.where for one in outcome.findings]


def test_a_package_that_the_function_does_not_import_is_a_finding(tmp_path: Path) -> None:
    outcome = pins_outcome(source_with(tmp_path, f"{LINES}iso4217==1.16.20260101\n"))

    assert [one.where for one in outcome.findings] == ["iso4217"]


def test_an_import_that_no_package_brings_fails_the_gate(tmp_path: Path) -> None:
    source = source_with(tmp_path, LINES)
    (source / "processor" / "new.py").write_text("import no_such_package\n")

    with pytest.raises(ToolFailed, match="no-such-package is not installed"):
        pins_outcome(source)
