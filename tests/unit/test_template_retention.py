"""How long uploads are kept: for ever, unless a deployment says otherwise."""

from tests.support.template import stack


def test_uploads_are_deleted_only_on_request_overwritten_ones_as_late_as_the_others() -> None:
    kept = stack().properties("TransactionDataBucket")["LifecycleConfiguration"]["Rules"]
    limited = stack(UploadRetentionDays="90").properties("TransactionDataBucket")

    rules = {rule["Id"]: rule for rule in limited["LifecycleConfiguration"]["Rules"]}

    assert not any("Expiration" in key for rule in kept for key in rule)
    assert rules["DeleteUploads"]["ExpirationInDays"] == "90"
    assert rules["DeleteUploads"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": "90"}
    assert rules["DeleteWhatIsLeftOfDeletedUploads"]["ExpiredObjectDeleteMarker"] is True
