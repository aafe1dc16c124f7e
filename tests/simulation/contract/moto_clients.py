"""Clients of moto, for whole modules of tests: names are unique, so that they can share one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from moto import mock_aws

from processor.adapters.aws import client_config


@contextmanager
def moto_client(service: str) -> Iterator[Any]:
    """A client of moto, with credentials that are none."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_ENDPOINT_URL": "",
        }.items():
            environment.setenv(name, value)
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
            environment.delenv(name, raising=False)
        with mock_aws():
            session: Any = boto3.Session()
            yield session.client(service, config=client_config())
