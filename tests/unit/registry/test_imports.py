"""Import: whole or not at all, and the same file twice changes nothing."""

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from osteon.contracts.tables import TABLES, Delivery, SetAside, TargetRows
from osteon.errors import RegistryError
from osteon.registry import Registry, delivery_of, import_deliveries, import_delivery, imports

CHILD = Path(__file__).with_name("import_in_child.py")

FIRST = """
    patients
    patient_id | last_contact
    1          | 2015-03-01
    2          | 2015-03-01

    metastases
    patient_id | site  | date
    1          | liver | 2014-05-02
"""
CORRECTED = """
    patients
    patient_id | last_contact
    1          | 2015-03-01
    2          | 2016-08-01

    metastases
    patient_id | site | date
    1          | bone | 2014-05-02
"""


def rows_of(registry: Registry, table: str) -> list[dict]:
    """Current rows as the source told them, in the source's order, without the registry's own ids."""
    rows = registry.connection.execute(f"SELECT * FROM {table}").to_arrow_table().to_pylist()
    rows = [{k: v for k, v in r.items() if k not in ("row_id", "import_id")} for r in rows]
    return sorted(rows, key=lambda row: (row["source"], row["block"], row["source_row"]))


def everything(registry: Registry) -> dict[str, object]:
    """All that anybody can read of a registry."""
    tables = {name: rows_of(registry, name) for name in TABLES}
    return {**tables, "fingerprint": registry.fingerprint, "sources": registry.sources()}


def number(registry: Registry, query: str) -> int:
    row = registry.connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_rows_are_read_back_as_they_were_delivered(registry, healthy):
    import_delivery(registry, healthy)
    for target in healthy.targets:
        current = registry.table(target.table).order_by("source_row").to_pyarrow()
        delivered = target.rows.schema.names
        assert current.select(delivered).to_pylist() == target.rows.to_pylist()


def test_the_same_file_twice_leaves_the_registry_byte_for_byte_the_same(path: Path, healthy):
    first = import_delivery(path, healthy)
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    again = import_delivery(path, healthy)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    assert [source.outcome for source in first.sources] == ["new"]
    assert [source.outcome for source in again.sources] == ["unchanged"]
    assert first.changed
    assert not again.changed
    assert again.fingerprint == again.fingerprint_before == first.fingerprint


def test_the_same_file_twice_writes_nothing_into_an_open_registry(registry, healthy):
    import_delivery(registry, healthy)
    import_delivery(registry, healthy)
    assert number(registry, "SELECT count(*) FROM stored.imports") == 1
    assert number(registry, "SELECT count(*) FROM stored.patients") == 4


def test_a_corrected_file_supersedes_and_keeps_what_was_there(registry):
    first = import_delivery(registry, delivery_of(FIRST))
    corrected = import_delivery(registry, delivery_of(CORRECTED))
    assert [source.outcome for source in corrected.sources] == ["corrected"]
    assert [row["site"] for row in rows_of(registry, "metastases")] == ["bone"]
    assert number(registry, "SELECT count(*) FROM stored.metastases") == 2
    history = registry.imports().order_by("import_id").execute()
    assert history.superseded_by.tolist()[0] == history.import_id.tolist()[1]
    assert corrected.fingerprint != first.fingerprint


def test_an_older_file_imported_again_supersedes_again(registry):
    first = import_delivery(registry, delivery_of(FIRST))
    seen = everything(registry)
    import_delivery(registry, delivery_of(CORRECTED))
    back = import_delivery(registry, delivery_of(FIRST))
    assert [source.outcome for source in back.sources] == ["corrected"]
    assert back.fingerprint == first.fingerprint
    assert everything(registry) == seen
    assert number(registry, "SELECT count(*) FROM stored.imports") == 3


