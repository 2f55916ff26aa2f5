"""The command line as a person types it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import osteon


def run(*arguments: object) -> str:
    command = [sys.executable, "-m", "osteon", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_help_answers_at_once():
    """It loads nothing that takes time; seconds themselves are a matter of the machine."""
    asked = "import sys, osteon.cli; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    )
    assert not {"numpy", "duckdb", "ibis", "altair", "pydantic"} & set(loaded.stdout.split())
    assert "Commands:" in run("--help")


def test_version():
    assert run("--version").strip() == osteon.__version__


def test_a_protocol_tells_every_setting(tmp_path: Path):
    told = run("protocol", "essen_sinet_2025")
    assert "stated   skeletal_event.variant = sre_regulatory" in told
    assert "default  skeletal_event.bone_seeking_counts = yes" in told


def test_a_filled_template_becomes_a_study(tmp_path: Path):
    folder, registry = tmp_path / "centre", tmp_path / "centre.duckdb"
    run("template", folder)
    told = run("ingest", *sorted(folder.glob("*.csv")), "--registry", registry)
    assert "patients: 1 stored, 0 not applicable, 0 set aside" in told
    again = run("ingest", *sorted(folder.glob("*.csv")), "--registry", registry)
    assert "patients: unchanged" in again
    out = tmp_path / "study"
    assert "bias ledger" in run("study", "recommended", "--registry", registry, "--out", out)
    for name in ("report.html", "report.docx", "report.pdf", "results.json"):
        assert (out / name).stat().st_size > 0


def test_a_draft_mapping_is_a_mapping(tmp_path: Path):
    export = tmp_path / "export.csv"
    export.write_text(
        "Pat_ID;Geschlecht;Geburtsdatum;Letzter_Kontakt\n"
        "A1;w;01.02.1950;03.04.2015\nA2;m;01.02.1951;03.04.2016\n"
    )
    (tmp_path / "export.toml").write_text(run("ingest", export, "--draft-mapping"))
    told = run("ingest", export, "--registry", tmp_path / "r.duckdb")
    assert "patients: 2 stored" in told
