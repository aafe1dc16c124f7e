"""Who calls the embedded AWS: a few identities, none of them root.

Root passes every Deny of the emulator, so nothing that is tested may run as root. Each identity
has a profile in a credentials file of the run, and only the rights that its work needs.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local import environment
from local.supervisor import Emulator

DEPLOYER = "deployer"
SENDER = "sender"
TESTER = "tester"
FUNCTION = "function"
#: Has the session of the function's code itself, for tests that run that code in another process.
FUNCTION_CODE = "function-code"
#: Profile -> who holds the function's session by it.
FUNCTION_HOLDERS = {FUNCTION: "person", FUNCTION_CODE: "code"}

Statement = dict[str, Any]


@dataclass(frozen=True)
class Credentials:
    """One identity's keys."""

    access_key: str
    secret_key: str
    session_token: str = ""

    def variables(self) -> dict[str, str]:
        """As the environment variables that every AWS tool reads."""
        named = {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
        }
        return named | ({"AWS_SESSION_TOKEN": self.session_token} if self.session_token else {})


#: Reads of everything an auditor looks at. No write, and no key administration.
_AUDITOR_READS = (
    "cloudformation:Describe*", "cloudformation:Get*", "cloudformation:List*",
    "cloudtrail:Describe*", "cloudtrail:Get*", "cloudtrail:List*", "cloudtrail:LookupEvents",
    "cloudwatch:Describe*", "cloudwatch:Get*", "cloudwatch:List*",
    "dynamodb:BatchGetItem", "dynamodb:Describe*", "dynamodb:Get*", "dynamodb:List*",
    "dynamodb:PartiQLSelect", "dynamodb:Query", "dynamodb:Scan",
    "ec2:Describe*", "ec2:Get*",
    "events:Describe*", "events:List*",
    "iam:Get*", "iam:List*", "iam:Simulate*",
    "kms:Describe*", "kms:Get*", "kms:List*",
    "lambda:Get*", "lambda:List*",
    "logs:Describe*", "logs:FilterLogEvents", "logs:Get*", "logs:List*",
    "s3:Get*", "s3:List*",
    "secretsmanager:Describe*", "secretsmanager:Get*", "secretsmanager:List*",
    "sns:Get*", "sns:List*",
    "sqs:Get*", "sqs:List*",
    "tag:Get*",
)  # fmt: skip  # A row for each service.


def make_deployer(emulator: Emulator) -> Credentials:
    """The identity that deploys: an administrator, and yet subject to every Deny."""
    return _user(emulator, DEPLOYER, [_allow(["*"], ["*"])])


def make_sender(emulator: Emulator, outputs: dict[str, str]) -> Credentials:
    """The identity of a partner: may put objects into the data bucket, and nothing else."""
    return _user(emulator, SENDER, _upload_statements(outputs))


def make_tester(emulator: Emulator, outputs: dict[str, str]) -> Credentials:
    """The identity of the tests: reads as an auditor, uploads, invokes, empties dead letters."""
    queue = "arn:aws:sqs:*:*:failed-events-*"
    takes = ("ReceiveMessage", "ChangeMessageVisibility", "DeleteMessage", "PurgeQueue")
    use = ["kms:Decrypt", "kms:GenerateDataKey"]
    return _user(
        emulator,
        TESTER,
        [
            *_upload_statements(outputs),
            _allow(_AUDITOR_READS, ["*"]),
            _allow(use, [outputs["EncryptionKeyArn"]]),
            _allow(["lambda:InvokeFunction"], [outputs["TransactionProcessorFunctionArn"]]),
            _allow([f"sqs:{action}" for action in takes], [queue]),
        ],
    )


def function_session(emulator: Emulator, function_name: str, *, holder: str) -> Credentials:
    """A session of the deployed function, with its role's rights and from within its VPC.

    Args:
        emulator: Where it is deployed.
        function_name: Its name.
        holder: `code` for the session that its own code has, `person` for one of the same rights
            whose calls are not recorded as the code's.
    """
    published = json.loads((emulator.state / "functions.json").read_text(encoding="utf-8"))
    found = published[function_name][holder]
    return Credentials(
        found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"], found["AWS_SESSION_TOKEN"]
    )


def _upload_statements(outputs: dict[str, str]) -> list[Statement]:
    # Multipart uploads are encrypted part by part and need both. Source: S3 User Guide.
    use = ["kms:GenerateDataKey", "kms:Decrypt"]
    uploads = ["s3:PutObject", "s3:AbortMultipartUpload"]
    return [
        _allow(uploads, [f"{outputs['TransactionDataBucketArn']}/*"]),
        _allow(use, [outputs["EncryptionKeyArn"]]),
    ]


def _allow(actions: Iterable[str], resources: list[str]) -> Statement:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resources}


def _user(emulator: Emulator, name: str, statements: list[Statement]) -> Credentials:
    iam = emulator.root("iam")
    iam.create_user(UserName=name)
    iam.put_user_policy(
        UserName=name,
        PolicyName=f"{name}-rights",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}),
    )
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


class Profiles:
    """The run's own AWS configuration and credentials files, in its state directory."""

    def __init__(self, emulator: Emulator) -> None:
        self._endpoint = emulator.endpoint
        self._configuration = emulator.state / "aws-config"
        self._credentials = emulator.state / "aws-credentials"
        self._known: dict[str, Credentials] = {}

    def add(self, name: str, credentials: Credentials) -> None:
        """Write another identity as a profile."""
        self._known[name] = credentials
        _write_private(self._credentials, "\n".join(map(self._credentials_section, self._known)))
        _write_private(self._configuration, "\n".join(map(self._config_section, self._known)))

    def credentials(self, name: str) -> Credentials:
        """Those of a profile."""
        return self._known[name]

    def variables(self) -> dict[str, str]:
        """What makes AWS tools read these files, and no others."""
        return {
            "AWS_CONFIG_FILE": str(self._configuration),
            "AWS_SHARED_CREDENTIALS_FILE": str(self._credentials),
        }

    def _credentials_section(self, name: str) -> str:
        lines = [f"[{name}]"]
        for variable, value in self._known[name].variables().items():
            lines.append(f"{variable.lower()} = {value}")
        return "\n".join(lines) + "\n"

    def _config_section(self, name: str) -> str:
        lines = [
            f"[profile {name}]",
            f"region = {environment.REGION}",
            f"endpoint_url = {self._endpoint}",
        ]
        return "\n".join(lines) + "\n"


def _write_private(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")
