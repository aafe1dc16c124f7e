"""The environment of what the launcher starts: the caller's, without its AWS settings.

A developer's own credentials, profile, region, endpoint or certificate bundle must neither reach
the emulator nor send a deployment to a real account.
"""

import os
import sys
from pathlib import Path

#: MiniStack's own default; the names of buckets hold it.
ACCOUNT_ID = "000000000000"
REGION = "us-east-1"

#: Names that decide where AWS calls go, or how the SAM CLI and Python behave.
_DROPPED_PREFIXES = ("AWS_", "SAM_CLI_", "PYTHON", "BOTO_", "MINISTACK_", "LOCALSTACK_")


def clean() -> dict[str, str]:
    """The caller's environment without AWS settings; this interpreter's tools first on PATH."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(_DROPPED_PREFIXES)
    }
    tools = str(Path(sys.executable).parent)
    kept["PATH"] = tools + os.pathsep + kept.get("PATH", os.defpath)
    # A proxy of the host must not be asked for the loopback address.
    for name in ("NO_PROXY", "no_proxy"):
        kept[name] = ",".join(filter(None, [kept.get(name, ""), "127.0.0.1", "localhost"]))
    kept.setdefault("LC_ALL", "C.UTF-8")
    kept["AWS_EC2_METADATA_DISABLED"] = "true"
    kept["AWS_REGION"] = kept["AWS_DEFAULT_REGION"] = REGION
    kept["SAM_CLI_TELEMETRY"] = "0"
    # Asks a public address whether a newer version exists.
    kept["SAM_CLI_VERSION_CHECK"] = "0"
    return kept