@pytest.mark.parametrize(
    "change",
    [{"mapping": "other"}, {"complete_for": ("deaths",)}, {"synthetic": False}],
    ids=lambda change: next(iter(change)),
)
def test_the_same_file_read_in_another_way_is_a_correction(registry, healthy, change: dict):
    import_delivery(registry, healthy)
    report = import_delivery(registry, replace(healthy, **change))
    assert [source.outcome for source in report.sources] == ["corrected"]
    assert report.fingerprint != report.fingerprint_before


def test_a_newer_osteon_reads_the_same_file_again(registry, healthy, monkeypatch):
    import_delivery(registry, healthy)
    monkeypatch.setattr(imports, "__version__", "99")
    report = import_delivery(registry, healthy)
    assert [source.outcome for source in report.sources] == ["corrected"]


def test_a_renamed_copy_of_the_same_file_is_the_same_file(registry, healthy):
    import_delivery(registry, healthy)
    report = import_delivery(registry, replace(healthy, file="copy of healthy.txt"))
    assert [source.outcome for source in report.sources] == ["unchanged"]


def test_the_order_of_files_does_not_matter_even_where_they_contradict(tmp_path: Path):
    files = [delivery_of(FIRST, source="a"), delivery_of(CORRECTED, source="b")]
    seen = []
    for name, order in (("ab", files), ("ba", files[::-1])):
        with Registry.create(tmp_path / name) as registry:
            for delivery in order:
                import_delivery(registry, delivery)
            seen.append(everything(registry))
    assert seen[0] == seen[1]
    assert [row["last_contact"].year for row in seen[0]["patients"]] == [2015, 2015]


def test_several_files_come_in_together(registry):
    healthy_files = [
        delivery_of(FIRST, source="a"),
        delivery_of(
            """
            labs
            patient_id | date       | analyte | value | unit
            1          | 2014-05-02 | calcium | 2.3   | mmol/l
            """,
            source="b",
        ),
    ]
    report = import_deliveries(registry, healthy_files)
    assert [source.outcome for source in report.sources] == ["new", "new"]
    assert report.checks.count("reject") == 0  # labs of "b" are of a patient of "a"
    assert report.checks.rows["labs"] == 1


def test_several_files_come_in_together_or_not_at_all(registry, healthy):
    import_delivery(registry, healthy)
    before = everything(registry)
    good, bad = delivery_of(FIRST, source="a"), delivery_of(FIRST, source="b")
    with pytest.raises(RegistryError, match="accounted for"):
        import_deliveries(registry, [good, replace(bad, rows_in=99)])
    assert everything(registry) == before


def test_a_fault_in_the_middle_leaves_the_registry_as_it_was(registry, healthy):
    import_delivery(registry, healthy)
    before = everything(registry)

    def stop(stage: str, done: float) -> None:
        if done > 0.6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_delivery(registry, delivery_of(FIRST), progress=stop)
    assert everything(registry) == before
    import_delivery(registry, delivery_of(FIRST))
    assert len(registry.sources()) == len(before["sources"]) + 2


def test_a_registry_made_for_an_import_that_fails_is_taken_away_again(path: Path, healthy):
    with pytest.raises(RegistryError):
        import_delivery(path, replace(healthy, rows_in=0))
    assert list(path.parent.iterdir()) == []


def test_a_registry_has_one_clock(registry, healthy):
    import_delivery(registry, healthy)
    days = delivery_of("patients\npatient_id | last_contact\n1 | 400", clock="diagnosis")
    with pytest.raises(RegistryError, match=r"days since diagnosis.*calendar dates.*one clock"):
        import_delivery(registry, days)


def test_two_clocks_do_not_come_in_together(registry, healthy):
    days = delivery_of("patients\npatient_id | last_contact\n1 | 400", clock="diagnosis")
    with pytest.raises(RegistryError, match="one clock"):
        import_deliveries(registry, [healthy, days])
    assert registry.empty


def test_two_files_of_one_source_do_not_come_in_together(registry, healthy):
    with pytest.raises(RegistryError, match='2 files call themselves source "healthy"'):
        import_deliveries(registry, [healthy, replace(healthy, file="other.csv")])


