"""Write the simulated multi-state inputs: the same files for R and for osteon.

Nobody in them exists. ``multi_state.csv`` is watched without a gap: illness that comes, goes and
kills, with ties, late entry, weights and clusters. ``panel.csv`` is seen only at visits, except
for death. Run again with ``python make_multi_state.py``; the seed is fixed.
"""

from __future__ import annotations

import numpy as np

WELL, ILL, DEAD = 1, 2, 3


def multi_state(rng: np.random.Generator, n: int = 160) -> dict[str, np.ndarray]:
    """Intervals in one state; days are multiples of 5, so that nearly all are tied."""
    rows = []
    for i in range(n):
        age, treated = round(rng.normal(62, 10), 1), int(rng.integers(0, 2))
        shared = (age, treated, int(rng.integers(0, 6)), int(rng.integers(1, 4)))
        weight = round(rng.uniform(0.3, 3), 3)
        late = int(rng.random() < 0.4)
        day = 5 * int(rng.integers(1, 50)) * late
        state, end = (ILL if rng.random() < 0.15 else WELL), 5 * int(rng.integers(60, 300))
        forward = 1  # until the first recovery: the part without a way back
        while day < end:
            risk = np.exp(0.03 * (age - 62))
            to_ill, to_dead = (400 * np.exp(0.5 * treated), 1500) if state == WELL else (500, 450)
            change, death = rng.exponential(to_ill), rng.exponential(to_dead / risk)
            stay = 5 * int(np.ceil(min(change, death) / 5))
            if day + stay > end:
                rows.append((i, day, end, state, 0, 0, forward, late, *shared, weight))
                break
            to = DEAD if death < change else WELL + ILL - state
            one_way = 0 if to == WELL else to
            rows.append((i, day, day + stay, state, to, one_way, forward, late, *shared, weight))
            day, state, forward = day + stay, to, forward * (to != WELL)
            if to == DEAD:
                break
    names = ("id", "entry", "exit", "from", "to", "one_way", "forward", "late")
    names += ("age", "treated", "centre", "copies", "weight")
    return dict(zip(names, np.array(rows).T, strict=True))


def panel(rng: np.random.Generator, n: int = 120) -> dict[str, np.ndarray]:
    """Visits about every year; a death is seen on its day, what else happens only at visits."""
    rows = []
    for i in range(n):
        treated, age = int(rng.integers(0, 2)), round(rng.normal(0, 1), 2)
        path = [(0.0, WELL)]
        while path[-1][1] != DEAD and path[-1][0] < 12:
            day, state = path[-1]
            worse = 0.35 * np.exp(-0.6 * treated + 0.2 * age)
            rates = {WELL: (worse, 0.05), ILL: (0.15, 0.25 * np.exp(0.3 * age))}[state]
            change, death = rng.exponential(1 / rates[0]), rng.exponential(1 / rates[1])
            step = min(change, death)
            path.append((day + step, DEAD if death < change else WELL + ILL - state))
        died = path[-1][0] if path[-1][1] == DEAD else np.inf
        visits = np.concatenate([[0.0], np.cumsum(rng.choice([0.5, 1.0, 1.5], 9))])
        for t in visits[visits < died]:
            state = [s for start, s in path if start <= t][-1]
            rows.append((i, t, state, treated, age))
        if died < visits[-1]:
            rows.append((i, round(died, 3), DEAD, treated, age))
        elif rng.random() < 0.4:  # known to be alive later, the state not seen
            rows.append((i, visits[-1] + 0.75, 99, treated, age))
    return dict(zip(("id", "years", "state", "treated", "age"), np.array(rows).T, strict=True))


def main() -> None:
    """Write both inputs."""
    from make_inputs import write  # beside this file, which is run as a script

    rng = np.random.default_rng(20251122)
    write("multi_state", multi_state(rng))
    write("panel", panel(rng))


if __name__ == "__main__":
    main()
