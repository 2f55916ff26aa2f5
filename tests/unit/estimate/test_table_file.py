import json

import pytest
from hypothesis import given

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import (
    Contribution,
    read_risk_table,
    risk_table,
    risk_table_of_counts,
    tidy_counts,
    write_risk_table,
)

from .test_properties import columns, history_of, same_tables


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "table.json"
    history = History.of(exit=[3, 5, 5.25], event=[1, 0, 1], strata=("Männer",), stratum=[0, 0, 0])
    write_risk_table(risk_table(history), path)
    return path


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
        ({"version": 3}, "of version 3.*reads version 2.*a later"),
        ({"version": None}, "of version None.*use the program that wrote it"),
        ({"version": 1}, "of version 1.*ask for it to be written again"),
        ({"counts": None}, "check sum differs"),
        ({"time_zero": "stage IV"}, "check sum differs"),
        ({"unit": "months"}, "check sum differs"),
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


def rewritten(path, **fields):
    """The file as another program would have written it: changed, with its own check sum."""
    from osteon.estimate.tables import table_file

    document = json.loads(path.read_text()) | fields
    content = {k: v for k, v in document.items() if k not in {"format", "version", "sha256"}}
    path.write_text(json.dumps(document | {"sha256": table_file._digest(content)}))


def test_counts_that_make_no_table(written):
    counts = json.loads(written.read_text())["counts"]
    counts["entries"][0] = 99.0
    rewritten(written, counts=counts)
    with pytest.raises(EstimateError, match=r"do not make a risk table.*balance"):
        read_risk_table(written)


def test_another_unit_of_time(written):
    rewritten(written, unit="months")
    with pytest.raises(EstimateError, match=r'times of table.json are in "months".*counts days'):
        read_risk_table(written)


@pytest.mark.parametrize(
    "fields",
    [
        {"time_zero": 3},
        *(
            {"contributions": parts}
            for parts in (None, [[1]], [{"centre": "A"}], [{"centre": 1, "sha256": "0"}])
        ),
    ],
)
def test_labels_that_are_none(written, fields):
    rewritten(written, **fields)
    with pytest.raises(EstimateError, match="do not make a risk table"):
        read_risk_table(written)


FROM = {"time_zero": "first PET"}


def table_of(*exits, **names):
    return risk_table(History.of(exit=exits, event=[1] * len(exits), **names))


def sent(table, path):
    write_risk_table(table, path)
    return read_risk_table(path)


def test_a_file_says_what_its_table_says(tmp_path):
    ours = table_of(3, 5).labelled(centre="Ours", **FROM)
    path = tmp_path / "ours.json"
    back = sent(ours, path)
    assert (back.time_zero, back.contributions) == (ours.time_zero, ours.contributions)
    assert [part.centre for part in back.contributions] == ["Ours"]
    document = json.loads(path.read_text())
    assert (document["version"], document["unit"]) == (2, "days")
    assert (document["time_zero"], document["contributions"][0]["centre"]) == ("first PET", "Ours")
    unlabelled = table_of(3, 5)
    assert unlabelled.contributions == ()
    assert sent(unlabelled, path).contributions == (
        Contribution("not said", ours.contributions[0].digest),
    )
    assert json.loads(path.read_text())["time_zero"] == "not said"


def test_a_sum_that_is_sent_on_names_all_its_centres(tmp_path):
    a, b, c = (
        table_of(*x).labelled(centre=n, **FROM) for x, n in (([3], "A"), ([4], "B"), ([5], "C"))
    )
    both = sent(a + b, tmp_path / "both.json")
    assert [part.centre for part in both.contributions] == ["A", "B"]
    assert [part.centre for part in (both + c).contributions] == ["A", "B", "C"]
    for again in (a, sent(b, tmp_path / "b.json"), c + b):
        with pytest.raises(EstimateError, match="the same counts are in both"):
            both + again


def test_labels_change_no_number():
    a, b = table_of(3, 5), table_of(4, 5)
    labelled = a.labelled(centre="A", **FROM) + b.labelled(centre="B", **FROM)
    same_tables(labelled, a + b)
    same_tables(sum([labelled]), a + b)


def test_the_same_twice(tmp_path):
    a = table_of(3, 5).labelled(centre="Essen", **FROM)
    later = table_of(3, 5, 9).labelled(centre="essen ", **FROM)
    with pytest.raises(EstimateError, match=r'centre "essen " is in both.*label them apart'):
        a + later
    renamed = table_of(3, 5).labelled(centre="Berlin", **FROM)
    with pytest.raises(EstimateError, match=r'same counts.*"Essen" and "Berlin".*leave one'):
        a + renamed
    unlabelled = sent(table_of(3, 5), tmp_path / "a.json")
    with pytest.raises(EstimateError, match=r'same counts.*"not said" and "not said"'):
        unlabelled + unlabelled
    with pytest.raises(EstimateError, match="same counts"):
        table_of(3, 5) + unlabelled
    assert (table_of(3, 5) + table_of(3, 5)).entries.sum() == 4  # in memory: as ever


def test_another_time_zero(tmp_path):
    a = table_of(3, 5).labelled(centre="A", **FROM)
    b = table_of(4, 5).labelled(centre="B", time_zero="diagnosis")
    with pytest.raises(EstimateError, match=r'from "first PET", the other from "diagnosis"'):
        a + b
    for silent in (table_of(4), sent(table_of(4), tmp_path / "b.json")):
        for pair in ((a, silent), (silent, a)):
            with pytest.raises(EstimateError, match='"first PET", the other does not say'):
                sum(pair)
    silent = sent(table_of(4), tmp_path / "b.json").labelled(centre="B", **FROM)
    assert (a + silent).entries.sum() == 3


@pytest.mark.parametrize("other", ["male", "Male ", "MALE", "M ale", "Ｍale"])
def test_names_that_differ_only_in_case_or_spaces(other):
    male, slip = (table_of(3, strata=(name,), stratum=[0]) for name in ("Male", other))
    with pytest.raises(EstimateError, match=r'strata "Male" and ".*write them alike'):
        male + slip
    states = {"states": ("alive", "sre", "dead")}, {"states": ("alive", "SRE", "dead")}
    with pytest.raises(EstimateError, match='states "sre" and "SRE"'):
        table_of(3, **states[0]) + table_of(3, **states[1])


def test_names_that_both_tables_tell_apart():
    both = ("male", "Male")
    one, two = table_of(3, 4, strata=both, stratum=[0, 1]), table_of(3, strata=both, stratum=[1])
    assert (one + two).strata == both
    assert (one + table_of(3, strata=("Male",), stratum=[0])).strata == both


def test_names_found_in_counts():
    counts = tidy_counts(table_of(3, 4, strata=("a", "b"), stratum=[0, 1]))
    names = ["Male", "male"]
    named = counts | {"stratum": [names[i] for i in counts["stratum"]]}
    with pytest.raises(EstimateError, match=r'strata "Male" and "male".*rename one'):
        risk_table_of_counts(named)
    assert risk_table_of_counts(named, strata=names).strata == ("Male", "male")


@pytest.mark.parametrize("label", ["", " ", "not said", None, 3])
def test_a_label_says_something(label):
    for labels in ({"centre": label, "time_zero": "x"}, {"centre": "x", "time_zero": label}):
        with pytest.raises(EstimateError, match="a text that the centres agree on"):
            table_of(3).labelled(**labels)


def test_a_table_is_labelled_once():
    with pytest.raises(EstimateError, match='a time zero already, "first PET"'):
        table_of(3).labelled(centre="A", **FROM).labelled(centre="B", **FROM)
