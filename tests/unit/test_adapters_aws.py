"""Which errors of services may not be met by the same call later."""

import pytest

from processor.adapters.aws import is_retryable_reply


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("TooManyRequestsException", 400, True),
        ("EFSMountTimeoutException", 408, True),
        ("408", 408, True),
        ("429", 429, True),
        ("ThrottlingException", 400, True),
        ("RequestTooLargeException", 413, False),
        ("ResourceNotFoundException", 404, False),
    ],
)
def test_a_throttle_and_a_time_out_are_told_by_code_or_by_status(
    code: str, status: int, expected: bool
) -> None:
    assert is_retryable_reply(code, status) is expected
