"""An account, a session and a shell as a drill has them, all in this process."""

import io
import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from botocore.exceptions import ClientError

from local.drills import play
from local.drills.runbook import Runbook
from local.drills.scene import Drill, Scene
from local.drills.shell import Shell
from local.drills.told import Told

TEXT = """
## Before

```bash
out() {  # out NAME
  aws one "$1"
}

rang() {
  aws two
}
```

### first-alarm

**First look.** See `desk status KEY`, `a.csv`, `desk`, `rang`, and `desk
replay KEY --rejects rejects.csv`.

    rang first-alarm 24
    aws s3 ls "s3://$(out Bucket)/KEY" \\
      --query 'Why[]'
    Not a command, and
        desk indented too far

### second-alarm

    desk sweep --older-than-minutes MINUTES

## Drills

    make drill
"""

ALARM = {
    "AlarmName": "first-alarm-dev",
    "AlarmDescription": "Something. Runbook: url#first-alarm",
    "StateValue": "OK",
    "StateReason": "",
    "Namespace": "N",
    "MetricName": "m",
    "Statistic": "Sum",
    "Period": 300,
    "EvaluationPeriods": 1,
    "Threshold": 2.0,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
}
BEGAN = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)


@dataclass
class Account:
    """What a drill's clients find; each of them is this."""

    alarm: dict[str, Any] = field(default_factory=lambda: dict(ALARM))
    values: dict[datetime, float] = field(default_factory=dict)
    versions: list[str] = field(default_factory=lambda: ["a.csv"])
    receipts: set[str] = field(default_factory=lambda: {"a.csv"})
    failed: int = 0
    calls: list[tuple[str, Any]] = field(default_factory=list)

    def describe_alarms(self, **_: Any) -> Any:
        return {"MetricAlarms": [self.alarm]}

    def get_metric_data(self, **asked: Any) -> Any:
        since = datetime.fromtimestamp(asked["StartTime"], UTC)
        found = {at: value for at, value in self.values.items() if at >= since}
        answer = {"Timestamps": [*found], "Values": [*found.values()]}
        return {"MetricDataResults": [answer]}

    def get_paginator(self, _: str) -> "Account":
        return self

    def paginate(self, Prefix: str, **_: Any) -> Any:  # noqa: N803  Named by the service's API.
        return [{"Versions": [{"Key": Prefix + one, "VersionId": "v"} for one in self.versions]}]

    def head_object(self, Key: str, **_: Any) -> None:  # noqa: N803  Named by the service's API.
        if Key.split("/")[-2] not in self.receipts:
            raise ClientError({"Error": {"Code": "404"}}, "HeadObject")

    def get_queue_attributes(self, **_: Any) -> Any:
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        return {"Attributes": dict.fromkeys(names, "0") | {names[1]: str(self.failed)}}

    def get_bucket_notification_configuration(self, **_: Any) -> Any:
        return {"ResponseMetadata": {}, "before": True}

    def put_bucket_notification_configuration(self, **asked: Any) -> None:
        self.calls.append(("notification", asked["NotificationConfiguration"]))

    def get_function_configuration(self, **_: Any) -> Any:
        return {"Timeout": 900, "Description": "as deployed"}

    def update_function_configuration(self, **asked: Any) -> None:
        self.calls.append(("description", asked["Description"]))

    def get_waiter(self, _: str) -> "Account":
        return self

    def wait(self, **_: Any) -> None: ...

    def put_secret_value(self, **asked: Any) -> None:
        self.calls.append(("secret", json.loads(asked["SecretString"])))


class Anything(dict[str, str]):
    """The outputs of a stack that has every one."""

    def __missing__(self, name: str) -> str:
        return name


@dataclass
class Session:
    """A session whose clients are all one account."""

    account: Account
    tester: str = "tester"

    @property
    def stack(self) -> Any:
        return self

    @property
    def profiles(self) -> Any:
        return self

    outputs = Anything()
    function_name = "function"

    def credentials(self, name: str) -> str:
        return name

    def client(self, _service: str, _identity: str) -> Account:
        return self.account


def no_play(_: Scene) -> None: ...


def drill(play_it: Callable[[Scene], None] = no_play) -> Drill:
    return Drill("a-drill", "Trouble.", "first-alarm", ("desk status KEY",), play_it)


@dataclass
class Stage:
    """A scene on fakes, with a shell in which `desk` does what it is told to do."""

    folder: Path
    account: Account = field(default_factory=Account)
    out: io.StringIO = field(default_factory=io.StringIO)
    desk: str = "echo desk $*"

    def shell(self) -> Shell:
        functions = self.folder / "functions.sh"
        functions.write_text(f"desk() {{ {self.desk}; }}\n")
        return Shell(self.folder, {"PATH": "/usr/bin:/bin", "SUFFIX": "dev"}, functions)

    def scene(self, undo: ExitStack | None = None) -> Scene:
        session = cast("Any", Session(self.account))
        made = Scene(
            session, self.shell(), Runbook(TEXT), Told(self.out), drill(), undo or ExitStack()
        )
        made.began_at = BEGAN.timestamp()
        made.mended_at = made.began_at + 10
        made.patience_s = 0.0
        return made

    def play(self, play_it: Callable[[Scene], None]) -> bool:
        session = cast("Any", Session(self.account))
        made = drill(play_it)
        return play.play_one(made, session, self.shell(), Runbook(TEXT), Told(self.out))
