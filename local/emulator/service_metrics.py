# ruff: noqa: SLF001 - completing MiniStack means reaching into it
"""Metrics of the services themselves: AWS/Lambda and AWS/SQS.

- MiniStack counts what was invoked synchronously, and a queued event as an invocation of no length.
  Here every run counts, whoever asked for it: Invocations, Errors, Throttles, Duration. A run that
  was refused for want of concurrency is a throttle and nothing else. `DeadLetterErrors` is in
  invocations.py.
- Queues are measured every second: messages that wait, and the age of the oldest.

Sources: Lambda Developer Guide, "Types of metrics for Lambda functions"; SQS Developer Guide,
"Available CloudWatch metrics for Amazon SQS".
"""

import time
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import lambda_svc, sqs

from local.emulator import metrics
from local.emulator.metrics import Metric


def install() -> None:
    """Count the functions' runs."""
    original = lambda_svc._execute_function_dispatch

    def execute(function: dict[str, Any], config: dict[str, Any], *rest: Any) -> Any:
        began_at = time.time()
        result = original(function, config, *rest)
        failed = not isinstance(result, dict) or bool(result.get("error"))
        _put_run(config["FunctionName"], time.time() - began_at, failed=failed)
        return result

    def emit(function_name: str, *, duration_ms: float, throttle: bool, **_of_a_run: Any) -> None:
        # Called twice for a throttled synchronous call: where it is refused, without a duration,
        # and where it is answered.
        if throttle and not duration_ms:
            _put("Throttles", function_name, 1)

    lambda_svc._execute_function_dispatch = execute
    lambda_svc._emit_lambda_metrics = emit


def measure_queues() -> None:
    """Measure every queue now. On the event loop's thread only."""
    now = time.time()
    for (account, region, _url), queue in sqs._queues.all_items():
        with request_scope(account, region):
            name = queue["attributes"]["QueueArn"].rpartition(":")[2]
            waiting = [each for each in queue["messages"] if each["visible_at"] <= now]
            # What is being received counts as well until it is deleted, for the age.
            age = max((now - each["sent_at"] for each in queue["messages"]), default=0.0)
            queue_name = {"QueueName": name}
            for metric, value in (
                (Metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", queue_name), len(waiting)),
                (Metric("AWS/SQS", "ApproximateAgeOfOldestMessage", queue_name, "Seconds"), age),
            ):
                metrics.measure(metric, float(value), now)


def _put_run(function_name: str, seconds: float, *, failed: bool) -> None:
    _put("Invocations", function_name, 1)
    _put("Errors", function_name, int(failed))
    _put("Throttles", function_name, 0)
    _put("Duration", function_name, seconds * 1000, "Milliseconds")


def _put(name: str, function_name: str, value: float, unit: str = "Count") -> None:
    metrics.put(Metric("AWS/Lambda", name, {"FunctionName": function_name}, unit), value)
