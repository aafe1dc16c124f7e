"""Checks of what starts the function: uploads, tasks, the sweep."""

import json
from collections.abc import Iterator

from botocore.exceptions import ClientError

from desk.doctor.findings import Finding, failed, ok, unless, warning
from desk.doctor.look import Look
from desk.reading import Json
from processor.adapters.aws import error_code


def notifications(look: Look) -> Iterator[Finding]:
    """Whether an upload starts the function, and a task in work/."""
    problems: list[Finding] = []
    for logical_id, prefix in (
        ("TransactionDataBucket", ""),
        ("TransactionResultsBucket", "work/"),
    ):
        bucket = look.physical(logical_id)
        found = look.ask("s3", "get_bucket_notification_configuration", Bucket=bucket)
        named = [
            one
            for one in found.get("LambdaFunctionConfigurations", [])
            if one["LambdaFunctionArn"] == look.function_arn
            and "s3:ObjectCreated:*" in one["Events"]
            and _prefix_of(one) == prefix
        ]
        what = "tasks of large files wait" if prefix else "uploads wait for the sweep"
        problems += unless(
            bool(named),
            failed(
                f"{bucket} does not tell the function of new objects: {what}",
                f"aws s3api put-bucket-notification-configuration --bucket {bucket} "
                f"--notification-configuration …{look.function_arn}…, then `desk sweep`",
            ),
        )
    yield from problems or [ok("uploads, and tasks in work/, start the function")]


def _prefix_of(configuration: Json) -> str | None:
    rules = configuration.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    values = {one["Name"].lower(): one["Value"] for one in rules}
    return None if set(values) - {"prefix"} else str(values.get("prefix", ""))


def permissions(look: Look) -> Iterator[Finding]:
    """Whether S3 and the sweep's rule may start the function."""
    name = look.physical("TransactionProcessorFunction")
    try:
        policy = json.loads(look.ask("lambda", "get_policy", FunctionName=name)["Policy"])
    except ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        policy = {"Statement": []}
    allowed = [
        one["Principal"]["Service"]
        for one in policy["Statement"]
        if one["Effect"] == "Allow"
        and isinstance(one["Principal"], dict)
        and "Service" in one["Principal"]
    ]
    grant = f"aws lambda add-permission --function-name {name} --action lambda:InvokeFunction"
    rule = look.arn("events", f"rule/{look.physical('SweepRule')}")
    problems = unless(
        "s3.amazonaws.com" in allowed,
        failed(
            "S3 may not start the function: uploads wait for the sweep",
            f"{grant} --statement-id s3 --principal s3.amazonaws.com "
            f"--source-account {look.account}",
        ),
    ) + unless(
        "events.amazonaws.com" in allowed,
        failed(
            "the sweep's rule may not start the function",
            f"{grant} --statement-id sweep --principal events.amazonaws.com --source-arn {rule}",
        ),
    )
    yield from problems or [ok("S3 and the sweep may start the function")]


def sweep(look: Look) -> Iterator[Finding]:
    """Whether files without a receipt are looked for."""
    name = look.physical("SweepRule")
    rule = look.ask("events", "describe_rule", Name=name)
    targets = look.ask("events", "list_targets_by_rule", Rule=name)["Targets"]
    if rule["State"] == "DISABLED":
        is_meant = look.parameters.get("SweepSchedule") == "off"
        remedy = f"aws events enable-rule --name {name}"
        if is_meant:
            remedy = "deploy with SweepSchedule, or run `desk sweep` by a schedule of your own"
        yield warning("the sweep is off: files whose event was lost are not found", remedy)
    elif look.function_arn not in [one["Arn"] for one in targets]:
        yield failed(
            "the sweep's rule does not start the function",
            f"aws events put-targets --rule {name} --targets Id=processor,Arn={look.function_arn}"
            ",Input=…",
        )
    else:
        yield ok(f"runs at {rule.get('ScheduleExpression', '?')}")
