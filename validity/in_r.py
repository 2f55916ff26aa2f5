"""Is an interval that is too short too short in R as well? The same samples, counted by R.

``python -m validity.in_r`` needs R with its package survival. It takes n = 100 where the page marks
an interval as short; compare what it prints with the first or third column there.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import numpy as np

from osteon.contracts.arrays import Floats
from validity.cases.case import CLOSED_FORM, ITERATIVE
from validity.cases.curves import EARLY_DAY
from validity.designs import HAZARD_RATIO, HORIZON, SEED, Design
from validity.models import families
from validity.samples import draw
from validity.truths import mean_time, median, survival

DAY_0, LATE = Design(100), Design(100, late_entry=True)


def main() -> None:
    """Write the samples, and let R count."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder / "all_from_day_0.csv", _HISTORY, [_history(DAY_0, k) for k in _seeds()])
        _write(folder / "late_entry.csv", _HISTORY, [_history(LATE, k) for k in _seeds()])
        clustered = [_families(k) for k in range(SEED, SEED + ITERATIVE)]
        _write(folder / "families.csv", "sample,family,exit,event,exposed", clustered)
        _write(folder / "truths.csv", ",".join(_TRUTHS), [np.array([list(_TRUTHS.values())])])
        script = Path(__file__).with_suffix(".R")
        subprocess.run(["Rscript", str(script), str(folder)], check=True)


_HISTORY = "sample,entry,exit,event"
_TRUTHS = {
    "median": median(DAY_0),
    "day": EARLY_DAY,
    "early": survival(DAY_0, EARLY_DAY),
    "horizon": HORIZON,
    "mean": mean_time(LATE, HORIZON),
    "log_ratio": np.log(HAZARD_RATIO),
}


def _seeds() -> range:
    return range(SEED, SEED + CLOSED_FORM)


def _history(design: Design, seed: int) -> Floats:
    s = draw(design, seed)
    return np.column_stack([np.full(design.n, seed), s.entry, s.exit, s.state])


def _families(seed: int) -> Floats:
    history, family = families(DAY_0, seed)
    event, exposed = history.to_state == 1, history.covariates["exposed"]
    return np.column_stack([np.full(DAY_0.n, seed), family, history.exit, event, exposed])


def _write(file: Path, header: str, parts: list[Floats]) -> None:
    np.savetxt(file, np.vstack(parts), "%.17g", ",", header=header, comments="")


if __name__ == "__main__":
    main()
