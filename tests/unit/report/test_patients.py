import pytest

from osteon.report import write_report
from osteon.report.patients import MARK


def test_every_file_says_that_it_is_not_releasable(written):
    files = list(written["patient_level"].iterdir())
    names = {f.name for f in files}
    assert "README.txt" in names
    assert {f"swimmer_NOT_RELEASABLE_{w}mm.svg" for w in (85, 175)} <= names
    assert {f"steps_overall_survival_NOT_RELEASABLE_{w}mm.png" for w in (85, 175)} <= names
    for file in files:
        if file.suffix == ".svg":
            svg = file.read_text("utf-8")
            assert svg.count("NOT RELEASABLE") >= 3
            assert "NOT_RELEASABLE" in file.name
    assert "NOT RELEASABLE" in (written["patient_level"] / "README.txt").read_text()


def test_nothing_patient_level_stands_elsewhere(written):
    for name in ("html", "results"):
        assert "swimmer" not in written[name].read_text("utf-8").partition("<script>")[0]
    assert not list(written["figures"].glob("*swimmer*"))
    assert not list(written["figures"].glob("*steps*"))


def test_a_masked_report_has_none(tmp_path, results, patient_level):
    masked = write_report(results, tmp_path, patient_level=patient_level, mask=True)
    assert "patient_level" not in masked
    assert not (tmp_path / "patient_level").exists()


@pytest.mark.parametrize(
    "word",
    [
        "death",
        "skeletal-related event",
        "visible on CT",
        "Months since detection of bone metastasis",
    ],
)
def test_the_swimmer_plot_explains_its_marks(written, word):
    svg = (written["patient_level"] / "swimmer_NOT_RELEASABLE_175mm.svg").read_text("utf-8")
    assert f">{word}<" in svg
    assert MARK in svg
