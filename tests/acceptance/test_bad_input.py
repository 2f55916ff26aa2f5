"""Bad input through the command line: a clear error, no traceback, nothing lost."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

MAPPING = """
[source]
dates = ["DD.MM.YYYY"]

[patients]
patient_id = "id"
sex = { column = "sex", values = { f = "female", m = "male" } }
first_visit = "seen"
last_contact = "last"
"""
GOOD = "id;sex;seen;last\nA;f;01.02.2010;01.02.2015\nB;m;01.02.2011;01.02.2016\n"


def osteon(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "osteon", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def workbook() -> bytes:
    held = io.BytesIO()
    openpyxl.Workbook().save(held)
    return held.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "export.toml").write_text(MAPPING)
    (tmp_path / "export.csv").write_text(GOOD)
    return tmp_path


def ingest(folder: Path, file: str = "export.csv") -> subprocess.CompletedProcess[str]:
    mapping, registry = folder / "export.toml", folder / "registry.duckdb"
    return osteon("ingest", folder / file, "--mapping", mapping, "--registry", registry)


def told(result: subprocess.CompletedProcess[str], *words: str) -> None:
    assert result.returncode == 2, result.stderr + result.stdout
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr, result.stderr


def test_good_input_is_read(folder):
    assert ingest(folder).returncode == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ("empty",)),
        (workbook(), ("XLSX", "not CSV")),
        (gzip.compress(GOOD.encode()), ("gzip",)),
        (GOOD.replace("A;", "\xc4;").encode("latin-1"), ("utf-8", "encoding")),
        (GOOD.replace("id;", "pid;").encode(), ('"id"', "Did you mean")),
        (GOOD.encode()[:-18], ("stops in the middle of line 3",)),
        ((GOOD + '"C;f;01.02.2011').encode(), ("quote",)),
    ],
    ids=["empty", "workbook", "gzip", "latin-1", "missing column", "half-written", "open quote"],
)
def test_a_file_that_cannot_be_read(folder, content, words):
    assert ingest(folder).returncode == 0
    before = osteon("check", folder / "registry.duckdb").stdout
    (folder / "bad.csv").write_bytes(content)
    told(ingest(folder, "bad.csv"), *words)
    assert osteon("check", folder / "registry.duckdb").stdout == before


def test_a_misspelt_key_in_the_mapping(folder):
    (folder / "export.toml").write_text(MAPPING.replace("first_visit", "first_vist"))
    told(ingest(folder), "first_vist", "first_visit")


def test_a_misspelt_setting_in_the_protocol(folder):
    (folder / "p.toml").write_text(
        '[protocol]\nname="p"\ntitle="p"\nquestions=["who"]\n[follow_up]\ntime_zer="diagnosis"\n'
    )
    ingest(folder)
    told(osteon("study", folder / "p.toml", "-R", folder / "registry.duckdb"), "time_zero")


def test_decimal_commas_that_the_mapping_does_not_announce(folder):
    values = "\n".join(f"P{i};f;{i},5" for i in range(9))
    (folder / "export.csv").write_text(f"id;sex;age\n{values}\n")
    (folder / "export.toml").write_text('[patients]\npatient_id = "id"\nage_years = "age"\n')
    told(ingest(folder), "age", "`decimal`")


def test_dates_in_another_format_than_announced(folder):
    values = "\n".join(f"P{i};f;2010-01-0{i};2012-01-0{i}" for i in range(1, 9))
    (folder / "export.csv").write_text(f"id;sex;seen;last\n{values}\n")
    told(ingest(folder), "seen", "dates")


def test_a_few_dates_in_another_format_are_counted_not_guessed(folder):
    (folder / "export.csv").write_text(GOOD + "C;f;2010-01-01;01.02.2014\n")
    assert ingest(folder).returncode == 0
    assert "patients" in osteon("check", folder / "registry.duckdb").stdout


def test_no_registry(folder):
    told(osteon("check", folder / "none.duckdb"), "none.duckdb")


def test_something_that_is_no_registry(folder):
    told(osteon("check", folder / "export.csv"), "export.csv")


def test_an_unknown_protocol(folder):
    ingest(folder)
    told(osteon("study", "essen_sinet_2024", "-R", folder / "registry.duckdb"), "essen_sinet_2025")


def test_no_message_holds_a_value(folder):
    (folder / "export.csv").write_text(
        "id;sex;seen;last\nSECRET-17;x;31.02.2010;nonsense\nSECRET-18;f;01.01.2010;01.01.2012\n"
    )
    result = ingest(folder)
    checked = osteon("check", folder / "registry.duckdb", "--write", folder / "findings.csv")
    for text in (
        result.stdout,
        result.stderr,
        checked.stdout,
        (folder / "findings.csv").read_text(),
    ):
        assert "SECRET" not in text
        assert "nonsense" not in text
