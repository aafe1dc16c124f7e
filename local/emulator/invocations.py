# ruff: noqa: SLF001 - completing MiniStack means reaching into it
"""Asynchronous invocations: waiting, retries, dead letters, and the interpreter they run in.

As on AWS, an event is retried twice after an error, waits without being counted while the function
is throttled, and is then sent to the function's dead-letter queue, by the Lambda service with the
rights of the function's role. The message is the event itself; request id and error are message
attributes. Source: AWS Lambda Developer Guide, "Capturing records of Lambda asynchronous
invocations", "Adding a dead-letter queue". Only the delays are short here.
"""

import contextvars
import json
import logging
import os
import sys
import threading
import time
from typing import Any

from botocore.exceptions import ClientError
from ministack.core import iam_evaluator, lambda_runtime
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch, lambda_svc, s3, sts

from local import aws
from local.emulator.calls import SERVICE_SESSION_PREFIX
from local.emulator.service import own_endpoint

log = logging.getLogger("local.invocations")

RETRY_DELAYS_S = (0.5, 1.0)
THROTTLE_DELAY_S = 0.5

#: Events that run at once, all functions together. More processes than this on a small machine
#: only slow each other down; the rest waits in the queue, as it does on AWS.
CONCURRENT_EVENTS_MAX = 4

RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"

_being_made_ready: dict[str, threading.Thread] = {}

_turns = threading.BoundedSemaphore(CONCURRENT_EVENTS_MAX)


def install() -> None:
    """Take over asynchronous invocation, and check that S3 may invoke the function."""
    lambda_svc.invoke_async_with_retry = invoke_later
    lambda_runtime._detect_runtime_binary = _interpreter
    # Inherited by the functions' processes: /var/task is read-only on AWS, nothing is compiled to.
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    # As in every execution environment; SDKs name it in their user agent.
    os.environ["AWS_EXECUTION_ENV"] = f"AWS_Lambda_{RUNTIME}"
    _keep_environment_after_an_error()
    _check_permission_of_s3()


def make_ready(name: str) -> None:
    """Unpack and start one process of a function, while the rest of its stack is made.

    The first event would do the same, and a person would wait for it.
    """
    thread = threading.Thread(target=_start_process, args=(name,), daemon=True)
    _being_made_ready[name] = thread
    thread.start()


def _start_process(name: str) -> None:
    function = lambda_svc._functions[name]
    worker, _ = lambda_runtime.acquire_worker(name, function["config"], function["code_zip"])
    try:
        lambda_runtime.ensure_spawned(worker)
    except RuntimeError as error:
        # The module does not load. The first event fails so too, and tells in the function's log.
        log.warning("%s does not start: %s", name, error)
    finally:
        lambda_runtime.release_worker(worker)


def invoke_later(function: dict[str, Any], event: dict[str, Any]) -> None:
    """Queue an event for a function and return at once."""
    snapshot = contextvars.copy_context()
    threading.Thread(target=snapshot.run, args=(_deliver, function, event), daemon=True).start()


def _deliver(function: dict[str, Any], event: dict[str, Any]) -> None:
    config = function.get("config") or function
    limits = (
        function.get("event_invoke_config")
        or (function.get("event_invoke_configs") or {}).get("$LATEST")
        or {}
    )
    retries = int(limits.get("MaximumRetryAttempts", 2))
    give_up_at = time.time() + int(limits.get("MaximumEventAgeInSeconds", 21600))
    for attempt in range(retries + 1):
        result = _run_in_turn(function, event, give_up_at)
        if not result.get("error"):
            return
        log.warning("attempt %d of %s failed: %s", attempt + 1, config["FunctionName"], result)
        if attempt < retries:
            time.sleep(RETRY_DELAYS_S[min(attempt, len(RETRY_DELAYS_S) - 1)])
    queue_arn = (config.get("DeadLetterConfig") or {}).get("TargetArn")
    if queue_arn:
        _send_to_dead_letters(config, queue_arn, event, result)
    destination = (limits.get("DestinationConfig") or {}).get("OnFailure", {}).get("Destination")
    if destination:
        lambda_svc._route_async_failure(destination, config["FunctionName"], event, result)


def _run_in_turn(
    function: dict[str, Any], event: dict[str, Any], give_up_at: float
) -> dict[str, Any]:
    """Run once; wait while throttled, until the event is too old."""
    preparation = _being_made_ready.pop(function["config"]["FunctionName"], None)
    if preparation:
        preparation.join()
    while True:
        with _turns:
            result: dict[str, Any] = lambda_svc._execute_function(function, event)
        if not result.get("throttle") or time.time() > give_up_at:
            return result
        time.sleep(THROTTLE_DELAY_S)


def _send_to_dead_letters(
    config: dict[str, Any], queue_arn: str, event: dict[str, Any], result: dict[str, Any]
) -> None:
    """Send as the Lambda service does: the role's rights, but not from inside the VPC."""
    session = _service_session(config)
    region, account_id, name = queue_arn.split(":")[3:6]
    keys = (session["AWS_ACCESS_KEY_ID"], session["AWS_SECRET_ACCESS_KEY"])
    queue = aws.client("sqs", own_endpoint(), region, keys, session["AWS_SESSION_TOKEN"])
    body = result.get("body") or {}
    try:
        queue.send_message(
            QueueUrl=f"{own_endpoint()}/{account_id}/{name}",
            MessageBody=json.dumps(event),
            MessageAttributes={
                "RequestID": _text(str(lambda_svc.new_uuid())),
                "ErrorCode": {"DataType": "Number", "StringValue": "200"},
                # The first 1 KB of the error. Source: as above, dead-letter queue attributes.
                "ErrorMessage": _text(str(body.get("errorMessage") or "unknown")[:1024]),
            },
        )
    except ClientError as error:
        # Lambda counts it, and the event is lost. Source: Lambda Developer Guide, "Types of metrics
        # for Lambda functions", asynchronous invocation metrics.
        log.error("an event of %s is lost: %s", config["FunctionName"], error)  # noqa: TRY400  No fault here.
        dimensions = {"FunctionName": config["FunctionName"]}
        cloudwatch.record_metric("AWS/Lambda", "DeadLetterErrors", 1, "Count", dimensions)