def test_every_row_is_stored_or_not_applicable_or_set_aside(registry):
    text = """
        patients
        patient_id | last_contact
        1          | 2015-03-01
        1          | 2015-03-01
        2          | 2015-03-01

        metastases
        patient_id | site  | date
        1          | liver | 2014-05-02
        9          | liver | 2014-05-02
    """
    delivery = delivery_of(text)
    aside = SetAside(3, "S002", "site", "not one of the mapped values", patient_id="2")
    metastases = replace(delivery.targets[1], not_applicable=2, set_aside=(aside,))
    import_delivery(registry, replace(delivery, targets=(delivery.targets[0], metastases)))
    counts = {count.table: count for count in registry.sources()}
    assert counts["patients"].stored == 2
    assert counts["patients"].set_aside == 1  # T001
    assert counts["metastases"].stored == 1
    assert counts["metastases"].set_aside == 2  # S002 and T004
    for count in counts.values():
        assert count.stored + count.not_applicable + count.set_aside == count.rows_in == 5


def test_accounts_that_do_not_add_up_cannot_be_stored_at_all(registry, healthy):
    import_delivery(registry, healthy)
    with pytest.raises(RegistryError, match="ConstraintException"), registry.transaction() as db:
        db.execute("UPDATE stored.accounting SET stored = stored + 1")


def test_two_blocks_of_one_table_are_accounted_for_apart(registry):
    text = """
        patients
        patient_id | last_contact
        1          | 2015-03-01

        metastases
        patient_id | site  | date
        1          | liver | 2014-05-02

        metastases
        patient_id | site | date
        1          | bone | 2014-05-02
    """
    import_delivery(registry, delivery_of(text))
    assert [(c.table, c.rows_in, c.stored) for c in registry.sources()] == [
        ("metastases", 3, 1),
        ("metastases", 3, 1),
        ("patients", 3, 1),
    ]


def left_out(registry: Registry, rule: str) -> list[tuple[str, str]]:
    """Patient and analysis that a rule leaves out."""
    found = registry.excluded().filter(lambda row: row.rule == rule)
    return sorted(
        found.select("patient_id", "analysis").execute().itertuples(index=False, name=None)
    )


def unreadable(delivery: Delivery, table: str, column: str) -> Delivery:
    fault = SetAside(1, "S004", column, "not a date", patient_id="1")
    targets = tuple(
        replace(target, unreadable=(fault,)) if target.table == table else target
        for target in delivery.targets
    )
    return replace(delivery, targets=targets)


def test_an_unreadable_value_leaves_its_patient_out_of_what_its_column_blocks(registry):
    import_delivery(registry, unreadable(delivery_of(FIRST), "patients", "first_visit"))
    assert left_out(registry, "S004") == [("1", "bone_metastasis"), ("1", "survival")]
    (finding,) = registry.findings().filter(lambda t: t.rule == "S004").execute().itertuples()
    assert (finding.severity, finding.table_name, finding.column_name) == (
        "exclude",
        "patients",
        "first_visit",
    )
    assert (finding.source, finding.file, finding.source_row) == ("example", "example.txt", 1)


def test_an_unreadable_value_of_a_harmless_column_is_only_told(registry):
    import_delivery(registry, unreadable(delivery_of(FIRST), "patients", "sex"))
    (finding,) = registry.findings().filter(lambda t: t.rule == "S004").execute().itertuples()
    assert finding.severity == "warn"
    assert left_out(registry, "S004") == []


def test_a_row_set_aside_for_a_blocking_column_leaves_its_patient_out_too(registry):
    delivery = delivery_of(FIRST)
    aside = SetAside(2, "S004", "date", "not a date", patient_id="2")
    events = TargetRows(
        "skeletal_events",
        9,
        TABLES["skeletal_events"].schema("calendar").empty_table(),
        not_applicable=2,
        set_aside=(aside,),
    )
    import_delivery(registry, replace(delivery, targets=(*delivery.targets, events)))
    assert left_out(registry, "S004") == [("2", "skeletal_events")]


