"""Registry and cohort say the same of a finding, whatever its class, uptake and status."""

from __future__ import annotations

import itertools

from osteon.cohort import build_cohort
from osteon.contracts.protocol import Protocol
from osteon.registry import Registry, delivery_of, import_delivery
from osteon.vocabulary.bone import ADJUDICATION, SSTR_RADS, UPTAKE

STATUSES = ("", *ADJUDICATION)
FINDINGS = list(itertools.product(("", *SSTR_RADS), ("", *UPTAKE), ("", "present"), STATUSES))


def test_a_finding_counts_for_the_rules_where_it_counts_for_the_cohort(tmp_path):
    patients = [f"{i:03}" for i in range(len(FINDINGS))]
    text = "\n\n".join(
        (
            _table("patients\npatient_id | first_visit | last_contact", patients, "0 | 900"),
            _table("tumours\npatient_id | tumour_id | diagnosis", patients, "1 | 0"),
            _table(
                "exams\npatient_id | exam_id | date | modality", patients, "E | 9 | sstr_pet_ct"
            ),
            "bone_findings\n"
            "patient_id | exam_id | lesion_id | sstr_rads | sstr_uptake | ct_correlate | status\n"
            + "\n".join(
                f"{p} | E | L | {' | '.join(finding)}"
                for p, finding in zip(patients, FINDINGS, strict=True)
            ),
        )
    )
    asked = Protocol.parse('name = "p"\ntitle = "p"\nquestions = ["who"]')
    with Registry.create(tmp_path / "r.duckdb") as registry:
        import_delivery(registry, delivery_of(text, clock="diagnosis"))
        positive = {p for (p,) in _rows(registry, "SELECT patient_id FROM positive_findings")}
        undecided = {
            p for (p,) in _rows(registry, "SELECT patient_id FROM findings WHERE rule = 'T044'")
        }
        bone = build_cohort(registry, asked).people.bone
    with_bm = {p for p, status in zip(patients, bone, strict=True) if status == "yes"}
    assert positive == with_bm
    assert len(with_bm) > 0
    assert not undecided & with_bm


def _rows(registry: Registry, query: str) -> list[tuple]:
    return registry.connection.execute(query).fetchall()


def _table(head: str, patients: list[str], cells: str) -> str:
    return head + "\n" + "\n".join(f"{p} | {cells}" for p in patients)
