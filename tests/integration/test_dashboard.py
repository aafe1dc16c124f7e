"""The dashboard and alarms as deployed: each is shown, each has its way to the runbook."""

import json

import pytest

from tests.integration.deployed import Json, Stack, client


@pytest.fixture(scope="module")
def body(stack: Stack) -> Json:
    name = stack.outputs["DashboardName"]
    text = client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"]
    parsed: Json = json.loads(text)
    return parsed


@pytest.fixture(scope="module")
def alarms(stack: Stack) -> list[Json]:
    names = [name for logical, name in stack.resources.items() if logical.endswith("Alarm")]
    pages = client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmNames=names)
    return [alarm for page in pages for alarm in page["MetricAlarms"]]


def test_the_dashboard_shows_every_alarm_of_the_stack_first(
    stack: Stack, body: Json, alarms: list[Json]
) -> None:
    first = body["widgets"][0]

    assert first["type"] == "alarm"
    assert sorted(first["properties"]["alarms"]) == sorted(one["AlarmArn"] for one in alarms)
    assert len(alarms) == sum(name.endswith("Alarm") for name in stack.resources)


def test_nothing_of_the_dashboard_is_left_to_be_filled_in(stack: Stack, body: Json) -> None:
    text = json.dumps(body)

    assert "${" not in text
    assert {one["properties"].get("region", stack.region) for one in body["widgets"]} == {
        stack.region
    }
    for logical_id in (
        "TransactionProcessorFunction",
        "TransactionMetadataTable",
        "LambdaLogGroup",
    ):
        assert stack.resources[logical_id] in text


def test_the_line_of_the_reject_rate_is_drawn_where_its_alarm_rings(
    stack: Stack, body: Json, alarms: list[Json]
) -> None:
    [alarm] = [one for one in alarms if one["AlarmName"] == stack.resources["RejectRateAlarm"]]
    [rate] = [
        one["properties"] for one in body["widgets"] if "Rejected" in one["properties"]["title"]
    ]

    assert alarm["Threshold"] == float(stack.parameters["RejectRatePercent"])
    assert [line["value"] for line in rate["annotations"]["horizontal"]] == [alarm["Threshold"]]


def test_every_alarm_leads_to_the_runbook(stack: Stack, alarms: list[Json]) -> None:
    for alarm in alarms:
        section = f" Runbook: {stack.parameters['RunbookUrl']}#"
        assert section in alarm["AlarmDescription"], alarm["AlarmName"]
        assert alarm["AlarmActions"] == [stack.outputs["AlarmTopicArn"]], alarm["AlarmName"]
