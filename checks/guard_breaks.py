"""Ways to break the stack, each with the rule of `checks/rules` that must see it.

A rule that no break here fails is one that nobody has seen fail.
"""

from dataclasses import dataclass
from typing import Any, Final

type Json = Any  # a part of a template

_GONE: Final = object()
_OFF: Final = False
_KEY: Final = {"Fn::GetAtt": ["AnotherKey", "Arn"]}
_RETAINED: Final = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}


@dataclass(frozen=True)
class Break:
    """One change to the resources of a deployment.

    `path` is written with slashes; `Sid=X` and `Id=X` choose an item of a list by that key, a
    number by its place, and `+` appends. Without `value` the last key is taken out.
    """

    rule: str
    path: str
    value: Json = _GONE
    deployment: str = "defaults"

    def __str__(self) -> str:
        change = "without" if self.value is _GONE else f"{self.value!r} at"
        return f"{self.rule}: {change} {self.path}"

    def apply(self, resources: Json) -> None:
        """Change the resources in place.

        Raises:
            KeyError, IndexError, StopIteration: the path leads nowhere.
        """
        *way, last = self.path.split("/")
        place = resources
        for step in way:
            place = _item(place, step)
        if last == "+":
            place.append(self.value)
        elif self.value is _GONE:
            del place[_key(place, last)]
        else:
            place[_key(place, last)] = self.value


def _item(place: Json, step: str) -> Json:
    return place[_key(place, step)]


def _key(place: Json, step: str) -> str | int:
    if not isinstance(place, list):
        return step
    name, is_choice, value = step.partition("=")
    if is_choice:
        return next(number for number, item in enumerate(place) if item[name] == value)
    return int(step)


def _statement(resource: str, sid: str, rest: str = "") -> str:
    document = "KeyPolicy" if resource == "EncryptionKey" else "PolicyDocument"
    return f"{resource}/Properties/{document}/Statement/Sid={sid}{rest}"


def _resource(kind: str) -> Json:
    return {"Type": kind, **_RETAINED, "Properties": {}}


_PROCESSOR: Final = "TransactionProcessorFunction/Properties"
_POLICY: Final = "TransactionProcessorPolicy"
_TRAIL: Final = "TransactionDataTrail/Properties"
_DATA: Final = "TransactionDataBucket/Properties"
_BUCKETS: Final = (
    "AccessLogsBucket",
    "CloudTrailLogsBucket",
    "TransactionDataBucket",
    "TransactionResultsBucket",
)

_RETENTION: Final = (
    Break("everything_but_log_groups_is_retained", "VPC/DeletionPolicy"),
    Break("everything_but_log_groups_is_retained", "AlarmTopic/DeletionPolicy", "Delete"),
    Break("everything_but_log_groups_is_retained", "EncryptionKeyAlias/UpdateReplacePolicy"),
    Break("log_groups_end_after_some_days", "FlowLogGroup/Properties/RetentionInDays"),
    Break("log_groups_end_after_some_days", "LambdaLogGroup/Properties/RetentionInDays", 7),
    *(
        Break("names_end_in_the_environment_suffix", path, "transaction-dev")
        for path in (
            "EncryptionKeyAlias/Properties/AliasName",
            "FailedEventsAlarm/Properties/AlarmName",
            "FailedEventsQueue/Properties/QueueName",
            "FileLedgerTable/Properties/TableName",
            "KeyDisabledFilter/Properties/FilterName",
            "LambdaConfigSecret/Properties/Name",
            "LambdaExecutionRole/Properties/RoleName",
            "LambdaLogGroup/Properties/LogGroupName",
            "LambdaSecurityGroup/Properties/GroupName",
            "AlarmTopic/Properties/TopicName",
            f"{_POLICY}/Properties/ManagedPolicyName",
            f"{_PROCESSOR}/FunctionName",
            f"{_TRAIL}/TrailName",
        )
    ),
    Break("names_end_in_the_environment_suffix", f"{_DATA}/BucketName", "transaction-data-q7probe"),
    Break("names_end_in_the_environment_suffix", f"{_DATA}/BucketName"),
    Break("network_is_tagged_with_the_environment_suffix", "VPC/Properties/Tags"),
)

