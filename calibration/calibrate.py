"""Choose the patients of a conditioned scenario, so that its targets are met.

    python -m calibration.calibrate essen_sinet_2025

1. A pool: the first ``--pool`` patients of the scenario's model are simulated, nothing forced.
2. A start: as many as the protocol's population has, by stratum (stage IV with and without bone
   metastasis, lower stages), in the order in which they came.
3. A local search: a few patients at a time are exchanged for others of the stratum; an exchange
   stays if the figures come no further from their targets, or, at first, a little further
   (annealing): first until the counts are met, then for survival too. Targets stand in the
   scenario file.

What comes out is the list of the patients' numbers, ``<scenario>.draws.txt``, to be committed
beside the scenario: `osteon.simulate` simulates these and needs no search. The search has a seed
and gives the same list again.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

import osteon.simulate
from calibration import figures
from calibration.endpoints import Endpoints, endpoints
from osteon.contracts.protocol import Protocol
from osteon.contracts.settings import read_settings
from osteon.errors import OsteonError
from osteon.simulate import Scenario, simulate_patient
from osteon.simulate.scenario import Target

FOLDER = Path(osteon.simulate.__file__).parent / "scenarios"
STRATA = ("bone", "other", "lower")
FAR = 100.0  # a median that is not reached
HOT = (1.0, 1.0, 0.5, 0.3, 0.3, 0.3)  # heat at which each round starts
COLD = {False: 0.15, True: 0.01}  # and where it ends: counts come in ones, times do not
COUNTS_FIRST = 4.0  # what a missed count weighs while survival is tuned
OUTSIDE = {"topography": 0.45, "morphology": 0.12, "basis": 0.23, "first_visit": 0.2}
"""Share of each criterion among the patients outside the population."""


def main() -> None:
    """Run the command line; the draws are written only if every target is met."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("scenario", help="name of a shipped scenario")
    parser.add_argument("--pool", type=int, default=40_000, help="patients to choose from")
    parser.add_argument("--tries", type=int, default=50_000, help="exchanges in each round")
    parser.add_argument("--seed", type=int, default=1, help="of the first search")
    parser.add_argument("--searches", type=int, default=5, help="seeds tried, one after the other")
    given = parser.parse_args()
    file = FOLDER / f"{given.scenario}.toml"
    scenario = free(read_settings(file, Scenario, OsteonError))
    people = pool(scenario, given.pool)
    for seed in range(given.seed, given.seed + given.searches):
        search = Search.start(scenario, people, seed)
        search.run(given.tries)
        print(search.told())
        if search.cost == 0:
            chosen = [*search.numbers(), *outside(scenario, people)]
            text = _draws_file(scenario, given, seed, chosen)
            file.with_suffix(".draws.txt").write_text(text, encoding="utf-8", newline="\n")
            return
    sys.exit("No search met every target: enlarge the pool, or look whether the model can.")


def free(scenario: Scenario) -> Scenario:
    """Return the scenario before it was conditioned."""
    return scenario.model_copy(update={"conditioned": False, "draws": ()})


def pool(scenario: Scenario, size: int) -> list[Endpoints]:
    """Simulate the first patients of the model, those who reach the centre."""
    protocol = Protocol.load(scenario.protocol)
    with multiprocessing.Pool() as workers:
        found = workers.map(partial(_one, scenario, protocol), range(size), chunksize=250)
    return [e for e in found if e is not None]


def outside(scenario: Scenario, people: list[Endpoints]) -> list[int]:
    """Return the first patients who miss a criterion, each criterion a fair share."""
    missed = {name: [e.number for e in people if e.excluded_by == name] for name in OUTSIDE}
    total = sum(share for name, share in OUTSIDE.items() if missed[name])
    return [
        number
        for name, share in OUTSIDE.items()
        for number in missed[name][: round(share / total * scenario.outside)]
    ]


