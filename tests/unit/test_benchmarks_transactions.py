"""What the generator says it wrote is what another reader counts."""

import gzip
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from benchmarks.transactions import Contents, Format, write
from tests.integration.recount import Record, read_csv, read_json, read_ndjson, recount

READERS: dict[Format, Callable[[bytes], Iterable[Record]]] = {
    "csv": read_csv,
    "ndjson": read_ndjson,
    "json": read_json,
}
CONTENTS = [
    Contents(3000, form, gzipped=gzipped, reject_share=share, newlines=newlines)
    for form in READERS
    for gzipped in (False, True)
    for share in (0.0, 0.05)
    for newlines in (False, True)
]


@pytest.mark.parametrize("contents", CONTENTS, ids=str)
def test_the_totals_are_those_of_a_recount(contents: Contents, tmp_path: Path) -> None:
    totals = write(tmp_path / "file", contents)
    data = (tmp_path / "file").read_bytes()

    counted = recount(READERS[contents.form](gzip.decompress(data) if contents.gzipped else data))

    sums = {name: values["stored"] for name, values in counted.sums_document().items()}
    assert (totals.records, totals.sums, totals.size_bytes) == (3000, sums, len(data))
    assert counted.outcomes["stored"] == totals.valid
    assert counted.outcomes["rejected"] == totals.rejected
    assert (100 < totals.rejected < 200) if contents.reject_share else totals.rejected == 0


def test_the_same_contents_are_the_same_bytes_and_another_seed_s_share_no_transaction(
    tmp_path: Path,
) -> None:
    for name, contents in {
        "one": Contents(500, gzipped=True),
        "same": Contents(500, gzipped=True),
        "other": Contents(500, gzipped=True, seed=2),
    }.items():
        write(tmp_path / name, contents)
    one, same, other = ((tmp_path / name).read_bytes() for name in ("one", "same", "other"))

    assert one == same
    ids = [
        {line.partition(b",")[0] for line in gzip.decompress(data).splitlines()[1:]}
        for data in (one, other)
    ]
    assert not ids[0] & ids[1]


def test_rows_are_as_long_as_is_said_and_notes_have_quotes_and_by_request_two_lines(
    tmp_path: Path,
) -> None:
    size = write(tmp_path / "plain", Contents(2000)).size_bytes
    write(tmp_path / "lines", Contents(2000, newlines=True))

    plain = (tmp_path / "plain").read_text(newline="")

    assert 160 < size / 2000 < 180
    assert plain.count("\n") == 2001
    assert '""birthday""' in plain
    assert (tmp_path / "lines").read_text(newline="").count("\n") > 2100
