"""Clients of the embedded AWS."""

from typing import Any, cast

import boto3
from botocore.config import Config


def client(  # nosec B107  # An absent session token is spelled "" by AWS.
    service: str, endpoint: str, region: str, keys: tuple[str, str], session_token: str = ""
) -> Any:
    """A client that signs with the given keys, and waits for nothing but the emulator.

    Args:
        service: Its name, such as `s3`.
        endpoint: The emulator's address.
        region: Region to sign for.
        keys: Access key id and secret access key.
        session_token: Of temporary credentials; empty for others.
    """
    # The stubs know each service by its literal name; here the name is a variable.
    make = cast("Any", boto3.client)
    return make(
        service,
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=keys[0],
        aws_secret_access_key=keys[1],
        aws_session_token=session_token or None,
        # A second attempt at a loopback socket only hides the first one's error.
        config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
    )