_ENCRYPTION: Final = (
    Break("key_is_rotated_and_hard_to_lose", "EncryptionKey/Properties/EnableKeyRotation", _OFF),
    Break("key_is_rotated_and_hard_to_lose", "EncryptionKey/Properties/PendingWindowInDays", 7),
    Break(
        "key_policy_has_no_way_around_it",
        _statement("EncryptionKey", "AdministerTheKeyThroughIamWithoutUsingIt", "/Action"),
        "kms:*",
    ),
    Break(
        "key_policy_has_no_way_around_it",
        _statement("EncryptionKey", "AdministerTheKeyThroughIamWithoutUsingIt", "/Action/+"),
        "kms:Decrypt",
    ),
    Break(
        "key_policy_has_no_way_around_it",
        _statement("EncryptionKey", "LetTheTrailUseTheBucketKey", "/Condition"),
    ),
    Break(
        "key_policy_has_no_way_around_it",
        _statement("EncryptionKey", "UseTheKeyOnlyThroughTheServicesOfThisAccount", "/Principal"),
        "*",
    ),
    Break(
        "key_policy_refuses_grants_to_people", _statement("EncryptionKey", "RefuseGrantsToPeople")
    ),
    *(
        Break(
            "buckets_are_encrypted_with_the_key",
            f"{bucket}/Properties/BucketEncryption/ServerSideEncryptionConfiguration/0/{key}",
            value,
        )
        for bucket in _BUCKETS[1:]
        for key, value in (
            ("ServerSideEncryptionByDefault/SSEAlgorithm", "AES256"),
            ("ServerSideEncryptionByDefault/KMSMasterKeyID", _KEY),
            ("BucketKeyEnabled", _OFF),
        )
    ),
    Break("every_bucket_but_the_target_of_logs_is_logged", f"{_DATA}/LoggingConfiguration"),
    Break(
        "every_bucket_but_the_target_of_logs_is_logged",
        "AccessLogsBucket/Properties/BucketEncryption",
    ),
    Break("tables_are_encrypted_with_the_key", "FileLedgerTable/Properties/SSESpecification"),
    Break(
        "tables_are_encrypted_with_the_key",
        "TransactionMetadataTable/Properties/SSESpecification/KMSMasterKeyId",
        _KEY,
    ),
    Break("log_groups_are_encrypted_with_the_key", "TrailLogGroup/Properties/KmsKeyId"),
    *(
        Break("queues_topics_and_secrets_are_encrypted_with_the_key", path)
        for path in (
            "FailedEventsQueue/Properties/KmsMasterKeyId",
            "AlarmTopic/Properties/KmsMasterKeyId",
            "LambdaConfigSecret/Properties/KmsKeyId",
        )
    ),
    Break("function_and_trail_are_encrypted_with_the_key", f"{_PROCESSOR}/KmsKeyArn"),
    Break("function_and_trail_are_encrypted_with_the_key", f"{_TRAIL}/KMSKeyId", _KEY),
    Break(
        "secret_is_generated_and_never_written_down",
        "LambdaConfigSecret/Properties/SecretString",
        "written down",
    ),
    Break(
        "secret_is_generated_and_never_written_down",
        "LambdaConfigSecret/Properties/GenerateSecretString/PasswordLength",
        8,
    ),
)

