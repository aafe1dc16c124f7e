"""Checks of the secret. What it holds is read, if the caller may, and never shown."""

import json
from collections.abc import Iterator

from botocore.exceptions import ClientError

from desk.doctor.findings import Finding, NotLookedAt, failed, ok, unless
from desk.doctor.look import Look
from processor.adapters.aws import error_code
from processor.errors import ConfigurationInvalid
from processor.settings import parse_settings


def secret(look: Look) -> Iterator[Finding]:
    """Whether the secret is there, in a state that the function can use."""
    arn = look.physical("LambdaConfigSecret")
    found = look.ask("secretsmanager", "describe_secret", SecretId=arn)
    if found.get("DeletedDate"):
        yield failed(
            "it is to be deleted, and cannot be read",
            f"aws secretsmanager restore-secret --secret-id {arn}",
        )
        return
    stages = {stage for one in found.get("VersionIdsToStages", {}).values() for stage in one}
    problems = [
        *unless(
            "AWSCURRENT" in stages,
            failed(
                "it has no current version",
                f"aws secretsmanager update-secret-version-stage --secret-id {arn} "
                "--version-stage AWSCURRENT --move-to-version-id …",
            ),
        ),
        *unless(
            not found.get("RotationEnabled"),
            failed(
                "it is rotated by a timer: known cards would get new tokens",
                f"aws secretsmanager cancel-rotate-secret --secret-id {arn}",
            ),
        ),
        *unless(
            found.get("KmsKeyId") in (look.key_arn, look.physical("EncryptionKey")),
            failed(
                "it is not encrypted by the stack's key",
                f"aws secretsmanager update-secret --secret-id {arn} --kms-key-id {look.key_arn}",
            ),
        ),
    ]
    yield from problems or [ok("present, one current version, no rotation by a timer")]


def configuration(look: Look) -> Iterator[Finding]:
    """Whether what the secret holds can be used. No value of it is ever shown."""
    arn = look.physical("LambdaConfigSecret")
    try:
        answer = look.ask("secretsmanager", "get_secret_value", SecretId=arn)
    except ClientError as error:
        if error_code(error) != "DecryptionFailure":
            raise
        yield failed("the key does not decrypt it", 'see the check "key"')
        return
    except NotLookedAt as error:
        if not error.is_refused:
            raise
        why = f"{error.why} (or kms:Decrypt through it)"
        raise NotLookedAt(why, "none needed: few should be able to", is_refused=True) from error
    see = 'docs/deployment.md, "The secret", says what belongs into it'
    try:
        settings = parse_settings(json.loads(answer.get("SecretString") or ""))
    except ValueError:
        yield failed("the secret is no JSON", see)
        return
    except ConfigurationInvalid as error:
        yield failed(str(error), see)
        return
    wrong = sorted(
        name for name, value in _wanted(look).items() if getattr(settings, name) != value
    )
    if wrong:
        yield failed(f"{', '.join(wrong)} in the secret: not this stack's", see)
    else:
        yield ok("the secret holds all that the function must be told")


def _wanted(look: Look) -> dict[str, str]:
    return {
        "database_table": look.physical("TransactionMetadataTable"),
        "file_ledger_table": look.physical("FileLedgerTable"),
        "data_bucket": look.physical("TransactionDataBucket"),
        "results_bucket": look.physical("TransactionResultsBucket"),
        "encryption_key_id": look.physical("EncryptionKey"),
        "encryption_key_arn": look.key_arn,
    }
