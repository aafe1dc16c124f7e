# ruff: noqa: SLF001 - completing MiniStack means reaching into it
"""What the Lambda service does with the rights of a function's role, and cannot do without them.

- It writes the function's log: `logs:CreateLogStream` and `logs:PutLogEvents` on the log group.
  Without either the lines are lost, and the invocation knows nothing of it.
  Source: Lambda Developer Guide, "Sending Lambda function logs to CloudWatch Logs".
- It attaches the function to its VPC: the six actions that the execution role of such a function
  must have. AWS tries some of them when the function is made and needs the others later, to move or
  remove interfaces; here all of them are asked for whenever a `VpcConfig` is set.
  Source: Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC".
- It sends to the dead-letter queue, and asks for `sqs:SendMessage` when the queue is set.
  Source: Lambda API Reference, "DeadLetterConfig"; Developer Guide, "Adding a dead-letter queue".
"""

from typing import Any

from ministack.services import lambda_svc

from local.emulator.authorization import ServiceOfLambda

NETWORK_ACTIONS = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
LOG_ACTIONS = ("logs:CreateLogStream", "logs:PutLogEvents")


def install(service: ServiceOfLambda) -> None:
    """Ask for the role's rights before Lambda logs, attaches to a VPC, or takes a queue."""
    _complete_log(service)
    _complete_configuration(service)


def _complete_log(service: ServiceOfLambda) -> None:
    original = lambda_svc._emit_lambda_logs

    def emit_lambda_logs(function: dict[str, Any], *arguments: Any, **named: Any) -> None:
        config = function.get("config") or function
        if all(service.may(config, action, _log_stream(config)) for action in LOG_ACTIONS):
            original(function, *arguments, **named)

    lambda_svc._emit_lambda_logs = emit_lambda_logs


def _log_stream(config: dict[str, Any]) -> str:
    """A stream of the function's log group; which one makes no difference to any policy here."""
    region, account = config["FunctionArn"].split(":")[3:5]
    logging_config = config.get("LoggingConfig") or {}
    group = logging_config.get("LogGroup") or f"/aws/lambda/{config['FunctionName']}"
    return f"arn:aws:logs:{region}:{account}:log-group:{group}:log-stream:[$LATEST]"


def _complete_configuration(service: ServiceOfLambda) -> None:
    original_create = lambda_svc._create_function
    original_update = lambda_svc._update_config

    def create_function(data: dict[str, Any]) -> Any:
        name = str(data.get("FunctionName"))
        config = {**data, "FunctionArn": lambda_svc._func_arn(name)}
        return _refusal(service, config, data) or original_create(data)

    def update_config(name: str, data: dict[str, Any]) -> Any:
        function = lambda_svc._functions.get(name) or {}
        config = {**function.get("config", {}), **data}
        refusal = _refusal(service, config, data) if function else None
        return refusal or original_update(name, data)

    lambda_svc._create_function = create_function
    lambda_svc._update_config = update_config


def _refusal(service: ServiceOfLambda, config: dict[str, Any], data: dict[str, Any]) -> Any:
    """The error for a role that lacks a right which the asked configuration needs, or None."""
    needed: list[tuple[str, str]] = []
    if (data.get("VpcConfig") or {}).get("SubnetIds"):
        needed += [(action, "*") for action in NETWORK_ACTIONS]
    queue = (data.get("DeadLetterConfig") or {}).get("TargetArn", "")
    if ":sqs:" in queue:
        needed.append(("sqs:SendMessage", queue))
    for action, resource_arn in needed:
        if not service.may(config, action, resource_arn):
            prefix, _, name = action.partition(":")
            return lambda_svc.error_response_json(
                "InvalidParameterValueException",
                "The provided execution role does not have permissions to call "
                f"{name} on {prefix.upper()}",
                400,
            )
    return None
