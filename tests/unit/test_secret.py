"""The secret's adapter: read once in five minutes, and never quoted."""

import json
import traceback
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from processor.adapters.aws import client_config
from processor.adapters.secret import SECRET_AGE_SECONDS_MAX, ConfigurationSecret
from processor.errors import (
    ConfigurationInvalid,
    ProcessorError,
    ServiceRefused,
    ServiceUnavailable,
)

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

NAME = "transaction-processor-config-dev"
VALUE = "s3cr3t-tokenization-key"


@pytest.fixture
def client(aws: None) -> "SecretsManagerClient":
    return boto3.client("secretsmanager", config=client_config())


def printed(error: BaseException) -> str:
    """All that a log could show of an error."""
    return repr(error) + "".join(traceback.format_exception(error))


def caught_from(secret: ConfigurationSecret, name: str = NAME) -> ProcessorError:
    with pytest.raises(ProcessorError) as caught:
        secret.read(name)
    return caught.value


def stubbed(client: "SecretsManagerClient", code: str, status: int) -> ConfigurationSecret:
    stubber = Stubber(client)
    stubber.add_client_error(
        "get_secret_value", code, service_message=f"about {VALUE}", http_status_code=status
    )
    stubber.activate()
    return ConfigurationSecret(client)


def test_the_secret_s_json_is_read(client: "SecretsManagerClient") -> None:
    arn = client.create_secret(Name=NAME, SecretString='{"environment": "dev"}')["ARN"]

    assert ConfigurationSecret(client).read(arn) == {"environment": "dev"}


def test_within_five_minutes_it_is_read_once(client: "SecretsManagerClient") -> None:
    client.create_secret(Name=NAME, SecretString='{"environment": "dev"}')
    secret = ConfigurationSecret(client)
    secret.read(NAME)
    client.put_secret_value(SecretId=NAME, SecretString='{"environment": "prod"}')

    assert secret.read(NAME) == {"environment": "dev"}


def test_it_is_read_past_the_cache_when_asked_so(client: "SecretsManagerClient") -> None:
    client.create_secret(Name=NAME, SecretString='{"environment": "dev"}')
    secret = ConfigurationSecret(client)
    secret.read(NAME)
    client.put_secret_value(SecretId=NAME, SecretString='{"environment": "prod"}')

    assert secret.read(NAME, past_cache=True) == {"environment": "prod"}
    assert secret.read(NAME) == {"environment": "prod"}


@pytest.mark.parametrize(("seconds", "environment"), [(-1, "dev"), (1, "prod")])
def test_a_change_is_seen_after_five_minutes(
    client: "SecretsManagerClient", seconds: int, environment: str
) -> None:
    client.create_secret(Name=NAME, SecretString='{"environment": "dev"}')
    now = 1000.0
    secret = ConfigurationSecret(client, lambda: now)
    secret.read(NAME)
    client.put_secret_value(SecretId=NAME, SecretString='{"environment": "prod"}')

    now += SECRET_AGE_SECONDS_MAX + seconds

    assert secret.read(NAME) == {"environment": environment}


def test_another_secret_is_read_whatever_is_kept(client: "SecretsManagerClient") -> None:
    client.create_secret(Name=NAME, SecretString='{"environment": "dev"}')
    client.create_secret(Name="another", SecretString='{"environment": "prod"}')
    secret = ConfigurationSecret(client)

    assert [secret.read(name) for name in (NAME, "another", NAME)] == [
        {"environment": "dev"},
        {"environment": "prod"},
        {"environment": "dev"},
    ]


def test_a_missing_secret_is_refused(client: "SecretsManagerClient") -> None:
    error = caught_from(ConfigurationSecret(client))

    assert isinstance(error, ServiceRefused)
    assert str(error) == "GetSecretValue: ResourceNotFoundException"


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("ThrottlingException", 400, ServiceUnavailable),
        ("InternalServiceError", 500, ServiceUnavailable),
        ("AccessDeniedException", 400, ServiceRefused),
        ("DecryptionFailure", 400, ServiceRefused),
        ("InvalidRequestException", 400, ServiceRefused),
    ],
)
def test_errors_of_the_service_are_told_apart_by_their_code(
    client: "SecretsManagerClient", code: str, status: int, kind: type[ProcessorError]
) -> None:
    error = caught_from(stubbed(client, code, status))

    assert type(error) is kind
    assert str(error) == f"GetSecretValue: {code}"


def test_an_endpoint_that_cannot_be_reached_is_unavailable(aws: None) -> None:
    client = boto3.client("secretsmanager", config=Config(retries={"total_max_attempts": 1}))

    def refuse(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://secretsmanager")

    client.meta.events.register_first("before-send.secrets-manager", refuse)

    error = caught_from(ConfigurationSecret(client))

    assert isinstance(error, ServiceUnavailable)
    assert str(error) == "GetSecretValue: EndpointConnectionError"


@pytest.mark.parametrize(
    "text", [VALUE, f'{{"tokenization_key": "{VALUE}"', f'"{VALUE}', f"{{'{VALUE}': 1}}"]
)
def test_a_secret_that_is_no_json_is_invalid_and_never_printed(
    client: "SecretsManagerClient", text: str
) -> None:
    client.create_secret(Name=NAME, SecretString=text)

    error = caught_from(ConfigurationSecret(client))

    assert isinstance(error, ConfigurationInvalid)
    assert str(error) == "the secret is no JSON"
    assert VALUE not in printed(error)


def test_a_secret_of_bytes_is_invalid(client: "SecretsManagerClient") -> None:
    client.create_secret(Name=NAME, SecretBinary=b'{"environment": "dev"}')

    assert isinstance(caught_from(ConfigurationSecret(client)), ConfigurationInvalid)


def test_a_secret_that_was_no_json_is_read_again(client: "SecretsManagerClient") -> None:
    client.create_secret(Name=NAME, SecretString="no JSON")
    secret = ConfigurationSecret(client)
    caught_from(secret)
    client.put_secret_value(SecretId=NAME, SecretString=json.dumps({"environment": "dev"}))

    assert secret.read(NAME) == {"environment": "dev"}
