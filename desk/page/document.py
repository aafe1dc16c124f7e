"""The numbers of a page, for programs."""

from desk.page.bins import DURATION_NAMES
from desk.page.rows import Made, Row, groups
from desk.page.summary import OUTCOMES, STATUSES, Summary
from desk.reading import Json


def document_of(summary: Summary, made: Made) -> Json:
    """As JSON has them. Names are shown as on the page, card numbers masked."""
    period = summary.period
    return {
        "stack": made.stack,
        "region": made.region,
        "prefix": made.prefix,
        "since": period.since.isoformat(),
        "until": period.until.isoformat(),
        "madeAt": summary.made_at.isoformat(),
        "software": made.software,
        "awaiting": {
            "files": summary.awaiting_count,
            "failedEvents": summary.failed_event_count,
            **{group.value: listed.count for group, listed in summary.awaiting.items()},
        },
        "firstAwaiting": {
            group.name: [_row_document(row) for row in group.rows]
            for group in groups(summary, made)
        },
        "onTheWay": summary.on_their_way_count,
        "files": {"all": summary.file_count, **summary.statuses},
        "size": summary.size_bytes,
        "records": {name: summary.records[name] for name in ("read", *OUTCOMES)},
        "sums": summary.sums_shown(),
        "reasons": {
            reason: {"records": count, "files": summary.reason_files[reason]}
            for reason, count in summary.reasons.most_common()
        },
        "notices": dict(summary.notices),
        "durations": dict(zip(DURATION_NAMES, summary.durations, strict=True)),
        "overTime": [
            {
                "from": begin.isoformat(),
                "files": {one: summary.files_over_time[one][at] for one in STATUSES},
                "records": {one: summary.records_over_time[one][at] for one in OUTCOMES},
            }
            for at, begin in enumerate(period.begins)
        ],
    }


def _row_document(row: Row) -> Json:
    return {
        "key": row.key,
        "versionId": row.version,
        "status": row.status,
        "remark": row.remark,
        "command": row.command,
    }
