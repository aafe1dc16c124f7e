"""A suppression hides exactly what it names, for a reason, or is a finding itself."""

import pytest

from checks.outcome import Finding, Suppression, judged

FINDING = Finding("DataBucket", "CKV_AWS_18", "no access log")
REASON = "The log would be written into itself."


def test_a_finding_without_suppression_stays() -> None:
    outcome = judged("checkov", 5, [FINDING])

    assert outcome.findings == (FINDING,)
    assert outcome.suppressed == ()


def test_a_suppressed_finding_is_listed_with_its_reason_and_not_counted() -> None:
    suppression = Suppression("DataBucket", "CKV_AWS_18", REASON)

    outcome = judged("checkov", 5, [FINDING], [suppression])

    assert outcome.findings == ()
    assert outcome.suppressed == (suppression,)


@pytest.mark.parametrize(
    "unused",
    [
        Suppression("OtherBucket", "CKV_AWS_18", REASON),
        Suppression("DataBucket", "CKV_AWS_19", REASON),
        Suppression("DataBucket", "CKV_AWS", REASON),
    ],
)
def test_a_suppression_that_hides_nothing_is_a_finding(unused: Suppression) -> None:
    outcome = judged("checkov", 5, [], [unused])

    assert [(one.where, one.rule) for one in outcome.findings] == [(unused.where, unused.rule)]
    assert "nothing is found there" in outcome.findings[0].message
    assert outcome.suppressed == ()


@pytest.mark.parametrize("reason", ["", "false positive", "  "])
def test_a_suppression_without_a_sentence_is_a_finding(reason: str) -> None:
    outcome = judged("checkov", 5, [FINDING], [Suppression("DataBucket", "CKV_AWS_18", reason)])

    assert [one.message for one in outcome.findings] == [
        "suppressed without a reason: say in a sentence why it is right here"
    ]


@pytest.mark.parametrize(
    ("where", "rule", "is_covered"),
    [
        ("local/aws.py:9", "S603", True),
        ("local/aws.py:8", "S603", False),
        ("local/aws.py", "S603", True),
        ("local/", "S603", True),
        ("local/**", "S", True),
        ("local/**", "T20", False),
        ("src/", "S603", False),
        ("src/**", "S603", False),
        ("local/aws.py:9", "S", False),
    ],
)
def test_code_is_suppressed_by_line_file_folder_or_pattern(
    where: str, rule: str, is_covered: bool
) -> None:
    finding = Finding("local/aws.py:9", "S603", "starts a program")

    assert Suppression(where, rule, REASON).covers(finding) is is_covered


def test_a_gate_that_looked_at_nothing_has_a_finding() -> None:
    outcome = judged("mypy", 0, [], unit="files")

    assert [one.message for one in outcome.findings] == ["looked at no files"]
