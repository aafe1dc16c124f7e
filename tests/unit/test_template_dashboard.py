"""The dashboard: as CloudWatch documents it, of what is written, and the file's word for word."""

import ast
import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest
from samcli.yamlhelper import yaml_parse

from checks.dashboard import SOURCE, body_of, with_dashboard
from processor.domain.control_totals import Outcome
from processor.domain.receipt import FileStatus
from tests.support.dashboard import Graphed, Json, metrics, objections
from tests.support.template import ACCOUNT, REGION, TEMPLATE, source, stack

ROOT = Path(__file__).resolve().parents[2]
CODE = ROOT / "src" / "processor"
# What AWS documents: namespace -> its metrics that are shown, and the one dimension they are shown
# by. Sources: Lambda Developer Guide, "Types of metrics for Lambda functions"; DynamoDB Developer
# Guide, "DynamoDB metrics and dimensions"; SQS Developer Guide, "Available CloudWatch metrics for
# Amazon SQS".
DOCUMENTED = {
    "AWS/Lambda": (
        {
            *("Errors", "Throttles", "DeadLetterErrors", "Duration", "ConcurrentExecutions"),
            *("AsyncEventAge", "AsyncEventsDropped"),
        },
        "FunctionName",
    ),
    "AWS/DynamoDB": (
        {"WriteThrottleEvents", "ReadThrottleEvents", "ConsumedWriteCapacityUnits"},
        "TableName",
    ),
    "AWS/SQS": (
        {"ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"},
        "QueueName",
    ),
}
NAMED = {
    "FunctionName": {"transaction-processor-dev"},
    "TableName": {"transaction-metadata-dev", "file-ledger-dev"},
    "QueueName": {"failed-events-dev"},
}


def shown(**parameters: str) -> Json:
    """The body as CloudWatch gets it."""
    properties = stack(**parameters).properties("OperationsDashboard")
    return json.loads(properties["DashboardBody"])


def graphed() -> list[Graphed]:
    return [
        metric
        for widget in shown()["widgets"]
        if widget["type"] == "metric"
        for metric in metrics(widget)
    ]


def titled(words: str) -> Json:
    """Properties of the one widget whose title begins with these words."""
    [properties] = [
        widget["properties"]
        for widget in shown()["widgets"]
        if widget["properties"]["title"].startswith(words)
    ]
    return properties


def lines_of(words: str) -> dict[str, float]:
    """The lines drawn across a graph: label -> value."""
    lines = titled(words)["annotations"]["horizontal"]
    return {line["label"]: line["value"] for line in lines}


def written_metrics() -> set[str]:
    """Names of all metrics that the function's code adds."""
    names = {str(one.value) for kind in (Outcome, FileStatus) for one in kind}
    for path in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr="add_metric"),
                    args=[ast.Constant(value=str(name)), *_],
                ):
                    names.add(name)
    return names


def test_the_template_has_what_the_file_says() -> None:
    # If this fails: make dashboard
    dashboard = yaml_parse(SOURCE.read_text(encoding="utf-8"))
    text = TEMPLATE.read_text(encoding="utf-8")
    properties = source()["Resources"]["OperationsDashboard"]["Properties"]

    assert with_dashboard(text, dashboard) == text
    assert properties["DashboardBody"] == {
        "Fn::Sub": body_of(dashboard, source()["Parameters"]).replace("\n", " ")
    }


def test_a_template_that_differs_is_noticed() -> None:
    dashboard = yaml_parse(SOURCE.read_text(encoding="utf-8"))
    text = TEMPLATE.read_text(encoding="utf-8")

    dashboard["widgets"][0]["properties"]["title"] = "Fine"

    assert with_dashboard(text, dashboard) != text


