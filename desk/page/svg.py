"""Drawings as parts of a page: without names of their own, in the page's colours and letters.

matplotlib draws a document of its own. Here it becomes an element: colours that stand for others
are replaced by the page's variables, so that one drawing serves light, dark and paper; text stays
text; dates and ids go, so that the same numbers give the same bytes.
"""

import io
import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET  # nosec B405  # Reads what was drawn right before.

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH_POINTS: Final = 300
"""Of every drawing: that of a small telephone, so that letters are no smaller there than meant."""

_DECIMALS: Final = 2
_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_FONT_FAMILY = re.compile(r"font-family: [^;]*; ")
_DROPPED: Final = frozenset({"metadata", "style", "defs"})


class Ink(StrEnum):
    """Colours of drawings: the value is drawn with, the page's variable of that name is shown."""

    INK = "#010101"
    FAINT = "#020202"
    LINE = "#030303"
    PROCESSED = "#040404"
    BROKEN = "#050505"
    REFUSED = "#060606"
    NO_RECEIPT = "#070707"
    STORED = "#080808"
    DUPLICATE = "#090909"
    CONFLICT = "#0a0a0a"
    REJECTED = "#0b0b0b"
    DURATION = "#0c0c0c"

    @property
    def variable(self) -> str:
        """As style sheets name it."""
        return f"var(--{self.name.lower().replace('_', '-')})"


_INK = re.compile("|".join(Ink))


def element(figure: "Figure", name: str, title: str, description: str) -> str:
    """A figure as an SVG element of an HTML page.

    Args:
        figure: What was drawn, with colours of Ink.
        name: Begins the ids of title and description, the only ones that it has.
        title: What it shows.
        description: What is to be seen in it, for whoever does not see it.

    Raises:
        ValueError: A colour is none of Ink's, or something is clipped, hatched or drawn by name.
    """
    drawn = io.BytesIO()
    figure.savefig(drawn, format="svg", transparent=True)
    root = ET.fromstring(drawn.getvalue())  # noqa: S314  # nosec B314  # It was written right above.
    _clean(root)
    view_box = root.attrib["viewBox"]
    root.attrib.clear()
    root.attrib |= {
        "viewBox": view_box,
        "role": "img",
        "aria-labelledby": f"{name}-title {name}-description",
    }
    labels = (("title", f"{name}-title", title), ("desc", f"{name}-description", description))
    for place, (tag, label_id, text) in enumerate(labels):
        label = ET.Element(tag, {"id": label_id})
        label.text = text
        root.insert(place, label)
    return ET.tostring(root, encoding="unicode")


def _clean(one: ET.Element) -> None:
    """Takes from an element, and from all in it, what a page has no need of."""
    one.tag = one.tag.rpartition("}")[2]
    one.text = (one.text or "").strip() or None
    one.tail = None
    one.attrib.pop("id", None)
    for attribute, value in list(one.attrib.items()):
        if "#" in _INK.sub("", value):
            # Ids would have to be told apart between drawings: nothing that needs one is drawn.
            raise ValueError(f"{one.tag} has {value}: neither a colour of Ink nor without an id")
        one.set(attribute, _in_words_of_the_page(value))
    if one.get("transform", "").startswith("rotate(-0 "):
        del one.attrib["transform"]
    for child in list(one):
        # A comment has a function for a tag.
        if not isinstance(child.tag, str) or child.tag.rpartition("}")[2] in _DROPPED:
            one.remove(child)
            continue
        _clean(child)
        if not (child.attrib or len(child) or child.text):
            one.remove(child)


def _in_words_of_the_page(value: str) -> str:
    value = _NUMBER.sub(lambda match: f"{float(match[0]):.{_DECIMALS}f}", value)
    return _INK.sub(lambda match: Ink(match[0]).variable, _FONT_FAMILY.sub("", value))
