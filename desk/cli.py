"""The desk: what the operators of a deployed pipeline do, one command each.

Everything is done under your own credentials, as the SDK finds them. No command shows a value of a
record unless it says so, and card numbers in names are masked.

Exit codes: 0 all is well; 1 something needs a person; 2 it could not be done, and the standard
error says why; 130 it was interrupted.
"""

import os
import sys
from typing import Final

import click

from desk.commands.destroy import destroy
from desk.commands.doctor import doctor
from desk.commands.find import find
from desk.commands.receipt import receipt
from desk.commands.redrive import redrive
from desk.commands.rejects import rejects
from desk.commands.replay import replay
from desk.commands.report import report
from desk.commands.status import status
from desk.commands.submit import submit
from desk.commands.sweep import sweep
from desk.commands.verify import verify
from desk.errors import DeskError
from desk.printable import printable_lines
from processor import SOFTWARE
from processor.domain.masking import mask
from processor.errors import ProcessorError

COULD_NOT: Final = 2
INTERRUPTED: Final = 130


def main() -> int:
    """Runs one command; answers the exit code."""
    try:
        code = desk.main(prog_name="desk", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return COULD_NOT
    except (KeyboardInterrupt, click.Abort):
        return _fail("interrupted", INTERRUPTED)
    except (DeskError, ProcessorError) as error:
        return _fail(f"{error}{_of_endpoint(str(error))}")
    except BrokenPipeError:
        # Whoever read the answer has enough of it. Nothing more is written when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        named = f"{mask(str(error.filename))[0]}: " if error.filename is not None else ""
        return _fail(f"{named}{error.strerror or type(error).__name__}")
    return int(code or 0)


def _of_endpoint(text: str) -> str:
    """What may be wrong where no service of AWS is asked, but another address."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if endpoint and "EndpointConnectionError" in text:
        return f": AWS_ENDPOINT_URL is {endpoint}; does the embedded AWS run (make up)?"
    return ""


def _fail(text: str, code: int = COULD_NOT) -> int:
    print(printable_lines(text), file=sys.stderr)
    return code


@click.group(help=__doc__, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(SOFTWARE.rpartition(" ")[2], prog_name="desk")
def desk() -> None:
    """See the module."""


COMMANDS: Final = (
    *(submit, status, receipt, rejects, find),
    *(replay, redrive, sweep, verify, report),
    *(doctor, destroy),
)

for one in COMMANDS:
    desk.add_command(one)
