"""Where things are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

TEMPLATE = ROOT / "template.yaml"
SAM_CONFIGURATION = ROOT / "samconfig.toml"
SOURCE = ROOT / "src"
BUILD = ROOT / ".aws-sam" / "build"

#: All state of the embedded AWS; nothing in it survives `down` but the lock of the build.
STATE = ROOT / ".local"
KEPT = STATE / "up"
BUILD_LOCK = STATE / "build.lock"

#: What `sam local invoke` reads, by samconfig.toml.
CONTAINER_ENVIRONMENT = STATE / "env.json"
SHELL_ENVIRONMENT = STATE / "environment.sh"

SAMPLE_FILE = ROOT / "events" / "files" / "transactions.csv"
