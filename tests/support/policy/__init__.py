"""Judges requests by the stack's policies, as AWS would.

It knows what the project's policies use, and raises at anything else. A table of requests says who
asks for what; `Account.decide` answers with the statements that decide, so that a row fails when
its statement goes, or another one takes over.
"""

from tests.support.policy.account import KEY_ARN, Account
from tests.support.policy.decision import Decision, Policies, allowed, decide, not_allowed, refused
from tests.support.policy.documents import allowed_pairs, denied_by, policies, statements
from tests.support.policy.matching import Statement
from tests.support.policy.requests import (
    ANONYMOUS,
    OTHER_ACCOUNT,
    Caller,
    Request,
    administrator,
    role,
    service,
)

__all__ = [
    "ANONYMOUS",
    "KEY_ARN",
    "OTHER_ACCOUNT",
    "Account",
    "Caller",
    "Decision",
    "Policies",
    "Request",
    "Statement",
    "administrator",
    "allowed",
    "allowed_pairs",
    "decide",
    "denied_by",
    "not_allowed",
    "policies",
    "refused",
    "role",
    "service",
    "statements",
]
