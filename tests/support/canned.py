"""A stack whose services answer what they are told to; by default, as of a stack that is well."""

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from desk.doctor.look import Look, Resource
from desk.doctor.policies import REFUSALS

ACCOUNT = "123456789012"
REGION = "eu-central-1"
STACK_ID = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/tp-dev/1"
KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/key-1"
FUNCTION_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:processor-dev"
QUEUE_ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:failed-events-dev"
SECRET_ARN = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:config-dev-AbCdEf"
TOPIC_ARN = f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms-dev"
POLICY_ARN = f"arn:aws:iam::{ACCOUNT}:policy/processor-policy-dev"
TOKENIZATION_KEY = "NeverToBeShown" * 4

RESOURCES = {
    "EncryptionKey": ("AWS::KMS::Key", "key-1"),
    "EncryptionKeyAlias": ("AWS::KMS::Alias", "alias/dev"),
    "TransactionProcessorFunction": ("AWS::Lambda::Function", "processor-dev"),
    "LambdaExecutionRole": ("AWS::IAM::Role", "processor-role-dev"),
    "TransactionProcessorPolicy": ("AWS::IAM::ManagedPolicy", POLICY_ARN),
    "LambdaConfigSecret": ("AWS::SecretsManager::Secret", SECRET_ARN),
    "SweepRule": ("AWS::Events::Rule", "sweep-dev"),
    "FailedEventsQueue": ("AWS::SQS::Queue", f"https://sqs/{ACCOUNT}/failed-events-dev"),
    "TransactionDataBucket": ("AWS::S3::Bucket", "data-dev"),
    "TransactionResultsBucket": ("AWS::S3::Bucket", "results-dev"),
    "CloudTrailLogsBucket": ("AWS::S3::Bucket", "audit-dev"),
    "AccessLogsBucket": ("AWS::S3::Bucket", "access-dev"),
    "TransactionMetadataTable": ("AWS::DynamoDB::Table", "metadata-dev"),
    "FileLedgerTable": ("AWS::DynamoDB::Table", "ledger-dev"),
    "TransactionDataTrail": ("AWS::CloudTrail::Trail", "trail-dev"),
    "LambdaLogGroup": ("AWS::Logs::LogGroup", "/aws/lambda/processor-dev"),
    "S3VPCEndpoint": ("AWS::EC2::VPCEndpoint", "vpce-1"),
    "FlowLog": ("AWS::EC2::FlowLog", "fl-1"),
    "FailedEventsAlarm": ("AWS::CloudWatch::Alarm", "failed-events-dev"),
    "AlarmTopic": ("AWS::SNS::Topic", TOPIC_ARN),
}
PARAMETERS = {
    "EnvironmentSuffix": "dev",
    "FunctionArchitecture": "x86_64",
    "LogRetentionDays": "90",
    "ReservedConcurrency": "0",
    "SweepSchedule": "rate(1 hour)",
}

type Operation = tuple[str, str]
type Answers = dict[Operation, Any]
"""Service and operation -> an answer, an exception to raise, or a function of the parameters."""


def error(code: str, operation: str = "Operation", status: int = 400) -> ClientError:
    """What the SDK raises."""
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)


@dataclass
class CannedClient:
    """A client of one service."""

    service: str
    answers: Answers
    asked: list[tuple[str, str, Mapping[str, Any]]]

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**parameters: Any) -> Any:
            self.asked.append((self.service, operation, parameters))
            answer = self.answers[self.service, operation]
            if callable(answer):
                answer = answer(parameters)
            if isinstance(answer, Exception):
                raise answer
            return copy.deepcopy(answer)

        return call


@dataclass
class CannedStack:
    """See Stack."""

    answers: Answers
    name: str = "tp-dev"
    outputs: dict[str, str] = field(default_factory=lambda: {"FailedEventsQueueArn": QUEUE_ARN})
    asked: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)

    def output(self, key: str) -> str:
        return self.outputs[key]

    def client(self, service: str) -> CannedClient:
        return CannedClient(service, self.answers, self.asked)


