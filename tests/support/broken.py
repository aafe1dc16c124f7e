"""Ways in which a stack can be broken, with what the doctor is to say of each."""

from datetime import UTC, datetime, timedelta

from desk.doctor.findings import Status
from tests.support.breaking import (
    Break,
    alarm,
    but,
    policy_that_allows,
    raising,
    secret_holding,
    within,
)
from tests.support.canned import KEY_ARN, TOKENIZATION_KEY

FUNCTION = ("lambda", "get_function_configuration")
DESCRIBED_SECRET = ("secretsmanager", "describe_secret")
STATUS = ("cloudtrail", "get_trail_status")
OF_TOPIC = ("sns", "list_subscriptions_by_topic")
LONG_AGO = datetime.now(UTC) - timedelta(days=2)
OTHER_KEY = "arn:aws:kms:eu-central-1:123456789012:key/other"

KEPT_FOR_EVER = {"logGroupName": "/aws/lambda/processor-dev", "kmsKeyId": KEY_ARN}
NEW_ACCOUNT = {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 10}
UNDELIVERED = {"FlowLogStatus": "ACTIVE", "DeliverLogsStatus": "FAILED"}

BROKEN: dict[str, tuple[Break, str, Status, str, str]] = {
    "root": (
        but("sts", "get_caller_identity", Arn="arn:aws:iam::123456789012:root"),
        *("caller", Status.WARNING, "root", "use a role"),
    ),
    "another account": (
        but("sts", "get_caller_identity", Account="999999999999"),
        *("caller", Status.FAILED, "another account", "--profile"),
    ),
    "function failed": (
        but(*FUNCTION, State="Failed", StateReason="no subnet"),
        *("function", Status.FAILED, "Failed: no subnet", "deploy"),
    ),
    "function idle": (
        but(*FUNCTION, State="Inactive"),
        *("function", Status.WARNING, "idle", "none needed"),
    ),
    "update failed": (
        but(*FUNCTION, LastUpdateStatus="Failed", LastUpdateStatusReason="bad zip"),
        *("function", Status.FAILED, "Failed bad zip", "sam deploy"),
    ),
    "environment": (
        but(*FUNCTION, Environment={"Variables": {}}),
        *("function", Status.FAILED, "CONFIG_SECRET_ARN", "update-function-configuration"),
    ),
    "architecture": (
        but(*FUNCTION, Architectures=["arm64"]),
        *("function", Status.FAILED, "arm64, not x86_64", "sam build"),
    ),
    "no dead letters": (
        but(*FUNCTION, DeadLetterConfig={}),
        *("failed events kept", Status.FAILED, "are lost", "--dead-letter-config"),
    ),
    "no executions": (
        but("lambda", "get_function_concurrency", ReservedConcurrentExecutions=0),
        *("concurrency", Status.FAILED, "nothing is processed", "delete-function-concurrency"),
    ),
    "other reservation": (
        but("lambda", "get_function_concurrency", ReservedConcurrentExecutions=5),
        *("concurrency", Status.WARNING, "5 are reserved, the stack says 0", "delete-"),
    ),
    "new account": (
        but("lambda", "get_account_settings", AccountLimit=NEW_ACCOUNT),
        *("concurrency", Status.WARNING, "10 executions in all", "Service Quotas"),
    ),
    "policy detached": (
        but("iam", "list_attached_role_policies", AttachedPolicies=[]),
        *("function's role", Status.FAILED, "lacks its policy", "attach-role-policy"),
    ),
    "policy too many": (
        but("iam", "list_role_policies", PolicyNames=["more"]),
        *("function's role", Status.WARNING, "a policy more", "delete-role-policy"),
    ),
    "secret going": (
        but(*DESCRIBED_SECRET, DeletedDate=LONG_AGO),
        *("secret", Status.FAILED, "to be deleted", "restore-secret"),
    ),
    "secret without version": (
        but(*DESCRIBED_SECRET, VersionIdsToStages={"v1": ["AWSPREVIOUS"]}),
        *("secret", Status.FAILED, "no current version", "AWSCURRENT"),
    ),
    "secret rotated": (
        but(*DESCRIBED_SECRET, RotationEnabled=True),
        *("secret", Status.FAILED, "rotated by a timer", "cancel-rotate-secret"),
    ),
    "secret under another key": (
        but(*DESCRIBED_SECRET, KmsKeyId=OTHER_KEY),
        *("secret", Status.FAILED, "not encrypted by the stack's key", "update-secret"),
    ),
    "secret is no JSON": (
        but("secretsmanager", "get_secret_value", SecretString=TOKENIZATION_KEY),
        *("configuration", Status.FAILED, "no JSON", "The secret"),
    ),
    "secret lacks": (
        secret_holding(database_table=""),
        *("configuration", Status.FAILED, "lacks database_table", "The secret"),
    ),
    "secret of another stack": (
        secret_holding(data_bucket=TOKENIZATION_KEY),
        *("configuration", Status.FAILED, "data_bucket in the secret", "The secret"),
    ),
    "short key": (
        secret_holding(tokenization_key="NeverToBeShown"),
        *("configuration", Status.FAILED, "tokenization_key", "The secret"),
    ),
    "no notification": (
        but("s3", "get_bucket_notification_configuration", LambdaFunctionConfigurations=[]),
        *("notifications", Status.FAILED, "data-dev does not tell", "desk sweep"),
    ),
    "no permission": (
        raising("lambda", "get_policy", "ResourceNotFoundException", 404),
        *("permissions", Status.FAILED, "S3 may not start", "add-permission"),
    ),
    "sweep off": (
        but("events", "describe_rule", State="DISABLED"),
        *("sweep", Status.WARNING, "is off", "enable-rule"),
    ),
    "sweep without target": (
        but("events", "list_targets_by_rule", Targets=[]),
        *("sweep", Status.FAILED, "does not start", "put-targets"),
    ),
    "failed events": (
        but("sqs", "get_queue_attributes", Attributes={"ApproximateNumberOfMessages": "3"}),
        *("failed events", Status.WARNING, "3 events", "desk redrive"),
    ),
    "no versions": (
        but("s3", "get_bucket_versioning", Status="Suspended"),
        *("buckets", Status.FAILED, "data-dev keeps no versions", "put-bucket-versioning"),
    ),
    "no encryption": (
        raising(
            "s3", "get_bucket_encryption", "ServerSideEncryptionConfigurationNotFoundError", 404
        ),
        *("buckets", Status.FAILED, "does not encrypt", "put-bucket-encryption"),
    ),
    "public": (
        raising("s3", "get_public_access_block", "NoSuchPublicAccessBlockConfiguration", 404),
        *("buckets", Status.FAILED, "made public", "put-public-access-block"),
    ),
    "no policy": (
        raising("s3", "get_bucket_policy", "NoSuchBucketPolicy", 404),
        *("buckets", Status.FAILED, "lost of its policy: Refuse", "put-bucket-policy"),
    ),
    "a refusal turned round": (
        but("s3", "get_bucket_policy", Policy=policy_that_allows("RefuseDeletionOfResults")),
        *("buckets", Status.FAILED, "RefuseDeletionOfResults", "put-bucket-policy"),
    ),
    "no policy of a table": (
        raising("dynamodb", "get_resource_policy", "PolicyNotFoundException", 400),
        *("tables", Status.FAILED, "RefuseChangesOfTransactions", "put-resource-policy"),
    ),
    "table unprotected": (
        within("dynamodb", "describe_table", "Table", DeletionProtectionEnabled=False),
        *("tables", Status.FAILED, "deleted by a slip", "--deletion-protection-enabled"),
    ),
    "table going": (
        within("dynamodb", "describe_table", "Table", TableStatus="ARCHIVED"),
        *("tables", Status.FAILED, "ARCHIVED", "restore"),
    ),
    "table under no key": (
        within("dynamodb", "describe_table", "Table", SSEDescription={}),
        *("tables", Status.FAILED, "not encrypted", "--sse-specification"),
    ),
    "no recovery": (
        but("dynamodb", "describe_continuous_backups", ContinuousBackupsDescription={}),
        *("tables", Status.FAILED, "point in time", "update-continuous-backups"),
    ),
    "key disabled": (
        but("kms", "describe_key", KeyMetadata={"KeyState": "Disabled"}),
        *("key", Status.FAILED, "Disabled", "enable-key"),
    ),
    "key going": (
        but("kms", "describe_key", KeyMetadata={"KeyState": "PendingDeletion"}),
        *("key", Status.FAILED, "to be deleted", "cancel-key-deletion"),
    ),
    "key stays": (
        but("kms", "get_key_rotation_status", KeyRotationEnabled=False),
        *("key", Status.FAILED, "does not rotate", "enable-key-rotation"),
    ),
    "no alias": (
        but("kms", "list_aliases", Aliases=[]),
        *("key", Status.FAILED, "alias/dev", "update-alias"),
    ),
    "trail off": (
        but(*STATUS, IsLogging=False),
        *("trail", Status.FAILED, "nothing is recorded", "start-logging"),
    ),
    "trail undelivered": (
        but(*STATUS, LatestDeliveryError="AccessDenied"),
        *("trail", Status.FAILED, "AccessDenied on delivery to audit-dev", "policy"),
    ),
    "trail's log undelivered": (
        but(*STATUS, LatestCloudWatchLogsDeliveryError="AccessDenied"),
        *("trail", Status.FAILED, "no alarm of the audit rings", "TrailLogRole"),
    ),
    "trail never delivered": (
        but(*STATUS, LatestDeliveryTime=None),
        *("trail", Status.WARNING, "no file was delivered since", "audit-dev"),
    ),
    "trail unproven": (
        within("cloudtrail", "get_trail", "Trail", LogFileValidationEnabled=False),
        *("trail", Status.FAILED, "changed unseen", "--enable-log-file-validation"),
    ),
    "uploads unrecorded": (
        but("cloudtrail", "get_event_selectors", EventSelectors=[]),
        *("trail", Status.FAILED, "of data-dev are not recorded", "put-event-selectors"),
    ),
    "log kept for ever": (
        but("logs", "describe_log_groups", logGroups=[KEPT_FOR_EVER]),
        *("logs", Status.WARNING, "not 90", "put-retention-policy"),
    ),
    "log gone": (
        but("logs", "describe_log_groups", logGroups=[]),
        *("logs", Status.FAILED, "is gone", "docs/deployment.md"),
    ),
    "endpoint gone": (
        raising("ec2", "describe_vpc_endpoints", "InvalidVpcEndpointId.NotFound"),
        *("endpoints", Status.FAILED, "S3VPCEndpoint is deleted", "another suffix"),
    ),
    "no flow log": (
        but("ec2", "describe_flow_logs", FlowLogs=[]),
        *("flow log", Status.FAILED, "no traffic", "another suffix"),
    ),
    "flow log undelivered": (
        but("ec2", "describe_flow_logs", FlowLogs=[UNDELIVERED]),
        *("flow log", Status.FAILED, "not delivered", "FlowLogRole"),
    ),
    "alarm off": (
        alarm(ActionsEnabled=False),
        *("alarms", Status.FAILED, "switched off: failed-events-dev", "enable-alarm-actions"),
    ),
    "alarm deaf": (
        alarm(AlarmActions=[]),
        *("alarms", Status.FAILED, "not sent to the topic", "put-metric-alarm"),
    ),
    "alarm rings": (
        alarm(StateValue="ALARM"),
        *("alarms", Status.WARNING, "rings", "first: find the reason in the log."),
    ),
    "alarm gone": (
        but("cloudwatch", "describe_alarms", MetricAlarms=[]),
        *("alarms", Status.FAILED, "gone: failed-events-dev", "another suffix"),
    ),
    "nobody told": (
        but(*OF_TOPIC, Subscriptions=[]),
        *("who is told", Status.WARNING, "nobody", "sns subscribe"),
    ),
    "not confirmed": (
        but(*OF_TOPIC, Subscriptions=[{"SubscriptionArn": "PendingConfirmation"}]),
        *("who is told", Status.WARNING, "1 not confirmed", "the link"),
    ),
    "a right is lacking": (
        but("iam", "simulate_principal_policy", EvaluationResults=[{"EvalDecision": "denied"}]),
        *("your rights", Status.WARNING, "desk sweep", "lambda:InvokeFunction on processor-dev"),
    ),
}
"""Name -> how it is broken, the check that sees it, and status, words and remedy of its finding."""
