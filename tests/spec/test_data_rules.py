"""What is wrong with data: a few patients, a rule, and who is found.

``found`` marks the rows that the rule finds. `osteon.registry.rules` holds the smallest example of
every rule; here are the cases at its limits.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from osteon.contracts.tables import Clock
from osteon.registry import Registry, delivery_of, import_deliveries, import_delivery, marked


def found(folder: Path, rule: str, text: str, clock: Clock = "calendar") -> list[tuple[str, int]]:
    """Table and row of what a rule finds in text tables."""
    with Registry.create(folder / "centre.duckdb") as registry:
        import_delivery(registry, delivery_of(text, clock=clock))
        return _found(registry, rule)


def _found(registry: Registry, rule: str) -> list[tuple[str, int]]:
    return registry.connection.execute(
        "SELECT table_name, source_row FROM findings WHERE rule = ? ORDER BY source_row", [rule]
    ).fetchall()


class TestBoneMetastasisAgainstStage:
    """Bone at diagnosis is neither M0 nor liver only (M1a)."""

    def test_within_the_stage_window_it_contradicts_m0_and_m1a(self, tmp_path: Path):
        text = """
            patients
            patient_id | last_contact
            at once    | 2018-03-01
            day 120    | 2018-03-01
            day 121    | 2018-03-01
            M1b        | 2018-03-01
            MX         | 2018-03-01
            rejected   | 2018-03-01

            tumours
            patient_id | tumour_id | diagnosis  | m_category | found
            at once    | 1         | 2014-01-01 | M1a        | yes
            day 120    | 1         | 2014-01-01 | M0         | yes
            day 121    | 1         | 2014-01-01 | M0         |
            M1b        | 1         | 2014-01-01 | M1b        |
            MX         | 1         | 2014-01-01 | MX         |
            rejected   | 1         | 2014-01-01 | M0         |

            metastases
            patient_id | site | date       | status
            at once    | bone | 2014-01-01 |
            day 120    | bone | 2014-05-01 | accepted
            day 121    | bone | 2014-05-02 |
            M1b        | bone | 2014-01-01 |
            MX         | bone | 2014-01-01 |
            rejected   | bone | 2014-01-01 | rejected
        """
        assert found(tmp_path, "T034", text) == marked(text)

    def test_a_positive_exam_or_finding_is_bone_metastasis_too_and_marrow_is_not(
        self, tmp_path: Path
    ):
        text = """
            patients
            patient_id | last_contact
            exam       | 2018-03-01
            finding    | 2018-03-01
            negative   | 2018-03-01
            marrow     | 2018-03-01

            tumours
            patient_id | tumour_id | diagnosis  | m_category | found
            exam       | 1         | 2014-01-01 | M0         | yes
            finding    | 1         | 2014-01-01 | M0         | yes
            negative   | 1         | 2014-01-01 | M0         |
            marrow     | 1         | 2014-01-01 | M0         |

            metastases
            patient_id | site   | date
            marrow     | marrow | 2014-01-01

            exams
            patient_id | exam_id | date       | modality    | bone_read
            exam       | E1      | 2014-01-05 | sstr_pet_ct | positive
            finding    | E1      | 2014-01-05 | sstr_pet_ct |
            negative   | E1      | 2014-01-05 | sstr_pet_ct | negative

            bone_findings
            patient_id | exam_id | lesion_id | sstr_uptake
            finding    | E1      | L1        | positive
            negative   | E1      | L1        | equivocal
        """
        assert found(tmp_path, "T034", text) == marked(text)

    def test_a_metastasis_known_to_the_year_may_have_come_later(self, tmp_path: Path):
        text = """
            patients
            patient_id | last_contact
            month      | 2018-03-01
            year       | 2018-03-01

            tumours
            patient_id | tumour_id | diagnosis  | m_category | found
            month      | 1         | 2014-01-01 | M0         | yes
            year       | 1         | 2014-01-01 | M0         |

            metastases
            patient_id | site | date
            month      | bone | 2014-03
            year       | bone | 2014
        """
        assert found(tmp_path, "T034", text) == marked(text)


class TestStage:
    """Any distant metastasis at diagnosis is M1, any M1 is stage IV, and stage IV is M1."""

    def test_a_metastasis_within_the_window_contradicts_a_lower_stage(self, tmp_path: Path):
        text = """
            patients
            patient_id | last_contact
            day 120    | 2018-03-01
            day 121    | 2018-03-01
            before     | 2018-03-01
            pending    | 2018-03-01
            month      | 2018-03-01
            undated    | 2018-03-01
            stage IV   | 2018-03-01

            tumours
            patient_id | tumour_id | diagnosis  | stage | found
            day 120    | 1         | 2014-01-01 | III   | yes
            day 121    | 1         | 2014-01-01 | III   |
            before     | 1         | 2014-01-01 | I     | yes
            pending    | 1         | 2014-01-01 | II    |
            month      | 1         | 2014-01-01 | II    |
            undated    | 1         | 2014-01-01 | II    |
            stage IV   | 1         | 2014-01-01 | IV    |

            metastases
            patient_id | site       | date       | status
            day 120    | liver      | 2014-05-01 |
            day 121    | liver      | 2014-05-02 |
            before     | lymph_node | 2013-11-01 |
            pending    | liver      | 2014-01-01 | pending
            month      | liver      | 2014-05    |
            undated    | liver      |            |
            stage IV   | liver      | 2014-01-01 |
        """
        assert found(tmp_path, "T035", text) == marked(text)

    def test_stage_and_m_are_asked_in_both_directions(self, tmp_path: Path):
        text = """
            patients
            patient_id | last_contact
            1          | 2018-03-01

            tumours
            patient_id | tumour_id | diagnosis  | stage | m_category | found
            1          | a         | 2014-01-01 | IV    | M0         | yes
            1          | b         | 2014-01-01 | IV    | MX         |
            1          | c         | 2014-01-01 | IV    |            |
            1          | d         | 2014-01-01 | III   | M1a        | yes
            1          | e         | 2014-01-01 | I     | M0         |
            1          | f         | 2014-01-01 |       | M0         |
            1          | g         | 2014-01-01 |       | M1         |
        """
        assert found(tmp_path, "T036", text) == marked(text)

    def test_histology_is_morphology_and_basis(self, tmp_path: Path):
        text = """
            patients
            patient_id | last_contact
            1          | 2018-03-01

            tumours
            patient_id | tumour_id | diagnosis  | morphology | basis     | found
            1          | a         | 2014-01-01 | 8240/3     | histology |
            1          | b         | 2014-01-01 |            | histology | yes
            1          | c         | 2014-01-01 | 8240/3     |           | yes
            1          | d         | 2014-01-01 | 8240/3     | unknown   | yes
            1          | e         | 2014-01-01 | 8240/3     | clinical  |
        """
        assert found(tmp_path, "T033", text) == marked(text)


class TestGradeAgainstKi67:
    """WHO 2019: under 3 % G1, to 20 % G2, above G3; the higher of Ki-67 and mitoses decides."""

    def test_the_limits(self, tmp_path: Path):
        text = """
            patients
            patient_id | last_contact
            1          | 2018-03-01

            tumours
            patient_id | tumour_id | diagnosis  | grade | ki67_percent | grade_edition | found
            1          | a         | 2014-01-01 | G1    | 2.9          | 2019          |
            1          | b         | 2014-01-01 | G1    | 3            | 2019          | yes
            1          | c         | 2014-01-01 | G2    | 3            | 2019          |
            1          | d         | 2014-01-01 | G2    | 20           | 2019          |
            1          | e         | 2014-01-01 | G2    | 20.1         | 2019          | yes
            1          | f         | 2014-01-01 | G3    | 20.1         | 2019          |
            1          | g         | 2014-01-01 | GX    | 50           | 2019          |
            1          | h         | 2014-01-01 |       | 50           | 2019          |
            1          | i         | 2014-01-01 | G2    |              | 2019          |
        """
        assert found(tmp_path, "T037", text) == marked(text)

    def test_between_2_and_3_percent_the_edition_decides(self, tmp_path: Path):
        text = """
            patients
            patient_id | last_contact
            1          | 2018-03-01

            tumours
            patient_id | tumour_id | diagnosis  | grade | ki67_percent | grade_edition | found
            1          | a         | 2014-01-01 | G2    | 2.5          | 2010          |
            1          | b         | 2014-01-01 | G2    | 2.5          | WHO 2010      |
            1          | c         | 2014-01-01 | G2    | 2.5          |               |
            1          | d         | 2014-01-01 | G2    | 2.5          | 2019          | yes
            1          | e         | 2014-01-01 | G2    | 1.9          | 2010          | yes
            1          | f         | 2014-01-01 | G1    | 2.5          | 2010          |
            1          | g         | 2014-01-01 | G2    | 2            | 2010          |
            1          | h         | 2014-01-01 | G2    | 2.5          | 2017          | yes
            1          | i         | 2014-01-01 | G3    | 2.5          | 2010          | yes
        """
        assert found(tmp_path, "T037", text) == marked(text)

    def test_mitoses_may_decide_and_other_tumours_are_not_graded_so(self, tmp_path: Path):
        text = """
            patients
            patient_id | last_contact
            1          | 2018-03-01

            tumours
            patient_id | tumour_id | diagnosis  | topography | grade | ki67_percent | mitoses_per_2mm2 | differentiation | found
            1          | a         | 2014-01-01 | C17.2      | G2    | 1            | 2                |                 |
            1          | b         | 2014-01-01 | C17.2      | G1    | 1            | 2                |                 | yes
            1          | c         | 2014-01-01 | C17.2      | G2    | 1            |                  |                 | yes
            1          | d         | 2014-01-01 | C17.2      | G1    | 60           |                  | poor            |
            1          | e         | 2014-01-01 | C17.2      | NEC   | 60           |                  | poor            |
            1          | f         | 2014-01-01 | C17.2      | NEC   | 15           |                  | poor            | yes
            1          | g         | 2014-01-01 | C34.1      | G1    | 60           |                  |                 |
            1          | h         | 2014-01-01 | C17.2      | NEC   | 20           |                  | poor            | yes
            1          | i         | 2014-01-01 | C17.2      | G2    | 1            | 20               |                 |
            1          | j         | 2014-01-01 | C17.2      | G2    | 1            | 21               |                 | yes
        """
        assert found(tmp_path, "T037", text) == marked(text)

    def test_a_clash_deletes_nobody(self, tmp_path: Path):
        text = """
            patients
            patient_id | last_contact
            1          | 2018-03-01

            tumours
            patient_id | tumour_id | diagnosis  | grade | ki67_percent
            1          | 1         | 2014-01-01 | G1    | 50
        """
        with Registry.create(tmp_path / "centre.duckdb") as registry:
            import_delivery(registry, delivery_of(text))
            assert _found(registry, "T037") == [("tumours", 2)]
            assert registry.table("tumours").count().execute() == 1
            assert registry.excluded().filter(lambda t: t.rule == "T037").count().execute() == 0


class TestDeathAndLastContact:
    """A patient in contact after death leaves the analyses that count time at risk."""

    def test_only_a_certain_contradiction_is_found(self, tmp_path: Path):
        text = """
            patients
            patient_id  | death       | last_contact | found
            same day    | 2014-05-02  | 2014-05-02   |
            day after   | 2014-05-02  | 2014-05-03   | yes
            month       | 2014-05     | 2014-05-31   |
            next month  | 2014-05     | 2014-06-01   | yes
            year        | 2014        | 2014-12-31   |
            guess       | ~2014-05-02 | 2014-10-01   |
            its month   | 2014-05-10  | 2014-05      |
            later death | 2016-05-02  | 2014-05-02   |
            alive       |             | 2014-05-02   |
        """
        assert found(tmp_path, "T010", text) == marked(text)

    def test_a_contradicted_death_rejects_no_exam(self, tmp_path: Path):
        text = """
            patients
            patient_id   | death      | last_contact
            dead         | 2014-05-02 |
            contradicted | 2014-05-02 | 2016-01-01
            month        | 2014-05    | 2014-05-02

            exams
            patient_id   | exam_id | date       | modality | found
            dead         | E1      | 2014-05-02 | ct       |
            dead         | E2      | 2014-05    | ct       |
            dead         | E3      | 2014-06    | ct       | yes
            contradicted | E1      | 2015-01-01 | ct       |
            month        | E1      | 2014-05-31 | ct       |
        """
        assert found(tmp_path, "T020", text) == marked(text)

    def test_a_finding_goes_with_its_exam(self, tmp_path: Path):
        text = """
            patients
            patient_id | death
            1          | 2014-05-02

            exams
            patient_id | exam_id | date       | modality
            1          | E1      | 2014-05-02 | sstr_pet_ct
            1          | E2      | 2014-05-03 | sstr_pet_ct

            bone_findings
            patient_id | exam_id | lesion_id | found
            1          | E1      | L1        |
            1          | E2      | L1        | yes
        """
        assert found(tmp_path, "T040", text) == marked(text)

    def test_last_contact_before_death_does_not_end_the_time_at_risk(self, tmp_path: Path):
        text = """
            patients
            patient_id | death      | last_contact
            1          | 2016-05-02 | 2014-05-02
            2          |            | 2014-05

            metastases
            patient_id | site | date       | found
            1          | bone | 2015-01-01 |
            2          | bone | 2014-05-31 |
            2          | bone | 2014-06-01 | yes
            2          | bone | 2014       |
        """
        assert found(tmp_path, "T021", text) == marked(text)

    def test_an_exam_in_the_year_of_last_contact_may_have_been_before_it(self, tmp_path: Path):
        text = """
            patients
            patient_id | last_contact
            1          | 2014-05-02

            exams
            patient_id | exam_id | date       | modality | found
            1          | E1      | 2014-05-02 | ct       |
            1          | E2      | 2014       | ct       |
            1          | E3      | 2014-05    | ct       |
            1          | E4      | 2014-06    | ct       | yes
        """
        assert found(tmp_path, "T022", text) == marked(text)

    def test_a_blood_sample_proves_that_the_patient_was_alive_and_the_dead_are_not_asked(
        self, tmp_path: Path
    ):
        text = """
            patients
            patient_id | last_contact | death
            1          | 2014-05-02   |
            2          | 2014-05-02   | 2015-01-01

            labs
            patient_id | date       | analyte | value | unit   | found
            1          | 2014-05-03 | calcium | 2.3   | mmol/l | yes
            2          | 2014-05-03 | calcium | 2.3   | mmol/l |
        """
        assert found(tmp_path, "T022", text) == marked(text)

    def test_what_happened_before_a_later_exam_happened_under_observation(self, tmp_path: Path):
        text = """
            patients
            patient_id | last_contact
            1          | 2014-05-02
            2          | 2014-05-02

            exams
            patient_id | exam_id | date       | modality
            1          | E1      | 2014-09-01 | ct

            metastases
            patient_id | site | date       | found
            1          | bone | 2014-08-01 |
            1          | bone | 2014-09-02 | yes
            2          | bone | 2014-08-01 | yes
        """
        assert found(tmp_path, "T021", text) == marked(text)

    def test_a_planned_exam_proves_nothing(self, tmp_path: Path):
        text = """
            patients
            patient_id | last_contact
            1          | 2014-05-02

            exams
            patient_id | exam_id | date       | modality | found
            1          | E1      | 2199-09-01 | ct       | yes

            metastases
            patient_id | site | date
            1          | bone | 2014-08-01
        """
        with Registry.create(tmp_path / "centre.duckdb") as registry:
            import_delivery(registry, delivery_of(text))
            assert _found(registry, "T080") == marked(text)
            assert _found(registry, "T021") == [("metastases", 3)]

    def test_either_day_known_to_the_year_is_told(self, tmp_path: Path):
        text = """
            patients
            patient_id | death       | last_contact | found
            1          | 2014        |              | yes
            2          | ~2014-05-02 | 2014-05-02   | yes
            3          | 2014-05     | 2014-05-02   |
            4          |             | 2014         | yes
        """
        assert found(tmp_path, "T023", text) == marked(text)


class TestDiagnosis:
    """Diagnosis lies after birth, before the end, and not long after the first visit or an event."""

    def test_only_what_no_precision_can_explain_is_found(self, tmp_path: Path):
        text = """
            patients
            patient_id | birth      | last_contact | found
            same day   | 2014-05-02 | 2015-01-01   |
            day after  | 2014-05-03 | 2015-01-01   | yes
            its month  | 2014-05    | 2015-01-01   |
            its year   | 2014       | 2015-01-01   |

            tumours
            patient_id | tumour_id | diagnosis
            same day   | 1         | 2014-05-02
            day after  | 1         | 2014-05-02
            its month  | 1         | 2014-05-02
            its year   | 1         | 2014-01-02
        """
        assert found(tmp_path, "T016", text) == marked(text)

    def test_on_the_last_day_is_not_after_it(self, tmp_path: Path):
        text = """
            patients
            patient_id | death      | last_contact | found
            same day   |            | 2014-05-02   |
            day before |            | 2014-05-01   | yes
            its month  |            | 2014-05      |
            died later | 2014-05-02 | 2014-04-01   |

            tumours
            patient_id | tumour_id | diagnosis
            same day   | 1         | 2014-05-02
            day before | 1         | 2014-05-02
            its month  | 1         | 2014-05-20
            died later | 1         | 2014-05-02
        """
        assert found(tmp_path, "T017", text) == marked(text)

    def test_a_visit_a_year_before_is_let_pass(self, tmp_path: Path):
        text = """
            patients
            patient_id   | first_visit | last_contact | found
            a year       | 2013-05-02  | 2015-01-01   |
            a day longer | 2013-05-01  | 2015-01-01   | yes
            its year     | 2013        | 2015-01-01   |
            year before  | 2012        | 2015-01-01   | yes

            tumours
            patient_id   | tumour_id | diagnosis
            a year       | 1         | 2014-05-02
            a day longer | 1         | 2014-05-02
            its year     | 1         | 2014-05-02
            year before  | 1         | 2014-05-02
        """
        assert found(tmp_path, "T015", text) == marked(text)

    def test_an_event_ten_years_before_is_kept(self, tmp_path: Path):
        text = """
            patients
            patient_id | last_contact
            1          | 2015-01-01

            tumours
            patient_id | tumour_id | diagnosis
            1          | 1         | 2014-05-02
            1          | 2         | 2014-11-02

            exams
            patient_id | exam_id | date       | modality | found
            1          | E1      | 2004-05-04 | ct       |
            1          | E2      | 2004-05-03 | ct       | yes
            1          | E3      | 2004       | ct       |
            1          | E4      | 2003       | ct       | yes
        """
        assert found(tmp_path, "T019", text) == marked(text)


class TestUndatedBoneMetastasis:
    """Known to be there, but not since when: no use for incidence, unless something else tells."""

    def test_who_is_found(self, tmp_path: Path):
        text = """
            patients
            patient_id | last_contact
            undated    | 2018-03-01
            liver      | 2018-03-01
            rejected   | 2018-03-01
            seen       | 2018-03-01
            dated too  | 2018-03-01

            metastases
            patient_id | site  | date       | status   | found
            undated    | bone  |            |          | yes
            liver      | liver |            |          |
            rejected   | bone  |            | rejected |
            seen       | bone  |            |          |
            dated too  | bone  |            |          |
            dated too  | bone  | 2014-01-01 |          |

            exams
            patient_id | exam_id | date       | modality    | bone_read
            seen       | E1      | 2014-01-05 | sstr_pet_ct | positive
        """
        assert found(tmp_path, "T025", text) == marked(text)


class TestDaysFromDiagnosis:
    """A wide sheet of a public data set: offsets in days, with its known traps."""

    TEXT = """
        patients
        patient_id | first_visit | last_contact | death
        healthy    | 30          | 900.5        |
        prevalent  | 30          | 400          | 400
        absurd     | 30          | 500          |
        late       | 30          | 500          | 500
        twice      | 30          | 500          |
        twice      | 30          | 500          |
        no time    | 500         | 500          |

        metastases
        patient_id | site | date
        healthy    | bone | 900.5
        prevalent  | bone | -3650
        absurd     | bone | -3650.5
        late       | bone | 500.5
    """

    def test_the_traps_are_caught_and_the_patients_kept(self, tmp_path: Path):
        with Registry.create(tmp_path / "centre.duckdb") as registry:
            import_delivery(registry, delivery_of(self.TEXT, clock="diagnosis"))
            assert _found(registry, "T019") == [("metastases", 10)]
            assert _found(registry, "T020") == [("metastases", 11)]
            assert _found(registry, "T001") == [("patients", 6)]
            assert _found(registry, "T014") == [("patients", 7)]
            assert registry.table("patients").count().execute() == 6
            assert registry.table("metastases").count().execute() == 2

    def test_only_those_whose_bone_status_is_unknown_are_left_out(self, tmp_path: Path):
        with Registry.create(tmp_path / "centre.duckdb") as registry:
            import_delivery(registry, delivery_of(self.TEXT, clock="diagnosis"))
            left_out = registry.excluded().order_by("patient_id").to_pandas()
        assert left_out.to_numpy().tolist() == [
            ["absurd", "bone_metastasis", "T027"],
            ["late", "bone_metastasis", "T027"],
        ]


class TestPatientsTwice:
    """One patient has one row; of several sources the first by name tells."""

    A = """
        patients
        patient_id | sex    | last_contact
        1          | female | 2015-03-01
        2          | male   | 2015-03-01
    """
    B = """
        patients
        patient_id | sex    | last_contact
        1          | female | 2015-03-01
        2          | male   | 2016-09-09

        metastases
        patient_id | site | date
        1          | bone | 2014-05-02
    """

    def test_across_files(self, tmp_path: Path):
        with Registry.create(tmp_path / "centre.duckdb") as registry:
            import_deliveries(
                registry, [delivery_of(self.B, source="b"), delivery_of(self.A, source="a")]
            )
            told = registry.connection.execute(
                "SELECT rule, source, source_row FROM findings WHERE severity = 'reject' ORDER BY 1"
            ).fetchall()
            assert told == [("T001", "b", 1), ("T002", "b", 2)]
            patients = registry.table("patients").order_by("patient_id").execute()
            assert patients.source.tolist() == ["a", "a"]
            assert registry.table("metastases").count().execute() == 1

    def test_under_two_identifiers(self, tmp_path: Path):
        text = """
            patients
            patient_id | sex    | birth      | last_contact | found
            1          | female | 1950-07-03 | 2018-03-01   | yes
            2          | female | 1950-07-03 | 2017-03-01   | yes
            other day  | female | 1950-07-03 | 2018-03-01   |
            month      | male   | 1950-07    | 2018-03-01   |
            month too  | male   | 1950-07    | 2018-03-01   |
            unborn     | male   |            | 2018-03-01   |
            unborn too | male   |            | 2018-03-01   |
            diagnosed  | male   | 1949-07-03 | 2018-03-01   |
            in a month | male   | 1949-07-03 | 2018-03-01   |

            tumours
            patient_id | tumour_id | diagnosis
            1          | 1         | 2014-01-01
            2          | 1         | 2014-01-01
            other day  | 1         | 2014-01-02
            month      | 1         | 2014-01-01
            month too  | 1         | 2014-01-01
            unborn     | 1         | 2014-01-01
            unborn too | 1         | 2014-01-01
            diagnosed  | 1         | 2014-01
            in a month | 1         | 2014-01
        """
        assert found(tmp_path, "T006", text) == marked(text)

    def test_once_the_first_file_is_corrected_the_other_tells_nothing_new(self, tmp_path: Path):
        with Registry.create(tmp_path / "centre.duckdb") as registry:
            import_delivery(registry, delivery_of(self.A, source="a"))
            import_delivery(registry, delivery_of(self.B, source="b"))
            import_delivery(
                registry,
                delivery_of("patients\npatient_id | last_contact\n3 | 2015-03-01", source="a"),
            )
            assert _found(registry, "T001") == _found(registry, "T002") == []
            assert registry.table("patients").count().execute() == 3


class TestSkeletalEventWithoutBoneMetastasis:
    """What can only happen at a bone metastasis needs one, reported or seen."""

    def test_who_is_found(self, tmp_path: Path):
        text = """
            patients
            patient_id    | last_contact
            reported      | 2018-03-01
            undated       | 2018-03-01
            seen          | 2018-03-01
            on CT         | 2018-03-01
            rejected      | 2018-03-01
            pending       | 2018-03-01
            none          | 2018-03-01
            fragility     | 2018-03-01
            hypercalcemia | 2018-03-01
            not an event  | 2018-03-01

            metastases
            patient_id | site | date       | status
            reported   | bone | 2014-01-01 |
            undated    | bone |            |
            rejected   | bone | 2014-01-01 | rejected

            exams
            patient_id | exam_id | date       | modality    | bone_read
            seen       | E1      | 2014-01-01 | sstr_pet_ct | positive
            on CT      | E1      | 2014-01-01 | ct          | not_read
            pending    | E1      | 2014-01-01 | sstr_pet_ct | equivocal

            bone_findings
            patient_id | exam_id | lesion_id | sstr_uptake | ct_correlate | status
            on CT      | E1      | L1        |             | present      |
            pending    | E1      | L1        | positive    |              | pending

            skeletal_events
            patient_id    | date       | component         | status   | found
            reported      | 2015-01-01 | radiation_to_bone |          |
            undated       | 2015-01-01 | radiation_to_bone |          |
            seen          | 2015-01-01 | radiation_to_bone |          |
            on CT         | 2015-01-01 | surgery_to_bone   |          |
            rejected      | 2015-01-01 | radiation_to_bone |          | yes
            pending       | 2015-01-01 | radiation_to_bone |          | yes
            none          | 2015-01-01 | surgery_to_bone   |          | yes
            fragility     | 2015-01-01 | fragility_fracture |         |
            hypercalcemia | 2015-01-01 | hypercalcaemia    |          |
            not an event  | 2015-01-01 | radiation_to_bone | rejected |
        """
        assert found(tmp_path, "T060", text) == marked(text)


class TestTreatment:
    """Start, end, dose and code of a treatment."""

    def test_a_month_is_not_before_its_own_days(self, tmp_path: Path):
        text = """
            patients
            patient_id | last_contact
            1          | 2018-03-01

            treatments
            patient_id | kind | atc     | start      | end        | found
            1          | drug | M05BX04 | 2014-05-20 | 2014-05    |
            1          | drug | M05BX04 | 2014-05-20 | 2014-04    | yes
            1          | drug | M05BX04 | 2014-05    | 2014-05-02 |
            1          | drug | M05BX04 | 2014-05-20 |            |
            1          | drug | H01CB02 | 2014-05-20 | 2014-04-01 |
        """
        assert found(tmp_path, "T050", text) == marked(text)

    def test_an_antiresorptive_that_ends_before_it_starts_leaves_its_patient_out_of_exposure(
        self, tmp_path: Path
    ):
        text = """
            patients
            patient_id | last_contact
            1          | 2018-03-01
            2          | 2018-03-01

            tumours
            patient_id | tumour_id | diagnosis
            1          | 1         | 2014-01-01
            2          | 1         | 2014-01-01

            treatments
            patient_id | kind | atc     | start      | end
            1          | drug | M05BA08 | 2014-05-20 | 2014-04-01
            2          | drug | H01CB02 | 2014-05-20 | 2014-04-01
        """
        with Registry.create(tmp_path / "centre.duckdb") as registry:
            import_delivery(registry, delivery_of(text))
            excluded = registry.excluded().execute().values.tolist()
            assert excluded == [["1", "antiresorptive", "T050"]]
            assert registry.table("treatments").count().execute() == 2

    def test_the_last_day_may_be_the_first(self, tmp_path: Path):
        text = """
            patients
            patient_id | last_contact
            1          | 2018-03-01

            treatments
            patient_id | kind | atc     | start      | end        | found
            1          | drug | H01CB02 | 2014-05-20 | 2014-05-20 |
            1          | drug | H01CB02 | 2014-05-20 | 2014-05-19 | yes
            1          | drug | H01CB02 | 2014-05-20 | 2014-05    |
            1          | drug | H01CB02 | 2014-05    | 2014-05-02 |
            1          | prrt |         | 2014-05-20 | 2014-05-19 | yes
            1          | drug | M05BX04 | 2014-05-20 | 2014-05-19 |
        """
        assert found(tmp_path, "T051", text) == marked(text)

    def test_an_antiresorptive_given_once_starts_and_ends_on_a_day(self, tmp_path: Path):
        text = """
            patients
            patient_id | last_contact
            1          | 2018-03-01

            treatments
            patient_id | kind | atc     | start      | end        | found
            1          | drug | M05BA08 | 2014-05-20 | 2014-05-20 |
            1          | drug | M05BA08 | 2014-06-20 | 2014-06-19 | yes
        """
        assert found(tmp_path, "T050", text) == marked(text)

    def test_osteoporosis_doses_are_told_by_milligrams(self, tmp_path: Path):
        text = """
            patients
            patient_id | last_contact
            1          | 2018-03-01

            treatments
            patient_id | kind | atc     | dose | dose_unit | start      | found
            1          | drug | M05BX04 | 60   | mg        | 2014-05-20 | yes
            1          | drug | M05BX04 | 60   |           | 2014-06-20 | yes
            1          | drug | M05BX04 | 60   | ml        | 2014-07-20 |
            1          | drug | M05BX04 | 120  | mg        | 2014-08-20 |
            1          | drug | M05BA08 | 5    | mg        | 2014-09-20 | yes
            1          | drug | M05BA08 | 4    | mg        | 2014-10-20 |
            1          | drug | M05BA02 | 0.4  | g         | 2014-10-20 | yes
            1          | drug | H01CB02 | 60   | mg        | 2014-11-20 |
        """
        assert found(tmp_path, "T052", text) == marked(text)

    def test_a_course_that_cannot_be_told_is_counted(self, tmp_path: Path):
        text = """
            patients
            patient_id | last_contact
            1          | 2018-03-01

            treatments
            patient_id | kind | atc     | dose | dose_unit | interval_days | start      | found
            1          | drug | M05BX04 |      |           |               | 2014-05-20 | yes
            1          | drug | M05BX04 |      |           | 182           | 2014-06-20 |
            1          | drug | M05BX04 | 1    | ml        |               | 2014-07-20 | yes
            1          | drug | M05BA02 | 800  | mg        |               | 2014-08-20 | yes
            1          | drug | M05BA02 | 800  | mg        | 0.5           | 2014-09-20 |
            1          | drug | M05BA02 | 1600 | mg        |               | 2014-10-20 |
            1          | drug | H01CB02 |      |           |               | 2014-11-20 |
        """
        assert found(tmp_path, "T055", text) == marked(text)

    def test_receptor_imaging_is_not_missed_where_no_exam_was_delivered_at_all(
        self, tmp_path: Path
    ):
        text = """
            patients
            patient_id | last_contact
            1          | 2018-03-01

            treatments
            patient_id | kind | start
            1          | prrt | 2014-05-20
        """
        assert found(tmp_path, "T046", text) == []

    def test_an_exam_without_receptors_does_not_prepare_prrt(self, tmp_path: Path):
        text = """
            patients
            patient_id | last_contact
            ct only    | 2018-03-01
            afterwards | 2018-03-01
            same day   | 2018-03-01
            its month  | 2018-03-01
            its year   | 2018-03-01

            exams
            patient_id | exam_id | date       | modality
            ct only    | E1      | 2014-05-01 | ct
            afterwards | E1      | 2014-06-01 | sstr_pet_ct
            same day   | E1      | 2014-05-20 | sstr_spect_ct
            its month  | E1      | 2014-05    | sstr_pet_ct
            its year   | E1      | 2014-05-20 | sstr_pet_ct

            treatments
            patient_id | kind | start      | found
            ct only    | prrt | 2014-05-20 | yes
            afterwards | prrt | 2014-05-20 | yes
            same day   | prrt | 2014-05-20 |
            its month  | prrt | 2014-05-20 |
            its year   | prrt | 2014       |
        """
        assert found(tmp_path, "T046", text) == marked(text)

    @pytest.mark.parametrize(("declared", "expected"), [((), 1), (("antiresorptives",), 0)])
    def test_no_record_is_not_no(self, tmp_path: Path, declared: tuple[str, ...], expected: int):
        text = """
            patients
            patient_id | last_contact
            1          | 2018-03-01

            treatments
            patient_id | kind | atc     | start
            1          | drug | M05BX04 | 2014-05-20
        """
        with Registry.create(tmp_path / "centre.duckdb") as registry:
            import_delivery(registry, delivery_of(text, complete_for=declared))
            assert len(_found(registry, "T054")) == expected


class TestWhatAnExamCanShow:
    """Absent means looked for and not seen: by an exam that could have seen it."""

    def test_correlates_and_uptake_need_their_modality(self, tmp_path: Path):
        text = """
            patients
            patient_id | last_contact
            1          | 2018-03-01

            exams
            patient_id | exam_id | date       | modality          | ct_protocol
            1          | PET/CT  | 2014-05-01 | sstr_pet_ct       | diagnostic
            1          | low     | 2014-05-02 | sstr_pet_ct       | low_dose
            1          | PET     | 2014-05-03 | sstr_pet_ct       | none
            1          | PET/MR  | 2014-05-04 | sstr_pet_mr       |
            1          | FDG     | 2014-05-05 | fdg_pet_ct        |
            1          | CT      | 2014-05-06 | ct                | diagnostic
            1          | MR      | 2014-05-07 | mri               |
            1          | scinti  | 2014-05-08 | bone_scintigraphy |

            bone_findings
            patient_id | exam_id | lesion_id | sstr_uptake  | ct_correlate   | mr_correlate | found
            1          | PET/CT  | a         | positive     | absent         |              |
            1          | PET/CT  | b         | positive     | absent         | absent       | yes
            1          | low     | a         | positive     | absent         |              |
            1          | PET     | a         | positive     | not_assessable |              |
            1          | PET     | b         | positive     | present        |              | yes
            1          | PET/MR  | a         | positive     |                | absent       |
            1          | PET/MR  | b         | positive     | absent         | present      | yes
            1          | FDG     | a         | not_assessed | present        |              |
            1          | FDG     | b         | negative     | present        |              | yes
            1          | CT      | a         |              | absent         |              |
            1          | CT      | b         | equivocal    | absent         |              | yes
            1          | MR      | a         | not_assessed | not_assessable | present      |
            1          | MR      | b         |              | absent         | present      | yes
            1          | scinti  | a         |              |                |              |
            1          | scinti  | b         |              | present        |              | yes
        """
        assert found(tmp_path, "T041", text) == marked(text)

    def test_an_exam_read_as_negative_has_no_accepted_positive_lesion(self, tmp_path: Path):
        text = """
            patients
            patient_id | last_contact
            1          | 2018-03-01

            exams
            patient_id | exam_id | date       | modality    | bone_read | found
            1          | E1      | 2014-05-01 | sstr_pet_ct | negative  | yes
            1          | E2      | 2014-05-02 | sstr_pet_ct | negative  |
            1          | E3      | 2014-05-03 | sstr_pet_ct | negative  |
            1          | E4      | 2014-05-04 | sstr_pet_ct | equivocal |

            bone_findings
            patient_id | exam_id | lesion_id | ct_correlate | sstr_uptake | status
            1          | E1      | a         | present      |             |
            1          | E2      | a         | present      |             | rejected
            1          | E3      | a         | absent       | equivocal   |
            1          | E4      | a         | present      | positive    |
        """
        assert found(tmp_path, "T045", text) == marked(text)


class TestWhoseMetastasis:
    """A metastasis contradicts the stage of its own tumour only."""

    def test_stage_and_m_of_each_tumour_are_held_against_its_own_metastases(self, tmp_path: Path):
        text = """
            patients
            patient_id | last_contact
            1          | 2018-03-01

            tumours
            patient_id | tumour_id | diagnosis  | m_category | stage | found
            1          | a         | 2014-05-02 | M0         | II    |
            1          | b         | 2014-05-02 | M0         | III   | yes

            metastases
            patient_id | site | date       | tumour_id
            1          | bone | 2014-06-01 | b
        """
        with Registry.create(tmp_path / "centre.duckdb") as registry:
            import_delivery(registry, delivery_of(text))
            assert _found(registry, "T034") == marked(text)
            assert _found(registry, "T035") == marked(text)

    def test_before_diagnosis_means_of_the_tumour_it_names(self, tmp_path: Path):
        text = """
            patients
            patient_id | last_contact
            1          | 2018-03-01

            tumours
            patient_id | tumour_id | diagnosis
            1          | a         | 2010-05-02
            1          | b         | 2014-05-02

            metastases
            patient_id | site  | date       | tumour_id | found
            1          | bone  | 2012-06-01 | a         |
            1          | liver | 2012-06-01 | b         | yes
            1          | lung  | 2012-06-01 |           |
            1          | skin  | 2009-06-01 |           | yes
        """
        assert found(tmp_path, "T039", text) == marked(text)


class TestOrderOfEventAndBoneMetastasis:
    """Only days tell which came first."""

    def test_who_is_found(self, tmp_path: Path):
        text = """
            patients
            patient_id | last_contact
            same month | 2020-01-01
            same day   | 2020-01-01
            bm coarse  | 2020-01-01
            next month | 2020-01-01
            the year   | 2020-01-01
            not bone   | 2020-01-01

            metastases
            patient_id | site | date
            same month | bone | 2019-05-20
            same day   | bone | 2019-05-20
            bm coarse  | bone | 2019-05
            next month | bone | 2019-05-20
            the year   | bone | 2019-05-20

            skeletal_events
            patient_id | date       | component         | site | found
            same month | 2019-05    | radiation_to_bone | L3   | yes
            same day   | 2019-05-20 | radiation_to_bone | L3   |
            bm coarse  | 2019-05-25 | radiation_to_bone | L3   | yes
            next month | 2019-06    | radiation_to_bone | L3   |
            the year   | 2019       | radiation_to_bone | L3   | yes
            not bone   | 2019-05    | radiation_to_bone | L3   |
        """
        assert found(tmp_path, "T063", text) == marked(text)


class TestFunctionalStatus:
    """Syndrome and biochemistry are two fields; a protocol's rule joins them."""

    def test_who_is_found(self, tmp_path: Path):
        text = """
            patients
            patient_id | last_contact
            1          | 2018-03-01

            functional_status
            patient_id | date       | syndrome | biochemical | found
            1          | 2014-05-01 | present  | raised      |
            1          | 2014-05-02 | absent   | raised      |
            1          | 2014-05-03 | unknown  | raised      | yes
            1          | 2014-05-04 |          | raised      | yes
            1          | 2014-05-05 | present  | normal      | yes
            1          | 2014-05-06 | present  |             |
            1          | 2014-05-07 | absent   | normal      |
        """
        assert found(tmp_path, "T070", text) == marked(text)


