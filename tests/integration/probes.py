"""Small stories of the deployed function, each of which needs some of its rights.

All pass with the rights that the template gives; a story that misses one fails. Nothing waits for a
time: a call's answer, or a count that only goes up, says how a story ended.
"""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import boto3
from botocore.exceptions import ClientError

from processor.domain.file import ObjectVersion
from processor.domain.task import StartAgain
from tests.integration.delivery import Answer, Desk, Sent, wait_for
from tests.integration.deployed import Json, client
from tests.integration.files import as_csv, transaction
from tests.integration.rights_changed import trusting
from tests.support.events import s3_event
from tests.support.unique import unique_letters

NETWORK_CALLS: dict[str, tuple[str, Json]] = {
    "ec2:AssignPrivateIpAddresses": (
        "assign_private_ip_addresses",
        {"NetworkInterfaceId": "eni-1"},
    ),
    "ec2:CreateNetworkInterface": ("create_network_interface", {"SubnetId": "subnet-1"}),
    "ec2:DeleteNetworkInterface": ("delete_network_interface", {"NetworkInterfaceId": "eni-1"}),
    "ec2:DescribeNetworkInterfaces": ("describe_network_interfaces", {}),
    "ec2:DescribeSubnets": ("describe_subnets", {}),
    "ec2:DetachNetworkInterface": ("detach_network_interface", {"AttachmentId": "eni-attach-1"}),
    "ec2:UnassignPrivateIpAddresses": (
        "unassign_private_ip_addresses",
        {"NetworkInterfaceId": "eni-1", "PrivateIpAddresses": ["10.0.1.9"]},
    ),
}
"""What the code of the function may not do to the network."""


class Missed(AssertionError):
    """Raised when a story does not end as it must."""