def look(answers: Answers, **described: Any) -> Look:
    """A look at a stack that answers so."""
    stack: Any = CannedStack(answers)
    return Look(
        stack,
        {
            "StackId": STACK_ID,
            "StackStatus": "CREATE_COMPLETE",
            "Parameters": [
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in PARAMETERS.items()
            ],
            **described,
        },
        {
            name: Resource(name, kind, physical_id, "CREATE_COMPLETE")
            for name, (kind, physical_id) in RESOURCES.items()
        },
    )


def _notification(parameters: Mapping[str, Any]) -> dict[str, Any]:
    prefix = "work/" if "results" in parameters["Bucket"] else ""
    return {"LambdaFunctionConfigurations": [some_of(prefix)]}


def some_of(prefix: str) -> dict[str, Any]:
    """A notification of what lies below a prefix; of everything without one."""
    rules = [{"Name": "Prefix", "Value": prefix}] if prefix else []
    return {
        "LambdaFunctionArn": FUNCTION_ARN,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": rules}},
    }


def _encryption(parameters: Mapping[str, Any]) -> dict[str, Any]:
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY_ARN}
    if "access" in parameters["Bucket"]:
        default = {"SSEAlgorithm": "AES256"}
    rules = [{"ApplyServerSideEncryptionByDefault": default}]
    return {"ServerSideEncryptionConfiguration": {"Rules": rules}}


SECRET = {
    "database_table": "metadata-dev",
    "file_ledger_table": "ledger-dev",
    "data_bucket": "data-dev",
    "results_bucket": "results-dev",
    "encryption_key_id": "key-1",
    "encryption_key_arn": KEY_ARN,
    "environment": "dev",
    "tokenization_key_id": "k1",
    "tokenization_key": TOKENIZATION_KEY,
}


def healthy() -> Answers:
    """What the services answer of a stack that is well."""
    return {**_function(), **_kept(), **_recorded(), **_watched()}


def _function() -> Answers:
    services = ("s3.amazonaws.com", "events.amazonaws.com")
    statements = [{"Effect": "Allow", "Principal": {"Service": one}} for one in services]
    return {
        ("sts", "get_caller_identity"): {
            "Account": ACCOUNT,
            "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/operator/me",
        },
        ("iam", "get_role"): {"Role": {"Arn": f"arn:aws:iam::{ACCOUNT}:role/path/operator"}},
        ("iam", "simulate_principal_policy"): {"EvaluationResults": [{"EvalDecision": "allowed"}]},
        ("iam", "list_attached_role_policies"): {"AttachedPolicies": [{"PolicyArn": POLICY_ARN}]},
        ("iam", "list_role_policies"): {"PolicyNames": []},
        ("lambda", "get_function_configuration"): {
            "FunctionName": "processor-dev",
            "State": "Active",
            "LastUpdateStatus": "Successful",
            "Runtime": "python3.13",
            "Architectures": ["x86_64"],
            "MemorySize": 1769,
            "KMSKeyArn": KEY_ARN,
            "Environment": {"Variables": {"CONFIG_SECRET_ARN": SECRET_ARN}},
            "DeadLetterConfig": {"TargetArn": QUEUE_ARN},
        },
        ("lambda", "get_account_settings"): {
            "AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 1000}
        },
        ("lambda", "get_function_concurrency"): {},
        ("lambda", "get_policy"): {"Policy": json.dumps({"Statement": statements})},
        ("secretsmanager", "describe_secret"): {
            "VersionIdsToStages": {"v1": ["AWSCURRENT"]},
            "KmsKeyId": KEY_ARN,
        },
        ("secretsmanager", "get_secret_value"): {"SecretString": json.dumps(SECRET)},
        ("events", "describe_rule"): {"State": "ENABLED", "ScheduleExpression": "rate(1 hour)"},
        ("events", "list_targets_by_rule"): {"Targets": [{"Id": "p", "Arn": FUNCTION_ARN}]},
    }