def test_findings_of_a_superseded_file_are_gone(registry):
    import_delivery(registry, unreadable(delivery_of(FIRST), "patients", "death"))
    assert len(left_out(registry, "S004")) == 5
    import_delivery(registry, delivery_of(CORRECTED))
    assert left_out(registry, "S004") == []
    assert registry.findings().filter(lambda t: t.rule == "S004").count().execute() == 0


def test_progress_goes_forward_and_ends(registry, healthy):
    told: list[tuple[str, float]] = []
    import_delivery(registry, healthy, progress=lambda stage, done: told.append((stage, done)))
    shares = [done for _, done in told]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert told[-1] == ("done", 1.0)
    assert "storing healthy.txt" in [stage for stage, _ in told]
    assert "checking patients: last contact after death" in [stage for stage, _ in told]


STAGES = ["storing large.txt", "checking patients", "checking labs: same", "writing to disk"]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("read_only", [True, False])
def test_a_kill_in_the_middle_leaves_the_registry_as_it_was(
    path: Path, healthy, stage: str, read_only: bool
):
    with Registry.create(path) as registry:
        import_delivery(registry, healthy)
        before = everything(registry)
    with subprocess.Popen(
        [sys.executable, CHILD, path, "wait", stage], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline().startswith(stage)
        child.kill()
    with Registry.open(path, read_only=read_only) as registry:
        assert everything(registry) == before


def test_a_kill_during_the_first_import_leaves_an_empty_registry(path: Path, healthy):
    with subprocess.Popen(
        [sys.executable, CHILD, path, "wait", "writing"], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline()
        child.kill()
    with Registry.open(path) as registry:
        assert registry.empty
    assert import_delivery(path, healthy).changed


def import_with_limit(path: Path, limit_bytes: int) -> str:
    run = subprocess.run(
        [sys.executable, CHILD, path, "limit", str(limit_bytes)], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.mark.parametrize("share", [0.01, 0.05, 0.5, 0.9, 1.0, 1.1])
def test_a_full_disk_leaves_the_registry_as_it_was(path: Path, healthy, share: float):
    with Registry.create(path) as registry:
        import_delivery(registry, healthy)
        before = everything(registry)
    told = import_with_limit(path, int(share * path.stat().st_size))
    assert "the disk is full" in told
    assert "make room" in told
    with Registry.open(path) as registry:
        assert everything(registry) == before
        assert import_delivery(registry, delivery_of(CORRECTED)).changed


def test_a_full_disk_while_a_registry_is_made_leaves_nothing(path: Path):
    assert "the disk is full" in import_with_limit(path, 20_000)
    assert list(path.parent.iterdir()) == []


def test_with_room_enough_the_same_import_succeeds(path: Path, healthy):
    import_delivery(path, healthy)
    assert import_with_limit(path, 100_000_000) == "imported\n"
    with Registry.open(path, read_only=True) as registry:
        assert number(registry, "SELECT count(*) FROM labs WHERE source = 'large'") == 150_000


def test_no_refusal_tells_a_patients_value(registry):
    text = (
        "patients\npatient_id | sex | age_years | last_contact\nCANARY-7731 | {} | {} | 2015-03-01"
    )
    for sex, age in (("CANARY-7731", 60), ("female", 7731)):
        with pytest.raises(RegistryError) as refusal:
            import_delivery(registry, delivery_of(text.format(sex, age)))
        assert "7731" not in str(refusal.value)
        assert refusal.value.__cause__ is None


def test_arrow_rows_in_several_chunks_are_one_table(registry):
    delivery = delivery_of(FIRST)
    rows = delivery.targets[0].rows
    chunked = pa.concat_tables([rows.slice(0, 1), rows.slice(1)])
    assert chunked["patient_id"].num_chunks == 2
    targets = (replace(delivery.targets[0], rows=chunked), delivery.targets[1])
    import_delivery(registry, replace(delivery, targets=targets))
    assert registry.table("patients").count().execute() == 2