_NETWORK: Final = (
    *(
        Break("there_is_no_way_to_the_internet", "Added", _resource(f"AWS::EC2::{kind}"))
        for kind in ("InternetGateway", "NatGateway", "Route", "VPCPeeringConnection")
    ),
    *(
        Break("nothing_is_offered_to_the_internet", "Added", _resource(kind))
        for kind in ("AWS::Lambda::Url", "AWS::ApiGatewayV2::Api")
    ),
    Break("subnets_are_private", "PrivateSubnet2/Properties/MapPublicIpOnLaunch", "true"),
    Break("there_are_three_endpoints_and_no_more", "DynamoDBVPCEndpoint"),
    Break("there_are_three_endpoints_and_no_more", "Added", _resource("AWS::EC2::VPCEndpoint")),
    Break(
        "there_are_three_endpoints_and_no_more",
        "SecretsManagerVPCEndpoint/Properties/PrivateDnsEnabled",
    ),
    Break("endpoints_serve_the_processor_alone", "S3VPCEndpoint/Properties/PolicyDocument"),
    Break(
        "endpoints_serve_the_processor_alone",
        _statement("SecretsManagerVPCEndpoint", "ReadTheConfiguration", "/Condition/StringEquals"),
    ),
    Break(
        "endpoints_serve_the_processor_alone",
        _statement("S3VPCEndpoint", "ReadUploadedFiles", "/Action"),
        "s3:*",
    ),
    Break(
        "endpoints_serve_the_processor_alone",
        _statement("DynamoDBVPCEndpoint", "KeepTheFileLedger", "/Resource"),
        "*",
    ),
    Break(
        "security_groups_say_where_they_lead",
        "VPCEndpointSecurityGroup/Properties/SecurityGroupEgress",
    ),
    Break(
        "security_groups_say_where_they_lead",
        "LambdaSecurityGroup/Properties/SecurityGroupEgress/1/ToPort",
        65535,
    ),
    Break(
        "security_groups_say_where_they_lead",
        "LambdaSecurityGroup/Properties/SecurityGroupEgress/1/Description",
        deployment="everything chosen",
    ),
    Break(
        "security_groups_say_where_they_lead",
        "LambdaSecurityGroup/Properties/SecurityGroupIngress",
        [{"CidrIp": "10.0.0.0/16", "IpProtocol": "-1"}],
    ),
    Break(
        "only_the_processor_comes_in_and_only_with_https",
        "VPCEndpointIngressFromLambda/Properties/CidrIp",
        "10.0.0.0/16",
    ),
    Break(
        "only_the_processor_comes_in_and_only_with_https",
        "VPCEndpointIngressFromLambda/Properties/FromPort",
        0,
    ),
    Break("all_traffic_is_recorded", "FlowLog/Properties/TrafficType", "ACCEPT"),
    Break("all_traffic_is_recorded", "FlowLog"),
)

_STORAGE: Final = (
    *(
        Break(
            "buckets_are_not_public",
            f"{bucket}/Properties/PublicAccessBlockConfiguration/{switch}",
            _OFF,
        )
        for bucket in _BUCKETS
        for switch in (
            "BlockPublicAcls",
            "BlockPublicPolicy",
            "IgnorePublicAcls",
            "RestrictPublicBuckets",
        )
    ),
    Break("buckets_are_not_public", f"{_DATA}/OwnershipControls"),
    Break("buckets_are_not_public", f"{_DATA}/AccessControl", "PublicRead"),
    *(
        Break("buckets_keep_every_version", f"{bucket}/Properties/VersioningConfiguration")
        for bucket in _BUCKETS
    ),
    Break("objects_move_to_infrequent_access_after_30_days", f"{_DATA}/LifecycleConfiguration"),
    Break(
        "evidence_does_not_expire", f"{_DATA}/LifecycleConfiguration/Rules/0/ExpirationInDays", 365
    ),
    Break("every_bucket_has_a_policy", "TransactionDataBucketPolicy"),
    Break("every_bucket_has_a_policy", "Added", _resource("AWS::S3::Bucket")),
    *(
        Break(rule, _statement(f"{bucket}Policy", sid))
        for bucket in _BUCKETS
        for rule, sid in (
            ("buckets_refuse_plain_http", "RefusePlainHttp"),
            ("buckets_refuse_tls_before_12", "RefuseTlsBefore12"),
            ("buckets_refuse_other_accounts", "RefuseOtherAccounts"),
        )
    ),
    Break(
        "buckets_refuse_plain_http",
        _statement("TransactionDataBucketPolicy", "RefusePlainHttp", "/Resource/1"),
    ),
    Break(
        "buckets_refuse_other_accounts",
        _statement(
            "AccessLogsBucketPolicy", "LetS3DeliverTheAccessLogsOfTheseBuckets", "/Principal"
        ),
        {"AWS": "*"},
    ),
    Break(
        "uploads_name_their_encryption",
        _statement("TransactionDataBucketPolicy", "RefuseUploadsThatDoNotNameTheirEncryption"),
    ),
    Break(
        "uploads_name_their_encryption",
        _statement("TransactionDataBucketPolicy", "RefuseUploadsWithAnotherEncryption"),
        deployment="everything chosen",
    ),
    Break(
        "uploads_name_their_encryption",
        _statement("TransactionDataBucketPolicy", "RefuseUploadsWithAnotherKey"),
    ),
    *(
        Break(
            "tables_are_on_demand_and_can_be_restored", f"TransactionMetadataTable/Properties/{key}"
        )
        for key in ("BillingMode", "PointInTimeRecoverySpecification", "DeletionProtectionEnabled")
    ),
    Break(
        "transactions_are_identified_by_id_and_time",
        "TransactionMetadataTable/Properties/KeySchema/1/AttributeName",
        "processedAt",
    ),
)

