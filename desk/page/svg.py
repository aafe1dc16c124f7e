"""Drawings as parts of a page: without names of their own, in the page's colours and letters.

matplotlib draws a document of its own. Here it becomes an element: colours that stand for others
are replaced by the page's variables, so that one drawing serves light, dark and paper; text stays
text; what nothing refers to goes.
"""

import io
import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH_POINTS: Final = 300
"""Of every drawing: that of a small telephone, so that letters are no smaller there than meant."""

_DECIMALS: Final = 2
_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_URL = re.compile(r"url\(#([^)]+)\)")
_FONT = re.compile(r"font: (?:\w+ )*?([\d.]+px) [^;]*")
_DROPPED: Final = frozenset({"metadata", "style"})
_XLINK_HREF: Final = "{http://www.w3.org/1999/xlink}href"


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


def element(figure: "Figure", name: str, title: str, description: str) -> str:
    """A figure as an SVG element of an HTML page.

    Args:
        figure: What was drawn, with colours of Ink.
        name: Begins its ids, so that no two drawings of a page share one.
        title: What it shows.
        description: What is to be seen in it, for whoever does not see it.
    """
    drawn = io.BytesIO()
    # No date and no random names: the same numbers give the same bytes.
    figure.savefig(drawn, format="svg", metadata={"Date": None}, transparent=True)
    root = ET.fromstring(drawn.getvalue())  # noqa: S314  # nosec B314  # It was written right above.
    _clean(root)
    used = _used_ids(root)
    for one in root.iter():
        _rename(one, used, name)
        for attribute, value in list(one.attrib.items()):
            one.set(attribute, _text_of(value))
    view_box = root.get("viewBox", "")
    root.attrib.clear()
    root.attrib |= {"viewBox": view_box, "role": "img"}
    root.attrib["aria-labelledby"] = f"{name}-title {name}-description"
    for position, (tag, text) in enumerate((("title", title), ("desc", description))):
        label = ET.Element(tag, {"id": f"{name}-{'title' if tag == 'title' else 'description'}"})
        label.text = text
        root.insert(position, label)
    return ET.tostring(root, encoding="unicode")


def _clean(parent: ET.Element) -> None:
    """Takes name spaces, layout and what no page needs from all elements below one."""
    parent.tag = parent.tag.rpartition("}")[2]
    parent.text = (parent.text or "").strip() or None
    parent.tail = None
    for child in list(parent):
        # A comment has a function for a tag.
        if not isinstance(child.tag, str) or child.tag.rpartition("}")[2] in _DROPPED:
            parent.remove(child)
        else:
            _clean(child)


def _used_ids(root: ET.Element) -> set[str]:
    used: set[str] = set()
    for one in root.iter():
        for attribute, value in one.attrib.items():
            used |= set(_URL.findall(value))
            used |= {value[1:]} if attribute == _XLINK_HREF else set()
    return used


def _rename(one: ET.Element, used: set[str], name: str) -> None:
    own = one.attrib.pop("id", None)
    if own in used:
        one.set("id", f"{name}-{own}")
    target = one.attrib.pop(_XLINK_HREF, None)
    if target:
        one.set("href", f"#{name}-{target[1:]}")
    for attribute, value in one.attrib.items():
        one.set(attribute, _URL.sub(rf"url(#{name}-\1)", value))


def _text_of(value: str) -> str:
    value = _NUMBER.sub(lambda match: f"{float(match[0]):.{_DECIMALS}f}", value)
    value = _FONT.sub(r"font-size: \1", value)
    for ink in Ink:
        value = value.replace(ink.value, ink.variable)
    return value
