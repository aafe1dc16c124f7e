"""What an S3 client must do, by the API reference. Needs the fixtures `client` and `bucket`.

The bucket keeps versions, and may hold other things.
"""

import base64
import hashlib
from typing import Any

import pytest

from tests.simulation.contract.answers import refusal
from tests.support.contracts import unique

PRECONDITION_FAILED = ("PreconditionFailed", 412)


class S3ReadsContract:
    """GetObject and HeadObject."""

    @pytest.mark.parametrize(
        ("header", "data", "content_range"),
        [
            ("bytes=0-3", b"0123", "bytes 0-3/10"),
            ("bytes=4-", b"456789", "bytes 4-9/10"),
            ("bytes=-2", b"89", "bytes 8-9/10"),
            ("bytes=8-99", b"89", "bytes 8-9/10"),
            ("bytes=9-9", b"9", "bytes 9-9/10"),
        ],
    )
    def test_a_range_is_read(
        self, client: Any, bucket: str, header: str, data: bytes, content_range: str
    ) -> None:
        key = unique()
        client.put_object(Bucket=bucket, Key=key, Body=b"0123456789")

        answer = client.get_object(Bucket=bucket, Key=key, Range=header)

        assert answer["Body"].read() == data
        assert answer["ContentRange"] == content_range
        assert answer["ContentLength"] == len(data)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206

    def test_a_range_behind_the_end_is_refused(self, client: Any, bucket: str) -> None:
        key = unique()
        client.put_object(Bucket=bucket, Key=key, Body=b"0123456789")

        refused = refusal(client.get_object, Bucket=bucket, Key=key, Range="bytes=10-11")

        assert refused == ("InvalidRange", 416)

    def test_a_body_is_read_piece_by_piece(self, client: Any, bucket: str) -> None:
        key = unique()
        client.put_object(Bucket=bucket, Key=key, Body=b"0123456789")

        body = client.get_object(Bucket=bucket, Key=key)["Body"]

        assert [body.read(4), body.read(4), body.read(4), body.read(4)] == [
            b"0123",
            b"4567",
            b"89",
            b"",
        ]
        body.close()

    def test_another_etag_is_refused(self, client: Any, bucket: str) -> None:
        key = unique()
        etag = client.put_object(Bucket=bucket, Key=key, Body=b"x")["ETag"]

        got = client.get_object(Bucket=bucket, Key=key, IfMatch=etag)

        assert got["ETag"] == etag
        other = {"Bucket": bucket, "Key": key, "IfMatch": '"other"'}
        assert refusal(client.get_object, **other) == PRECONDITION_FAILED
        assert refusal(client.head_object, **other) == ("412", 412)

    def test_what_never_was_is_not_found(self, client: Any, bucket: str) -> None:
        place = {"Bucket": bucket, "Key": unique()}

        assert refusal(client.get_object, **place) == ("NoSuchKey", 404)
        assert refusal(client.head_object, **place) == ("404", 404)

    def test_a_version_deleted_for_good_is_not_found(self, client: Any, bucket: str) -> None:
        place = {"Bucket": bucket, "Key": unique()}
        old = client.put_object(**place, Body=b"old")["VersionId"]
        client.put_object(**place, Body=b"new")

        client.delete_object(**place, VersionId=old)

        assert refusal(client.get_object, **place, VersionId=old) == ("NoSuchVersion", 404)
        assert refusal(client.head_object, **place, VersionId=old) == ("404", 404)
        assert client.get_object(**place)["Body"].read() == b"new"

    def test_a_deleted_marker_brings_the_object_back(self, client: Any, bucket: str) -> None:
        place = {"Bucket": bucket, "Key": unique()}
        client.put_object(**place, Body=b"back")
        marker = client.delete_object(**place)["VersionId"]

        client.delete_object(**place, VersionId=marker)

        assert client.get_object(**place)["Body"].read() == b"back"

    def test_the_head_tells_what_was_put(self, client: Any, bucket: str) -> None:
        place = {"Bucket": bucket, "Key": f"{unique()}/a b+c/ü%.csv"}
        put = client.put_object(**place, Body=b"body", ContentType="text/csv", Metadata={"a": "b"})

        head = client.head_object(**place)

        assert head["ContentLength"] == 4
        assert head["ContentType"] == "text/csv"
        assert head["Metadata"] == {"a": "b"}
        assert (head["ETag"], head["VersionId"]) == (put["ETag"], put["VersionId"])
        assert head["LastModified"].microsecond == 0


class S3MarkersAndChecksumsContract:
    """What moto does not do: it fails at a delete marker's id, and tells no checksum."""

    def test_behind_a_delete_marker_older_versions_stay(self, client: Any, bucket: str) -> None:
        place = {"Bucket": bucket, "Key": unique()}
        old = client.put_object(**place, Body=b"old")["VersionId"]

        marker = client.delete_object(**place)

        assert marker["DeleteMarker"]
        assert refusal(client.get_object, **place) == ("NoSuchKey", 404)
        assert refusal(client.head_object, **place) == ("404", 404)
        marked = {**place, "VersionId": marker["VersionId"]}
        assert refusal(client.get_object, **marked) == ("MethodNotAllowed", 405)
        assert refusal(client.head_object, **marked) == ("405", 405)
        assert client.get_object(**place, VersionId=old)["Body"].read() == b"old"

    def test_a_checksum_is_told_where_it_is_asked_for(self, client: Any, bucket: str) -> None:
        place = {"Bucket": bucket, "Key": unique()}
        checksum = base64.b64encode(hashlib.sha256(b"body").digest()).decode()
        client.put_object(**place, Body=b"body", ChecksumSHA256=checksum)

        assert client.get_object(**place, ChecksumMode="ENABLED")["ChecksumSHA256"] == checksum


