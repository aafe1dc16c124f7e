"""No variable and no file at home tells a tool what to overlook."""

import os
from pathlib import Path

import pytest

from checks import programs
from checks.environment import of_a_gate

ORDERS = {
    "CKV_SKIP_CHECK": "CKV_AWS_7",
    "CHECKOV_SKIP_CHECK": "CKV_AWS_7",
    "PYTEST_ADDOPTS": "-k nothing",
    "PYTEST_PLUGINS": "evil",
    "MYPYPATH": "elsewhere",
    "MYPY_FORCE_COLOR": "1",
    "FORCE_COLOR": "1",
    "RUFF_SELECT": "E",
    "PIP_AUDIT_VULNERABILITY_SERVICE": "osv",
    "NODE_OPTIONS": "--require evil.js",
    "PYTHONPATH": "elsewhere",
    "PYTHONSTARTUP": "evil.py",
    "AWS_PROFILE": "somebody",
    "SAM_CLI_CONFIG": "elsewhere",
    "MY_PATH": "elsewhere",
}
NEEDED = {
    "PATH": os.environ["PATH"],
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "https_proxy": "http://proxy:8080",
    "NO_PROXY": "localhost",
    "SSL_CERT_FILE": "/company.pem",
    "REQUESTS_CA_BUNDLE": "/company.pem",
    "NODE_EXTRA_CA_CERTS": "/company.pem",
    "PIP_INDEX_URL": "https://index.example.com/simple",
}
OWN = {"HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "NO_COLOR"}


def test_the_way_to_programs_and_through_the_network_is_let_through_and_no_order(
    tmp_path: Path,
) -> None:
    seen = of_a_gate(ORDERS | NEEDED, tmp_path)

    assert NEEDED.items() <= seen.items()
    assert seen.keys() - NEEDED.keys() == OWN | {"SAM_CLI_TELEMETRY"}


def test_a_program_sees_no_order(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (ORDERS | NEEDED).items():
        monkeypatch.setenv(name, value)

    seen = dict(line.split("=", 1) for line in programs.run("env").output.splitlines())

    assert NEEDED.items() <= seen.items()
    assert not seen.keys() & ORDERS.keys()


def test_a_program_has_an_empty_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (".checkov.yaml", ".cfnlintrc", ".config"):
        (tmp_path / name).touch()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    shown = 'cd; ls -A; echo "$XDG_CONFIG_HOME" | grep -c "^$HOME/"; find . -type f'

    done = programs.run("sh", "-c", shown)

    assert done.output.split() == [".aws-sam", "1", "./.aws-sam/metadata.json"]