def _text(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}


def _service_session(config: dict[str, Any]) -> dict[str, str]:
    """The role's session under another name than the function's: it is not in the VPC."""
    credentials: dict[str, str] = lambda_runtime.execution_credentials(config)
    session = dict(sts._sessions[credentials["AWS_ACCESS_KEY_ID"]])
    session["Arn"] = session["Arn"].rpartition("/")[0] + f"/{SERVICE_SESSION_PREFIX}dead-letters"
    key = "ASIADEADLETTERS" + credentials["AWS_ACCESS_KEY_ID"][-5:]
    sts.register_session(key, session)
    return {**credentials, "AWS_ACCESS_KEY_ID": key}


def _interpreter(runtime: str) -> tuple[str, str]:
    """The bare interpreter of the function's runtime, and the loop that it runs.

    The bare one, and not this virtual environment's, so that a dependency missing from
    `src/requirements.txt` is missing here as well.

    Raises:
        RuntimeError: the runtime is another Python than the one that this runs on.
    """
    if runtime != RUNTIME:
        raise RuntimeError(f"the embedded AWS runs {RUNTIME} functions only, not {runtime}")
    base: str = getattr(sys, "_base_executable", sys.executable)
    return base, lambda_runtime._PYTHON_WORKER_SCRIPT.replace(_REPORTED, _REPORTED_AND_GONE_ON)


_REPORTED = '{"status": "error", "error": str(e), "trace": traceback.format_exc()}'
_REPORTED_AND_GONE_ON = (
    '{"status": "ok", "failure": {"error": str(e), "trace": traceback.format_exc()}}'
)


def _keep_environment_after_an_error() -> None:
    """An error of the handler does not end the process that it ran in; a crash or a time-out does.

    MiniStack ends it when the loop reports an error, so the loop reports a success with a failure
    in it. Source: Lambda Developer Guide, "Using the Lambda runtime API", invocation error;
    "Understanding the Lambda execution environment lifecycle", failures during the invoke phase.
    """
    if _REPORTED not in lambda_runtime._PYTHON_WORKER_SCRIPT:
        raise RuntimeError("this MiniStack's loop reports errors in another way")
    original = lambda_runtime.Worker.invoke

    def invoke(worker: Any, *arguments: Any, **named: Any) -> dict[str, Any]:
        response: dict[str, Any] = original(worker, *arguments, **named)
        failure = response.pop("failure", None)
        return {**response, "status": "error", **failure} if failure else response

    lambda_runtime.Worker.invoke = invoke


def _check_permission_of_s3() -> None:
    original_validate = s3._validate_notification_configs
    original_deliver = s3._deliver_event_to_lambda

    def validate_notification_configs(
        configs: list[dict[str, Any]],
        bucket_region: str,
        bucket_name: str = "",
        skip_destination_validation: bool = False,  # noqa: FBT001, FBT002  MiniStack's own signature.
    ) -> Any:
        error = original_validate(configs, bucket_region, bucket_name, skip_destination_validation)
        if error or skip_destination_validation:
            return error
        refused = [
            config["arn"]
            for config in configs
            if config["type"] == "lambda" and not _s3_may_invoke(config["arn"], bucket_name)
        ]
        if not refused:
            return None
        return s3._invalid_notification_config(
            "Unable to validate the following destination configurations: " + ", ".join(refused)
        )

    def deliver_event_to_lambda(arn: str, payload: dict[str, Any], bucket_region: str) -> None:
        bucket_name = payload["Records"][0]["s3"]["bucket"]["name"]
        if not _s3_may_invoke(arn, bucket_name):
            log.error("%s has no permission for %s to invoke it: event lost", arn, bucket_name)
            return
        original_deliver(arn, payload, bucket_region)

    s3._validate_notification_configs = validate_notification_configs
    s3._deliver_event_to_lambda = deliver_event_to_lambda


def _s3_may_invoke(function_arn: str, bucket_name: str) -> bool:
    keys = {
        "aws:sourcearn": f"arn:aws:s3:::{bucket_name}",
        "aws:sourceaccount": s3._bucket_owner_account(bucket_name) or "",
    }
    return may_invoke(function_arn, "s3.amazonaws.com", keys)


def may_invoke(function_arn: str, service: str, keys: dict[str, str]) -> bool:
    """Whether the function exists and its policy lets a service of AWS invoke it.

    Args:
        function_arn: The function.
        service: Such as `s3.amazonaws.com`.
        keys: Condition keys that the service sends along, in lower case.
    """
    found = lambda_svc.function_policy_for_arn(function_arn)
    if found is None:
        return False
    context = iam_evaluator.EvalContext(
        principal_arn=service,
        principal_type="Service",
        principal_account=get_account_id(),
        action="lambda:InvokeFunction",
        resource_arn=function_arn,
        region=get_region(),
        service_context=keys,
    )
    decision: str = iam_evaluator.evaluate_resource_policy(
        found[0], context, service=service
    ).decision
    return decision == "Allow"
