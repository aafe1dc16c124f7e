"""The runbook as a drill reads it: the shell's functions, and the commands of each section.

A command is what stands in an indented block, a line broken by backslashes being one, or in the
text between backticks if it begins with the name of a program that can be typed. Words in capitals
are placeholders for whoever types it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from local.paths import ROOT

RUNBOOK: Final = ROOT / "docs" / "operations.md"

#: What is installed; all else that can be typed are the document's own functions.
PROGRAMS: Final = ("aws", "desk")

_FUNCTIONS = re.compile(r"^```bash\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_FUNCTION_NAME = re.compile(r"^(\w+)\(\) \{", re.MULTILINE)
_SECTION = re.compile(r"^### ([^\n]+)\n(.*?)(?=^##|\Z)", re.DOTALL | re.MULTILINE)
_BLOCK_LINE = re.compile(r"^ {4}(?=\S)(.*)$", re.MULTILINE)
_INLINE = re.compile(r"`([^`]+)`")
_CONTINUED = re.compile(r"\\\n\s*")


class RunbookError(Exception):
    """Raised when a section lacks a command that a drill types: one of the two is wrong."""


@dataclass(frozen=True)
class Runbook:
    """A runbook.

    Args:
        text: All of it, in Markdown.
    """

    text: str

    @cached_property
    def functions(self) -> str:
        """The functions that it has people copy into their shell."""
        return "\n".join(_FUNCTIONS.findall(self.text))

    @cached_property
    def sections(self) -> dict[str, str]:
        """Name of an alarm, without its environment -> its section."""
        return dict(_SECTION.findall(self.text))

    def commands(self, section: str) -> list[str]:
        """The commands of a section, one line each, in the order in which they stand there.

        Raises:
            RunbookError: There is no such section.
        """
        if section not in self.sections:
            raise RunbookError(f"the runbook has no section {section}")
        text = _CONTINUED.sub("", self.sections[section])
        found = [(one.start(), one[1].strip()) for one in _BLOCK_LINE.finditer(text)]
        # A line break within backticks is a space, as Markdown has it.
        found += [(one.start(), " ".join(one[1].split())) for one in _INLINE.finditer(text)]
        return [command for _, command in sorted(found) if self._is_typed(command)]

    def command(self, section: str, command: str, values: Mapping[str, str]) -> str:
        """A command of a section, with values for its placeholders.

        Args:
            section: The alarm's name, without its environment.
            command: As the section has it, placeholders and all.
            values: Placeholder -> what is typed in its place.

        Raises:
            RunbookError: The section does not have it.
        """
        if command not in self.commands(section):
            raise RunbookError(f"section {section} of the runbook does not have: {command}")
        for placeholder, value in values.items():
            whole = re.compile(rf"(?<![\w-]){re.escape(placeholder)}(?![\w-])")
            # Not as a template of a replacement, in which a backslash is no backslash.
            command = value.join(whole.split(command))
        return command

    def _is_typed(self, command: str) -> bool:
        words = command.split()
        names = {*PROGRAMS, *_FUNCTION_NAME.findall(self.functions)}
        return bool(words) and words[0] in names and (len(words) > 1 or words[0] not in PROGRAMS)


def read(file: Path = RUNBOOK) -> Runbook:
    """The project's runbook."""
    return Runbook(file.read_text(encoding="utf-8"))
