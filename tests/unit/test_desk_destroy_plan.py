"""Destroy: what is planned, what is refused, and what it asks and tells."""

import json
from pathlib import Path
from typing import Any

import pytest

from desk.commands import destroy as command
from desk.destroy import survey
from desk.destroy.plan import is_gone, load, make, merged, save
from desk.destroy.run import Step
from desk.errors import DeskError
from tests.support.canned import ACCOUNT, REGION, STACK_ID, error
from tests.support.removals import Aws, Pages, one, plan


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"suffix": "prod"}, "EnvironmentSuffix is prod"),
        ({"suffix": "production-2"}, "EnvironmentSuffix is production-2"),
        ({"suffix": "prd1"}, "EnvironmentSuffix is prd1"),
        ({"suffix": "prodeu"}, "EnvironmentSuffix is prodeu"),
        ({"suffix": "eu-prod"}, "EnvironmentSuffix is eu-prod"),
        ({"tags": {"Environment": "Production"}}, "its tag Environment is Production"),
        ({"stack_name": "transaction-processing-prod"}, "its name is transaction-processing-prod"),
        ({"parameters": {}}, "it has no EnvironmentSuffix"),
        (
            {"parameters": {"EnvironmentSuffix": "dev", "AuditObjectLockMode": "COMPLIANCE"}},
            "AuditObjectLockMode is COMPLIANCE",
        ),
    ],
)
def test_production_is_never_removed(members: dict[str, Any], reason: str) -> None:
    (found,) = {text for text in survey.forbidden(plan(**members), None) if reason in text}

    assert found


def test_a_stack_for_development_may_be_removed_also_of_a_product() -> None:
    assert survey.forbidden(plan(stack_name="product-pipeline-dev"), None) == []
    assert survey.forbidden(plan(), {"StackStatus": "DELETE_FAILED"}) == []


@pytest.mark.parametrize(
    ("stack", "reason"),
    [
        ({"StackStatus": "CREATE_COMPLETE", "EnableTerminationProtection": True}, "protection"),
        ({"StackStatus": "UPDATE_IN_PROGRESS"}, "wait for that to end"),
    ],
)
def test_a_stack_that_is_protected_or_changes_is_not_removed(
    stack: dict[str, Any], reason: str
) -> None:
    (found,) = survey.forbidden(plan(), stack)

    assert reason in found


@pytest.mark.parametrize(
    ("stack_id", "account", "suffix", "said"),
    [
        ("another", ACCOUNT, "dev", "has the same EnvironmentSuffix"),
        ("another", ACCOUNT, "test", None),
        (STACK_ID, ACCOUNT, "dev", None),
        ("another", "999999999999", "test", "and you are in"),
    ],
)
def test_names_that_may_be_another_stack_s_by_now_are_not_touched(
    monkeypatch: pytest.MonkeyPatch, stack_id: str, account: str, suffix: str, said: str | None
) -> None:
    parameter = {"ParameterKey": "EnvironmentSuffix", "ParameterValue": suffix}
    living = {
        "StackId": stack_id,
        "StackName": "s",
        "StackStatus": "CREATE_COMPLETE",
        "Parameters": [parameter],
    }
    calls = Pages({"describe_stacks": [{"Stacks": [living]}]}, account)

    if said is None:
        survey.refuse_strangers(calls, plan())
        return
    with pytest.raises(DeskError, match=said):
        survey.refuse_strangers(calls, plan())


