# ruff: noqa: SLF001 - completing MiniStack means reaching into it
"""Trails write the calls that they select to their log groups, at once.

MiniStack records calls for `LookupEvents` only, if at all, and names half of them otherwise than
CloudTrail does. Written here are the management calls, and the data calls that were refused: what
metric filters look for. Left out are

- data calls that succeeded: one or more for each row that the function stores;
- calls of root, which is the launcher and the emulator itself: on AWS CloudFormation would have
  made them. So nobody rings the alarm on root here;
- calls that name no key of the account, as on AWS.

The real trail takes minutes, and writes files to its bucket as well.

Source: CloudTrail User Guide, "Sending events to CloudWatch Logs".
"""

import json
import logging
import os
import re
import time
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import ministack.app
from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_request_client_ip, request_scope
from ministack.services import cloudtrail, cloudwatch_logs

from local.emulator.calls import user_agent
from local.emulator.trail_events import Caller, Failure, Served, event
from local.emulator.trail_selectors import selects

log = logging.getLogger("local.trail_log")

_CODE = re.compile(rb"<Code>([^<]*)</Code>")
_MESSAGE = re.compile(rb"<Message>([^<]*)</Message>", re.IGNORECASE)


@dataclass
class _Judgement:
    """What was asked first in a request, or what of it was refused first."""

    access_key: str = ""
    action: str = ""
    service: str = ""
    region: str = ""
    resource: str = ""
    is_refused: bool = False
    is_authentic: bool = True

    def served(self, method: str, parameters: dict[str, Any]) -> Served:
        return Served(
            self.service,
            self.action,
            self.resource,
            method,
            parameters,
            self.region,
            get_account_id(),
        )


_judgement: ContextVar[_Judgement | None] = ContextVar("judgement", default=None)


def install() -> None:
    """Listen to judgements, and write each call when it was answered. After authorization."""
    original_enforce = iam_evaluator.enforce
    original_dispatch = ministack.app._dispatch_service_request

    def enforce(
        access_key: str, action: str, service: str, region: str, *rest: Any, **named: Any
    ) -> Any:
        denied = original_enforce(access_key, action, service, region, *rest, **named)
        judged = _judgement.get()
        if judged is not None:
            if not judged.action or (denied and not judged.is_refused):
                judged.access_key, judged.action = access_key or "", action
                judged.service, judged.region = service, region
                judged.resource = str(rest[0] if rest else named.get("resource_arn", "*"))
            judged.is_refused |= bool(denied)
            judged.is_authentic &= not isinstance(denied, iam_evaluator.AuthError)
        return denied

    async def dispatch(  # noqa: PLR0913, PLR0917 - the signature is MiniStack's
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query_params: dict[str, Any],
        request_id: str,
    ) -> Any:
        judged = _Judgement()
        token = _judgement.set(judged)
        logging_before = _logging_trails()
        try:
            answer = await original_dispatch(method, path, headers, body, query_params, request_id)
        finally:
            _judgement.reset(token)
        if judged.action and judged.is_authentic and not _is_root(judged.access_key):
            parameters = _parameters(judged.service, path, headers, body, query_params)
            served = judged.served(method, parameters)
            if served.data_type is None or judged.is_refused:
                # A trail records its own end and its own beginning.
                trails = (logging_before | _logging_trails()).values()
                _write(trails, judged, served, answer, request_id)
        return answer

    iam_evaluator.enforce = enforce
    ministack.app._dispatch_service_request = dispatch


def _is_root(access_key: str) -> bool:
    """Whether the launcher calls, the emulator itself, or nobody who is known."""
    return access_key in {"", os.environ["AWS_ACCESS_KEY_ID"]}


def _logging_trails() -> dict[str, dict[str, Any]]:
    """The account's trails that log to a group of their own, by ARN."""
    account = get_account_id()
    return {
        trail["TrailARN"]: trail
        for (owner, _region, _name), trail in cloudtrail._trails.all_items()
        if owner == account and trail.get("IsLogging") and trail.get("CloudWatchLogsLogGroupArn")
    }


