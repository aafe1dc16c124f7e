"""What a DynamoDB client must do, by the API reference.

Needs the fixtures `client` and `table`: a table with the text keys `fileId` and `entry`, which may
hold other things.
"""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.simulation.contract.answers import refusal
from tests.support.contracts import unique

INVALID = ("ValidationException", 400)
CONDITION_FAILED = ("ConditionalCheckFailedException", 400)

ITEM: dict[str, Any] = {
    "text": {"S": "middle"},
    "count": {"N": "10"},
    "flag": {"BOOL": True},
    "map": {"M": {"leaf": {"N": "1"}}},
    "list": {"L": [{"S": "a"}, {"S": "b"}]},
    "tags": {"SS": ["a", "b"]},
}
VALUES: dict[str, Any] = {
    ":ten": {"N": "10.0"},
    ":nine": {"N": "9"},
    ":text": {"S": "middle"},
    ":lower": {"S": "m"},
    ":upper": {"S": "n"},
    ":one": {"N": "1"},
    ":a": {"S": "a"},
    ":type": {"S": "N"},
}

ONE_AT_B: dict[str, Any] = {"b": {"N": "1"}}


def used(expression: str, values: dict[str, Any]) -> dict[str, Any]:
    """Those values that an expression names; none may be given that it does not."""
    words = expression.replace("(", " ").replace(")", " ").replace(",", " ").split()
    return {name: value for name, value in values.items() if name in words}


def values_parameter(expression: str) -> dict[str, Any]:
    values = used(expression, VALUES)
    return {"ExpressionAttributeValues": values} if values else {}


