"""Separators: what people, and programs, put between the digits of a card number."""

from typing import Final

_SPACES: Final = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_DASHES: Final = (
    "\u058a\u05be\u1400\u1806\u2010-\u2015\u2e17\u2e1a\u2e3a\u2e3b\u2e40\u2e5d\u301c\u3030\u30a0"
    "\ufe31\ufe32\ufe58\ufe63\uff0d\U00010d6e\U00010ead"
)
_FORMATS: Final = (
    "\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f"
)
"""Unicode's general categories Zs, Pd and Cf beyond ASCII. Written down, since to ask every
character for its category takes longer than all other imports; a test compares.

Source: https://www.unicode.org/Public/UCD/latest/ucd/extracted/DerivedGeneralCategory.txt
"""

_UNSEEN: Final = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef"
)
"""Letters and marks that show nothing. Source: Unicode's DerivedCoreProperties.txt,
Default_Ignorable_Code_Point; and Braille's blank."""

_MINUS: Final = "\u2212"
_BYTES: Final = "\udc96\udc97\udca0\udcad"
"""En dash, em dash, no-break space and soft hyphen of Windows-1252, as Python decodes those bytes
where they are no UTF-8 ("surrogateescape")."""

SEPARATOR: Final = f"[ {_SPACES}{_DASHES}{_FORMATS}{_UNSEEN}{_MINUS}{_BYTES}-]"
"""One character: a space or a hyphen, or what stands for one, or nothing that can be seen."""

GAP: Final = rf"[\t._/|:+\\{SEPARATOR[1:]}"
"""What else is written between the groups that are printed on cards. A raw JSON record has `\\/`
and `\\t` for two of them; a form in a URL has `+` for a space."""
