"""Filter patterns of the embedded AWS: what they match, and what they refuse to understand."""

import json
import re
from pathlib import Path

import pytest

from local.emulator.filter_patterns import UnknownPattern, compiled
from local.emulator.metric_filters import refusal

ROOT = Path(__file__).resolve().parents[2]

DISABLED = {"eventSource": "kms.amazonaws.com", "eventName": "DisableKey"}
ROOT_CALL = {"userIdentity": {"type": "Root"}, "eventType": "AwsApiCall"}


def passes(pattern: str, event: object) -> bool:
    return compiled(pattern)(json.dumps(event))


@pytest.mark.parametrize(
    ("pattern", "event", "expected"),
    [
        ("", DISABLED, True),
        ("{ $.eventName = DisableKey }", DISABLED, True),
        ('{$.eventName="DisableKey"}', DISABLED, True),
        ("{ $.eventName = EnableKey }", DISABLED, False),
        ("{ $.eventName = disablekey }", DISABLED, False),
        ("{ $.eventName != EnableKey }", DISABLED, True),
        ("{ $.eventName != DisableKey }", DISABLED, False),
        ("{ $.errorCode = AccessDenied }", DISABLED, False),
        ("{ $.errorCode != AccessDenied }", DISABLED, False),
        ("{ $.errorCode NOT EXISTS }", DISABLED, True),
        ("{ $.eventName NOT EXISTS }", DISABLED, False),
        ("{ $.eventName EXISTS }", DISABLED, True),
        ("{ $.userIdentity.invokedBy EXISTS }", ROOT_CALL, False),
        ("{ $.userIdentity.type = Root }", ROOT_CALL, True),
        ("{ $.eventName.type = Root }", DISABLED, False),
        ("{ $.count = 1 }", {"count": 1}, True),
        ("{ $.eventName = DisableKey }", ["DisableKey"], False),
    ],
)
def test_comparison(pattern: str, event: object, expected: bool) -> None:
    assert passes(pattern, event) is expected


@pytest.mark.parametrize(
    ("value", "text", "expected"),
    [
        ('"AccessDenied*"', "AccessDenied", True),
        ('"AccessDenied*"', "AccessDeniedException", True),
        ('"AccessDenied*"', "Client.AccessDenied", False),
        ('"*UnauthorizedOperation"', "Client.UnauthorizedOperation", True),
        ('"*UnauthorizedOperation"', "UnauthorizedOperations", False),
        ("*Key*", "DisableKeys", True),
        ("*", "anything", True),
        ("123.123.*", "123.123.1.2", True),
    ],
)
def test_value_may_stand_open_at_its_ends(value: str, text: str, expected: bool) -> None:
    assert passes(f"{{ $.code = {value} }}", {"code": text}) is expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("{ $.a = 1 || $.b = 2 && $.c = 3 }", True),
        ("{ ($.a = 1 || $.b = 2) && $.c = 3 }", False),
        ("{ $.c = 3 && $.b = 2 || $.a = 1 }", True),
        ("{ $.c = 3 && ($.b = 2 || $.a = 1) }", False),
        ("{ (($.a = 1)) && (($.b != 3)) }", True),
    ],
)
def test_and_binds_stronger_than_or(pattern: str, expected: bool) -> None:
    assert passes(pattern, {"a": "1", "b": "0", "c": "0"}) is expected


def test_line_that_is_no_json_passes_no_json_pattern() -> None:
    matches = compiled("{ $.a NOT EXISTS }")

    assert [matches(line) for line in ("START RequestId: 1", "{broken", "{}")] == [
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    "pattern",
    [
        "ERROR",
        "[ip, user, status]",
        "%regex%",
        "{ $.a > 1 }",
        "{ $.a = %regex% }",
        "{ $.a IS NULL }",
        "{ $.a[0] = 1 }",
        "{ $.a[*].b = 1 }",
        "{ $.* = 1 }",
        "{ $.a = b*c }",
        "{ $.a = 1 } trailing",
        "{ $.a = 1",
        "{ $.a = 1 && }",
        "{ ($.a = 1 }",
        "{ $.a }",
        "{ $.a NOT }",
        "{ a = 1 }",
        "{}",
    ],
)
def test_pattern_that_is_not_understood_is_an_error(pattern: str) -> None:
    with pytest.raises(UnknownPattern):
        compiled(pattern)


def test_every_pattern_of_the_template_is_understood() -> None:
    template = (ROOT / "template.yaml").read_text()
    patterns = re.findall(r"FilterPattern: >-\n(.*?)\n +MetricTransformations", template, re.DOTALL)

    understood = [compiled(" ".join(pattern.split())) for pattern in patterns]

    assert len(understood) == template.count("AWS::Logs::MetricFilter")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, None),
        ({"filterPattern": "ERROR"}, "not known|missing"),
        ({"metricTransformations": [{"metricValue": "$.size"}]}, "number"),
        (
            {"metricTransformations": [{"metricValue": "1", "dimensions": {"a": "$.a"}}]},
            "dimensions",
        ),
    ],
)
def test_filter_that_would_count_otherwise_is_refused(
    changed: dict[str, object], reason: str | None
) -> None:
    known = {"filterPattern": "{ $.a = 1 }", "metricTransformations": [{"metricValue": "1"}]}

    found = refusal({**known, **changed})

    assert (found is None) if reason is None else re.search(reason, str(found))
