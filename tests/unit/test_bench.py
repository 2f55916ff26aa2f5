"""The bench measures what it says: the same patients every time, and osteon's own cells run."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture(scope="module")
def bench():
    spec = importlib.util.spec_from_file_location("bench", SCRIPTS / "bench.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench"] = module  # a dataclass looks its module up
    spec.loader.exec_module(module)
    yield module
    sys.path.remove(str(SCRIPTS / "bench_cells"))
    sys.path.remove(str(SCRIPTS))
    del sys.modules["bench"]


def test_the_same_patients_every_time(bench):
    once, again = bench.cohort(200), bench.cohort(200)
    assert all((once[name] == again[name]).all() for name in once)
    assert (once["entry"] < once["exit"]).all()
    assert set(np.unique(once["event"])) == {0, 1, 2}


def test_columns_read_back(bench, tmp_path):
    written = bench.cohort(50)
    bench._write(written, tmp_path / "50")
    read = bench._read(tmp_path / "50")
    assert written.keys() == read.keys()
    assert all((read[name] == written[name]).all() for name in written)


def test_osteons_cells_run(bench):
    bench._cells()
    from bench_cell import CELLS

    data = bench.cohort(3000)
    ours = [cell for cell in CELLS if cell.peer == bench.OURS]
    assert len(ours) >= 6
    for cell in ours:
        assert np.isfinite(cell.prepare(data)())


def test_the_page(bench):
    results = [
        bench.Result("KM", "osteon", 1000, 2e-4, 1e-3, 15, 0.5),
        bench.Result("KM", "R survival", 1000, 2e-3, 1e-3, 15, 0.5 * (1 + 1e-12)),
        bench.Result("KM", "other", 1000, why=bench.SLOW),
    ]
    text = bench.page(results, 30)
    assert "| osteon | 200 µs |  |" in text
    assert "| R survival | 2 ms (10x) | 1e-12 |" in text
    assert "| other | *not run (too slow)* |  |" in text


def test_a_different_answer_is_explained_below_its_table(bench):
    late = "Cox, Efron, five covariates, late entry"
    results = [
        bench.Result(late, "osteon", 1000, 2e-4, 1e-3, 15, 0.5),
        bench.Result(late, "statsmodels", 1000, 2e-3, 1e-3, 15, 0.5006),
        bench.Result(late, "R survival", 1000, 2e-3, 1e-3, 15, 0.5 + 1e-11),
        bench.Result(late, "another", 1000, 2e-3, 1e-3, 15, 0.51),
    ]
    text = bench.page(results, 30)
    assert "\n- statsmodels counts who enters on the day of a death as at risk" in text
    assert "\n- another differs: not yet looked into.\n" in text
    assert "\n- R survival" not in text


def test_a_tie_reads_as_a_tie(bench):
    results = [
        bench.Result("Median", "osteon", 1_000, 0.001),
        bench.Result("Median", "R survival", 1_000, 0.00098),
    ]
    assert "| Median | 1,000 | R survival | 1x | 0.98x | as fast: a tie |  |" in bench.page(
        results, 60
    )


def test_aims_say_what_was_obtained(bench):
    km, late = "Kaplan-Meier with limits", "Cox, Efron, five covariates"
    results = [
        bench.Result(km, "osteon", 1_000_000, 0.001),
        bench.Result(km, "R survival", 1_000_000, 0.6),
        bench.Result(late, "osteon", 1_000_000, 1.0),
        bench.Result(late, "R survival", 1_000_000, 5.0),
        bench.Result("Median", "osteon", 1_000, 0.002),
        bench.Result("Median", "R survival", 1_000, 0.001),
    ]
    text = bench.page(results, 60)
    assert f"| {km} | 1,000,000 | R survival | 400x | 600x | reached |  |" in text
    assert (
        f"| {late} | 1,000,000 | R survival | 20x | 5x | missed by a factor of 4 | not yet" in text
    )
    assert "| Median | 1,000 | R survival | 1x | 0.5x | missed by a factor of 2 | not yet" in text


def test_a_risk_tables_row(bench):
    import bench_tables

    found = {"rows": 1000, "reading": 1e-3, "counting": 1e-3, "building": 1.5e-3, "memory": 3.0}
    assert bench_tables._row("any", found) == (
        "| any | 1,000 | 1 ms | 1 ms | 1.5 ms (1.5x) | 3x | missed: memory 3 times |"
    )
    assert set(bench_tables.columns(10)) >= {
        n for case in bench_tables.CASES.values() for n in case
    }
