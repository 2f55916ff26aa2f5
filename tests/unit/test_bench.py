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
