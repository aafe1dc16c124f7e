"""What was not looked at is known."""

import copy
import json

from local.emulator.properties import ReadProperties


def test_what_was_asked_for_is_read() -> None:
    properties = ReadProperties({"A": 1, "B": 2, "C": 3, "D": 4})

    assert properties["A"] == 1
    assert properties.get("B") == 2
    assert "C" in properties

    assert properties.unread() == ["D"]


def test_nested_properties_are_told_by_path() -> None:
    properties = ReadProperties({"Rules": [{"Id": "a", "Days": 1}, {"Id": "b", "Prefix": "x"}]})

    names = [rule["Id"] for rule in properties["Rules"]]

    assert names == ["a", "b"]
    assert properties.unread() == ["Rules.Days", "Rules.Prefix"]


def test_what_became_text_was_read_as_a_whole() -> None:
    policy = {"Statement": [{"Effect": "Deny", "Condition": {"Bool": {"a": "b"}}}]}
    properties = ReadProperties({"Policy": policy})

    assert json.loads(json.dumps(properties["Policy"])) == policy
    assert properties.unread() == []


def test_what_was_walked_over_was_read_as_a_whole() -> None:
    properties = ReadProperties({"VpcConfig": {"SubnetIds": ["a"], "SecurityGroupIds": ["b"]}})

    assert dict(properties["VpcConfig"]) == {"SubnetIds": ["a"], "SecurityGroupIds": ["b"]}
    assert properties.unread() == []


def test_copy_is_an_equal_mapping() -> None:
    properties = ReadProperties({"A": {"B": [1, {"C": 2}]}})

    assert copy.deepcopy(properties) == {"A": {"B": [1, {"C": 2}]}}
