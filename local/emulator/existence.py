# ruff: noqa: SLF001 - completing MiniStack means reaching into it
"""Who may not list a bucket is not told that an object of it is missing: S3 answers 403, not 404.

Source: S3 API Reference, "GetObject" and "HeadObject", permissions: without `s3:ListBucket` a
missing object is an access denied error.
"""

from collections.abc import Callable
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_region
from ministack.services import s3

from local.emulator.authorization import authorised_key

Response = tuple[int, dict[str, str], Any]

_NOT_FOUND = 404


def install() -> None:
    """Ask for the right to list before an object's absence is told. After authorization.install."""
    s3._get_object = _discreet(s3._get_object)
    s3._head_object = _discreet(s3._head_object)


def _discreet(original: Callable[..., Response]) -> Callable[..., Response]:
    def read(
        bucket_name: str,
        key: str,
        headers: dict[str, str] | None = None,
        query_params: dict[str, Any] | None = None,
    ) -> Response:
        response = original(bucket_name, key, headers or {}, query_params or {})
        if response[0] != _NOT_FOUND or _may_list(bucket_name):
            return response
        error: Response = s3._error("AccessDenied", "Access Denied", 403, f"/{bucket_name}/{key}")
        return error

    return read


def _may_list(bucket_name: str) -> bool:
    """Whether the request's caller may list the bucket. Calls of the emulator itself may."""
    bucket_arn = f"arn:aws:s3:::{bucket_name}"
    key = authorised_key.get()
    return iam_evaluator.enforce(key, "s3:ListBucket", "s3", get_region(), bucket_arn) is None
