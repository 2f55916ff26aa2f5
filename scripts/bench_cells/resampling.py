"""The bootstrap of two groups' survival and incidence at five years, 1,000 replicates."""

from __future__ import annotations

import numpy as np
from bench_cell import AT_DAY, Columns, Work, cell

BOOTSTRAP = "1,000 bootstraps of the differences in survival and incidence"
SIZES = (500, 10_000)
REPLICATES = 1_000


@cell(BOOTSTRAP, "osteon", SIZES)
def _(d: Columns) -> Work:
    from osteon.contracts.history import History
    from osteon.estimate import bootstrap, bootstrap_difference

    exit_, event, group = d["exit"], d["event"], d["group"]

    def work() -> float:
        history = History.of(
            exit=exit_, event=event, stratum=group, states=("free", "first", "second")
        )
        drawn = bootstrap(history, [AT_DAY], seed=1, replicates=REPLICATES)
        bootstrap_difference(drawn, "1", "0", AT_DAY, cause="first")
        return bootstrap_difference(drawn, "1", "0", AT_DAY).estimate

    return work


@cell(BOOTSTRAP, "scikit-survival", SIZES)
def _(d: Columns) -> Work:
    from sksurv.nonparametric import cumulative_incidence_competing_risks

    exit_, event = d["exit"].astype(float), d["event"].astype(np.int64)
    rows = [np.flatnonzero(d["group"] == g) for g in (0, 1)]

    def difference(chosen: list[np.ndarray]) -> float:
        free = []
        for i in chosen:
            time, incidence = cumulative_incidence_competing_risks(event[i], exit_[i])
            free.append(1 - incidence[0][np.searchsorted(time, AT_DAY, side="right") - 1])
        return float(free[1] - free[0])

    def work() -> float:
        rng = np.random.default_rng(1)
        for _ in range(REPLICATES):
            difference([rng.choice(i, i.size) for i in rows])
        return difference(rows)

    return work
