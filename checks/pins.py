"""Whether `src/requirements.txt` says exactly what is deployed, and nothing besides.

`sam build` resolves what is not pinned, so that two builds of one commit could differ.
"""

import ast
import importlib.metadata
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from checks.outcome import Finding


def pin_findings(
    pinned: Sequence[Requirement], deployed: Mapping[str, str], needed: Mapping[str, str]
) -> Iterator[Finding]:
    """Judge the lines of the file.

    Args:
        pinned: The lines.
        deployed: What they bring, with all that it needs: name to installed version.
        needed: What the function's imports bring, with all that it needs.
    """
    versions = {canonicalize_name(one.name): exact_version(one) for one in pinned}
    for name, installed in deployed.items():
        if versions.get(canonicalize_name(name)) is None:
            yield Finding(name, "pin", f"is deployed, and not pinned: {name}=={installed}")
        elif versions[canonicalize_name(name)] != installed:
            yield Finding(name, "pin", f"is pinned to another version than was tested: {installed}")
    for name in versions.keys() - needed.keys():
        yield Finding(name, "pin", "is needed by nothing that the function imports")
    for name in needed.keys() - deployed.keys():
        yield Finding(name, "pin", "is needed by the function, and not deployed")


def exact_version(requirement: Requirement) -> str | None:
    """The one version that a line allows, or None."""
    match list(requirement.specifier):
        case [one] if one.operator == "==" and not one.version.endswith(".*"):
            return one.version
        case _:
            return None


def imported_packages(source: Path) -> list[Requirement]:
    """The packages that bring what the function's code imports.

    The standard library and the code itself are left out; an import that nothing brings is kept
    under its own name, and is then not installed.
    """
    own = {file.stem for file in source.iterdir()}
    names = {
        name.partition(".")[0]
        for file in source.rglob("*.py")
        for name in _imports(ast.parse(file.read_text(encoding="utf-8")))
    }
    brought_by = importlib.metadata.packages_distributions()
    return [
        Requirement(package)
        for name in sorted(names - own - sys.stdlib_module_names)
        for package in sorted(set(brought_by.get(name, [name])))
    ]


def _imports(node: ast.AST) -> Iterator[str]:
    """Names of modules; without those for type checkers, which are not there when it runs."""
    match node:
        case ast.If(test=ast.Name(id="TYPE_CHECKING"), orelse=others):
            for other in others:
                yield from _imports(other)
            return
        case ast.Import():
            yield from (alias.name for alias in node.names)
        case ast.ImportFrom(module=str(module), level=0):
            yield module
    for child in ast.iter_child_nodes(node):
        yield from _imports(child)
