"""Checks of the caller, the stack and its function."""

from collections.abc import Iterator

from desk.doctor.findings import Finding, failed, ok, unless, warning
from desk.doctor.look import Look
from desk.reading import Json
from processor.settings import SECRET_ENVIRONMENT_VARIABLE

_SETTLED = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"})
_SMALL_QUOTA = 100
"""A new account has fewer. Source: Lambda quotas, "Concurrent executions"."""


def caller(look: Look) -> Iterator[Finding]:
    """Who asks, and where."""
    identity = look.ask("sts", "get_caller_identity")
    arn = identity["Arn"]
    if identity["Account"] != look.account:
        yield failed(
            f"{arn} is of another account than the stack", "use --profile of the stack's account"
        )
    elif arn.endswith(":root"):
        yield warning(f"{arn} in {look.region}", "use a role: the root user rings RootUseAlarm")
    else:
        yield ok(f"{arn} in {look.region}")


def stack_status(look: Look) -> Iterator[Finding]:
    """Whether the last deployment ended well."""
    status = str(look.described["StackStatus"])
    reason = look.described.get("StackStatusReason") or ""
    said = f"{status}: {reason}" if reason else status
    see = f"see why: aws cloudformation describe-stack-events --stack-name {look.stack.name}"
    if status in _SETTLED:
        yield ok(status)
    elif status.endswith("_IN_PROGRESS"):
        yield warning(said, "a deployment is under way: look again when it is over")
    elif status in ("UPDATE_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"):
        yield warning(f"{said}; what ran before runs", f"{see}; then `sam deploy`")
    else:
        yield failed(said, f"{see}; mend it, then `sam deploy` again")
    for one in look.resources.values():
        if one.status.endswith("_FAILED"):
            yield failed(f"{one.logical_id}: {one.status} {one.reason}".rstrip(), see)


def function(look: Look) -> Iterator[Finding]:
    """Whether the function can run, and is as it was deployed."""
    name = look.physical("TransactionProcessorFunction")
    found = look.ask("lambda", "get_function_configuration", FunctionName=name)
    state, update = found.get("State", "Active"), found.get("LastUpdateStatus", "Successful")
    problems = [
        *unless(
            state in ("Active", "Inactive"),
            failed(
                f"{state}: {found.get('StateReason', 'no reason given')}",
                "wait while it is Pending; otherwise mend the reason, and deploy any change of it, "
                "such as another LogLevel",
            ),
        ),
        *unless(
            state != "Inactive",
            warning(
                "idle for so long that its first event fails, and is tried again", "none needed"
            ),
        ),
        *unless(
            update == "Successful",
            failed(
                f"its last update: {update} {found.get('LastUpdateStatusReason', '')}".rstrip(),
                "wait while it is InProgress; otherwise `sam deploy` again",
            ),
        ),
        *_unlike_template(look, found),
    ]
    yield from problems or [
        ok(f"{state}, {found['Runtime']} on {found['Architectures'][0]}, {found['MemorySize']} MB")
    ]


def _unlike_template(look: Look, found: Json) -> Iterator[Finding]:
    variables = found.get("Environment", {}).get("Variables", {})
    mend = f"aws lambda update-function-configuration --function-name {found['FunctionName']}"
    if variables.get(SECRET_ENVIRONMENT_VARIABLE) != look.physical("LambdaConfigSecret"):
        yield failed(
            f"{SECRET_ENVIRONMENT_VARIABLE} does not name the stack's secret",
            f"{mend} --environment …, or deploy under another LogLevel, which sets them all",
        )
    wanted = look.parameters.get("FunctionArchitecture")
    if wanted and found.get("Architectures") != [wanted]:
        yield failed(
            f"runs on {', '.join(found.get('Architectures', []))}, not {wanted}",
            "`sam build && sam deploy`, after a change of the function's code",
        )
    if found.get("KMSKeyArn") != look.key_arn:
        yield failed("its environment is not encrypted by the key", f"{mend} --kms-key-arn …")


def dead_letters(look: Look) -> Iterator[Finding]:
    """Whether events that failed are kept."""
    name = look.physical("TransactionProcessorFunction")
    found = look.ask("lambda", "get_function_configuration", FunctionName=name)
    queue = look.stack.output("FailedEventsQueueArn")
    if found.get("DeadLetterConfig", {}).get("TargetArn") == queue:
        yield ok("events that fail are kept in FailedEventsQueue")
    else:
        yield failed(
            "events that fail are lost",
            f"aws lambda update-function-configuration --function-name {name} "
            f"--dead-letter-config TargetArn={queue}",
        )


def concurrency(look: Look) -> Iterator[Finding]:
    """How many executions there may be at once."""
    name = look.physical("TransactionProcessorFunction")
    limit = look.ask("lambda", "get_account_settings")["AccountLimit"]
    answer = look.ask("lambda", "get_function_concurrency", FunctionName=name)
    reserved = answer.get("ReservedConcurrentExecutions")
    wanted = int(look.parameters.get("ReservedConcurrency") or 0)
    free, total = limit["UnreservedConcurrentExecutions"], limit["ConcurrentExecutions"]
    mend = f"aws lambda delete-function-concurrency --function-name {name}"
    if wanted:
        mend = (
            f"aws lambda put-function-concurrency --function-name {name} "
            f"--reserved-concurrent-executions {wanted}"
        )
    if reserved == 0:
        yield failed("no execution is allowed: nothing is processed", mend)
    elif (reserved or 0) != wanted:
        yield warning(f"{reserved or 0} are reserved, the stack says {wanted}", mend)
    elif not reserved and total < _SMALL_QUOTA:
        yield warning(
            f"the account has {total} executions in all, {free} of them free",
            'ask Service Quotas for "Concurrent executions" of Lambda before large files',
        )
    else:
        yield ok(f"{reserved} reserved" if reserved else f"none reserved, {free} of {total} free")


def role(look: Look) -> Iterator[Finding]:
    """Whether the function has its rights, and no others."""
    name = look.physical("LambdaExecutionRole")
    policy = look.physical("TransactionProcessorPolicy")
    attached = look.ask_all("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=name)
    arns = {one["PolicyArn"] for one in attached}
    problems = unless(
        policy in arns,
        failed(
            "the function lacks its policy: every file fails",
            f"aws iam attach-role-policy --role-name {name} --policy-arn {policy}",
        ),
    )
    problems += [
        warning(
            f"{arn} is attached, too",
            f"aws iam detach-role-policy --role-name {name} --policy-arn {arn}",
        )
        for arn in sorted(arns - {policy})
    ]
    inline = look.ask("iam", "list_role_policies", RoleName=name)["PolicyNames"]
    problems += [
        warning(
            f"it has a policy {one} of its own",
            f"aws iam delete-role-policy --role-name {name} --policy-name {one}",
        )
        for one in inline
    ]
    yield from problems or [ok("the function's role has its one policy")]
