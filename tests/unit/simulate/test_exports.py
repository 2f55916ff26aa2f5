"""The files of a centre: the same bytes every time, marked, readable through their mappings."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from osteon.simulate import simulate
from osteon.simulate.files import BANNER
from osteon.simulate.scenario import Faults
from osteon.sources import deliver, read_mapping


def digests(folder: Path) -> dict[str, str]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_nine_exports_each_with_its_mapping(centre):
    assert len(centre.exports) == 9
    assert {e.path.suffix for e in centre.exports} == {".csv", ".tsv", ".xlsx", ".parquet"}
    for export in centre.exports:
        assert export.mapping == export.path.with_suffix(".toml")
        assert read_mapping(export.mapping).source.synthetic


def test_the_same_scenario_writes_the_same_bytes(centre, scenario, tmp_path):
    again = simulate(scenario, tmp_path)
    assert digests(tmp_path) == digests(centre.directory)
    assert (again.rows, again.faults) == (centre.rows, centre.faults)


def test_another_seed_is_another_centre(centre, scenario, tmp_path):
    simulate(scenario.model_copy(update={"seed": 2}), tmp_path)
    mine, other = digests(centre.directory), digests(tmp_path)
    assert all(mine[e.path.name] != other[e.path.name] for e in centre.exports)


def test_the_workbook_tells_no_moment_of_writing(centre):
    with zipfile.ZipFile(centre.directory / "tumorboard.xlsx") as workbook:
        assert {m.date_time for m in workbook.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2024-01-15T00:00:00Z</dcterms:modified>" in workbook.read("docProps/core.xml")


def test_every_file_is_marked_synthetic(centre):
    for name in ("stammdaten.csv", "radiologie.tsv", "README.txt"):
        assert (centre.directory / name).read_bytes().startswith(BANNER.encode())
    sheet = openpyxl.load_workbook(centre.directory / "tumorboard.xlsx", read_only=True)
    assert next(sheet["Beschluesse"].iter_rows(values_only=True))[0] == BANNER
    schema = pq.read_schema(centre.directory / "labor.parquet")
    assert schema.metadata[b"note"] == BANNER.encode()


def test_the_truth_lies_apart(centre):
    assert centre.truth.parent == centre.directory / "truth"
    assert not [e for e in centre.exports if "truth" in str(e.path.name)]


@pytest.fixture(scope="module")
def deliveries(centre):
    return {e.path.stem: deliver(e.path, read_mapping(e.mapping)) for e in centre.exports}


def test_every_export_reads_through_its_mapping(centre, deliveries):
    for export in centre.exports:
        delivery = deliveries[export.path.stem]
        assert delivery.rows_in == export.rows
        assert all(len(target.rows) > 0 for target in delivery.targets)


def test_each_exam_is_told_once_and_negative_ones_are_there(centre, people, deliveries):
    exams = [
        row
        for source in ("petct_befunde", "radiologie")
        for target in deliveries[source].targets
        if target.table == "exams"
        for row in target.rows.to_pylist()
    ]
    done = sum(len(p.exams) for p in people.values())
    assert len(exams) == done + centre.faults["exam_after_death"]
    assert sum(row["bone_read"] == "negative" for row in exams) > done / 2


def test_what_is_read_is_what_was_recorded(people, deliveries):
    [patients] = deliveries["stammdaten"].targets
    read = {row["patient_id"]: row for row in patients.rows.to_pylist()}
    [treatments] = deliveries["therapien"].targets
    for i, p in people.items():
        assert read[i]["last_contact"].toordinal() == p.last_contact
    doses = {row["dose"] for row in treatments.rows.to_pylist() if row["atc"] == "M05BX04"}
    assert doses == {120.0, 60.0}


def test_without_faults_nothing_is_set_aside(scenario, tmp_path):
    clean = scenario.model_copy(update={"faults": Faults()})
    centre = simulate(clean, tmp_path)
    for export in centre.exports:
        for target in deliver(export.path, read_mapping(export.mapping)).targets:
            assert target.set_aside == ()
            assert target.unreadable == ()
