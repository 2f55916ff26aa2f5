"""Opening, refusing and reading a registry."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from osteon.contracts.tables import TABLES
from osteon.errors import RegistryError
from osteon.registry import Registry, delivery_of, import_deliveries, import_delivery
from osteon.registry.schema import FORMAT


def test_an_empty_registry_opens_and_says_that_it_is_empty(path: Path):
    Registry.create(path).close()
    with Registry.open(path, read_only=True) as registry:
        assert registry.empty
        assert registry.sources() == []
        assert registry.complete_for == ()
        assert not registry.synthetic
        assert registry.findings().count().execute() == 0
        assert registry.excluded().count().execute() == 0
        with pytest.raises(RegistryError, match=r"centre\.duckdb is empty\. import"):
            _ = registry.clock
        with pytest.raises(RegistryError, match="is empty"):
            registry.table("patients")


def test_times_are_dates_on_the_calendar_clock(registry, healthy):
    import_delivery(registry, healthy)
    assert registry.clock == "calendar"
    patients = registry.table("patients")
    assert patients.schema()["birth"].is_date()
    months = patients.filter(patients.birth_precision == "month").birth.execute()
    assert [str(day)[:10] for day in months] == ["1948-02-01"]


def test_times_are_fractional_days_on_the_diagnosis_clock(registry):
    days = """
        patients
        patient_id | last_contact
        1          | 400.25
    """
    import_delivery(registry, delivery_of(days, clock="diagnosis"))
    assert registry.clock == "diagnosis"
    assert registry.table("patients").last_contact.execute().tolist() == [400.25]


def test_every_row_says_where_it_came_from(registry, healthy):
    import_delivery(registry, healthy)
    rows = registry.table("tumours").order_by("source_row").execute()
    assert rows.source.unique().tolist() == ["healthy"]
    assert rows.file.unique().tolist() == ["healthy.txt"]
    assert rows.source_row.tolist() == [5, 6, 7, 8]
    assert rows.row_id.is_unique
    own = ["source_row", "row_id", "source", "file"]
    assert list(rows.columns) == [*TABLES["tumours"].schema("calendar").names[:-1], *own]


def test_a_misspelt_table_gets_the_nearest_name(registry):
    with pytest.raises(RegistryError, match='Did you mean "metastases"'):
        registry.table("metastasis")


def test_coverage_and_the_synthetic_mark_come_from_current_files_alone(registry):
    text = """
        patients
        patient_id | last_contact
        1          | 2015-03-01
    """
    import_delivery(
        registry, delivery_of(text, complete_for=("deaths", "antiresorptives"), synthetic=True)
    )
    assert registry.complete_for == ("antiresorptives", "deaths")
    assert registry.synthetic
    import_delivery(registry, delivery_of(text, synthetic=False))
    assert registry.complete_for == ()
    assert not registry.synthetic


def test_one_made_up_file_makes_the_whole_registry_synthetic(registry):
    text = """
        patients
        patient_id | last_contact
        {}         | 2015-03-01
    """
    import_deliveries(
        registry,
        [
            delivery_of(text.format(1), source="real", synthetic=False),
            delivery_of(text.format(2), source="made up", synthetic=True),
        ],
    )
    assert registry.synthetic


def test_several_may_read_at_once(path: Path, healthy):
    import_delivery(path, healthy)
    with Registry.open(path, read_only=True) as one, Registry.open(path, read_only=True) as other:
        assert one.table("exams").count().execute() == other.table("exams").count().execute() == 5


def test_a_registry_opened_for_reading_takes_no_import(path: Path, healthy):
    Registry.create(path).close()
    with (
        Registry.open(path, read_only=True) as registry,
        pytest.raises(RegistryError, match="opened for reading only"),
    ):
        import_delivery(registry, healthy)


def test_a_registry_is_not_made_twice(path: Path):
    Registry.create(path).close()
    with pytest.raises(RegistryError, match="exists already"):
        Registry.create(path)


def test_a_registry_needs_its_folder(tmp_path: Path):
    with pytest.raises(RegistryError, match="there is no folder"):
        Registry.create(tmp_path / "nowhere" / "centre.duckdb")


def test_a_new_registry_does_not_take_over_anothers_log(path: Path):
    path.with_name("centre.duckdb.wal").write_bytes(b"log")
    with pytest.raises(RegistryError, match="left over"):
        Registry.create(path)


def test_a_missing_registry(path: Path):
    with pytest.raises(RegistryError, match="there is no registry"):
        Registry.open(path)
    assert not path.exists()


def test_a_folder(tmp_path: Path):
    with pytest.raises(RegistryError, match="is a folder"):
        Registry.open(tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"patient;sex\n1;female\n" * 50])
def test_a_file_of_another_kind(path: Path, content: bytes):
    path.write_bytes(content)
    with pytest.raises(RegistryError, match="is not an osteon registry"):
        Registry.open(path)
    assert path.read_bytes() == content


def test_a_database_of_another_kind(path: Path):
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE patients (patient_id)")
    database.close()
    with pytest.raises(RegistryError, match="is not an osteon registry"):
        Registry.open(path)


def test_a_duckdb_file_that_is_no_registry(path: Path):
    with duckdb.connect(path) as database:
        database.execute("CREATE TABLE patients (patient_id VARCHAR)")
    with pytest.raises(RegistryError, match="is not an osteon registry"):
        Registry.open(path)


@pytest.mark.parametrize("share", [0.002, 0.1, 0.5, 0.99])
def test_half_a_registry(path: Path, healthy, share: float):
    import_delivery(path, healthy)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(RegistryError, match="is damaged"):
        Registry.open(path)


@pytest.mark.parametrize("change", ["format = format + 1", "contract = 'other columns'"])
def test_a_registry_of_another_version(path: Path, healthy, change: str):
    import_delivery(path, healthy)
    with duckdb.connect(path) as database:
        database.execute(f"UPDATE stored.registry SET {change}")
    with pytest.raises(RegistryError, match=f"another version of osteon.*format {FORMAT}"):
        Registry.open(path)
    with pytest.raises(RegistryError, match="another version of osteon"):
        import_delivery(path, healthy)


@pytest.mark.parametrize("read_only", [True, False])
def test_a_registry_that_another_program_writes(path: Path, read_only: bool):
    Registry.create(path).close()
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from osteon.registry import Registry\n"
            "with Registry.open(sys.argv[1]): print('open', flush=True); sys.stdin.read()",
            str(path),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        with pytest.raises(RegistryError, match=f"in use by another program .process {holder.pid}"):
            Registry.open(path, read_only=read_only)


def test_a_registry_open_for_writing_is_not_opened_for_reading_beside_it(registry, path: Path):
    with pytest.raises(RegistryError, match="already open in this program"):
        Registry.open(path, read_only=True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_registry_that_may_not_be_read(path: Path):
    Registry.create(path).close()
    path.chmod(0)
    with pytest.raises(RegistryError, match="may not be read"):
        Registry.open(path)
