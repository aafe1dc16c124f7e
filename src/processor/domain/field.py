"""The value of one field of a record, before anybody has judged it, and its text."""

import json


class NumberText(str):
    """A JSON number, as the digits of the file: it never becomes a float or an int."""

    __slots__ = ()


type FieldValue = str | NumberText | bool | list[FieldValue] | dict[str, FieldValue] | None
"""A field as its format gives it. CSV gives only str; JSON null is None."""


def text_of(value: FieldValue) -> str:
    """An unknown column as text: texts and numbers as written, the rest as compact JSON."""
    if value is None:
        return ""
    return str(value) if isinstance(value, str) else _json_text(value)


def _json_text(value: FieldValue) -> str:
    """Compact JSON in which numbers keep their digits, and 1 and "1" stay two things."""
    match value:
        case NumberText():
            return str(value)
        case list():
            return "[" + ",".join(map(_json_text, value)) + "]"
        case dict():
            members = (
                f"{json.dumps(name, ensure_ascii=False)}:{_json_text(member)}"
                for name, member in value.items()
            )
            return "{" + ",".join(members) + "}"
        case _:
            return json.dumps(value, ensure_ascii=False)
