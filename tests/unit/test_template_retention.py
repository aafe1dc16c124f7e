"""How long uploads and results are kept: for ever, unless a deployment says otherwise."""

from tests.support.template import stack


def test_uploads_are_deleted_only_on_request_overwritten_ones_as_late_as_the_others() -> None:
    kept = stack().properties("TransactionDataBucket")["LifecycleConfiguration"]["Rules"]
    limited = stack(UploadRetentionDays="90").properties("TransactionDataBucket")

    rules = {rule["Id"]: rule for rule in limited["LifecycleConfiguration"]["Rules"]}

    assert not any("Expiration" in key for rule in kept for key in rule)
    assert rules["DeleteUploads"]["ExpirationInDays"] == "90"
    assert rules["DeleteUploads"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": "90"}
    assert rules["DeleteWhatIsLeftOfDeletedUploads"]["ExpiredObjectDeleteMarker"] is True


def test_of_the_results_only_tasks_are_deleted() -> None:
    rules = stack().properties("TransactionResultsBucket")["LifecycleConfiguration"]["Rules"]

    ending = {rule["Id"]: rule for rule in rules if any("Expir" in key for key in rule)}

    assert {rule["Prefix"] for rule in ending.values()} == {"work/"}
    assert {rule["Status"] for rule in ending.values()} == {"Enabled"}
    assert ending["DeleteTasks"]["ExpirationInDays"] == 30
    assert ending["DeleteTasks"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert ending["DeleteWhatIsLeftOfDeletedTasks"]["ExpiredObjectDeleteMarker"] is True
