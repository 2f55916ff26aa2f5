import json

import pytest
from hypothesis import given

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import read_risk_table, risk_table, write_risk_table

from .test_properties import anything, columns, history_of, same_tables


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "table.json"
    history = History.of(exit=[3, 5, 5.25], event=[1, 0, 1], strata=("Männer",), stratum=[0, 0, 0])
    write_risk_table(risk_table(history), path)
    return path


@anything
@given(data=columns())
def test_a_table_reads_back_to_the_bit(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("sent") / "table.json"
    table = risk_table(history_of(data, weight=0.1 + data["event"] / 3))
    write_risk_table(table, path)
    back = read_risk_table(path)
    same_tables(back, table)
    assert (back.strata, back.states, back.transitions) == (
        table.strata,
        table.states,
        table.transitions,
    )


def test_names_outside_ascii_and_nothing_left_over(written):
    assert read_risk_table(written).strata == ("Männer",)
    assert [p.name for p in written.parent.iterdir()] == ["table.json"]


def test_a_file_cut_short_anywhere_is_refused(written):
    whole = written.read_bytes().rstrip()
    for length in range(0, len(whole), 7):
        written.write_bytes(whole[:length])
        with pytest.raises(EstimateError, match="not a risk table, or only part of one"):
            read_risk_table(written)


def changed(path, **fields):
    document = json.loads(path.read_text())
    path.write_text(json.dumps(document | fields))


def test_a_number_changed_on_the_way(written):
    counts = json.loads(written.read_text())["counts"]
    counts["time"][0] += 1
    changed(written, counts=counts)
    with pytest.raises(EstimateError, match="check sum differs"):
        read_risk_table(written)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"format": "another table"}, '"format" would be "osteon risk table"'),
        ({"version": 2}, "of version 2.*reads version 1"),
        ({"counts": None}, "check sum differs"),
    ],
)
def test_foreign_files(written, fields, message):
    changed(written, **fields)
    with pytest.raises(EstimateError, match=message):
        read_risk_table(written)


def test_files_that_are_something_else(tmp_path):
    path = tmp_path / "scan.json"
    with pytest.raises(EstimateError, match=r"no file scan\.json"):
        read_risk_table(path)
    for content in (b"[1, 2]", b'"text"', b"{}"):
        path.write_bytes(content)
        with pytest.raises(EstimateError, match="is not a risk table"):
            read_risk_table(path)
    path.write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(EstimateError, match="not a risk table, or only part"):
        read_risk_table(path)


def test_counts_that_make_no_table(written):
    from osteon.estimate.tables import table_file

    document = json.loads(written.read_text())
    document["counts"]["entries"][0] = 99.0
    content = {k: v for k, v in document.items() if k not in {"format", "version", "sha256"}}
    document["sha256"] = table_file._digest(content)
    written.write_text(json.dumps(document))
    with pytest.raises(EstimateError, match=r"do not make a risk table.*balance"):
        read_risk_table(written)