class TestLostToFollowUp:
    """Not known to be dead and not heard of for a year before the newest day in the registry."""

    def test_a_day_in_the_future_does_not_make_everybody_lost(self, tmp_path: Path):
        text = """
            patients
            patient_id  | last_contact | death      | found
            newest      | 2018-03-01   |            |
            a year ago  | 2017-03-01   |            |
            longer      | 2017-02-28   |            | yes
            known month | 2017-03      |            |
            that month  | 2017-02      |            | yes
            that year   | 2017         |            |
            dead        | 2012-02-28   | 2012-02-28 |
            typing slip | 2218-03-01   |            |
        """
        assert found(tmp_path, "T026", text) == marked(text)

    def test_the_day_in_the_future_is_found_itself(self, tmp_path: Path):
        text = """
            patients
            patient_id  | last_contact | death      | found
            newest      | 2018-03-01   |            |
            typing slip | 2218-03-01   |            | yes
            in death    | 2018-03-01   | 2218-03-01 | yes
        """
        assert found(tmp_path, "T013", text) == marked(text)

    def test_today_is_not_the_future(self, tmp_path: Path):
        today = datetime.now(UTC).date()
        text = f"""
            patients
            patient_id | last_contact | found
            today      | {today}      |
            this year  | {today.year} |
        """
        assert found(tmp_path, "T013", text) == []


class TestAge:
    """Birth, age and diagnosis fit together, as far as their precision tells."""

    def test_completed_years_at_diagnosis(self, tmp_path: Path):
        text = """
            patients
            patient_id | birth      | age_years | last_contact | found
            completed  | 1950-07-03 | 63        | 2018-03-01   |
            rounded up | 1950-07-03 | 64        | 2018-03-01   |
            at import  | 1950-07-03 | 67        | 2018-03-01   | yes
            year known | 1950       | 64        | 2018-03-01   |
            a baby     | 2014-01-01 | 0         | 2018-03-01   |
            very old   | 1903-12-31 |           | 2018-03-01   | yes
            old        | 1904-07-03 |           | 2018-03-01   |

            tumours
            patient_id | tumour_id | diagnosis
            completed  | 1         | 2014-05-02
            rounded up | 1         | 2014-05-02
            at import  | 1         | 2014-05-02
            year known | 1         | 2014-05-02
            a baby     | 1         | 2014-05-02
            very old   | 1         | 2014-05-02
            old        | 1         | 2014-05-02
        """
        assert found(tmp_path, "T018", text) == marked(text)
