# ruff: noqa: SLF001 - completing MiniStack means reaching into it
"""What describe and get calls leave out although the emulator knows it.

- `DescribeFlowLogs`: log group, role and interval.
- `DescribeVpcEndpoints`: policy, security groups and private DNS, and its filters.
- `GetBucketPolicyStatus`, which is answered with the bucket's listing.
- `GetFunctionEventInvokeConfig` without a qualifier, which means `$LATEST`.
- `GetFunctionConcurrency`, which is judged as `PutFunctionConcurrency`.

Sources: EC2, S3 and Lambda API References.
"""

import json
from typing import Any
from xml.sax.saxutils import escape  # nosec B406  # Writes XML and parses none.

from ministack.core import iam_actions
from ministack.services import ec2, lambda_svc, s3


def install() -> None:
    """Complete the calls named above."""
    _complete_flow_logs()
    _complete_endpoints()
    _complete_policy_status()
    _complete_event_invoke_config()
    _complete_lambda_actions()


#: Of CreateFlowLogs, to the element in which DescribeFlowLogs shows it.
_FLOW_LOG_MEMBERS = {
    "DeliverLogsPermissionArn": "deliverLogsPermissionArn",
    "LogFormat": "logFormat",
    "LogGroupName": "logGroupName",
    "MaxAggregationInterval": "maxAggregationInterval",
}


def _complete_flow_logs() -> None:
    original_create = ec2._create_flow_logs
    original_describe = ec2._describe_flow_logs

    def create(parameters: Any) -> Any:
        before = set(ec2._flow_logs)
        answer = original_create(parameters)
        for flow_log_id in set(ec2._flow_logs) - before:
            asked = {name: ec2._p(parameters, name) for name in _FLOW_LOG_MEMBERS}
            destination = ec2._p(parameters, "LogDestination")
            if not asked["LogGroupName"] and ":log-group:" in destination:
                name = destination.partition(":log-group:")[2].removesuffix(":*")
                asked["LogGroupName"] = name
            ec2._flow_logs[flow_log_id]["Asked"] = asked
        return answer

    def describe(parameters: Any) -> Any:
        status, headers, body = original_describe(parameters)
        text = body.decode()
        for flow_log_id, flow_log in ec2._flow_logs.items():
            asked = flow_log.get("Asked", {})
            more = "".join(
                f"<{element}>{escape(asked[name])}</{element}>"
                for name, element in _FLOW_LOG_MEMBERS.items()
                if asked.get(name)
            )
            shown = f"<flowLogId>{flow_log_id}</flowLogId>"
            text = text.replace(shown, shown + more)
        return status, headers, text.encode()

    ec2._ACTION_MAP["CreateFlowLogs"] = create
    ec2._ACTION_MAP["DescribeFlowLogs"] = describe


def _complete_endpoints() -> None:
    original_fields = ec2._vpce_fields_xml

    def fields(endpoint: dict[str, Any], tag: str = "item") -> str:
        shown: str = original_fields(endpoint, tag)
        policy = endpoint.get("PolicyDocument")
        groups = "".join(
            f"<item><groupId>{group}</groupId></item>" for group in endpoint["SecurityGroupIds"]
        )
        more = f"<groupSet>{groups}</groupSet>"
        more += f"<privateDnsEnabled>{str(_is_true(endpoint)).lower()}</privateDnsEnabled>"
        if policy:
            text = policy if isinstance(policy, str) else json.dumps(policy)
            more += f"<policyDocument>{escape(text)}</policyDocument>"
        end = f"</{tag}>"
        return shown.removesuffix(end) + more + end

    def describe(parameters: Any) -> Any:
        wanted = ec2._parse_member_list(parameters, "VpcEndpointId")
        filters = ec2._parse_filters(parameters)
        endpoints = [
            endpoint
            for endpoint in ec2._vpc_endpoints.values()
            if (not wanted or endpoint["VpcEndpointId"] in wanted) and _passes(endpoint, filters)
        ]
        items = "".join(fields(endpoint) for endpoint in endpoints)
        body = f"<vpcEndpointSet>{items}</vpcEndpointSet>"
        return ec2._xml(200, "DescribeVpcEndpointsResponse", body)

    ec2._vpce_fields_xml = fields
    ec2._describe_vpc_endpoints = describe
    ec2._ACTION_MAP["DescribeVpcEndpoints"] = describe


def _is_true(endpoint: dict[str, Any]) -> bool:
    return str(endpoint.get("PrivateDnsEnabled", False)).lower() == "true"


def _passes(endpoint: dict[str, Any], filters: dict[str, list[str]]) -> bool:
    known = {
        "vpc-id": endpoint["VpcId"],
        "service-name": endpoint["ServiceName"],
        "vpc-endpoint-id": endpoint["VpcEndpointId"],
        "vpc-endpoint-type": endpoint["VpcEndpointType"],
        "vpc-endpoint-state": endpoint["State"],
    }
    return all(known[name] in values for name, values in filters.items() if name in known)


def _complete_policy_status() -> None:
    original = s3._dispatch

    def dispatch(  # noqa: PLR0913, PLR0917 - the signature is MiniStack's
        method: str, bucket: str, key: str, headers: Any, body: bytes, query_params: dict[str, Any]
    ) -> Any:
        if method == "GET" and bucket and not key and "policyStatus" in query_params:
            policy = s3._bucket_policies.get(bucket)
            if policy is None:
                return s3._get_bucket_policy(bucket)
            is_public = str(bool(s3._policy_is_public(policy))).upper()
            answer = f"<PolicyStatus><IsPublic>{is_public}</IsPublic></PolicyStatus>"
            return 200, {"Content-Type": "application/xml"}, answer.encode()
        return original(method, bucket, key, headers, body, query_params)

    s3._dispatch = dispatch


def _complete_event_invoke_config() -> None:
    original = lambda_svc._event_invoke_config

    def event_invoke_config(function: dict[str, Any], qualifier: str | None) -> Any:
        found = original(function, qualifier)
        return found or (None if qualifier else original(function, "$LATEST"))

    lambda_svc._event_invoke_config = event_invoke_config


def _complete_lambda_actions() -> None:
    original = iam_actions._lambda_action

    def lambda_action(method: str, path: str) -> str | None:
        action: str | None = original(method, path)
        if action == "PutFunctionConcurrency" and method != "PUT":
            return {"GET": "GetFunctionConcurrency"}.get(method, "DeleteFunctionConcurrency")
        return action

    iam_actions._lambda_action = lambda_action