def test_the_plan_holds_what_the_stack_has_and_doubts_what_it_failed_to_make() -> None:
    def listed(name: str, status: str, physical_id: str | None) -> dict[str, str]:
        found = {
            "LogicalResourceId": name,
            "ResourceType": "AWS::S3::Bucket",
            "ResourceStatus": status,
        }
        return found | ({"PhysicalResourceId": physical_id} if physical_id else {})

    pages = [
        {
            "StackResourceSummaries": [
                listed("Made", "CREATE_COMPLETE", "a"),
                listed("Kept", "DELETE_SKIPPED", "b"),
                listed("Taken", "CREATE_FAILED", "c"),
                listed("Deleted", "DELETE_COMPLETE", "d"),
                listed("Never", "CREATE_FAILED", None),
            ]
        }
    ]
    described = {"StackId": STACK_ID, "StackName": "tp-dev", "StackStatus": "CREATE_FAILED"}

    made = make(Pages({"list_stack_resources": pages}), described)

    assert [(one.logical_id, one.is_doubtful) for one in made.resources] == [
        ("Made", False),
        ("Kept", False),
        ("Taken", True),
    ]
    assert [one.physical_id for one in made.of_kind("AWS::S3::Bucket")] == ["a", "b"]
    assert (made.account, made.region) == (ACCOUNT, REGION)


def test_a_plan_is_kept_and_grows(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    assert load(file) is None
    first = plan(one("AWS::S3::Bucket", "a"), one("AWS::IAM::Role", "r", unique_id="AROA1"))

    save(first, file)
    grown = merged(first, plan(one("AWS::S3::Bucket", "a"), one("AWS::S3::Bucket", "b")))

    assert load(file) == first
    assert [found.physical_id for found in grown.resources] == ["a", "r", "b"]
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 9}', '{"format": 1, "resources": 1}'])
def test_a_file_that_is_no_plan_is_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "plan.json"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(DeskError, match=r"plan\.json"):
        load(file)


def test_a_stack_that_is_not_there_or_deleted_is_gone() -> None:
    assert is_gone(None)
    assert is_gone({"StackStatus": "DELETE_COMPLETE"})
    assert not is_gone({"StackStatus": "DELETE_FAILED"})


def test_the_name_is_typed_or_nothing_is_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(DeskError, match="--yes-i-mean tp-dev"):
        command._refuse_unless_asked("tp-dev", None)  # noqa: SLF001  The question itself is what is tested.
    with pytest.raises(DeskError, match="not tp"):
        command._refuse_unless_asked("tp-dev", "tp")  # noqa: SLF001  The question itself is what is tested.
    command._refuse_unless_asked("tp-dev", "tp-dev")  # noqa: SLF001  The question itself is what is tested.

    monkeypatch.setattr("click.prompt", lambda *_, **__: "y")
    with pytest.raises(DeskError, match="nothing was touched"):
        command._ask("tp-dev")  # noqa: SLF001  The question itself is what is tested.


def test_stacks_that_use_its_outputs_are_told() -> None:
    used = {"Imports": ["other"]}
    answers = iter([used, error("ValidationError", "ListImports")])
    aws = Aws({("cloudformation", "list_imports"): lambda _: next(answers)})
    stack = {"Outputs": [{"ExportName": "a"}, {"ExportName": "b"}, {}]}

    assert survey.importers(aws.calls(), stack) == ["other"]


def test_the_document_names_what_is_left(tmp_path: Path) -> None:
    how = command.How(
        dry_run=False,
        yes_i_mean="tp-dev",
        plan_file=None,
        key_window_days=7,
        secret_window_days=None,
        wait_seconds=0,
    )
    file = tmp_path / "plan.json"
    save(plan(), file)
    steps = [Step(one("AWS::S3::Bucket", "b"), "DeleteBucket: BucketNotEmpty"), Step(one("x::y"))]

    answer = command._answer({"stack": "s"}, plan(), steps, file, how)  # noqa: SLF001  The question itself is what is tested.
    done = command._answer({}, plan(), steps[1:], file, how)  # noqa: SLF001  The question itself is what is tested.

    assert (answer.code, json.loads(json.dumps(answer.document))["left"]) == (
        1,
        [{"kind": "AWS::S3::Bucket", "name": "b", "why": "DeleteBucket: BucketNotEmpty"}],
    )
    assert (done.code, file.exists()) == (0, False)