class S3WritesContract:
    """PutObject and CopyObject."""

    def test_a_conditional_put_creates_once(self, client: Any, bucket: str) -> None:
        place = {"Bucket": bucket, "Key": unique()}
        client.put_object(**place, Body=b"first", IfNoneMatch="*")

        refused = refusal(client.put_object, **place, Body=b"again", IfNoneMatch="*")

        assert refused == PRECONDITION_FAILED
        assert client.get_object(**place)["Body"].read() == b"first"

    def test_a_conditional_put_creates_behind_a_delete_marker(
        self, client: Any, bucket: str
    ) -> None:
        place = {"Bucket": bucket, "Key": unique()}
        client.put_object(**place, Body=b"first")
        client.delete_object(**place)

        client.put_object(**place, Body=b"again", IfNoneMatch="*")

        assert client.get_object(**place)["Body"].read() == b"again"

    def test_a_copy_has_the_body_and_the_metadata_it_is_given(
        self, client: Any, bucket: str
    ) -> None:
        source = {"Bucket": bucket, "Key": f"{unique()}/ü +"}
        old = client.put_object(**source, Body=b"old", Metadata={"a": "1"})["VersionId"]
        client.put_object(**source, Body=b"new")
        place = {"Bucket": bucket, "Key": unique()}

        client.copy_object(**place, CopySource={**source, "VersionId": old})
        kept = client.head_object(**place)["Metadata"]
        copied = client.copy_object(
            **place, CopySource=source, Metadata={"b": "2"}, MetadataDirective="REPLACE"
        )

        assert kept == {"a": "1"}
        now = client.get_object(**place)
        assert now["Body"].read() == b"new"
        assert now["Metadata"] == {"b": "2"}
        assert now["VersionId"] == copied["VersionId"]
        assert now["ETag"] == copied["CopyObjectResult"]["ETag"]

    def test_a_copy_onto_itself_must_change_something(self, client: Any, bucket: str) -> None:
        place = {"Bucket": bucket, "Key": unique()}
        client.put_object(**place, Body=b"x")

        refused = refusal(client.copy_object, **place, CopySource=place)

        assert refused == ("InvalidRequest", 400)


class S3ListsContract:
    """ListObjectVersions and ListObjectsV2."""

    def test_versions_are_listed_by_key_the_newest_first_and_page_by_page(
        self, client: Any, bucket: str
    ) -> None:
        prefix = f"{unique()}/"
        ids: dict[str, list[str]] = {}
        for name in ("b", "a", "b", "ä", "a", "b", "\U0001f600", "\uffee", "Z"):
            put = client.put_object(Bucket=bucket, Key=prefix + name, Body=b"x")
            ids.setdefault(name, []).insert(0, put["VersionId"])
        expected = [
            (name, version, version == ids[name][0])
            for name in ("Z", "a", "b", "ä", "\uffee", "\U0001f600")
            for version in ids[name]
        ]

        whole = list(self.listed(client, Bucket=bucket, Prefix=prefix))
        by_twos = list(
            self.listed(client, Bucket=bucket, Prefix=prefix, PaginationConfig={"PageSize": 2})
        )

        assert [(name.removeprefix(prefix), *rest) for name, *rest in whole] == expected
        assert by_twos == whole

    def listed(self, client: Any, **parameters: Any) -> Any:
        for page in client.get_paginator("list_object_versions").paginate(**parameters):
            for version in page.get("Versions", []):
                yield version["Key"], version["VersionId"], version["IsLatest"]

    def test_delete_markers_are_listed_apart(self, client: Any, bucket: str) -> None:
        place = {"Bucket": bucket, "Key": unique()}
        version = client.put_object(**place, Body=b"12345")["VersionId"]
        marker = client.delete_object(**place)["VersionId"]

        page = client.list_object_versions(Bucket=bucket, Prefix=place["Key"])

        (listed,) = page["Versions"]
        assert (listed["VersionId"], listed["IsLatest"], listed["Size"]) == (version, False, 5)
        (marked,) = page["DeleteMarkers"]
        assert (marked["VersionId"], marked["IsLatest"]) == (marker, True)
        assert not page["IsTruncated"]

    def test_current_objects_are_listed_under_a_prefix(self, client: Any, bucket: str) -> None:
        prefix = f"{unique()}/"
        for name in ("c", "a", "gone", "b", "b"):
            client.put_object(Bucket=bucket, Key=prefix + name, Body=b"x")
        client.delete_object(Bucket=bucket, Key=prefix + "gone")

        pages = list(
            client.get_paginator("list_objects_v2").paginate(
                Bucket=bucket, Prefix=prefix, PaginationConfig={"PageSize": 2}
            )
        )

        keys = [[listed["Key"] for listed in page["Contents"]] for page in pages]
        assert keys == [[prefix + "a", prefix + "b"], [prefix + "c"]]
        assert [page["IsTruncated"] for page in pages] == [True, False]

    def test_an_empty_list_has_no_contents(self, client: Any, bucket: str) -> None:
        page = client.list_objects_v2(Bucket=bucket, Prefix=unique())

        assert page["KeyCount"] == 0
        assert "Contents" not in page
