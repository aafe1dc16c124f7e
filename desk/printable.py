"""What senders name, in characters that a terminal shows and does not obey.

Keys come from senders and may hold any character: control characters that move the cursor or change
what stands above, line ends that invent lines, and the invisible ones that turn the direction of
what follows. Source: Unicode Technical Report 36, "Unicode Security Considerations".
"""

import json


def printable(text: str) -> str:
    """A text in one line; what has no shape of its own is written as Python would."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else _escape(one) for one in text)


def printable_lines(text: str) -> str:
    """The same for a text of several lines, which stay."""
    return "\n".join(printable(line) for line in text.split("\n"))


def printable_json(text: str) -> str:
    """A JSON document that means the same, and shows every character in it."""
    return "".join(
        one if one.isprintable() or one == "\n" else json.dumps(one)[1:-1] for one in text
    )


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()
