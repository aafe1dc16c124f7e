"""Recognition: content first, name only where the content fits two."""

import codecs

import pytest

from processor.domain.reject import Reason
from processor.formats import open_records
from processor.formats.csv import Header
from processor.formats.records import Break, RawRecord
from tests.support.readings import open_data, read, values_and_defects

OBJECT = b'{"a":"1"}'


@pytest.mark.parametrize(
    ("data", "file_name", "name"),
    [
        (b"a,b\n1,2\n", "x", "csv"),
        (b"a,b\n1,2\n", "x.csv", "csv"),
        (b"a,b\n1,2\n", "x.txt", "csv"),
        (b'[{"a":"1"}]', "x.csv", "json"),
        (b"\n [\n]", "x.ndjson", "json"),
        (OBJECT, "x", "ndjson"),
        (OBJECT, "x.json", "json"),
        (OBJECT + b"\n", "X.JSON", "json"),
        (OBJECT + b"\n", "x.jsonl", "ndjson"),
        (OBJECT + b"\n\n" + OBJECT, "x.json", "ndjson"),
        (OBJECT + b"\r\n" + OBJECT, "x.csv", "ndjson"),
        (OBJECT + b"\n" + b"garbage", "x.json", "ndjson"),
        (b'{"a":"{\\"}"} \n' + OBJECT, "x.json", "ndjson"),
        (b'{"a":1\n' + OBJECT, "x", "ndjson"),
        (b'{"a":1}}\n' + OBJECT, "x", "ndjson"),
        (b'{"a":\n{"b":"1"}}', "x", "json"),
        (b'{"a":[ \n{"b":"1"}]}', "x", "json"),
        (b'{"a":"1",\n{"b":"1"}}', "x", "json"),
        (b'{\n"a":"1"}', "x.csv", "json"),
        (b'{\n"a":"1"}', "x.NDJSON", "ndjson"),
        (b"# comment\n" + OBJECT, "x.jsonl", "ndjson"),
        (b'{"a":"' + b"x" * 70_000 + b'"}\n' + OBJECT, "x.json", "ndjson"),
        (OBJECT + b"\n" * 70_000 + OBJECT, "x.json", "ndjson"),
    ],
)
def test_format_is_found_by_content_and_only_then_by_name(
    data: bytes, file_name: str, name: str
) -> None:
    assert str(open_data(data, file_name)) == name
    assert str(open_data(codecs.BOM_UTF8 + data, file_name, chunk_bytes=1)) == name


@pytest.mark.parametrize("data", [b"", b" ", b"\r\n\t \n", b"\n" * 200_000])
@pytest.mark.parametrize("signature", [b"", codecs.BOM_UTF8])
@pytest.mark.parametrize("file_name", ["x", "x.json", "x.ndjson", "x.csv"])
def test_file_of_nothing_is_empty(data: bytes, signature: bytes, file_name: str) -> None:
    data = signature + data

    reading = open_data(data, file_name)

    (item,) = reading.records
    assert isinstance(item, Break)
    assert (item.reason, item.record_number, reading.format) == (Reason.EMPTY_FILE, 1, None)


@pytest.mark.parametrize("text", ["a,b\n1,2\n", '[{"a":1}]', '{"a":1}\n', '\n{\n"a":1}'])
@pytest.mark.parametrize(
    ("codec", "signature"),
    [
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-32-le", codecs.BOM_UTF32_LE),
        ("utf-32-be", codecs.BOM_UTF32_BE),
    ],
)
def test_utf16_and_utf32_are_refused_with_or_without_signature(
    text: str, codec: str, signature: bytes
) -> None:
    data = text.encode(codec)

    assert read(data) == [Break(Reason.BAD_ENCODING, 0, 1)]
    assert read(signature + data) == [Break(Reason.BAD_ENCODING, 0, 1)]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Reason.BAD_ENCODING),
        (b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0", Reason.FORMAT_UNKNOWN),
        (b"PAR1\x15\x04\x15\x10", Reason.FORMAT_UNKNOWN),
        (b"Obj\x01\x04\x14avro", Reason.FORMAT_UNKNOWN),
        (b"\x28\xb5\x2f\xfd zstd", Reason.BAD_ENCODING),
        (b"BZh91AY&SY\xe0", Reason.BAD_ENCODING),
        ("Beträge,b\n1,2".encode("latin-1"), Reason.BAD_ENCODING),
    ],
)
def test_binary_files_and_other_encodings_are_refused(data: bytes, reason: Reason) -> None:
    assert read(data) == [Break(reason, 0, 1)]


