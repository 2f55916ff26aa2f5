"""Write the simulated inputs of the reference tests: the same files for R and for osteon.

Nobody in them exists. They hold what breaks estimators: many ties (between events, causes,
censorings and entries), delayed entry, strata, competing causes, weights, covariates that change
over time, an exposure without events. Run again with ``python make_inputs.py``; the seed is fixed.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent


def cohort(rng: np.random.Generator, n: int = 240) -> dict[str, np.ndarray]:
    """One interval a patient; times are multiples of 5 days, so that nearly all are tied."""
    age = rng.normal(60, 11, n).round(1)
    male = rng.integers(0, 2, n)
    marker = rng.lognormal(1, 0.8, n).round(2)
    centre = rng.integers(0, 3, n)
    group = rng.choice(3, n, p=[0.5, 0.3, 0.2])
    risk = np.exp(0.03 * (age - 60) - 0.4 * male + 0.25 * group + 0.2 * centre)
    first = rng.exponential(900 / risk)
    second = rng.exponential(1500, n)
    censored = rng.uniform(100, 1600, n)
    exit_ = np.minimum(np.minimum(first, second), censored)
    cause = np.where(exit_ == first, 1, np.where(exit_ == second, 2, 0))
    exit_ = 5 * np.ceil(exit_ / 5)
    entry = np.where(rng.random(n) < 0.5, 0, 5 * rng.integers(0, 60, n))
    keep = entry < exit_
    columns = {
        "id": np.arange(n),
        "entry": entry,
        "exit": exit_.astype(int),
        "cause": cause,
        "group": group,
        "centre": centre,
        "age": age,
        "male": male,
        "marker": marker,
        "copies": rng.integers(1, 4, n),
        "weight": rng.uniform(0.3, 3, n).round(3),
    }
    return {name: values[keep] for name, values in columns.items()}


def start_stop(rng: np.random.Generator, patients: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Every patient until exposure begins, and from then on; few events, none when exposed."""
    rows = []
    for i in range(110):
        entry, exit_ = int(patients["entry"][i]), int(patients["exit"][i])
        begins = entry + 5 * int(rng.integers(0, 80))
        event = int(patients["cause"][i] == 1)
        shared = (int(patients["centre"][i]), float(patients["age"][i]), int(patients["male"][i]))
        if begins <= entry or begins >= exit_:
            exposed = int(begins <= entry)
            rows.append((i, entry, exit_, event * (1 - exposed), event, exposed, *shared))
        else:
            rows.append((i, entry, begins, 0, 0, 0, *shared))
            rows.append((i, begins, exit_, 0, event, 1, *shared))
    names = ("id", "entry", "exit", "rare", "event", "exposed", "centre", "age", "male")
    return dict(zip(names, np.array(rows).T, strict=True))


def bounds(rng: np.random.Generator, n: int = 60) -> dict[str, np.ndarray]:
    """Scans every few months; the event is found at the first scan after it, if at all."""
    true = rng.weibull(1.2, n) * 500
    scans = np.cumsum(10 * rng.integers(6, 25, (n, 6)), axis=1)
    left = np.where(scans < true[:, None], scans, 0).max(axis=1)
    right = np.where(scans >= true[:, None], scans, np.inf).min(axis=1)
    return {"left": left.astype(float), "right": right}


def recurrent(rng: np.random.Generator, n: int = 120) -> dict[str, np.ndarray]:
    """Events that come again until death or the end of observation; some patients enter late."""
    rows = []
    for i in range(n):
        treated, centre, frailty = (
            int(rng.integers(0, 2)),
            int(rng.integers(0, 9)),
            rng.gamma(2, 0.5),
        )
        weight = round(float(rng.uniform(0.3, 3)), 3)
        entry = 10 * int(rng.integers(0, 30)) if rng.random() < 0.3 else 0
        dies = 10 * int(np.ceil(rng.exponential(70 / (0.5 + frailty))))
        stops = 10 * int(rng.integers(10, 90))
        end = max(min(dies, stops), entry + 10)
        rate = frailty * (1.0 - 0.4 * treated) / 25
        events = [t for t in range(entry + 10, end + 1, 10) if rng.random() < rate]
        shared = (treated, centre, weight)
        for since, until in zip([entry, *events], events, strict=False):
            rows.append((i, since, until, 1, *shared))
        last = events[-1] if events else entry
        if last < end:
            rows.append((i, last, end, 2 * int(dies <= end), *shared))
    names = ("id", "entry", "exit", "event", "treated", "centre", "weight")
    return dict(zip(names, np.array(rows).T, strict=True))


