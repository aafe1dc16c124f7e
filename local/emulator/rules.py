# ruff: noqa: SLF001 - completing MiniStack means reaching into it
"""Rules of EventBridge that start a function, by an event or by their schedule.

MiniStack starts the function past its policy, once, and forgets an event that failed. On AWS a rule
needs the function's permission, and invokes it asynchronously: with retries and dead letters.
Sources: EventBridge User Guide, "Using resource-based policies for Amazon EventBridge"; Lambda
Developer Guide, "Invoking a Lambda function asynchronously".
"""

import json
import logging
from typing import Any

from ministack.services import eventbridge, lambda_svc

from local.emulator import invocations

log = logging.getLogger("local.rules")


def install() -> None:
    """Check the permission of rules, and deliver to functions as AWS does."""
    original = eventbridge._invoke_target

    def invoke_target(
        target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None
    ) -> None:
        arn = str(target.get("Arn", ""))
        # The account is left out: whether EventBridge sends it is in doubt, the rule's ARN has it.
        keys = {"aws:sourcearn": rule["Arn"]}
        is_function = ":function:" in arn
        if is_function and not invocations.may_invoke(arn, "events.amazonaws.com", keys):
            log.error("%s has no permission for %s to invoke it: event lost", arn, rule["Arn"])
            return
        original(target, event, rule, view)

    def dispatch_to_lambda(arn: str, payload: str) -> None:
        function, config, _ = lambda_svc._get_func_record_for_ref(arn)
        record = lambda_svc._execution_record_for_config(function, config)
        invocations.invoke_later(record, json.loads(payload))

    eventbridge._invoke_target = invoke_target
    eventbridge._dispatch_to_lambda = dispatch_to_lambda