@pytest.mark.parametrize("data", [b'"text"', b"12", b"true", b"a,b\n1,2\n", b"<xml/>", b"}"])
def test_json_name_on_what_is_neither_object_nor_array_is_refused(data: bytes) -> None:
    assert read(data, "x.json") == [Break(Reason.FORMAT_UNKNOWN, 0, 1)]


@pytest.mark.parametrize("data", [b"a,b\n1,2\n", b'a,b\n1,"{"\n', b"12\n", b"<xml/>"])
@pytest.mark.parametrize("name", ["x.ndjson", "x.JSONL"])
def test_name_of_json_lines_on_what_has_no_line_with_an_object_is_refused(
    data: bytes, name: str
) -> None:
    assert read(data, name) == [Break(Reason.FORMAT_UNKNOWN, 0, 1)]


@pytest.mark.parametrize(
    ("data", "file_name", "offset"),
    [
        (b"a\n1\n", "x", 2),
        (OBJECT, "x.jsonl", 0),
        (OBJECT, "x.json", 0),
        (b"[" + OBJECT + b"]", "x", 1),
    ],
)
def test_signature_and_leading_blank_lines_count_for_offsets(
    data: bytes, file_name: str, offset: int
) -> None:
    before = codecs.BOM_UTF8 + b" \r\n\n"

    items = read(before + data, file_name)

    assert values_and_defects(items) == [["1"]]
    assert isinstance(items[0], RawRecord)
    assert items[0].byte_offset == len(before) + offset


def test_very_many_leading_blank_lines_are_skipped() -> None:
    blank = b" \n" * 300_000

    assert values_and_defects(read(blank + b" a,b\n1,2", "x.csv")) == [["1", "2"]]
    assert open_data(blank + b" a,b\n1,2", "x.csv").header == Header((" a", "b"))


@pytest.mark.parametrize(
    "data",
    [
        b'\xef\xbb\xbf\na,b\r\n1,2\r\n"3\r\n","4"""\r\n\xe4,5\r\n6,7\r8\r\n9,10',
        b'\n{"a":"1"}\r\n\r\n{"a":"\xc3\xa9"}\n{"a":\n[1]\n',
        b'[{"a":"1"}, {"a":{"b":["\\"]"]}} ,1 2,,{"a":1}, ] x',
        b'{\n"a":"\\\\", "b": {"c":"}"}\n}\n',
        b"a,b\r1,2\r3\n,4\r",
    ],
)
def test_file_cut_at_every_position_gives_the_same_records(data: bytes) -> None:
    def read_cut(at: int) -> object:
        reading = open_records(lambda _: iter([data[:at], b"", data[at:]]), "x")
        return str(reading), reading.header, list(reading.records)

    whole = read_cut(0)
    assert all(read_cut(at) == whole for at in range(1, len(data)))
    assert read(data, chunk_bytes=1) == read(data)


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n", b"PK\x03\x04\x14", b"\xff\xe4\xf6,b\n1,2\n"]
)
def test_what_is_no_text_has_no_format(data: bytes) -> None:
    reading = open_data(data, "x.csv")

    (item,) = reading.records
    assert isinstance(item, Break)
    assert item.reason in (Reason.BAD_ENCODING, Reason.FORMAT_UNKNOWN)
    assert str(reading) == "unknown"
