"""Nothing that a template asks for is dropped without a word."""

import json
from pathlib import Path
from typing import Any

import pytest
from ministack.services.cloudformation import provisioners, stacks

from local.emulator.record import Record
from local.emulator.stacks import Attributes, Completions, Resource


@pytest.fixture
def record_file(tmp_path: Path) -> Path:
    return tmp_path / "completions.json"


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """MiniStack's handlers, replaced by one that reads a Name and nothing else."""

    def create(logical_id: str, properties: Any, stack_name: str) -> tuple[str, Attributes]:
        return properties.get("Name") or f"{stack_name}-{logical_id}", {"Arn": "arn"}

    def update(physical_id: str, old: Any, new: Any, stack_name: str) -> tuple[str, Attributes]:
        del old, stack_name
        return new.get("Name") or physical_id, {"Arn": "arn"}

    made = {"Test::One": {"create": create, "update": update}}
    monkeypatch.setattr(provisioners, "_RESOURCE_HANDLERS", made)
    monkeypatch.setattr(stacks, "_runs_on_worker_thread", lambda _resource_type: False)
    return made


def recorded(file: Path) -> dict[str, list[str]]:
    entries = json.loads(file.read_text()) if file.exists() else {}
    return {
        kind: [f"{entry['resource']}.{entry['feature']}" for entry in found]
        for kind, found in entries.items()
    }


def no_clients(_service: str) -> Any:
    raise AssertionError("no completion here calls a service")


def test_property_that_nobody_reads_is_recorded(
    handlers: dict[str, Any], record_file: Path
) -> None:
    Completions(Record(record_file), no_clients).install()

    handlers["Test::One"]["create"]("Thing", {"Name": "a", "Extra": 1}, "stack")

    assert recorded(record_file)["notEmulated"] == ["Thing.Extra"]


def test_property_that_a_completion_reads_is_not_recorded(
    handlers: dict[str, Any], record_file: Path
) -> None:
    def complete(resource: Resource) -> Attributes:
        assert resource.properties.get("Extra") == 1
        resource.completed("Extra")
        return {"Extra": "one"}

    completions = Completions(Record(record_file), no_clients)
    completions.after("Test::One", complete)
    completions.install()

    made = handlers["Test::One"]["create"]("Thing", {"Name": "a", "Extra": 1}, "stack")

    assert made == ("a", {"Arn": "arn", "Extra": "one"})
    assert recorded(record_file) == {"completed": ["Thing.Extra"], "notEmulated": []}


def test_completion_may_put_right_what_ref_answers(
    handlers: dict[str, Any], record_file: Path
) -> None:
    def complete(resource: Resource) -> Attributes:
        resource.physical_id = f"arn:{resource.physical_id}"
        return {}

    completions = Completions(Record(record_file), no_clients)
    completions.after("Test::One", complete)
    completions.install()

    physical_id, _ = handlers["Test::One"]["create"]("Thing", {"Name": "a"}, "stack")

    assert physical_id == "arn:a"


def test_property_that_an_update_drops_is_recorded(
    handlers: dict[str, Any], record_file: Path
) -> None:
    completions = Completions(Record(record_file), no_clients)
    completions.after("Test::One", lambda _resource: {})
    completions.install()

    handlers["Test::One"]["update"]("a", {"Name": "a", "Extra": 1}, {"Name": "a"}, "s", "Thing")

    assert recorded(record_file)["notEmulated"] == ["Thing.Extra"]


def test_rejected_type_is_made_by_its_completion(
    handlers: dict[str, Any], record_file: Path
) -> None:
    removed: list[str] = []

    def create(resource: Resource) -> tuple[str, Attributes]:
        return str(resource.properties["Name"]), {}

    completions = Completions(Record(record_file), no_clients)
    completions.instead("Test::Two", create, lambda _aws, name, _old: removed.append(name))
    completions.install()
    two = handlers["Test::Two"]

    made = two["create"]("Thing", {"Name": "b"}, "stack")
    replaced = two["update"]("b", {"Name": "b"}, {"Name": "c"}, "stack", "Thing")
    two["delete"]("c", {"Name": "c"})

    assert (made[0], replaced[0], removed) == ("b", "c", ["b", "c"])
    # There it may call the emulator, which goes on answering.
    assert stacks._runs_on_worker_thread("Test::Two")  # noqa: SLF001  Nobody else asks it.
