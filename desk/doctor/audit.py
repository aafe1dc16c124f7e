"""Checks of what is recorded: the trail, logs, the network's flow log and endpoints."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from botocore.exceptions import ClientError

from desk.doctor.findings import Finding, failed, ok, unless, warning
from desk.doctor.look import Look
from desk.reading import Json
from processor.adapters.aws import error_code

_FIRST_FILE: Final = timedelta(hours=1)
"""A trail delivers every few minutes: by then a file must be there."""


def trail(look: Look) -> Iterator[Finding]:
    """Whether the trail records, what it must, and provably."""
    name = look.physical("TransactionDataTrail")
    status = look.ask("cloudtrail", "get_trail_status", Name=name)
    found = look.ask("cloudtrail", "get_trail", Name=name)["Trail"]
    selectors = look.ask("cloudtrail", "get_event_selectors", TrailName=name)
    update = f"aws cloudtrail update-trail --name {name}"
    problems = [
        *unless(
            status["IsLogging"],
            failed("nothing is recorded", f"aws cloudtrail start-logging --name {name}"),
        ),
        *_deliveries(look, status),
        *unless(
            found.get("LogFileValidationEnabled", False),
            failed("its files could be changed unseen", f"{update} --enable-log-file-validation"),
        ),
        *unless(
            found.get("IsMultiRegionTrail", False),
            failed("other regions are not recorded", f"{update} --is-multi-region-trail"),
        ),
        *unless(
            found.get("KmsKeyId") == look.key_arn,
            failed("its files are not encrypted by the key", f"{update} --kms-key-id …"),
        ),
        *_selection(look, name, selectors),
    ]
    yet = "" if status.get("LatestDeliveryTime") else "; no file was delivered yet"
    yield from problems or [ok(f"records, with provable files, uploads and results too{yet}")]


def _deliveries(look: Look, status: Json) -> Iterator[Finding]:
    bucket = look.physical("CloudTrailLogsBucket")
    for member, whereto, remedy in (
        ("LatestDeliveryError", f"{bucket}", "compare the bucket's policy with template.yaml"),
        (
            "LatestCloudWatchLogsDeliveryError",
            "its log group: no alarm of the audit rings",
            "compare TrailLogRole and its policy with template.yaml",
        ),
    ):
        if status.get(member):
            yield failed(f"{status[member]} on delivery to {whereto}", remedy)
    started = status.get("StartLoggingTime")
    if started and not status.get("LatestDeliveryTime") and not status.get("LatestDeliveryError"):
        yield from unless(
            datetime.now(UTC) - started < _FIRST_FILE,
            warning(
                f"no file was delivered since {started:%Y-%m-%d %H:%M} UTC",
                f"look into {bucket}; the bucket's policy must let the trail write",
            ),
        )


def _selection(look: Look, name: str, selectors: Json) -> Iterator[Finding]:
    selected = [
        value
        for selector in selectors.get("EventSelectors") or []
        for resource in selector.get("DataResources", [])
        for value in resource["Values"]
    ] + [
        value
        for selector in selectors.get("AdvancedEventSelectors") or []
        for one in selector["FieldSelectors"]
        if one["Field"] == "resources.ARN"
        for value in (*one.get("StartsWith", []), *one.get("Equals", []))
    ]
    for logical_id in ("TransactionDataBucket", "TransactionResultsBucket"):
        prefix = f"{look.s3_arn(look.physical(logical_id))}/"
        yield from unless(
            # "arn:aws:s3" alone stands for all buckets.
            bool({prefix, prefix.partition(":::")[0]} & set(selected)),
            failed(
                f"reads and writes of {look.physical(logical_id)} are not recorded",
                f"aws cloudtrail put-event-selectors --trail-name {name} --event-selectors "
                f"…{prefix}…",
            ),
        )


def logs(look: Look) -> Iterator[Finding]:
    """Whether logs are kept for their time, under the key."""
    groups = look.of_kind("AWS::Logs::LogGroup")
    is_well = True
    for group in groups:
        for finding in _log_group(look, group.physical_id):
            is_well = False
            yield finding
    if is_well:
        days = look.parameters.get("LogRetentionDays")
        yield ok(f"{len(groups)} log groups, kept for {days} days, encrypted by the key")


def _log_group(look: Look, name: str) -> Iterator[Finding]:
    listed = look.ask_all("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=name)
    found = next((one for one in listed if one["logGroupName"] == name), None)
    if found is None:
        yield failed(f"{name} is gone", "`sam deploy` makes no new one: see docs/deployment.md")
        return
    days = look.parameters.get("LogRetentionDays")
    yield from unless(
        str(found.get("retentionInDays")) == days,
        warning(
            f"{name} is kept for {found.get('retentionInDays', 'ever, not')} days, not {days}",
            f"aws logs put-retention-policy --log-group-name {name} --retention-in-days {days}",
        ),
    )
    yield from unless(
        found.get("kmsKeyId") == look.key_arn,
        failed(
            f"{name} is not encrypted by the key",
            f"aws logs associate-kms-key --log-group-name {name} --kms-key-id {look.key_arn}",
        ),
    )


def endpoints(look: Look) -> Iterator[Finding]:
    """Whether the function's three ways out are open."""
    wanted = look.of_kind("AWS::EC2::VPCEndpoint")
    problems: list[Finding] = []
    for one in wanted:
        found = _endpoint(look, one.physical_id)
        state = str(found.get("State", "deleted")).lower()
        problems += unless(
            state == "available",
            failed(
                f"{one.logical_id} is {state}: the function cannot reach the service",
                "wait while it is pending; if it is gone, deploy under another suffix",
            ),
        )
    yield from problems or [ok(f"{len(wanted)} endpoints available")]


def _endpoint(look: Look, endpoint_id: str) -> Json:
    try:
        answer = look.ask("ec2", "describe_vpc_endpoints", VpcEndpointIds=[endpoint_id])
    except ClientError as error:
        if error_code(error) != "InvalidVpcEndpointId.NotFound":
            raise
        return {}
    found: list[Json] = answer["VpcEndpoints"]
    return found[0] if found else {}


def flow_log(look: Look) -> Iterator[Finding]:
    """Whether the network's traffic is recorded."""
    flow_log_id = look.physical("FlowLog")
    answer = look.ask("ec2", "describe_flow_logs", FlowLogIds=[flow_log_id])
    found: Json = next(iter(answer["FlowLogs"]), {})
    if found.get("FlowLogStatus") != "ACTIVE":
        yield failed("no traffic is recorded", "deploy the template under another suffix")
    elif found.get("DeliverLogsStatus") == "FAILED":
        yield failed(
            f"its records are not delivered: {found.get('DeliverLogsErrorMessage')}",
            "compare FlowLogRole and its policy with template.yaml",
        )
    else:
        yield ok("active")
