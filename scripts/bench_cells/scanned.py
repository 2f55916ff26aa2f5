"""What only a scan finds: Turnbull's estimate, judged by its certificate."""

from __future__ import annotations

import numpy as np
from bench_cell import AT_DAY, Columns, Work, cell

TURNBULL = "Turnbull's estimate (osteon: certified)"
SIZES = [200, 1_000, 5_000, 20_000]
GAP_DAYS = 180


def _bounds(d: Columns) -> tuple[np.ndarray, np.ndarray]:
    """Last scan without and first scan with it; scans every half year or so, on whole days."""
    shift = (d["id"] * 37) % GAP_DAYS
    number = np.maximum(d["exit"] - shift, 0) // GAP_DAYS
    left = np.where(d["exit"] > shift, shift + number * GAP_DAYS, 0).astype(float)
    seen = d["event"] > 0
    return left, np.where(seen, np.where(d["exit"] > shift, left + GAP_DAYS, shift), np.inf)


@cell(TURNBULL, "osteon", SIZES)
def _(d: Columns) -> Work:
    from osteon.contracts.bounds import Bounds
    from osteon.estimate import turnbull

    left, right = _bounds(d)

    def work() -> float:
        curve = turnbull(Bounds.of(left=left, right=right))["all"]
        return 1 - float(curve.mass[curve.right <= AT_DAY].sum())

    return work


@cell(TURNBULL, "lifelines", SIZES)
def _(d: Columns) -> Work:
    import warnings

    from lifelines import KaplanMeierFitter

    warnings.simplefilter("ignore")
    left, right = _bounds(d)

    def work() -> float:
        fit = KaplanMeierFitter().fit_interval_censoring(left, right)
        return float(fit.survival_function_.iloc[:, 0].asof(AT_DAY))

    return work


@cell(TURNBULL, "greenwood", SIZES)
def _(d: Columns) -> Work:
    import greenwood

    left, right = _bounds(d)

    def work() -> float:
        fit = greenwood.Turnbull().fit(greenwood.Surv(left, right, type="interval2"))
        return float(np.asarray(fit.predict([AT_DAY])).ravel()[0])

    return work
