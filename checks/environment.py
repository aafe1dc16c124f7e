"""What a program that judges sees of the machine that it runs on.

Every tool takes orders from variables of its own (`CKV_SKIP_CHECK`, `PYTEST_ADDOPTS`, `MYPYPATH`)
and from files in the home directory (`~/.checkov.yaml`, `~/.cfnlintrc`). No review sees those, and
there are more of them than could be listed; so what a tool may know is listed instead.
"""

import json
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

#: Where programs, libraries and space are, the language, and the way through a company's network:
#: its proxy, its certificates, its package index.
_LET_THROUGH: Final = re.compile(
    r"PATH|LD_LIBRARY_PATH|TMPDIR|TZ|LANG|LANGUAGE|LC_[A-Z]+"
    r"|(HTTPS?|ALL|NO)_PROXY|(https?|all|no)_proxy"
    r"|SSL_CERT_(FILE|DIR)|(REQUESTS|CURL)_CA_BUNDLE|NODE_EXTRA_CA_CERTS"
    r"|PIP_(CERT|CLIENT_CERT|PROXY|INDEX_URL|EXTRA_INDEX_URL|TRUSTED_HOST|DEFAULT_TIMEOUT)"
)


def of_a_gate(given: Mapping[str, str], home: Path) -> dict[str, str]:
    """The whole environment of one program.

    Args:
        given: That of whoever runs the gates. PYTHONPATH is not let through: a module that it leads
            to could take the place of a tool's own.
        home: An empty directory. It gets nothing but the note that makes `sam` leave out its weekly
            search for a newer version, which takes seconds.
    """
    note = home / ".aws-sam" / "metadata.json"
    note.parent.mkdir()
    note.write_text(json.dumps({"lastVersionCheck": time.time()}))
    let_through = {name: value for name, value in given.items() if _LET_THROUGH.fullmatch(name)}
    directories = {
        "HOME": home,
        "XDG_CONFIG_HOME": home / ".config",
        "XDG_CACHE_HOME": home / ".cache",
        "XDG_DATA_HOME": home / ".local",
    }
    return {
        **let_through,
        **{name: str(directory) for name, directory in directories.items()},
        "NO_COLOR": "1",  # Colours would stand in reports.
        "SAM_CLI_TELEMETRY": "0",
    }