_FUNCTION: Final = (
    Break("uploads_start_the_processor", f"{_DATA}/NotificationConfiguration"),
    Break(
        "uploads_start_the_processor",
        f"{_DATA}/NotificationConfiguration/LambdaConfigurations/0/Filter",
        {"S3Key": {"Rules": [{"Name": "suffix", "Value": ".csv"}]}},
    ),
    Break(
        "only_this_accounts_s3_calls_the_function",
        "TransactionProcessorFunctionFileUploadedPermission/Properties/SourceAccount",
    ),
    Break("processor_runs_in_the_private_network", f"{_PROCESSOR}/VpcConfig"),
    Break("processor_runs_in_the_private_network", f"{_PROCESSOR}/VpcConfig/SubnetIds/1"),
    Break(
        "processor_runs_in_the_private_network",
        f"{_PROCESSOR}/VpcConfig/SecurityGroupIds/0/Ref",
        "VPCEndpointSecurityGroup",
    ),
    Break("processor_runs_as_decided", f"{_PROCESSOR}/Runtime", "python3.12"),
    Break("processor_runs_as_decided", f"{_PROCESSOR}/DeadLetterConfig"),
    Break("processor_runs_as_decided", f"{_PROCESSOR}/Layers", ["arn:aws:lambda:::layer:other:1"]),
    Break("environment_holds_no_configuration", f"{_PROCESSOR}/Environment/Variables/TABLE", "t"),
    Break("environment_holds_no_configuration", f"{_PROCESSOR}/Environment"),
    Break(
        "failed_events_are_kept_for_14_days", "FailedEventsQueue/Properties/MessageRetentionPeriod"
    ),
    Break(
        "failed_events_are_kept_for_14_days",
        _statement("FailedEventsQueuePolicy", "RefusePlainHttp"),
    ),
    Break(
        "rights_name_their_actions", _statement(_POLICY, "ReadUploadedFiles", "/Action"), "s3:Get*"
    ),
    Break(
        "rights_name_their_actions", _statement(_POLICY, "ReadUploadedFiles", "/Action/+"), "s3:*"
    ),
    Break("rights_name_their_actions", _statement(_POLICY, "WriteItsLog", "/NotAction"), "s3:*"),
    Break(
        "rights_name_their_resources", _statement(_POLICY, "ReadTheConfiguration", "/Resource"), "*"
    ),
    Break(
        "rights_name_their_resources",
        _statement(_POLICY, "LetLambdaAttachTheFunctionToTheVpc", "/Action/+"),
        "iam:PassRole",
    ),
    Break(
        "no_right_deletes_or_administers",
        _statement(_POLICY, "StoreTransactionsAndReadThemBack", "/Action/+"),
        "dynamodb:DeleteItem",
    ),
    Break(
        "no_right_deletes_or_administers",
        _statement(_POLICY, "ReadUploadedFiles", "/Action"),
        "s3:DeleteObject",
    ),
    Break(
        "no_right_deletes_or_administers",
        _statement(_POLICY, "ReadUploadedFiles", "/Action/+"),
        "s3:PutObject",
    ),
    Break(
        "roles_have_no_policies_of_their_own_or_of_aws",
        "LambdaExecutionRole/Properties/Policies",
        [{"PolicyName": "own", "PolicyDocument": {}}],
    ),
    Break(
        "roles_have_no_policies_of_their_own_or_of_aws",
        "FlowLogRole/Properties/ManagedPolicyArns/0",
        "arn:aws:iam::aws:policy/AdministratorAccess",
    ),
    Break("roles_have_no_policies_of_their_own_or_of_aws", "Added", _resource("AWS::IAM::User")),
)

