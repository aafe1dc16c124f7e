"""The page: one HTML document that loads nothing and runs nothing."""

from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from desk.page import words
from desk.page.charts import charts
from desk.page.reasons import EXPLAINED_IN, meaning_of
from desk.page.rows import Made, groups, row_of, rows, verdict
from desk.page.summary import OUTCOMES, Summary
from processor.domain.control_totals import ACCEPTABLE

SHOWN_FIRST: Final = 5
"""Of each group, before a person asks for more: so that the groups behind it are seen too."""


def render(summary: Summary, made: Made) -> str:
    """The document. The same numbers give the same bytes."""
    environment = Environment(
        loader=PackageLoader("desk.page", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "size": words.size,
        "grouped": words.grouped,
        "shown": words.shown,
        "day": lambda time: f"{time:%Y-%m-%d}",
        "minute": lambda time: f"{time:%Y-%m-%d %H:%M}",
        "number": lambda count: f"{count:,}",
    }
    environment.tests["text"] = lambda value: isinstance(value, str)
    return environment.get_template("page.html.j2").render(
        made=made,
        summary=summary,
        groups=groups(summary, made),
        shown_first=SHOWN_FIRST,
        redrive=words.desk_command("redrive", made.stack),
        verdict=verdict(summary),
        charts=charts(summary),
        outcomes=OUTCOMES,
        acceptable=[one.value for one in ACCEPTABLE],
        reasons=[
            (reason, meaning_of(reason), count, summary.reason_files[reason])
            for reason, count in summary.reasons.most_common()
        ],
        explained_in=EXPLAINED_IN,
        slowest=[row_of(state, summary, made.stack) for _, state in summary.slowest.ordered()],
        conflicts=rows(summary.conflicts, summary, made.stack),
        latest=rows(summary.latest, summary, made.stack),
    )