def _write(
    trails: Iterable[dict[str, Any]],
    judged: _Judgement,
    served: Served,
    answer: tuple[int, dict[str, str], Any],
    request_id: str,
) -> None:
    selecting = [trail for trail in trails if selects(_selectors(trail), served)]
    principal = iam_evaluator.resolve_principal(judged.access_key, served.account)
    if not selecting or isinstance(principal, iam_evaluator.AuthError):
        return
    caller = Caller(
        principal.arn, judged.access_key, get_request_client_ip(), f"[{user_agent.get()}]"
    )
    failure = failure_of(served.service, answer, is_refused=judged.is_refused)
    message = json.dumps(event(served, caller, failure, request_id))
    for trail in selecting:
        _put(trail, served, message)


def _selectors(trail: dict[str, Any]) -> Any:
    return cloudtrail._event_selectors.get_scoped(
        get_account_id(),
        trail["HomeRegion"],
        trail["Name"],
        cloudtrail._DEFAULT_EVENT_SELECTORS,
    )


def _put(trail: dict[str, Any], served: Served, message: str) -> None:
    """Put an event into a trail's log group, in the stream that CloudTrail would name so."""
    region = trail["HomeRegion"]
    group = trail["CloudWatchLogsLogGroupArn"].partition(":log-group:")[2].removesuffix(":*")
    stream = f"{served.account}_CloudTrail_{region}"
    with request_scope(served.account, region):
        named = {"logGroupName": group, "logStreamName": stream}
        if stream not in (cloudwatch_logs._log_groups.get(group) or {}).get("streams", {}):
            cloudwatch_logs._create_log_stream(named)
        events = [{"timestamp": int(time.time() * 1000), "message": message}]
        status, _, body = cloudwatch_logs._put_log_events({**named, "logEvents": events})
    if status != 200:
        log.warning("an event of %s is lost: %s", trail["Name"], body)


def failure_of(
    service: str, answer: tuple[int, dict[str, str], Any], *, is_refused: bool
) -> Failure | None:
    """What CloudTrail says of an answer that is an error, None of any other.

    Args:
        service: EC2 has words of its own.
        answer: Status, headers and body.
        is_refused: Whether the caller had no right. CloudTrail calls that by one name, whatever
            the service's own protocol does.
    """
    status, _, body = answer
    if status < 400 and not is_refused:
        return None
    text = body if isinstance(body, bytes) else b""
    code, message = _from_json(text) if text.lstrip().startswith(b"{") else _from_xml(text)
    if is_refused:
        code = "UnauthorizedOperation" if service == "ec2" else "AccessDenied"
    return Failure(f"Client.{code}" if service == "ec2" else code or str(status), message)


def _from_json(body: bytes) -> tuple[str, str]:
    try:
        document = json.loads(body)
    except ValueError:
        return "", ""
    kind = str(document.get("__type") or document.get("Code") or "").rpartition("#")[2]
    return kind, str(document.get("message") or document.get("Message") or "")


def _from_xml(body: bytes) -> tuple[str, str]:
    code, message = _CODE.search(body), _MESSAGE.search(body)
    return (code[1].decode() if code else ""), (message[1].decode() if message else "")


def _parameters(
    service: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
) -> dict[str, Any]:
    """A request's parameters, by the names of its API as far as they are plain to see."""
    plain = {name: _single(value) for name, value in query.items()}
    parts = path.strip("/").split("/", 1)
    if service == "s3":
        named = {"bucketName": parts[0]} | ({"key": parts[1]} if len(parts) > 1 else {})
        return named | {k: v for k, v in plain.items() if not k.lower().startswith("x-amz-")}
    if "x-www-form-urlencoded" in headers.get("content-type", ""):
        form = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
        plain |= {name: _single(value) for name, value in form.items()}
        return {k: v for k, v in plain.items() if k not in {"Action", "Version"}}
    if service == "lambda" and "/functions/" in path:
        plain["functionName"] = path.partition("/functions/")[2].partition("/")[0]
    try:
        document = json.loads(body or b"{}")
    except ValueError:
        return plain
    return plain | document if isinstance(document, dict) else plain


def _single(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value
