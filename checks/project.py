"""The files of the project: what it consists of, whoever ignores or excludes it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

#: Neither written by the project nor looked at by a gate, and only in these places: a folder of
#: the same name elsewhere would be deployed, and everything below src/ is.
_FOREIGN: Final = frozenset(
    {".git", ".aws-sam", ".local", ".hypothesis", "build", "checks/nag/node_modules"}
    | {".venv", ".venv-bench", ".venv-checkov", ".venv-drill", ".venv-tools"}
    | {".mypy_cache", ".pytest_cache", ".ruff_cache"}
)


def project_files(root: Path) -> Iterator[Path]:
    """Every file of the project, ignored by git or not, without environments and caches.

    A link to a folder is given as a file: nothing that it leads to is.
    """
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        links = [one for one in folders if (here / one).is_symlink()]
        folders[:] = sorted(one for one in folders if one not in links)
        folders[:] = [one for one in folders if not _is_foreign(here / one, root)]
        for name in sorted([*files, *links]):
            file = here / name
            if not _is_foreign(file, root) and not _is_compiled(file):
                yield file


def python_files(root: Path) -> list[Path]:
    """All Python of the project; each gate on code is given these files one by one."""
    return [file for file in project_files(root) if file.suffix == ".py"]


def _is_foreign(path: Path, root: Path) -> bool:
    return path.relative_to(root).as_posix() in _FOREIGN


def _is_compiled(file: Path) -> bool:
    """What Python itself keeps of a module; it is read only as long as the module is there."""
    return file.suffix == ".pyc" and file.parent.name == "__pycache__"
