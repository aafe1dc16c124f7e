"""The function, its rights, and what starts it."""

from typing import Final

from checks.breaks.model import DATA, POLICY, PROCESSOR, Break, resource, statement

BREAKS: Final = (
    Break("uploads_start_the_processor", f"{DATA}/NotificationConfiguration"),
    Break(
        "uploads_start_the_processor",
        f"{DATA}/NotificationConfiguration/LambdaConfigurations/0/Filter",
        {"S3Key": {"Rules": [{"Name": "suffix", "Value": ".csv"}]}},
    ),
    Break(
        "only_this_accounts_s3_calls_the_function",
        "TransactionProcessorFunctionFileUploadedPermission/Properties/SourceAccount",
    ),
    Break("processor_runs_in_the_private_network", f"{PROCESSOR}/VpcConfig"),
    Break("processor_runs_in_the_private_network", f"{PROCESSOR}/VpcConfig/SubnetIds/1"),
    Break(
        "processor_runs_in_the_private_network",
        f"{PROCESSOR}/VpcConfig/SecurityGroupIds/0/Ref",
        "VPCEndpointSecurityGroup",
    ),
    Break("processor_runs_as_decided", f"{PROCESSOR}/Runtime", "python3.12"),
    Break("processor_runs_as_decided", f"{PROCESSOR}/DeadLetterConfig"),
    Break("processor_runs_as_decided", f"{PROCESSOR}/Layers", ["arn:aws:lambda:::layer:other:1"]),
    Break("environment_holds_no_configuration", f"{PROCESSOR}/Environment/Variables/TABLE", "t"),
    Break("environment_holds_no_configuration", f"{PROCESSOR}/Environment"),
    Break(
        "failed_events_are_kept_for_14_days", "FailedEventsQueue/Properties/MessageRetentionPeriod"
    ),
    Break(
        "failed_events_are_kept_for_14_days",
        statement("FailedEventsQueuePolicy", "RefusePlainHttp"),
    ),
    Break(
        "processor_calls_its_data_only_from_the_network",
        statement(POLICY, "RefuseDataCallsFromOutsideTheVpc"),
    ),
    Break(
        "processor_calls_its_data_only_from_the_network",
        statement(POLICY, "RefuseDataCallsFromOutsideTheVpc", "/Action/1"),
    ),
    Break(
        "rights_name_their_actions", statement(POLICY, "ReadUploadedFiles", "/Action"), "s3:Get*"
    ),
    Break("rights_name_their_actions", statement(POLICY, "ReadUploadedFiles", "/Action/+"), "s3:*"),
    Break("rights_name_their_actions", statement(POLICY, "WriteItsLog", "/NotAction"), "s3:*"),
    Break(
        "rights_name_their_resources", statement(POLICY, "ReadTheConfiguration", "/Resource"), "*"
    ),
    Break(
        "rights_name_their_resources",
        statement(POLICY, "LetLambdaAttachTheFunctionToTheVpc", "/Action/+"),
        "iam:PassRole",
    ),
    Break(
        "no_right_deletes_or_administers",
        statement(POLICY, "StoreTransactionsAndReadThemBack", "/Action/+"),
        "dynamodb:DeleteItem",
    ),
    Break(
        "no_right_deletes_or_administers",
        statement(POLICY, "ReadUploadedFiles", "/Action"),
        "s3:DeleteObject",
    ),
    Break(
        "no_right_deletes_or_administers",
        statement(POLICY, "ReadUploadedFiles", "/Action/+"),
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
    Break("roles_have_no_policies_of_their_own_or_of_aws", "Added", resource("AWS::IAM::User")),
)
