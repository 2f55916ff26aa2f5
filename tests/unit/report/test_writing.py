import os
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from osteon.contracts.results import Provenance, Results
from osteon.errors import InputError
from osteon.report import write_report
from osteon.report.writing import MEMBERS

EMPTY = Results(
    title="Nothing found",
    citation="",
    provenance=Provenance("0.1.0", "r", "p", "1", "h", 1, "2025-01-01", synthetic=False),
    population="No patients",
    questions=("who", "survival"),
)
"""Results of a study that found nothing: every part of the report has to cope."""


class Broken(Exception):
    pass


def breaks_at(step):
    def progress(now):
        if now == step:
            raise Broken

    return progress


def test_it_says_where_everything_is(written):
    assert set(written) == set(MEMBERS)
    assert all(path.exists() for path in written.values())


def test_progress_is_told(tmp_path):
    steps = []
    write_report(EMPTY, tmp_path, progress=steps.append)
    assert steps == ["figures", "tables", "report.html", "report.pdf", "report.docx"]


def test_a_study_that_found_nothing_has_a_report(tmp_path):
    written = write_report(EMPTY, tmp_path)
    assert set(written) == set(MEMBERS) - {"patient_level"}
    assert "Nothing found" in written["html"].read_text("utf-8")


@pytest.mark.parametrize("step", ["figures", "tables", "report.html", "report.pdf", "report.docx"])
def test_a_failure_leaves_nothing_that_looks_finished(tmp_path, step):
    with pytest.raises(Broken):
        write_report(EMPTY, tmp_path, progress=breaks_at(step))
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_the_old_report_whole(tmp_path):
    written = write_report(EMPTY, tmp_path)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    with pytest.raises(Broken):
        write_report(replace(EMPTY, title="New"), tmp_path, progress=breaks_at("report.docx"))
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before
    assert written["html"].exists()


def test_a_kill_leaves_nothing_that_looks_finished(tmp_path):
    script = textwrap.dedent(
        """
        import os, sys
        from pathlib import Path
        from osteon.contracts.results import Results
        from osteon.report import write_report
        results = Results.from_json(Path(sys.argv[1]).read_text())
        write_report(results, sys.argv[2], progress=lambda s: os._exit(9) if s == "report.pdf" else None)
        """
    )
    (tmp_path / "in.json").write_text(EMPTY.to_json())
    out = tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "in.json"), str(out)], check=False
    )
    assert done.returncode == 9
    assert not any((out / name).exists() for name in MEMBERS.values())
    write_report(EMPTY, out)
    assert (out / "results.json").exists()


def test_a_new_report_replaces_the_old_and_leaves_other_files(tmp_path, results, patient_level):
    (tmp_path / "centre.duckdb").write_text("the registry")
    small = replace(EMPTY, attrition=results.attrition)
    first = write_report(small, tmp_path, patient_level=patient_level)
    assert first["patient_level"].is_dir()
    assert (tmp_path / "figures" / "flow_85mm.svg").exists()
    second = write_report(EMPTY, tmp_path)
    assert "patient_level" not in second
    assert not (tmp_path / "patient_level").exists()
    assert not (tmp_path / "figures" / "flow_85mm.svg").exists()
    assert (tmp_path / "centre.duckdb").read_text() == "the registry"
    assert {p.name for p in tmp_path.iterdir()} == {
        "centre.duckdb",
        *(p.name for p in second.values()),
    }


def test_folders_of_somebody_else_are_not_touched(tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "mine.svg").write_text("mine")
    with pytest.raises(InputError, match="holds figures but no report"):
        write_report(EMPTY, tmp_path)
    assert (tmp_path / "figures" / "mine.svg").read_text() == "mine"


def test_folders_say_what_they_hold(written, results):
    for name in ("tables", "figures"):
        told = (written[name] / "README.txt").read_text("utf-8")
        assert results.provenance.protocol_hash in told
        assert "Synthetic" in told


def test_the_folder_may_be_a_string(tmp_path):
    assert write_report(EMPTY, os.fspath(tmp_path / "deep" / "er"))["html"].is_file()


def test_no_path_of_this_machine_is_written(written):
    home = str(Path(written["html"]).parent)
    for file in [
        p for path in written.values() for p in ([path] if path.is_file() else path.iterdir())
    ]:
        assert home.encode() not in file.read_bytes()