def _kept() -> Answers:
    sids = {one for refusals in REFUSALS.values() for one in refusals}
    blocked = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    recovery = {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "ENABLED"}}
    return {
        ("s3", "get_bucket_notification_configuration"): _notification,
        ("s3", "get_bucket_versioning"): {"Status": "Enabled"},
        ("s3", "get_bucket_encryption"): _encryption,
        ("s3", "get_public_access_block"): {
            "PublicAccessBlockConfiguration": dict.fromkeys(blocked, True)
        },
        ("s3", "get_bucket_policy"): {
            "Policy": json.dumps({"Statement": [{"Sid": one, "Effect": "Deny"} for one in sids]})
        },
        ("dynamodb", "get_resource_policy"): {
            "Policy": json.dumps({"Statement": [{"Sid": one, "Effect": "Deny"} for one in sids]})
        },
        ("dynamodb", "describe_table"): {
            "Table": {
                "TableStatus": "ACTIVE",
                "TableArn": "arn:aws:dynamodb:eu-central-1:123456789012:table/a",
                "DeletionProtectionEnabled": True,
                "SSEDescription": {"KMSMasterKeyArn": KEY_ARN},
            }
        },
        ("dynamodb", "describe_continuous_backups"): {"ContinuousBackupsDescription": recovery},
        ("kms", "describe_key"): {"KeyMetadata": {"KeyState": "Enabled"}},
        ("kms", "get_key_rotation_status"): {"KeyRotationEnabled": True},
        ("kms", "list_aliases"): {"Aliases": [{"AliasName": "alias/dev"}]},
        ("sqs", "get_queue_attributes"): {"Attributes": {"ApproximateNumberOfMessages": "0"}},
        ("cloudwatch", "get_metric_statistics"): {"Datapoints": []},
    }


def _recorded() -> Answers:
    values = ["arn:aws:s3:::data-dev/", "arn:aws:s3:::results-dev/"]
    selector = {"DataResources": [{"Type": "AWS::S3::Object", "Values": values}]}
    return {
        ("cloudtrail", "get_trail_status"): {
            "IsLogging": True,
            "StartLoggingTime": datetime.now(UTC) - timedelta(days=2),
            "LatestDeliveryTime": datetime.now(UTC),
        },
        ("cloudtrail", "get_trail"): {
            "Trail": {
                "LogFileValidationEnabled": True,
                "IsMultiRegionTrail": True,
                "KmsKeyId": KEY_ARN,
            }
        },
        ("cloudtrail", "get_event_selectors"): {"EventSelectors": [selector]},
        ("logs", "describe_log_groups"): {
            "logGroups": [
                {
                    "logGroupName": "/aws/lambda/processor-dev",
                    "retentionInDays": 90,
                    "kmsKeyId": KEY_ARN,
                }
            ]
        },
        ("ec2", "describe_vpc_endpoints"): {"VpcEndpoints": [{"State": "available"}]},
        ("ec2", "describe_flow_logs"): {"FlowLogs": [{"FlowLogStatus": "ACTIVE"}]},
    }


def _watched() -> Answers:
    return {
        ("cloudwatch", "describe_alarms"): {
            "MetricAlarms": [
                {
                    "AlarmName": "failed-events-dev",
                    "ActionsEnabled": True,
                    "AlarmActions": [TOPIC_ARN],
                    "StateValue": "OK",
                    "AlarmDescription": "Lambda gave up. First: find the reason in\n the log.",
                }
            ]
        },
        ("sns", "list_subscriptions_by_topic"): {
            "Subscriptions": [{"SubscriptionArn": f"{TOPIC_ARN}:1"}]
        },
    }
