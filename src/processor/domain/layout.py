"""Where the fields of a record lie, by the names that its file has for them."""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Final, NamedTuple

from processor.domain.forms import has_candidate
from processor.domain.masking import has_card_number
from processor.domain.names import is_card_number_name
from processor.domain.reject import Reason, Reject
from processor.domain.sensitive import Sensitive, sensitive_among
from processor.domain.transaction import CARD_NUMBER_FIELD, OPTIONAL_FIELDS, REQUIRED_FIELDS

FIELD_NAME_BYTES_MAX: Final = 65535
"""Longest attribute name of DynamoDB, which also knows no empty one. Source:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""

_BY_PLAIN_NAME: Final = {name.lower(): name for name in (*REQUIRED_FIELDS, *OPTIONAL_FIELDS)}


def canonical_name(name: str) -> str | None:
    """The known field that a name means, whether camelCase, snake_case or in any case.

    A card number has more names, however separated: none of them may be an unknown column, which is
    stored as sent.
    """
    if is_card_number_name(name):
        return CARD_NUMBER_FIELD
    return _BY_PLAIN_NAME.get(name.replace("_", "").lower())


class Layout(NamedTuple):
    """Where each field lies in records that share one order of names.

    Args:
        known: Known fields, as (field, column).
        optional: Those of them that a record may lack.
        required: Takes the others out of a record's values, in the order of REQUIRED_FIELDS; None
            if a column is missing.
        extra: Unknown columns, as (name, column).
        duplicate: A known field that two columns claim (`amount` and `AMOUNT`), or None.
        is_named: Whether every unknown column has a name that can be stored: with a length that the
            table takes, and no card number in it.
        sensitive: What the first column of sensitive authentication data holds, or None.
        reject: What the names speak against every such record, or None.
    """

    known: tuple[tuple[str, int], ...]
    optional: tuple[tuple[str, int], ...]
    required: Callable[[Sequence[str]], tuple[str, ...]] | None
    extra: tuple[tuple[str, int], ...]
    duplicate: str | None
    is_named: bool
    sensitive: Sensitive | None
    reject: Reject | None

    @classmethod
    def of(cls, names: Sequence[str]) -> "Layout":
        known: dict[str, int] = {}
        extra = []
        duplicate = None
        for column, name in enumerate(names):
            canonical = canonical_name(name)
            if canonical is None:
                extra.append((name, column))
            elif canonical in known:
                duplicate = duplicate or canonical
            else:
                known[canonical] = column
        is_named = _are_storable([name for name, _ in extra])
        sensitive = sensitive_among(names)
        reject = None
        if sensitive:
            reject = Reject(Reason.SENSITIVE_AUTHENTICATION_DATA, sensitive.value)
        elif not is_named:
            reject = Reject(Reason.FIELD_NAME)
        elif duplicate:
            reject = Reject(Reason.FIELD_DUPLICATE, duplicate)
        optional = tuple(one for one in known.items() if one[0] not in REQUIRED_FIELDS)
        required = None
        if known.keys() >= {*REQUIRED_FIELDS}:
            required = itemgetter(*(known[name] for name in REQUIRED_FIELDS))
        return cls(
            *(tuple(known.items()), optional, required, tuple(extra)),
            *(duplicate, is_named, sensitive, reject),
        )


def _are_storable(names: Sequence[str]) -> bool:
    has_number = has_candidate("\n".join(names)) and any(map(has_card_number, names))
    return not has_number and all(0 < len(name.encode()) <= FIELD_NAME_BYTES_MAX for name in names)
