"""The function, its rights, and what starts it."""

from typing import Final

from checks.breaks.model import DATA, POLICY, PROCESSOR, RESULTS, Break, resource, statement

_TASKS: Final = f"{RESULTS}/NotificationConfiguration"
_CALLERS: Final = "only_this_accounts_s3_and_sweep_call_the_function"

BREAKS: Final = (
    Break("uploads_start_the_processor", f"{DATA}/NotificationConfiguration"),
    Break(
        "uploads_start_the_processor",
        f"{DATA}/NotificationConfiguration/LambdaConfigurations/0/Filter",
        {"S3Key": {"Rules": [{"Name": "suffix", "Value": ".csv"}]}},
    ),
    Break("tasks_alone_start_the_processor_from_the_results", _TASKS),
    Break(
        "tasks_alone_start_the_processor_from_the_results",
        f"{_TASKS}/LambdaConfigurations/0/Filter",
    ),
    Break(
        "tasks_alone_start_the_processor_from_the_results",
        f"{_TASKS}/LambdaConfigurations/0/Filter/S3Key/Rules/0/Value",
        "",
    ),
    Break("endless_loops_are_stopped", f"{PROCESSOR}/RecursiveLoop", "Allow"),
    Break(
        "nothing_but_the_processor_is_started_by_the_clock",
        "SweepRule/Properties/Targets/0/Arn",
        "arn:aws:sqs:eu-central-1:999999999999:elsewhere",
    ),
    Break(
        "nothing_but_the_processor_is_started_by_the_clock",
        "SweepRule/Properties/EventPattern",
        {"source": ["aws.s3"]},
    ),
    *(
        Break(_CALLERS, f"TransactionProcessorFunction{event}Permission/Properties/SourceAccount")
        for event in ("FileUploaded", "TaskWritten")
    ),
    Break(_CALLERS, "SweepPermission/Properties/SourceArn"),
    Break(_CALLERS, "SweepPermission/Properties/Principal", "*"),
    Break(_CALLERS, "SweepPermission/Properties/FunctionUrlAuthType", "NONE"),
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
        "no_right_deletes_or_administers",
        statement(POLICY, "WriteAndReadTasks", "/Resource"),
        "arn:aws:s3:::transaction-results-123456789012-q7probe/*",
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
