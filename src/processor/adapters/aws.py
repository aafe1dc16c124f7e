"""How this function talks to AWS: client settings, and service errors as the pipeline's errors."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from botocore.loaders import Loader
from botocore.session import Session

from processor.errors import ServiceRefused, ServiceUnavailable

_RETRYABLE_CODES: Final = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "InternalServiceError",
        "KMSInternalException",
        "LimitExceededException",
        "OperationAborted",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "SlowDown",
        "TooManyRequestsException",
        "TransactionConflictException",
        "TransactionInProgressException",
        "ExpiredToken",
        "ExpiredTokenException",
    }
)
"""Lambda's throttle is TooManyRequestsException.

Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
"""

_RETRYABLE_STATUSES: Final = frozenset({408, 429})
"""Request Timeout and Too Many Requests, by whatever code: the same request may be sent again.

Source: RFC 9110, section 15.5.9; RFC 6585, section 4
"""

_HTTP_SERVER_ERROR: Final = 500

SERVICES: Final = ("secretsmanager", "s3", "dynamodb")

CONNECT_SECONDS: Final = 3
READ_SECONDS: Final = 10
"""Time limits of one attempt of any call."""


_SDK_LOGGERS: Final = ("botocore", "urllib3")


def silence_sdk_loggers() -> None:
    """Keeps the SDK from printing requests and replies, at whatever level the process logs.

    At DEBUG it prints both whole: records, the secret, the session's credentials. The function's
    own level does not reach it, but Lambda's does (ApplicationLogLevel, set by anyone who may
    configure the function). Its warnings hold none of that. Safe to call again.

    Source: https://docs.aws.amazon.com/boto3/latest/reference/core/boto3.html (set_stream_logger:
    "the full wire trace will appear in your logs");
    https://github.com/aws/aws-lambda-python-runtime-interface-client (bootstrap.py: Lambda's level
    is the root logger's)
    """
    for name in _SDK_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)


class _OwnServices(Loader):
    """Finds the models of these services; others are not looked for.

    The SDK lists the folders of all its services, some four hundred, to see that one is there: a
    tenth of a cold start.
    """

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002  All have all types.
        return [*SERVICES]


def sdk_session() -> Session:
    """A session that can make clients of SERVICES."""
    session = Session()
    session.register_component("data_loader", _OwnServices())
    return session


def client_config() -> Config:
    """Settings of every client.

    Short time limits, so that a dead connection costs seconds and a call at most 41 of them, two
    retries and their delays included (the pipeline tries again by itself); a path-style address at
    a custom endpoint, where bucket names are no host names.

    Source: https://docs.aws.amazon.com/boto3/latest/guide/retries.html
    """
    at_custom_endpoint = bool(os.environ.get("AWS_ENDPOINT_URL"))
    return Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 3},
        tcp_keepalive=True,
        s3={"addressing_style": "path" if at_custom_endpoint else "virtual"},
    )


def error_code(error: ClientError) -> str:
    """The code by which errors are told apart; never their message."""
    return error.response.get("Error", {}).get("Code", "")


def is_retryable(error: ClientError) -> bool:
    """Whether the same call may succeed later."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return is_retryable_reply(error_code(error), status)


def is_retryable_reply(code: str, status: int) -> bool:
    """The same of an error that the SDK has not read: its code, and the HTTP status."""
    is_retryable_status = status in _RETRYABLE_STATUSES or status >= _HTTP_SERVER_ERROR
    return is_retryable_status or code in _RETRYABLE_CODES or "Throttl" in code


@contextmanager
def translated_errors(operation: str) -> Iterator[None]:
    """Raises a service's error as ServiceUnavailable or ServiceRefused.

    The message names operation and code. The service's own message is left out: it may quote what
    it was sent.
    """
    try:
        yield
    except ClientError as error:
        kind = ServiceUnavailable if is_retryable(error) else ServiceRefused
        raise kind(f"{operation}: {error_code(error)}") from error
    except NoCredentialsError as error:
        raise ServiceRefused(f"{operation}: no credentials") from error
    except BotoCoreError as error:
        raise ServiceUnavailable(f"{operation}: {type(error).__name__}") from error