class Probes:
    """The stories, told by somebody who may deploy and upload.

    Args:
        desk: Uploads and reads. Notifications are lost meanwhile: only these stories invoke.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._stack = desk.stack
        self._function = desk.stack.outputs["TransactionProcessorFunctionName"]

    def file_is_processed(self) -> None:
        """Stored, duplicate and rejected records, the receipt, the log."""
        prefix = unique_letters()
        good, bad = transaction(prefix, 0), transaction(prefix, 1) | {"amount": "1,50"}
        sent = self._send(as_csv([good, good, bad]))
        began_at_ms = int(time.time() * 1000) - 1000

        self._processed(sent, sent.version)

        receipt = self._desk.receipt(sent)
        counted = {name: receipt["outcomes"][name] for name in ("stored", "duplicate", "rejected")}
        _require(counted == {"stored": 1, "duplicate": 1, "rejected": 1}, str(counted))
        _require(len(self._desk.quarantine(receipt)) == 1, "one line in quarantine")
        _require(len(self._desk.items([good["transactionId"]])) == 1, "one item")
        lines = client("logs").filter_log_events(
            logGroupName=self._stack.outputs["LambdaLogGroupName"], startTime=began_at_ms
        )["events"]
        told = [line for line in lines if sent.version.file_id in line["message"]]
        _require(any('"file done"' in line["message"] for line in told), "its end in the log")

    def finished_file_is_seen_again(self) -> None:
        """The receipt that is there already is read back and compared."""
        sent = self._send(as_csv([transaction(unique_letters(), 0)]))
        self._processed(sent, sent.version)

        again = self._processed(sent, sent.version)

        _require(again["files"][0]["seenAgain"] is True, "seen again")

    def quarantine_of_an_attempt_that_died_is_read_back(self) -> None:
        """Another release's attempt left other bytes; they stay as an older version."""
        sent = self._send(as_csv([transaction(unique_letters(), 0) | {"amount": "1,50"}]))
        client("s3", "function").put_object(
            Bucket=self._stack.outputs["TransactionResultsBucketName"],
            Key=sent.version.quarantine_key(1, 1),
            Body=b"{}\n",
        )

        self._processed(sent, sent.version)

        lines = self._desk.quarantine(self._desk.receipt(sent))
        _require([line["reason"] for line in lines] == ["AMOUNT_FORMAT"], str(lines))

    def event_without_version_finds_the_current_one(self) -> None:
        """As events/s3_put.json, and whoever sends an event by hand."""
        sent = self._send(as_csv([transaction(unique_letters(), 0)]))
        version = sent.version
        named = ObjectVersion(version.bucket, version.key, None, version.etag, version.size_bytes)

        self._processed(sent, named)

    def file_that_is_gone_gets_its_receipt(self) -> None:
        """OBJECT_GONE, told from a right that is missing."""
        bucket = self._stack.outputs["TransactionDataBucketName"]
        gone = ObjectVersion(bucket, f"{self._desk.prefix}rights/{unique_letters()}", None, "e")

        answer = self._invoke(s3_event(gone))

        _require(answer.document["files"][0]["fault"]["reason"] == "OBJECT_GONE", "OBJECT_GONE")

    def lost_file_is_found_and_started_again(self) -> None:
        """The sweep lists the versions, looks them up, and queues a task, which is then read."""
        sent = self._send(as_csv([transaction(unique_letters(), 0)]))
        task = StartAgain(sent.version)

        found = self._invoke({"sweep": {"olderThanMinutes": 0}}).document["sweeps"]
        _require(found[0]["started"] >= 1, str(found))
        results = self._stack.outputs["TransactionResultsBucketName"]
        self._invoke(s3_event(ObjectVersion(results, task.key, None, "e", 1)))

        _require(self._desk.has_receipt(sent), "a receipt")

    def new_container_reads_its_configuration(self) -> None:
        """A change of the configuration, if only to what it was, starts new containers."""
        self._reconfigure("Timeout")

        answer = self._invoke({"Event": "s3:TestEvent", "Service": "Amazon S3"})

        _require(answer.document == {"files": [], "sweeps": []}, str(answer.document))

    def lambda_attaches_the_function_to_network_and_queue(self) -> None:
        """Lambda tries the role's rights when it is told of a VPC or a queue."""
        self._reconfigure("VpcConfig", "DeadLetterConfig")

    def failed_event_is_kept(self) -> None:
        """It reaches the queue, unless Lambda counts it as lost."""
        event = {"Records": [{"eventSource": "rights", "id": unique_letters()}]}
        lost_before = self._lost_event_count()
        client("lambda").invoke(
            FunctionName=self._function,
            InvocationType="Event",
            Payload=json.dumps(event).encode(),
        )

        ended = wait_for(
            lambda: self._is_kept(event) or (self._lost_event_count() > lost_before or None)
        )

        # Not a story that ended badly: it did not end at all, and no right explains that.
        assert ended is not None, "a failed event was neither kept nor counted as lost"
        _require(self._lost_event_count() == lost_before, "the failed event")

    def code_changes_no_network(self) -> None:
        """Refused by name, not merely because nothing allows it or no way leads there."""
        ec2 = client("ec2", "function")
        for action, (operation, parameters) in NETWORK_CALLS.items():
            answer = _refusal(getattr(ec2, operation), parameters)
            _require("explicit deny" in answer, f"{action}: {answer}")

    def session_is_of_no_use_outside_the_vpc(self) -> None:
        """Credentials that left the function open nothing elsewhere."""
        for service, (operation, parameters) in self._data_calls.items():
            answer = _refusal(getattr(self._elsewhere.client(service), operation), parameters)
            _require("explicit deny" in answer, f"{service}: {answer}")

    @cached_property
    def _data_calls(self) -> dict[str, tuple[str, Json]]:
        """A read that the role may make, for each service that it has data in."""
        sent = self._send(as_csv([transaction(unique_letters(), 0)]))
        place = {"Bucket": sent.version.bucket, "Key": sent.version.key}
        ledger = {
            "TableName": self._stack.outputs["FileLedgerTableName"],
            "KeyConditionExpression": "fileId = :id",
            "ExpressionAttributeValues": {":id": {"S": sent.version.file_id}},
        }
        secret = {"SecretId": self._stack.outputs["SecretsManagerSecretArn"]}
        return {
            "s3": ("get_object", place),
            "dynamodb": ("query", ledger),
            "secretsmanager": ("get_secret_value", secret),
        }

    @cached_property
    def _elsewhere(self) -> Any:
        """A session of the function's role that is not the function's. Untyped."""
        role_arn = self._stack.outputs["LambdaExecutionRoleArn"]
        sts = client("sts", "deployer")
        with trusting(role_arn.rpartition("/")[2], sts.get_caller_identity()["Arn"]):
            issued = sts.assume_role(RoleArn=role_arn, RoleSessionName="elsewhere")["Credentials"]
        return boto3.Session(
            issued["AccessKeyId"], issued["SecretAccessKey"], issued["SessionToken"]
        )

    def _send(self, body: bytes) -> Sent:
        return self._desk.send(f"rights/{unique_letters()}.csv", body)

    def _invoke(self, event: Json) -> Answer:
        answer = self._desk.invoke(event)
        _require(not answer.failed, f"no failure: {answer.document}")
        return answer

    def _processed(self, sent: Sent, named: ObjectVersion) -> Json:
        answer = self._invoke(s3_event(named))
        _require(self._desk.has_receipt(sent), "a receipt")
        return answer.document

    def _reconfigure(self, *names: str) -> None:
        deployer = client("lambda", "deployer")
        current: Any = deployer.get_function_configuration(FunctionName=self._function)
        wanted = {name: current[name] for name in names}
        if "VpcConfig" in wanted:
            subnets = {"SubnetIds", "SecurityGroupIds"}
            wanted["VpcConfig"] = {name: wanted["VpcConfig"][name] for name in subnets}
        deployer.update_function_configuration(FunctionName=self._function, **wanted)

    def _is_kept(self, event: Json) -> bool | None:
        sqs, queue_url = client("sqs"), self._stack.outputs["FailedEventsQueueUrl"]
        received = sqs.receive_message(
            QueueUrl=queue_url, MaxNumberOfMessages=10, VisibilityTimeout=1
        )
        for message in received.get("Messages", []):
            if json.loads(message["Body"]) == event:
                sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
                return True
        return None

    def _lost_event_count(self) -> int:
        """What DeadLetterErrorsAlarm looks at, of the last hour."""
        now = datetime.now(UTC)
        points = client("cloudwatch").get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName="DeadLetterErrors",
            Dimensions=[{"Name": "FunctionName", "Value": self._function}],
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(minutes=1),
            Period=3600,
            Statistics=["Sum"],
        )["Datapoints"]
        return int(sum(point["Sum"] for point in points))


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise Missed(what)


def _refusal(call: Callable[..., Any], parameters: Json) -> str:
    """What a call is answered, empty if it was let through."""
    try:
        call(**parameters)
    except ClientError as error:
        return str(error)
    return ""