def imputations(
    rng: np.random.Generator, patients: dict[str, np.ndarray], m: int = 5
) -> dict[str, np.ndarray]:
    """The cohort's age and marker with a third of the values drawn anew, m times."""
    n = patients["id"].size
    columns = {"id": patients["id"]}
    for name, draw in (
        ("age", lambda: rng.normal(60, 11, n).round(1)),
        ("marker", lambda: rng.lognormal(1, 0.8, n).round(2)),
    ):
        missing = rng.random(n) < 1 / 3
        for i in range(1, m + 1):
            columns[f"{name}_{i}"] = np.where(missing, draw(), patients[name])
    return columns


def windows(rng: np.random.Generator, n: int = 160) -> dict[str, np.ndarray]:
    """Scanned patients with covariates: windows, exact times, late entry, weights, groups."""
    age = rng.normal(60, 10, n).round(1)
    male = rng.integers(0, 2, n)
    group = rng.integers(0, 3, n)
    true = 300 * rng.weibull(1.4, n) * np.exp(0.02 * (age - 60) - 0.5 * male + 0.2 * group)
    entry = np.where(rng.random(n) < 0.4, 5 * rng.integers(1, 25, n), 0)
    scans = entry[:, None] + np.cumsum(5 * rng.integers(4, 30, (n, 7)), axis=1)
    left = np.where(scans < true[:, None], scans, entry[:, None]).max(axis=1).astype(float)
    right = np.where(scans >= true[:, None], scans, np.inf).min(axis=1)
    exact = (rng.random(n) < 0.15) & (true < scans[:, -1])
    true = true.round(1)
    columns = {
        "left": np.where(exact, true, left),
        "right": np.where(exact, true, right),
        "entry": entry,
        "age": age,
        "male": male,
        "group": group,
        "copies": rng.integers(1, 4, n),
    }
    keep = (true > entry + 1) & (columns["left"] <= columns["right"])
    return {name: values[keep] for name, values in columns.items()}


def illness_death(rng: np.random.Generator, n: int = 250) -> dict[str, np.ndarray]:
    """Scans find the onset, death has a date; some enter late, free of the onset."""
    male = rng.integers(0, 2, n)
    marker = rng.normal(0, 1, n).round(2)
    onset = rng.exponential(900 * np.exp(-0.5 * male - 0.3 * marker))
    without, after = rng.exponential(2500, n), rng.exponential(500 * np.exp(-0.3 * male))
    onset = np.where(onset < without, onset, np.inf)
    died = np.where(np.isfinite(onset), onset + after, without)
    entry = np.where(rng.random(n) < 0.3, 10 * rng.integers(1, 30, n), 0)
    end = entry + rng.integers(500, 1800, n)
    death, exit_ = died <= end, np.ceil(np.minimum(died, end))
    scans = entry[:, None] + np.cumsum(10 * rng.integers(9, 30, (n, 20)), axis=1)
    seen = scans <= exit_[:, None]
    free = seen & (scans < onset[:, None])
    columns = {
        "left": np.where(free, scans, entry[:, None]).max(axis=1),
        "right": np.where(seen & ~free, scans, np.inf).min(axis=1),
        "entry": entry,
        "exit": exit_.astype(int),
        "death": death.astype(int),
        "male": male,
        "marker": marker,
    }
    keep = (onset > entry) & (died > entry)
    return {name: values[keep] for name, values in columns.items()}


def write(name: str, columns: dict[str, np.ndarray]) -> None:
    """Write columns as CSV; whole numbers without a decimal point."""
    with (HERE / f"{name}.csv").open("w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(columns)
        for row in zip(*columns.values(), strict=True):
            out.writerow(f"{value:g}" if float(value).is_integer() else value for value in row)


def main() -> None:
    """Write every input."""
    rng = np.random.default_rng(20251023)
    patients = cohort(rng)
    write("cohort", patients)
    write("start_stop", start_stop(rng, patients))
    write("bounds", bounds(rng))
    write("imputations", imputations(np.random.default_rng(20251025), patients))
    write("recurrent", recurrent(np.random.default_rng(20251024)))
    write("windows", windows(np.random.default_rng(20251024)))
    write("illness_death", illness_death(np.random.default_rng(20251025)))


if __name__ == "__main__":
    main()
