"""Limits by bootstrap of patients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product

from osteon.estimate import Estimate, bootstrap, bootstrap_difference, bootstrap_estimate
from validity.cases.case import BOOTSTRAPPED, VOTES, VOTES_BCA, Case, Covered, of, tried
from validity.cases.curves import START
from validity.cases.robust import cloned
from validity.designs import HAZARD_RATIO, TIME, Design
from validity.models import families
from validity.samples import compared, draw
from validity.truths import incidence, survival


def resampled(design: Design, seed: int) -> Iterator[Covered]:
    """Survival and incidence at one year, and their differences between two groups."""
    yield from _limits(design, seed, VOTES, ("percentile", "normal"))


def corrected(design: Design, seed: int) -> Iterator[Covered]:
    """The same, corrected for bias and acceleration, which takes more replicates."""
    yield from _limits(design, seed, VOTES_BCA, ("bca",))


def _limits(
    design: Design, seed: int, replicates: int, kinds: tuple[str, ...]
) -> Iterator[Covered]:
    history = draw(design, seed, compared).by_exposure
    drawn = bootstrap(history, [TIME], seed=seed, replicates=replicates)
    one = partial(bootstrap_estimate, drawn, "exposed", TIME)
    gap = partial(bootstrap_difference, drawn, "unexposed", "exposed", TIME)
    for limits, (what, cause, truth) in product(
        kinds, (("survival", None, survival), ("incidence", "event", incidence))
    ):
        a, b = truth(design, TIME), truth(design, TIME, HAZARD_RATIO)
        options = {"cause": cause, "limits": limits}
        for name, make, value in (
            (what, one, b),
            (f"difference in {what}", gap, a - b),
        ):
            name = f"{name} at 1 year, bootstrap {limits}"
            yield from tried(partial(_of, name, make, options, value))


def _of(name: str, make: Callable[..., Estimate], options: dict, truth: float) -> Covered:
    return of(name, make(**options), truth)


def resampled_later(design: Design, seed: int) -> Iterator[Covered]:
    """Survival from a later day on, the groups' sizes left to chance."""
    history = draw(design, seed, compared).by_exposure
    drawn = bootstrap(
        history, [TIME], seed=seed, replicates=VOTES, start=START, within_strata=False
    )
    a, b = (survival(design, TIME, r) / survival(design, START, r) for r in (1.0, HAZARD_RATIO))
    found = bootstrap_difference(drawn, "unexposed", "exposed", TIME)
    name = f"difference in survival at 1 year from day {START} on, bootstrap percentile"
    yield of(name, found, a - b)


def resampled_clones(design: Design, seed: int) -> Iterator[Covered]:
    """Patients who are in both arms, drawn with both of their clones."""
    history = cloned(design, seed)
    drawn = bootstrap(history, [TIME], seed=seed, replicates=VOTES, within_strata=False)
    for name, cause in (("survival", None), ("incidence", "event")):
        found = bootstrap_difference(drawn, "stay", "leave", TIME, cause=cause)
        yield of(f"difference in {name} at 1 year, clones, bootstrap percentile", found, 0.0)


def resampled_families(design: Design, seed: int) -> Iterator[Covered]:
    """Families drawn as one, or torn apart."""
    history, family = families(design, seed)
    unexposed = history.covariates["exposed"] == 0
    truth = survival(design, TIME)
    for name, cluster in (("patients", None), ("families", family[unexposed])):
        drawn = bootstrap(
            history.where(unexposed), [TIME], seed=seed, replicates=VOTES, cluster=cluster
        )
        found = bootstrap_estimate(drawn, "all", TIME)
        yield of(f"survival at 1 year in families, bootstrap of {name}", found, truth)


CASES = (
    Case(resampled, BOOTSTRAPPED),
    Case(corrected, BOOTSTRAPPED),
    Case(resampled_later, BOOTSTRAPPED),
    Case(resampled_clones, BOOTSTRAPPED),
    Case(
        resampled_families,
        BOOTSTRAPPED,
        lambda d: not d.late_entry and not d.competing_death,
        "families enter at day 0, and death takes all alike",
    ),
)
