"""The function: what it runs on, where it runs, what it is told, and what becomes of failures."""

import json

from tests.integration.deployed import Json, Stack, client, statements


def configuration(stack: Stack) -> Json:
    found: Json = client("lambda").get_function_configuration(
        FunctionName=stack.outputs["TransactionProcessorFunctionName"]
    )
    return found


def test_the_function_runs_on_python_3_13_for_up_to_15_minutes(stack: Stack) -> None:
    function = configuration(stack)

    assert function["Runtime"] == "python3.13"
    assert function["Handler"] == "processor.app.lambda_handler"
    assert function["Timeout"] == 900
    assert function["MemorySize"] == int(stack.parameters["FunctionMemoryMb"])
    assert function["Architectures"] == [stack.parameters["FunctionArchitecture"]]


def test_the_function_runs_in_both_private_subnets_with_its_own_security_group(
    stack: Stack,
) -> None:
    vpc = configuration(stack)["VpcConfig"]

    assert vpc["VpcId"] == stack.outputs["VPCId"]
    assert sorted(vpc["SubnetIds"]) == sorted(
        [stack.resources["PrivateSubnet1"], stack.resources["PrivateSubnet2"]]
    )
    assert vpc["SecurityGroupIds"] == [stack.resources["LambdaSecurityGroup"]]


def test_the_environment_says_where_the_secret_is_and_how_to_log_and_nothing_else(
    stack: Stack,
) -> None:
    function = configuration(stack)

    assert function["Environment"]["Variables"] == {
        "CONFIG_SECRET_ARN": stack.outputs["SecretsManagerSecretArn"],
        "POWERTOOLS_SERVICE_NAME": function["FunctionName"],
        "POWERTOOLS_METRICS_NAMESPACE": "TransactionProcessing",
        "POWERTOOLS_LOG_LEVEL": stack.parameters["LogLevel"],
    }
    assert function["KMSKeyArn"] == stack.outputs["EncryptionKeyArn"]


def test_a_failed_event_is_tried_twice_more_and_then_kept_once(stack: Stack) -> None:
    invocation = client("lambda").get_function_event_invoke_config(
        FunctionName=stack.outputs["TransactionProcessorFunctionName"], Qualifier="$LATEST"
    )

    assert configuration(stack)["DeadLetterConfig"] == {
        "TargetArn": stack.outputs["FailedEventsQueueArn"]
    }
    assert invocation["MaximumRetryAttempts"] == 2
    assert invocation["MaximumEventAgeInSeconds"] == 21600
    assert not invocation.get("DestinationConfig", {}).get("OnFailure")


def test_the_queue_of_failed_events_is_encrypted_and_keeps_them_for_14_days(stack: Stack) -> None:
    attributes = client("sqs").get_queue_attributes(
        QueueUrl=stack.outputs["FailedEventsQueueUrl"], AttributeNames=["All"]
    )["Attributes"]

    assert attributes["KmsMasterKeyId"] == stack.outputs["EncryptionKeyArn"]
    assert attributes["MessageRetentionPeriod"] == str(14 * 24 * 3600)
    refused = {one["Sid"]: one for one in statements(attributes["Policy"])}
    assert {one["Effect"] for one in refused.values()} == {"Deny"}
    assert refused["RefusePlainHttp"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert refused["RefuseOtherAccounts"]["Condition"]["StringNotEquals"] == {
        "aws:PrincipalAccount": stack.account
    }


def test_the_log_is_kept_for_its_time_under_the_key(stack: Stack) -> None:
    name = stack.outputs["LambdaLogGroupName"]
    groups = client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]

    (group,) = [group for group in groups if group["logGroupName"] == name]
    assert group["retentionInDays"] == int(stack.parameters["LogRetentionDays"])
    assert group["kmsKeyId"] == stack.outputs["EncryptionKeyArn"]
    assert configuration(stack)["LoggingConfig"]["LogGroup"] == name