@dataclass
class Search:
    """The search: who is chosen, in which stratum, and how far the figures are from the targets."""

    targets: tuple[Target, ...]
    columns: figures.Columns
    members: dict[str, np.ndarray]
    chosen: dict[str, np.ndarray]
    alike: list[np.ndarray]
    dying: dict[str, np.ndarray]
    random: np.random.Generator
    cost: float = np.inf

    @classmethod
    def start(cls, scenario: Scenario, people: list[Endpoints], seed: int) -> Search:
        """Take the first to come of each stratum, as many as the targets ask for."""
        fit = [e for e in people if not e.excluded_by and e.exit > 0 and _kept(e)]
        stratum = np.array([_stratum(e) for e in fit])
        wanted = {t.figure: int(t.low) for t in scenario.targets}
        iv, bone = wanted["stage IV at diagnosis"], wanted["bone metastasis"]
        size = {"bone": bone, "other": iv - bone, "lower": wanted["patients"] - iv}
        members = {name: np.flatnonzero(stratum == name) for name in STRATA}
        for name in STRATA:
            print(f"{name}: {size[name]} of {members[name].size} in the pool")
        chosen = {name: members[name][: size[name]].copy() for name in STRATA}
        return cls(
            scenario.targets,
            figures.columns(fit),
            members,
            chosen,
            _alike(fit),
            _dying(scenario.targets, fit),
            np.random.default_rng(seed),
        )

    def run(self, tries: int) -> None:
        """Meet the counts; then, mostly among patients who count alike, survival as well."""
        for hot in HOT:
            self._anneal(2 * tries, hot, survival=False, alike=0.2)
            self._anneal(tries, hot, survival=True, alike=0.9)
            if self.cost == 0:
                return

    def _anneal(self, tries: int, hot: float, *, survival: bool, alike: float) -> None:
        """Exchange patients until every target is met, or ``tries`` are used up."""
        self.cost, begun = self._cost(np.inf, survival), time.perf_counter()
        for i in range(tries):
            if self.cost == 0:
                print(f"met after {i} exchanges tried")
                return
            if i % 5000 == 0:
                print(f"{i:7d}  cost {self.cost:9.4f}  {time.perf_counter() - begun:5.0f} s")
            heat = hot * (COLD[survival] / hot) ** (i / tries)
            limit = self.cost + heat * self.random.exponential()
            self._exchange(limit, survival, alike)

    def numbers(self) -> list[int]:
        """Return the numbers of the chosen patients."""
        return [int(n) for n in self.columns["number"][self._who()]]

    def told(self) -> str:
        """Figures beside their targets."""
        found = self._figures()
        lines = [
            f"{'' if t.low <= found[t.figure] <= t.high else 'MISSED ':7}{t.figure:40}"
            f"{found[t.figure]:12.5g}   {t.low:g} to {t.high:g}"
            for t in self.targets
        ]
        others = sorted(set(found) - {t.figure for t in self.targets})
        return "\n".join([*lines, *(f"       {name:40}{found[name]:12.5g}" for name in others)])

    def _exchange(self, limit: float, survival: bool, alike: float) -> None:
        """Exchange one to three patients of a stratum; take it back if the cost passes the limit."""
        name = STRATA[self.random.choice(3, p=(0.6, 0.25, 0.15))]
        before = self.chosen[name].copy()
        for _ in range(self.random.integers(1, 4)):
            self._exchange_one(name, self.random.random() < alike)
        cost = self._cost(limit, survival)
        if cost <= limit:
            self.cost = cost
        else:
            self.chosen[name] = before

    def _exchange_one(self, name: str, alike: bool) -> None:
        place = self.random.integers(self.chosen[name].size)
        among = self.alike[self.chosen[name][place]] if alike else self.members[name]
        if not alike and name in self.dying and self.random.random() < 0.5:
            among = self.dying[name]
        other = self.random.choice(among)
        if other not in self.chosen[name]:
            self.chosen[name][place] = other

    def _who(self) -> np.ndarray:
        return np.concatenate([self.chosen[name] for name in STRATA])

    def _figures(self) -> dict[str, float]:
        c = {name: column[self._who()] for name, column in self.columns.items()}
        return {**figures.counts(c), **figures.times(c)}

    def _cost(self, limit: float, survival: bool) -> float:
        """Sum of misses; what takes longest comes last, and only where there is still a chance."""
        who = self._who()
        c = {name: column[who] for name, column in self.columns.items()}
        found = figures.counts(c)
        cost = sum(_miss(t, found[t.figure]) for t in self.targets if t.figure in found)
        if not survival:
            return cost
        cost *= COUNTS_FIRST
        if cost > limit:
            return cost
        for figure in (figures.survival, figures.visibility):
            found = figure(c)
            cost += sum(_miss(t, found[t.figure]) for t in self.targets if t.figure in found)
            if cost > limit:
                break
        return cost


def _one(scenario: Scenario, protocol: Protocol, number: int) -> Endpoints | None:
    patient = simulate_patient(scenario, number)
    return None if patient is None else endpoints(patient, protocol)


def _alike(people: list[Endpoints]) -> list[np.ndarray]:
    """Return, for each patient, those who are the same in everything that is counted."""
    groups: dict[tuple, list[int]] = {}
    kinds = [
        (
            _stratum(e), e.male, e.functioning, e.first_seen, e.conversion_days is None, e.pattern,
            e.bm is None, e.event is None, e.event_prevalent, e.treated, e.started_after_event,
            e.osteoporosis_dose, e.entry == e.exit,
        )
        for e in people
    ]  # fmt: skip
    for i, kind in enumerate(kinds):
        groups.setdefault(kind, []).append(i)
    arrays = {kind: np.array(members) for kind, members in groups.items()}
    return [arrays[kind] for kind in kinds]


def _dying(targets: tuple[Target, ...], people: list[Endpoints]) -> dict[str, np.ndarray]:
    """Return, by stratum, those who die just when its median is wanted: a median is a death."""
    wanted = {t.figure.removeprefix("survival "): t for t in targets}
    found = {}
    for name in ("bone", "other"):
        windows = [wanted[group] for group in (name, "all") if group in wanted]
        members = [
            i
            for i, e in enumerate(people)
            if _stratum(e) == name
            and e.dead
            and any(t.low <= e.exit / figures.MONTH_DAYS <= t.high for t in windows)
        ]
        print(f"{name}: {len(members)} die when a median is wanted")
        if members:
            found[name] = np.array(members)
    return found


def _stratum(e: Endpoints) -> str:
    if not e.stage_iv:
        return "lower"
    return "other" if e.bm is None else "bone"


def _kept(e: Endpoints) -> bool:
    """Leave out what would make the published figures ambiguous.

    Bone found on the last day; a skull lesion that a CT of the trunk, read as clear, did not cover.
    """
    return e.bm is None or (e.bm_follow_up > 0 and not e.out_of_field)


def _miss(target: Target, value: float) -> float:
    """Return how far a figure is from its target, in the target's units; 0 within."""
    if not np.isfinite(value):
        return FAR
    away = max(target.low - value, value - target.high, 0.0)
    return min(away / target.unit, FAR)


def _draws_file(scenario: Scenario, given: argparse.Namespace, seed: int, chosen: list[int]) -> str:
    heading = [
        f"# Numbers of the simulated patients that make up {scenario.name}.",
        f"# Made by: python -m calibration.calibrate {scenario.name} --pool {given.pool} "
        f"--tries {given.tries} --seed {seed}",
        "# The last ones do not fulfil the study's criteria.",
    ]
    return "\n".join([*heading, *map(str, chosen)]) + "\n"


if __name__ == "__main__":
    main()
