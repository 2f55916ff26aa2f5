"""Counting findings, telling them, and writing where to look."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from osteon.contracts.tables import SetAside
from osteon.errors import RegistryError
from osteon.registry import Registry, check, delivery_of, import_delivery, rules, write_findings

FAULTY = """
    patients
    patient_id  | sex    | last_contact | death
    CANARY-7731 | female | 2015-03-01   | 2014-01-01
    CANARY-7732 | male   | 2015-03-01   |

    tumours
    patient_id  | tumour_id | diagnosis  | morphology | basis     | grade | ki67_percent
    CANARY-7731 | 1         | 2013-05-02 | 8240/3     | histology | G1    | 8.7731
    CANARY-7732 | 1         | 2013-05-02 | 8240/3     | histology | G1    | 1

    metastases
    patient_id  | site  | date
    CANARY-7733 | liver | 2013-05-02
"""


def faulty():
    delivery = delivery_of(FAULTY, source="=faulty")
    unreadable = SetAside(2, "S004", "birth", "`birth` is not a date", patient_id="CANARY-7732")
    patients = replace(delivery.targets[0], unreadable=(unreadable,))
    return replace(delivery, targets=(patients, *delivery.targets[1:]))


def test_findings_are_counted_by_rule_with_their_cures(registry):
    import_delivery(registry, faulty())
    report = check(registry, cures={"S004": "Correct the date."})
    assert [(f.rule, f.severity, f.table, f.count) for f in report.findings] == [
        ("S004", "warn", "patients", 1),
        ("T004", "reject", "metastases", 1),
        ("T010", "exclude", "patients", 1),
        ("T037", "warn", "tumours", 1),
    ]
    assert report.findings[0].cure == "Correct the date."
    assert report.findings[2].excludes == (
        "survival",
        "skeletal_events",
        "antiresorptive",
    )
    assert all(f.patients_in_study is None for f in report.findings)
    assert report.rows["tumours"] == 2
    assert report.rows["metastases"] == 0
    assert report.count("reject") == 1


def test_the_report_is_told_in_sentences(registry):
    import_delivery(registry, faulty())
    sentences = check(registry).sentences()
    assert (
        "T010 patients: 1 of 2 rows. The patient was in contact after the day of death; one of the "
        "days is wrong, and nobody can say which. Their patients are left out of: survival, "
        "skeletal_events, antiresorptive. Correct the day of death or of last "
        "contact in the export. See docs/how-to/findings.md#t010"
    ) in sentences
    assert any(
        sentence.startswith("T004 metastases: 1 row. ") and "Set aside." in sentence
        for sentence in sentences
    )


def test_a_readers_rule_is_told_in_the_same_way(registry):
    import_delivery(registry, faulty())
    assert (
        "S004 patients: 1 of 2 rows. `birth` is not a date. Kept as they are. Correct the date. "
        "See docs/how-to/findings.md#s004"
    ) in check(registry, cures={"S004": "correct the date"}).sentences()


@pytest.mark.parametrize("rule", [r for r in rules.RULES if r.of_registry], ids=lambda r: r.id)
def test_a_finding_about_the_whole_registry_counts_no_rows(registry, rule):
    import_delivery(registry, delivery_of(rule.example))
    (sentence,) = [s for s in check(registry).sentences() if s.startswith(rule.id)]
    assert sentence.startswith(f"{rule.id} {rule.tables[0]}: {rule.reason[:30]}")


def test_the_file_for_the_data_manager_says_where_to_look(registry, tmp_path: Path):
    import_delivery(registry, faulty())
    file = tmp_path / "findings.csv"
    assert write_findings(registry, file) == 4
    with file.open(newline="", encoding="utf-8") as told:
        rows = list(csv.DictReader(told))
    assert [(row["row"], row["table"], row["column"], row["rule"]) for row in rows] == [
        ("1", "patients", "death", "T010"),
        ("2", "patients", "birth", "S004"),
        ("3", "tumours", "grade", "T037"),
        ("5", "metastases", "patient_id", "T004"),
    ]


def test_no_identifier_and_no_value_is_told(registry, tmp_path: Path):
    report = import_delivery(registry, faulty())
    file = tmp_path / "findings.csv"
    write_findings(registry, file)
    told = [file.read_text("utf-8"), *check(registry).sentences(), repr(report)]
    for text in told:
        assert "CANARY" not in text
        assert "7731" not in text


def test_a_spreadsheet_takes_no_cell_for_a_formula(registry, tmp_path: Path):
    import_delivery(registry, faulty())
    write_findings(registry, tmp_path / "findings.csv")
    assert "'=faulty.txt" in (tmp_path / "findings.csv").read_text("utf-8")
    assert "\n=" not in (tmp_path / "findings.csv").read_text("utf-8")


def test_a_findings_file_that_cannot_be_written(registry, tmp_path: Path):
    with pytest.raises(RegistryError, match=r"No such file or directory.*check the folder"):
        write_findings(registry, tmp_path / "nowhere" / "findings.csv")


def test_an_empty_registry_has_nothing_wrong(registry):
    assert check(registry).sentences() == []


def with_older_rules(path: Path) -> None:
    """Leave a registry as an osteon with other rules would have."""
    import_delivery(path, faulty())
    with Registry.open(path) as registry, registry.transaction() as db:
        db.execute("DELETE FROM stored.check_findings WHERE rule = 'T004'")
        db.execute("UPDATE stored.registry SET rules = 'older'")


def test_rules_of_an_older_osteon_are_run_anew(path: Path):
    with_older_rules(path)
    with Registry.open(path, read_only=True) as registry:
        report = check(registry)
        assert report.stale
        assert report.count("reject") == 0
    with Registry.open(path) as registry:
        report = check(registry)
        assert not report.stale
        assert report.count("reject") == 1


def test_an_import_that_changes_nothing_else_still_runs_newer_rules(path: Path):
    with_older_rules(path)
    report = import_delivery(path, faulty())
    assert not report.changed
    assert report.checks.count("reject") == 1
    assert report.fingerprint_before == report.fingerprint  # the files and today's findings again


def test_findings_follow_the_data(registry):
    import_delivery(registry, faulty())
    cured = FAULTY.replace("2014-01-01", "          ").replace("CANARY-7733", "CANARY-7732")
    report = import_delivery(registry, delivery_of(cured, source="=faulty"))
    assert [finding.rule for finding in report.checks.findings] == ["T037"]
