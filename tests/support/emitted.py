"""All that leaves the function while it runs, wherever it goes."""

import contextlib
import io
import json
import logging
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from processor import app

NOT_DEPLOYED = ("moto", "responses", "werkzeug", "hypothesis", "asyncio")
"""Packages whose loggers speak in a test only."""


@dataclass(frozen=True)
class Emitted:
    """What a run left behind, by channel.

    Args:
        output: Standard output and standard error: log lines, metrics and warnings.
        sdk_log: What the loggers of all packages would print if the function's log level were
            DEBUG, set in Lambda's own logging configuration.
        error: What Lambda, or anything that wraps the handler, prints of an error: its text, and
            the chain of its causes.
        answer: What the function returns.
    """

    output: str
    sdk_log: str
    error: str
    answer: str

    @property
    def channels(self) -> dict[str, str]:
        """By name, as Search wants them."""
        return {
            "output": self.output,
            "SDK log": self.sdk_log,
            "error": self.error,
            "answer": self.answer,
        }


def emitted_by(run: Callable[[], object]) -> Emitted:
    """Runs something to its end, be it an error or a kill, and gives all that it emitted.

    Metrics are flushed behind it, as the handler's decorator does.
    """
    output, sdk_log = io.StringIO(), io.StringIO()
    (handler,) = app.logger.handlers
    assert isinstance(handler, logging.StreamHandler)
    error, answer = "", ""
    app.metrics.clear_metrics()
    # The environment of a deployed function names it, before the module is imported.
    app.metrics.provider.namespace = "TransactionProcessing"
    before = handler.setStream(output)
    with (
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(output),
        warnings.catch_warnings(record=True) as warned,
        _root_at_debug(sdk_log),
    ):
        warnings.simplefilter("always")
        try:
            answer = json.dumps(run(), default=str, ensure_ascii=False)
        except BaseException as raised:  # noqa: BLE001  A kill as well: what was said before counts.
            error = printed(raised)
        finally:
            app.metrics.flush_metrics()
            handler.setStream(before)
    for warning in warned:
        output.write(f"{warning.category.__name__}: {warning.message}\n")
    return Emitted(output.getvalue(), sdk_log.getvalue(), error, answer)


def printed(error: BaseException) -> str:
    """All that can be printed of an error without looking into variables."""
    notes = getattr(error, "__notes__", ())
    return "".join([*traceback.format_exception(error), repr(error), str(error), *notes])


@contextlib.contextmanager
def _root_at_debug(stream: io.StringIO) -> Iterator[None]:
    """As Lambda's runtime sets up logging where the application's log level is DEBUG.

    Source: https://github.com/aws/aws-lambda-python-runtime-interface-client (bootstrap.py: the
    level goes to the root logger, whose handler prints what any logger says).
    """
    root, handler = logging.getLogger(), logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
    handler.addFilter(lambda record: not record.name.startswith(NOT_DEPLOYED))
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
