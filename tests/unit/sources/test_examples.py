"""The mapping files under `examples/`, on the real data where they are present."""

from pathlib import Path

import pyarrow.compute as pc
import pytest
from lifelines import KaplanMeierFitter

from osteon.sources import deliver, draft_mapping, parse_mapping, read_mapping

EXAMPLES = Path(__file__).parents[3] / "examples"
TRIALS = {
    "RADIANT4_2A": (302, 169),
    "TRAPEZE_1A": (757, 692),
    "AZURE_2A": (3359, 973),
    "CALGB90202_2C": (645, 232),
}


def read(data, export, mapping):
    delivery = deliver(data / export, read_mapping(EXAMPLES / mapping))
    return delivery, {(target.table, target.block): target for target in delivery.targets}


@pytest.mark.parametrize("mapping", sorted(EXAMPLES.glob("*/*mapping.toml")), ids=lambda p: p.name)
def test_every_example_is_a_mapping(mapping):
    assert read_mapping(mapping).source.name


def test_msk_chord_lung(real_data):
    delivery, targets = read(
        real_data, "msk_chord/nsclc_dx_1st_seq_OS.csv", "msk_chord/nsclc.mapping.toml"
    )
    patients, tumours = targets["patients", 1], targets["tumours", 1]
    assert (delivery.rows_in, len(patients.rows), len(tumours.rows)) == (7810, 7809, 7809)
    assert [one.rule for one in patients.set_aside] == ["S004"]
    assert [(one.column, one.rule) for one in patients.unreadable] == [("age_years", "S014")]
    assert tumours.rows["stage"].null_count == 52
    assert (
        pc.sum(pc.equal(tumours.rows["stage"], "IV")).as_py() == 3326
    )  # the repeated patient is one
    assert len(targets["metastases", 1].rows) == 3761
    assert pc.min(targets["metastases", 1].rows["date"]).as_py() == -32888


def test_msk_chord_colorectal(real_data):
    delivery, targets = read(
        real_data, "msk_chord/crc_dx_1st_seq_OS.csv", "msk_chord/crc.mapping.toml"
    )
    assert (delivery.rows_in, len(targets["patients", 1].rows)) == (5545, 5543)
    assert len(targets["metastases", 1].rows) == 1166
    assert targets["tumours", 1].rows["stage"].null_count == 37


def test_lung_net(real_data):
    delivery, targets = read(
        real_data, "lung_net/Supplementary_Table_S1.xlsx", "lung_net/mapping.toml"
    )
    patients = targets["patients", 1].rows
    types = targets["assignments", 1].rows["value"].to_pylist()
    followed = [
        group
        for group, time in zip(types, patients["last_contact"].to_pylist(), strict=True)
        if time is not None
    ]
    assert delivery.rows_in == 477
    counts = [followed.count(g) for g in ("Typical", "Atypical", "Carcinoid", "LCNEC")]
    assert counts == [163, 70, 53, 64]
    assert patients["death"].null_count == 477 - 72
    assert not any(target.unreadable or target.set_aside for target in delivery.targets)
    assert patients["source_row"].to_pylist() == list(range(5, 482))


@pytest.mark.parametrize("trial", TRIALS)
def test_trials(real_data, trial):
    rows, events = TRIALS[trial]
    _, targets = read(real_data, f"trials/{trial}.csv", f"trials/{trial}.mapping.toml")
    patients = targets["patients", 1].rows
    assert len(patients) == rows
    reached = targets.get(("outcomes", 1))
    assert (len(reached.rows) if reached else rows - patients["death"].null_count) == events
    months = pc.max(patients["last_contact"]).as_py() / 30.4375
    assert months == pytest.approx(
        {"RADIANT4_2A": 28.45, "TRAPEZE_1A": 35.2, "AZURE_2A": 120, "CALGB90202_2C": 84}[trial]
    )
    assert len(targets["assignments", 1].rows) == rows


@pytest.mark.parametrize(
    "export",
    [
        "msk_chord/nsclc_dx_1st_seq_OS.csv",
        "msk_chord/crc_dx_1st_seq_OS.csv",
        "lung_net/Supplementary_Table_S1.xlsx",
    ],
)
def test_drafts_of_real_files_load_and_read(real_data, export):
    text = draft_mapping(real_data / export)
    patients = deliver(real_data / export, parse_mapping(text)).targets[0]
    assert patients.table == "patients"
    assert patients.rows["patient_id"][0].as_py() not in text


def median_months(patients):
    """Kaplan-Meier median of survival from diagnosis, entry ignored."""
    time = patients["last_contact"].to_numpy() / 30.4375
    return KaplanMeierFitter().fit(time, patients["death"].is_valid()).median_survival_time_


@pytest.mark.parametrize(
    ("export", "mapping", "months"),
    [
        ("msk_chord/nsclc_dx_1st_seq_OS.csv", "msk_chord/nsclc.mapping.toml", 55.39),
        ("msk_chord/crc_dx_1st_seq_OS.csv", "msk_chord/crc.mapping.toml", 74.51),
    ],
)
def test_delivered_rows_give_the_known_median_survival(real_data, export, mapping, months):
    _, targets = read(real_data, export, mapping)
    assert median_months(targets["patients", 1].rows) == pytest.approx(months, abs=0.005)


def test_delivered_rows_give_the_known_five_year_survival(real_data):
    _, targets = read(real_data, "lung_net/Supplementary_Table_S1.xlsx", "lung_net/mapping.toml")
    patients, groups = targets["patients", 1].rows, targets["assignments", 1].rows["value"]
    for group, expected in {"Typical": 0.982, "Atypical": 0.783, "LCNEC": 0.416}.items():
        chosen = patients.filter(
            pc.and_(pc.equal(groups, group), pc.is_valid(patients["last_contact"]))
        )
        curve = KaplanMeierFitter().fit(
            chosen["last_contact"].to_numpy(), chosen["death"].is_valid()
        )
        assert curve.predict(60 * 30.4375) == pytest.approx(expected, abs=0.0005)