_AUDIT: Final = (
    *(
        Break("trail_sees_every_region_and_can_be_verified", f"{_TRAIL}/{key}")
        for key in (
            "IsLogging",
            "IsMultiRegionTrail",
            "IncludeGlobalServiceEvents",
            "EnableLogFileValidation",
            "CloudWatchLogsLogGroupArn",
            "CloudWatchLogsRoleArn",
        )
    ),
    Break("trail_comes_after_its_buckets_policy", "TransactionDataTrail/DependsOn"),
    *(
        Break(
            "trail_records_management_and_the_objects_of_both_buckets",
            f"{_TRAIL}/EventSelectors/0/{rest}",
            value,
        )
        for rest, value in (
            ("IncludeManagementEvents", _OFF),
            ("ReadWriteType", "WriteOnly"),
            ("DataResources/0/Values/0/Fn::Join/1/1", "/*"),
            ("DataResources/0/Values/1", "arn:aws:s3:::another/"),
        )
    ),
    Break(
        "trail_records_management_and_the_objects_of_both_buckets",
        f"{_TRAIL}/AdvancedEventSelectors/Name=Management events",
        deployment="everything chosen",
    ),
    Break(
        "trail_records_management_and_the_objects_of_both_buckets",
        f"{_TRAIL}/AdvancedEventSelectors/Name=Objects of uploads and results",
        deployment="everything chosen",
    ),
    Break(
        "trail_records_management_and_the_objects_of_both_buckets",
        f"{_TRAIL}/EventSelectors",
    ),
    Break(
        "audit_files_cannot_be_deleted", "CloudTrailLogsBucket/Properties/ObjectLockEnabled", _OFF
    ),
    Break(
        "audit_files_cannot_be_deleted",
        _statement("CloudTrailLogsBucketPolicy", "RefuseDeletionOfAuditFiles"),
    ),
    Break(
        "audit_files_cannot_be_deleted",
        _statement("CloudTrailLogsBucketPolicy", "RefuseDeletionOfAuditFiles", "/Action/0"),
    ),
    Break(
        "audit_bucket_takes_this_trail_only",
        _statement("CloudTrailLogsBucketPolicy", "LetTheTrailWriteItsFiles", "/Condition"),
    ),
    Break("alarms_reach_somebody_and_say_what_to_do", "ConflictsAlarm/Properties/AlarmActions"),
    Break("alarms_reach_somebody_and_say_what_to_do", "ConflictsAlarm/Properties/AlarmActions", []),
    Break(
        "alarms_reach_somebody_and_say_what_to_do",
        "ConflictsAlarm/Properties/ActionsEnabled",
        _OFF,
    ),
    Break(
        "alarms_reach_somebody_and_say_what_to_do",
        "ConflictsAlarm/Properties/AlarmDescription",
        "conflicts",
    ),
    Break(
        "alarm_topic_takes_alarms_of_this_account_over_tls",
        _statement("AlarmTopicPolicy", "LetAlarmsOfThisAccountPublish", "/Condition"),
    ),
    Break(
        "alarm_topic_takes_alarms_of_this_account_over_tls",
        _statement("AlarmTopicPolicy", "RefusePlainHttp"),
    ),
)

BREAKS: Final = (*_RETENTION, *_ENCRYPTION, *_NETWORK, *_STORAGE, *_FUNCTION, *_AUDIT)
