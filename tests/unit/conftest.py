"""Unit tests reach no network: a socket raises."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from pytest_socket import disable_socket, enable_socket, socket_allow_hosts

from processor import app
from processor.adapters.aws import client_config
from tests.support import marked_services
from tests.support.loopback import Server
from tests.support.template import stack


@pytest.fixture(autouse=True)
def _no_network() -> Iterator[None]:
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AWS in this process, by moto; with credentials that are none."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL": "",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        yield


@pytest.fixture
def s3(aws: None) -> Any:
    return boto3.client("s3", config=client_config())


@pytest.fixture
def dynamodb(aws: None) -> Any:
    """With the tables of the template."""
    client = boto3.client("dynamodb", config=client_config())
    for name in ("TransactionMetadataTable", "FileLedgerTable"):
        declared = stack().properties(name)
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=declared["KeySchema"],
            AttributeDefinitions=declared["AttributeDefinitions"],
        )
    return client


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on the loopback interface, the one address that may be connected to."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1"])
    server = Server()
    yield server
    server.close()


@pytest.fixture
def services(
    s3: Any, dynamodb: Any, server: Server, monkeypatch: pytest.MonkeyPatch
) -> marked_services.Services:
    """The marked tests' services, and a container of theirs for the handler."""
    made, container = marked_services.made(s3, dynamodb, server)
    monkeypatch.setenv("CONFIG_SECRET_ARN", marked_services.SECRET)
    monkeypatch.setattr(app, "_container", container)
    return made
