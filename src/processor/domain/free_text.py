"""Free text of a record, on its way into the table: every card number in it masked."""

from collections.abc import Sequence
from typing import NamedTuple

from processor.domain.field import FieldValue, text_of
from processor.domain.masking import has_candidate, mask


class MaskedTexts(NamedTuple):
    """Texts that may be stored, and how many card numbers were masked in them."""

    texts: dict[str, str]
    extra: dict[str, str]
    masked_count: int


def mask_fields(
    texts: dict[str, str], columns: Sequence[tuple[str, int]], values: Sequence[FieldValue]
) -> MaskedTexts:
    """Gives a record's free texts without card numbers.

    Args:
        texts: Known fields that are free text.
        columns: Unknown columns, as (name, place in values).
        values: The record's values.

    Returns:
        The known fields, the unknown ones that are present as text, and the count.
    """
    extra = {name: text for name, column in columns if (text := text_of(values[column]))}
    # One look at all of them: a line end stands between two texts, and is no separator.
    if not has_candidate("\n".join((*texts.values(), *extra.values()))):
        return MaskedTexts(texts, extra, 0)
    counts = []
    for name, text in texts.items():
        texts[name], count = mask(text)
        counts.append(count)
    for name, column in columns:
        if name in extra and has_candidate(extra[name]):
            value, count = mask_value(values[column])
            extra[name] = text_of(value)
            counts.append(count)
    return MaskedTexts(texts, extra, sum(counts))


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
        return any(mask(name)[1] for name in value) or any(map(has_number_in_names, value.values()))
    return isinstance(value, list) and any(map(has_number_in_names, value))
