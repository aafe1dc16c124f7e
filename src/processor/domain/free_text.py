"""Free text of a record, on its way into the table: every card number in it masked."""

from collections.abc import Sequence

from processor.domain.field import FieldValue, text_of
from processor.domain.forms import has_candidate
from processor.domain.masking import has_card_number, mask
from processor.domain.names import is_card_number_name


def mask_fields(
    texts: dict[str, str],
    extra: dict[str, str],
    columns: Sequence[tuple[str, int]],
    values: Sequence[FieldValue],
) -> int:
    """Masks the free texts of a record where they are.

    Args:
        texts: Known fields that are free text.
        extra: Unknown columns that are present, as text.
        columns: Unknown columns, as (name, place in values).
        values: The record's values, from which those texts were made.

    Returns:
        How many card numbers were masked.
    """
    counts = []
    for name, text in texts.items():
        if has_candidate(text):
            texts[name], count = mask(text)
            counts.append(count)
    for name, column in columns:
        if name in extra and has_candidate(extra[name]):
            value, count = mask_value(values[column])
            extra[name] = text_of(value)
            counts.append(count)
    return sum(counts)


def mask_value(value: FieldValue) -> tuple[FieldValue, int]:
    """A value with every card number in it masked.

    A number that holds one becomes a text, so that what is nested stays JSON. Names stay as they
    are: see has_number_in_names.
    """
    match value:
        case str():
            masked, count = mask(str(value))
            return (masked if count else value), count
        case list():
            members = [mask_value(member) for member in value]
            return [member for member, _ in members], sum(count for _, count in members)
        case dict():
            fields = {name: mask_value(member) for name, member in value.items()}
            masked_fields = {name: member for name, (member, _) in fields.items()}
            return masked_fields, sum(count for _, count in fields.values())
        case _:
            return value, 0


def has_number_in_names(value: FieldValue) -> bool:
    """Whether a name in a nested object holds a card number: masked, two names could become one."""
    if isinstance(value, dict):
        is_suspect = has_candidate("\n".join(value))
        has_number = is_suspect and any(map(has_card_number, value))
        return has_number or any(map(has_number_in_names, value.values()))
    return isinstance(value, list) and any(map(has_number_in_names, value))


def has_card_number_field(value: FieldValue) -> bool:
    """Whether a nested object has a card number field that is not empty.

    Only at the top of a record does one become a token; here it would be stored as sent.
    """
    if isinstance(value, dict):
        return any(
            (member not in (None, "") and is_card_number_name(name))
            or has_card_number_field(member)
            for name, member in value.items()
        )
    return isinstance(value, list) and any(map(has_card_number_field, value))