class ConditionsContract:
    """ConditionExpression, on an item that is there and on one that is not."""

    @pytest.mark.parametrize(
        ("condition", "holds"),
        [
            ("attribute_exists(fileId)", True),
            ("attribute_not_exists(fileId)", False),
            ("attribute_not_exists(absent)", True),
            ("#count = :ten", True),
            ("#count <> :ten", False),
            ("#count > :nine", True),
            ("#count < :nine", False),
            ("#count >= :ten AND #count <= :ten", True),
            ("#count = :text", False),
            ("absent < :ten", False),
            ("absent = :ten", False),
            ("NOT absent = :ten", True),
            ("absent <> :ten", True),
            ("#text BETWEEN :lower AND :upper", True),
            ("#count BETWEEN :nine AND :nine", False),
            ("begins_with(#text, :lower)", True),
            ("begins_with(#text, :upper)", False),
            ("contains(tags, :a)", True),
            ("contains(#text, :upper)", False),
            ("attribute_type(#count, :type)", True),
            ("size(tags) > :one", True),
            ("#count IN (:nine, :ten)", True),
            ("#map.leaf = :one", True),
            ("#list[0] = :a", True),
            ("#list[7] = :a", False),
            # OR binds least, and NOT most.
            ("attribute_exists(fileId) OR absent = :ten AND absent = :nine", True),
            ("(attribute_exists(fileId) OR absent = :ten) AND absent = :nine", False),
            ("NOT attribute_exists(absent) AND attribute_exists(absent)", False),
            ("NOT (attribute_exists(absent) AND attribute_exists(absent))", True),
        ],
    )
    def test_a_condition_decides_over_a_put(
        self, client: Any, table: str, condition: str, holds: bool
    ) -> None:
        key = {"fileId": {"S": unique()}, "entry": {"S": "FILE"}}
        client.put_item(TableName=table, Item={**key, **ITEM})
        parameters = values_parameter(condition)
        names = {f"#{name}": name for name in ITEM if f"#{name}" in condition}
        if names:
            parameters["ExpressionAttributeNames"] = names

        put = {"TableName": table, "Item": key, "ConditionExpression": condition, **parameters}
        if holds:
            client.put_item(**put)
        else:
            assert refusal(client.put_item, **put) == CONDITION_FAILED

        found = client.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]
        assert ("text" in found) != holds

    def test_an_absent_item_meets_only_what_asks_for_absence(self, client: Any, table: str) -> None:
        key = {"fileId": {"S": unique()}, "entry": {"S": "FILE"}}
        update: dict[str, Any] = {
            "TableName": table,
            "Key": key,
            "UpdateExpression": "ADD deliveries :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }

        refused = refusal(
            client.update_item, **update, ConditionExpression="attribute_exists(fileId)"
        )
        client.update_item(**update, ConditionExpression="attribute_not_exists(fileId)")

        assert refused == CONDITION_FAILED

    def test_the_item_that_refused_is_told_where_it_is_asked_for(
        self, client: Any, table: str
    ) -> None:
        item = {"fileId": {"S": unique()}, "entry": {"S": "FILE"}, "a": {"S": "1"}}
        client.put_item(TableName=table, Item=item)

        with pytest.raises(ClientError) as caught:
            client.put_item(
                TableName=table,
                Item=item,
                ConditionExpression="attribute_not_exists(fileId)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )

        response: Any = caught.value.response
        assert response["Item"] == item


class UpdatesContract:
    """UpdateExpression."""

    @pytest.mark.parametrize(
        ("expression", "before", "after"),
        [
            ("SET a = :one", {}, {"a": {"N": "1"}}),
            ("SET a = :one, b = :a", {"a": {"S": "x"}}, {"a": {"N": "1"}, "b": {"S": "a"}}),
            ("SET a = if_not_exists(a, :one)", {}, {"a": {"N": "1"}}),
            ("SET a = if_not_exists(a, :one)", {"a": {"S": "x"}}, {"a": {"S": "x"}}),
            ("SET a = a + :one", {"a": {"N": "9"}}, {"a": {"N": "10"}}),
            ("SET a = if_not_exists(a, :nine) - :one", {}, {"a": {"N": "8"}}),
            (
                "SET a = b, b = a",
                {"a": {"N": "1"}, "b": {"N": "2"}},
                {"a": {"N": "2"}, "b": {"N": "1"}},
            ),
            ("ADD a :one", {}, {"a": {"N": "1"}}),
            ("ADD a :one, b :one", {"b": {"N": "-1"}}, {"a": {"N": "1"}, "b": {"N": "0"}}),
            (
                "SET a = :a ADD b :one REMOVE c",
                {"c": {"S": "x"}},
                {"a": {"S": "a"}, "b": {"N": "1"}},
            ),
            ("REMOVE a", {}, {}),
            ("SET m.x = :one", {"m": {"M": {}}}, {"m": {"M": {"x": {"N": "1"}}}}),
        ],
    )
    def test_an_update_makes_the_item(
        self, client: Any, table: str, expression: str, before: Any, after: Any
    ) -> None:
        key = {"fileId": {"S": unique()}, "entry": {"S": "FILE"}}
        client.put_item(TableName=table, Item={**key, **before})

        answer = client.update_item(
            TableName=table,
            Key=key,
            UpdateExpression=expression,
            ReturnValues="ALL_NEW",
            **values_parameter(expression),
        )

        assert answer["Attributes"] == {**key, **after}
        assert client.get_item(TableName=table, Key=key)["Item"] == {**key, **after}

    @pytest.mark.parametrize(
        "expression",
        [
            "SET a = absent",
            "SET a = absent + :one",
            "SET fileId = :a",
            "SET a = :undefined",
            "SET a = :one, a = :nine",
            "SET a = :one SET b = :one",
            "SET begin = :one, end = :one",
            "SET absent.x = :one",
            "SET a :one",
            "",
        ],
    )
    def test_an_update_against_the_rules_changes_nothing(
        self, client: Any, table: str, expression: str
    ) -> None:
        key = {"fileId": {"S": unique()}, "entry": {"S": "FILE"}}

        refused = refusal(
            client.update_item,
            TableName=table,
            Key=key,
            UpdateExpression=expression,
            **values_parameter(expression),
        )

        assert refused == INVALID
        assert "Item" not in client.get_item(TableName=table, Key=key)


class ItemsContract:
    """What an item may be."""

    @pytest.mark.parametrize(
        "item",
        [
            {"entry": {"S": "FILE"}},
            {"fileId": {"S": ""}, "entry": {"S": "FILE"}},
            {"fileId": {"N": "1"}, "entry": {"S": "FILE"}},
            {"fileId": {"S": "x"}, "entry": {"S": "FILE"}, "a": {"N": "abc"}},
            {"fileId": {"S": "x"}, "entry": {"S": "FILE"}, "a": {"S": "x" * 409_600}},
        ],
        ids=["no-key", "empty-key", "other-type", "no-number", "too-large"],
    )
    def test_an_item_against_the_rules_is_refused(self, client: Any, table: str, item: Any) -> None:
        assert refusal(client.put_item, TableName=table, Item=item) == INVALID


class BeyondMotoContract:
    """What moto takes: 39 digits, unused values; and where it fails: undefined names."""

    def test_39_digits_are_refused(self, client: Any, table: str) -> None:
        item = {"fileId": {"S": unique()}, "entry": {"S": "FILE"}, "a": {"N": "1" * 39}}

        assert refusal(client.put_item, TableName=table, Item=item) == INVALID

    @pytest.mark.parametrize("expression", ["ADD a :a", "SET #undefined = :one"])
    def test_an_update_of_a_wrong_type_or_name_is_refused(
        self, client: Any, table: str, expression: str
    ) -> None:
        refused = refusal(
            client.update_item,
            TableName=table,
            Key={"fileId": {"S": unique()}, "entry": {"S": "FILE"}},
            UpdateExpression=expression,
            **values_parameter(expression),
        )

        assert refused == INVALID

    def test_a_value_that_no_expression_names_is_refused(self, client: Any, table: str) -> None:
        refused = refusal(
            client.put_item,
            TableName=table,
            Item={"fileId": {"S": unique()}, "entry": {"S": "FILE"}},
            ConditionExpression="attribute_not_exists(fileId)",
            ExpressionAttributeValues={":unused": {"S": "x"}},
        )

        assert refused == INVALID
