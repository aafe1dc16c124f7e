"""The value of one field of a record, before anybody has judged it."""


class NumberText(str):
    """A JSON number, as the digits of the file: it never becomes a float or an int."""

    __slots__ = ()


type FieldValue = str | NumberText | bool | list[FieldValue] | dict[str, FieldValue] | None
"""A field as its format gives it. CSV gives only str; JSON null is None."""
