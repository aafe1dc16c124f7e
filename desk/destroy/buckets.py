"""Emptying and removing buckets, with all versions; and what cannot be removed: locked versions."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, Final

from botocore.exceptions import ClientError

from desk.destroy.calls import Calls, Left
from desk.reading import Json
from desk.terminal import Advance
from processor.adapters.aws import error_code

_LOOKS_AT_ONCE: Final = 16
CLOSED: Final = "NothingNewWhileThisIsRemoved"
_DELETIONS: Final = frozenset({"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:DeleteBucket"})
_UNLOCKED: Final = frozenset(
    {
        *("NoSuchObjectLockConfiguration", "ObjectLockConfigurationNotFoundError"),
        *("InvalidRequest", "NoSuchKey", "NoSuchVersion", "NoSuchBucket", "MethodNotAllowed"),
    }
)


class Bucket:
    """A bucket of the stack.

    Args:
        calls: Makes the calls.
        name: Its name.
        account: The account that it must belong to: S3 refuses each call otherwise, as a name may
            be taken by anybody once it is free.
        region: Where it must lie.
    """

    def __init__(self, calls: Calls, name: str, account: str, region: str) -> None:
        self._calls = calls
        self._region = region
        self._named: Json = {"Bucket": name, "ExpectedBucketOwner": account}
        self._name = name

    def versions(self) -> Iterator[list[dict[str, str]]]:
        """All versions and delete markers, some at a time, by key and version id.

        Raises:
            Left: They may not be listed, or cannot be now.
        """
        following: Json = {}
        while True:
            page = self._call("list_object_versions", **following)
            if page is None:
                return
            entries = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            if entries:
                yield [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in entries]
            if not page.get("IsTruncated"):
                return
            following = {
                "KeyMarker": page["NextKeyMarker"],
                "VersionIdMarker": page["NextVersionIdMarker"],
            }

    def lock(self) -> str | None:
        """Why versions of it cannot be deleted; None if nothing locks them.

        Raises:
            Left: That cannot be told.
        """
        configuration = self._unlocked_if("get_object_lock_configuration")
        if configuration is None:
            return None
        rule = configuration["ObjectLockConfiguration"].get("Rule")
        if rule:
            retention = rule["DefaultRetention"]
            return f"{self._name} locks each new version ({retention['Mode']})"
        # A lock that is off now may still hold what was written while it was on.
        with ThreadPoolExecutor(_LOOKS_AT_ONCE) as pool:
            for some in self.versions():
                for lock in pool.map(self._lock_of, some):
                    if lock:
                        return lock
        return None

    def _lock_of(self, version: dict[str, str]) -> str | None:
        held = self._unlocked_if("get_object_legal_hold", **version)
        if held and held["LegalHold"].get("Status") == "ON":
            return f"{self._name} holds versions under legal hold"
        kept = self._unlocked_if("get_object_retention", **version)
        if not kept or not kept.get("Retention"):
            return None
        until, mode = kept["Retention"]["RetainUntilDate"], kept["Retention"]["Mode"]
        if until <= datetime.now(UTC):
            return None
        return f"{self._name} holds versions locked ({mode}) until {until:%Y-%m-%d}"

    def silence(self) -> None:
        """Has it start nothing any more.

        Raises:
            Left: It still does.
        """
        if self._is_there():
            self._call("put_bucket_notification_configuration", NotificationConfiguration={})

    def remove(self, done: Advance) -> None:
        """Empties and removes it. May be done again.

        Raises:
            Left: Something stays.
        """
        if not self._is_there():
            return
        self._close()
        uploads = self._call("list_multipart_uploads") or {}
        for one in uploads.get("Uploads", []):
            self._call("abort_multipart_upload", Key=one["Key"], UploadId=one["UploadId"])
        for some in self.versions():
            answer = self._call("delete_objects", Delete={"Objects": some, "Quiet": True}) or {}
            errors = answer.get("Errors", [])
            if errors:
                raise Left(f"{len(errors)} versions stay: {errors[0].get('Code')}")
            done(len(some))
        self._call("delete_bucket")

    def _is_there(self) -> bool:
        """Refuses a name that was freed and taken again elsewhere: it stands for another bucket."""
        answer = self._call("get_bucket_location")
        if answer is None:
            return False
        # The two oldest regions have names of their own there. Source: S3 API Reference.
        said = answer.get("LocationConstraint") or "us-east-1"
        place = "eu-west-1" if said == "EU" else said
        if place != self._region:
            raise Left(f"a bucket of that name lies in {place}: it is another one")
        return True

    def _close(self) -> None:
        """Lets nobody write any more, and lets deletions through.

        What the policy refuses otherwise stays refused to the end: plain HTTP, other accounts.
        """
        answer = self._call("get_bucket_policy")
        statements: list[Json] = json.loads(answer["Policy"])["Statement"] if answer else []
        kept = [
            one
            for one in statements
            if one["Effect"] == "Deny" and one.get("Sid") != CLOSED and not _refuses_deletion(one)
        ]
        closed = {
            "Sid": CLOSED,
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": f"arn:{self._partition}:s3:::{self._name}/*",
        }
        policy = {"Version": "2012-10-17", "Statement": [*kept, closed]}
        self._call("put_bucket_policy", Policy=json.dumps(policy))

    @property
    def _partition(self) -> str:
        return str(self._calls.client("s3").meta.partition)

    def _call(self, operation: str, **parameters: Any) -> Json | None:
        return self._calls.unless_gone("s3", operation, **self._named, **parameters)

    def _unlocked_if(self, operation: str, **parameters: Any) -> Json | None:
        """An answer about locks; None where S3 says that there is none."""
        try:
            answer: Json = getattr(self._calls.client("s3"), operation)(**self._named, **parameters)
        except ClientError as error:
            if error_code(error) in _UNLOCKED:
                return None
            raise Left(f"{self._name}: {error.operation_name}: {error_code(error)}") from error
        return answer


def _refuses_deletion(statement: Json) -> bool:
    actions = statement["Action"]
    named = {actions} if isinstance(actions, str) else set(actions)
    # "s3:*" under a condition is no refusal of deletions as such.
    return any(fnmatchcase(one, name) for name in named - {"s3:*"} for one in _DELETIONS)