def test_what_the_template_cannot_hold_is_refused() -> None:
    dashboard = yaml_parse(SOURCE.read_text(encoding="utf-8"))
    text = TEMPLATE.read_text(encoding="utf-8")

    with pytest.raises(ValueError, match="0 dashboards"):
        with_dashboard(text.replace("DashboardBody", "Body"), dashboard)
    dashboard["start"] = "-PT24H  "
    with pytest.raises(ValueError, match="blanks"):
        with_dashboard(text, dashboard)


def test_the_command_compares_and_finds_no_difference() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "checks.dashboard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_body_is_as_cloudwatch_documents_it() -> None:
    assert objections(shown()) == []
    assert objections(shown(RejectRatePercent="100", EnvironmentSuffix="sixteen-letters7")) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"x": 1}, "does not fit into the columns"),
        ({"height": 6}, "overlaps"),
        ({"colour": "red"}, "has ["),
        ({"properties": {"title": "t", "alarms": [], "sortBy": "name"}}, "or none"),
    ],
)
def test_a_body_that_is_not_as_documented_is_noticed(change: Json, said: str) -> None:
    body = copy.deepcopy(shown())

    body["widgets"][0] |= change

    assert any(said in objection for objection in objections(body))


def test_every_alarm_of_the_template_is_shown_once() -> None:
    alarms = stack().of_type("AWS::CloudWatch::Alarm").values()
    home = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm"
    first = shown()["widgets"][0]

    assert first["type"] == "alarm"
    assert first["properties"]["sortBy"] == "stateUpdatedTimestamp"
    assert sorted(first["properties"]["alarms"]) == sorted(
        f"{home}:{alarm['AlarmName']}" for alarm in alarms
    )


def test_every_metric_is_one_that_the_function_writes_or_aws_documents() -> None:
    variables = stack().properties("TransactionProcessorFunction")["Environment"]["Variables"]
    of_the_function = {
        ("service", variables["POWERTOOLS_SERVICE_NAME"]),
        ("environment", "dev"),
    }

    for metric in graphed():
        if metric.namespace == variables["POWERTOOLS_METRICS_NAMESPACE"]:
            assert metric.name in written_metrics(), metric
            assert metric.dimensions == of_the_function, metric
        else:
            names, dimension = DOCUMENTED[metric.namespace]
            [(name, value)] = metric.dimensions
            assert metric.name in names, metric
            assert name == dimension, metric
            assert value in NAMED[dimension], metric


def test_what_an_alarm_measures_is_drawn_with_its_statistic() -> None:
    drawn = set(graphed())

    for name, alarm in stack().of_type("AWS::CloudWatch::Alarm").items():
        if "Dimensions" in alarm:
            dimensions = frozenset((one["Name"], one["Value"]) for one in alarm["Dimensions"])
            measured = (alarm["Namespace"], alarm["MetricName"], dimensions, alarm["Statistic"])
            assert measured in drawn, name


def test_lines_are_drawn_where_alarms_ring_and_where_limits_are() -> None:
    function = stack().properties("TransactionProcessorFunction")
    queue = stack().properties("FailedEventsQueue")

    assert lines_of("Function duration") == {
        "limit": 1000 * function["Timeout"],
        "rings": stack().properties("DurationAlarm")["Threshold"],
    }
    assert lines_of("Failed events") == {"deleted": queue["MessageRetentionPeriod"]}
    assert lines_of("Rejected percent") == {"rings": 5}


def test_everything_is_of_this_stack_s_region_and_log() -> None:
    body = shown()

    regions = {widget["properties"].get("region", REGION) for widget in body["widgets"]}

    assert regions == {REGION}
    assert titled("Last errors")["query"].startswith(
        f"SOURCE '{stack().properties('LambdaLogGroup')['LogGroupName']}' | "
    )


def test_the_dashboard_is_one_of_those_that_are_free() -> None:
    # Source: Amazon CloudWatch Pricing, "Free tier": three dashboards of up to 50 metrics each.
    assert len(graphed()) <= 50


def test_the_dashboard_is_an_output() -> None:
    assert stack().outputs["DashboardName"]["Value"] == "transaction-processing-dev"
