"""A drill as it is played: what it may type, when its alarm counts, what is over, what undone."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from local.drills import changes, files, proof
from local.drills.alarm import Alarm
from local.drills.runbook import RunbookError
from local.drills.scene import DrillFailed, Scene
from tests.support.drill_fakes import ALARM, BEGAN, Account, Stage, no_play


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


class TestTyping:
    def test_a_command_is_shown_as_it_is_typed_with_what_it_prints(self, stage: Stage) -> None:
        typed = stage.scene().types("desk status KEY", {"KEY": "a.csv"})

        assert typed.output == "desk status a.csv\n"
        assert stage.out.getvalue() == "$ desk status a.csv\ndesk status a.csv\n"

    def test_what_the_drill_does_not_list_is_not_typed(self, stage: Stage) -> None:
        with pytest.raises(RunbookError, match="a-drill does not list: rang"):
            stage.scene().types("rang")

    def test_what_the_desk_found_is_shown_and_what_it_could_not_do_ends_the_drill(
        self, stage: Stage
    ) -> None:
        stage.desk = "return $2"
        scene = stage.scene()

        assert scene.run("desk x 1").code == 1
        assert "(exit code 1)" in stage.out.getvalue()
        with pytest.raises(DrillFailed, match="`desk x 2` ended with 2"):
            scene.run("desk x 2")
        with pytest.raises(DrillFailed, match="`false` ended with 1"):
            scene.run("false")


class TestAlarm:
    def test_it_rings_for_this_drill_only_if_something_came_since_it_began(self) -> None:
        account = Account(ALARM | {"StateValue": "ALARM"}, {BEGAN - timedelta(seconds=1): 5})
        alarm = Alarm(account, "first-alarm-dev")

        assert not alarm.rings(BEGAN.timestamp())
        account.values[BEGAN + timedelta(seconds=2)] = 2
        assert alarm.rings(BEGAN.timestamp())
        account.alarm["StateValue"] = "OK"
        assert not alarm.rings(BEGAN.timestamp())

    def test_what_is_below_the_threshold_is_no_trouble(self) -> None:
        account = Account(values={BEGAN: 1.9})

        assert Alarm(account, "a").breaching(BEGAN.timestamp()) == []

    def test_a_gauge_is_looked_at_from_the_minute_on_in_which_it_is_dated(self) -> None:
        account = Account(ALARM | {"Namespace": "AWS/SQS"}, {BEGAN - timedelta(seconds=30): 3})

        assert Alarm(account, "a").breaching(BEGAN.timestamp())

    def test_it_is_quiet_when_the_periods_behind_its_last_value_are_over(self) -> None:
        account = Account(ALARM | {"EvaluationPeriods": 2}, {BEGAN: 3, BEGAN + timedelta(0, 9): 2})

        quiet = Alarm(account, "a").quiet_at(BEGAN.timestamp())

        assert quiet == (BEGAN + timedelta(seconds=609)).timestamp()

    def test_its_condition_is_said_as_it_is_set(self) -> None:
        account = Account(ALARM | {"EvaluationPeriods": 6, "DatapointsToAlarm": 3})

        assert Alarm(account, "a").condition() == (
            "It rings when Sum of m is 2 or more in 3 of 6 periods of 300 s."
        )


class TestProof:
    def test_nothing_is_left_where_all_is_well(self, stage: Stage) -> None:
        assert proof.prove(stage.scene()) == []
        assert "LEFT" not in stage.out.getvalue()
        assert "desk verify --since 1h --prefix drill/a-drill/" in stage.out.getvalue()

    @pytest.mark.parametrize(
        ("trouble", "left"),
        [
            (
                lambda one: one.account.receipts.clear(),
                "files without a receipt: drill/a-drill/a.csv",
            ),
            (lambda one: one.account.versions.clear(), "files that were sent: 0"),
            (lambda one: setattr(one, "desk", "return 1"), "every file, recounted, agrees"),
            (lambda one: setattr(one.account, "failed", 1), "failed events in the queue: 1"),
            (
                lambda one: one.account.values.update({BEGAN + timedelta(seconds=11): 2.0}),
                "what first-alarm-dev rings for: still",
            ),
        ],
        ids=["receipt", "files", "verify", "queue", "alarm"],
    )
    def test_what_is_left_is_told(
        self, stage: Stage, trouble: Callable[[Stage], None], left: str
    ) -> None:
        trouble(stage)

        (found,) = proof.prove(stage.scene())

        assert found.startswith(left)
        assert f"  LEFT  {found}" in stage.out.getvalue()

    def test_what_came_before_it_was_mended_is_over_and_its_end_is_told(self, stage: Stage) -> None:
        stage.account.alarm["StateValue"] = "ALARM"
        stage.account.values[BEGAN + timedelta(seconds=9)] = 7.0

        assert proof.prove(stage.scene()) == []
        assert "nothing since (now ALARM; it is OK again by itself at " in stage.out.getvalue()

    def test_a_queue_that_is_empty_is_over_whatever_the_minute_had(self, stage: Stage) -> None:
        stage.account.alarm |= {"Namespace": "AWS/SQS"}
        stage.account.values[BEGAN + timedelta(seconds=20)] = 9.0

        assert proof.prove(stage.scene()) == []


class TestPlay:
    @pytest.mark.parametrize(
        "error",
        [
            DrillFailed("no receipt"),
            RunbookError("no such command"),
            ClientError({"Error": {"Code": "AccessDenied"}}, "PutObject"),
        ],
        ids=lambda error: type(error).__name__,
    )
    def test_a_drill_that_does_not_get_there_says_so_and_takes_its_changes_back(
        self, stage: Stage, error: Exception
    ) -> None:
        undone: list[str] = []

        def fail(scene: Scene) -> None:
            scene.undo.callback(undone.append, "undone")
            raise error

        assert not stage.play(fail)
        assert undone == ["undone"]
        assert f"a-drill: not over after 0 s: {error}" in stage.out.getvalue()

    def test_a_drill_that_ends_without_having_mended_anything_is_not_over(
        self, stage: Stage
    ) -> None:
        assert not stage.play(no_play)

    def test_a_drill_that_mended_its_trouble_is_over(self, stage: Stage) -> None:
        assert stage.play(lambda scene: scene.mended())
        assert "a-drill: over after" in stage.out.getvalue()


class TestChanges:
    def test_a_notification_is_put_back_behind_the_drill(self, stage: Stage) -> None:
        with ExitStack() as undo:
            changes.change_notification(stage.scene(undo), "Bucket", {"after": True})

        assert stage.account.calls == [
            ("notification", {"after": True}),
            ("notification", {"before": True}),
        ]

    def test_new_containers_start_behind_each_change_of_the_secret(self, stage: Stage) -> None:
        with ExitStack() as undo:
            changes.change_secret(stage.scene(undo), {"a": 1}, put_back={"a": 2})

        assert stage.account.calls == [
            ("secret", {"a": 1}),
            ("description", "drill a-drill"),
            ("secret", {"a": 2}),
            ("description", "as deployed"),
        ]


def test_no_two_files_of_a_drill_share_a_transaction() -> None:
    made = [files.transactions("a", 2), files.transactions("b", 2), files.yen_with_decimals("c", 3)]

    ids = [line.split(",")[0] for text in made for line in text.splitlines()[1:]]

    assert len(ids) == len(set(ids)) == 7