def test_every_object_created_in_the_data_bucket_starts_the_function(stack: Stack) -> None:
    notifications = client("s3").get_bucket_notification_configuration(
        Bucket=stack.outputs["TransactionDataBucketName"]
    )

    (started,) = notifications["LambdaFunctionConfigurations"]
    assert started["LambdaFunctionArn"] == stack.outputs["TransactionProcessorFunctionArn"]
    assert started["Events"] == ["s3:ObjectCreated:*"]
    assert not started.get("Filter")
    assert not notifications.get("QueueConfigurations")
    assert not notifications.get("TopicConfigurations")


def test_every_task_starts_the_function_and_no_other_result(stack: Stack) -> None:
    notifications = client("s3").get_bucket_notification_configuration(
        Bucket=stack.outputs["TransactionResultsBucketName"]
    )

    (started,) = notifications["LambdaFunctionConfigurations"]
    (rule,) = started["Filter"]["Key"]["FilterRules"]
    assert started["LambdaFunctionArn"] == stack.outputs["TransactionProcessorFunctionArn"]
    assert started["Events"] == ["s3:ObjectCreated:*"]
    assert (rule["Name"].lower(), rule["Value"]) == ("prefix", "work/")
    assert not notifications.get("QueueConfigurations")
    assert not notifications.get("TopicConfigurations")


def test_the_sweep_runs_on_its_schedule(stack: Stack) -> None:
    events, name = client("events"), stack.resources["SweepRule"]
    rule = events.describe_rule(Name=name)
    (target,) = events.list_targets_by_rule(Rule=name)["Targets"]

    schedule = stack.parameters["SweepSchedule"]
    assert rule["State"] == ("DISABLED" if schedule == "off" else "ENABLED")
    assert schedule in ("off", rule["ScheduleExpression"])
    assert target["Arn"] == stack.outputs["TransactionProcessorFunctionArn"]
    assert json.loads(target["Input"]) == {
        "sweep": {"olderThanMinutes": int(stack.parameters["SweepOlderThanMinutes"])}
    }


def test_only_s3_and_the_sweep_of_this_account_may_invoke_the_function(stack: Stack) -> None:
    policy = client("lambda").get_policy(
        FunctionName=stack.outputs["TransactionProcessorFunctionName"]
    )["Policy"]

    allowed = statements(policy)
    assert {one["Effect"] for one in allowed} == {"Allow"}
    assert {one["Action"] for one in allowed} == {"lambda:InvokeFunction"}
    narrowed = [
        (
            one["Principal"]["Service"],
            {
                key.lower(): value
                for tests in one["Condition"].values()
                for key, value in tests.items()
            },
        )
        for one in allowed
    ]
    by_s3 = ("s3.amazonaws.com", {"aws:sourceaccount": stack.account})
    rule = stack.arn("events", f"rule/{stack.resources['SweepRule']}")
    assert sorted(narrowed, key=str) == sorted(
        [by_s3, by_s3, ("events.amazonaws.com", {"aws:sourcearn": rule})], key=str
    )


def test_the_role_has_one_policy_of_its_own_and_no_wildcard_but_for_interfaces(
    stack: Stack,
) -> None:
    iam = client("iam")
    role = stack.resources["LambdaExecutionRole"]
    (attached,) = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    version = iam.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=attached["PolicyArn"], VersionId=version)

    wide = [
        statement
        for statement in statements(document["PolicyVersion"]["Document"])
        if statement["Effect"] == "Allow"
        and ("*" in json.dumps(statement["Action"]) or statement["Resource"] == "*")
    ]
    assert attached["PolicyArn"] == stack.resources["TransactionProcessorPolicy"]
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == []
    assert [statement["Sid"] for statement in wide] == ["LetLambdaAttachTheFunctionToTheVpc"]


def test_reserved_concurrency_is_what_the_parameter_says(stack: Stack) -> None:
    answer = client("lambda").get_function_concurrency(
        FunctionName=stack.outputs["TransactionProcessorFunctionName"]
    )

    reserved = int(stack.parameters["ReservedConcurrency"])
    assert answer.get("ReservedConcurrentExecutions", 0) == reserved
