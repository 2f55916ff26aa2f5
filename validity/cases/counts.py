"""Plain counts: shares, two-by-two tables, rates, medians of values."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from osteon.estimate import (
    event_rates,
    fisher_exact,
    median_of_values,
    proportion,
    proportion_difference,
    proportion_upper_bound,
    rate_ratio,
    rate_upper_bound,
    risk_table,
    standardised_rate,
)
from validity.cases.case import CLOSED_FORM, Case, Covered, of
from validity.designs import EVENT_HAZARD, HAZARD_RATIO, Design
from validity.samples import compared, draw

COMMON, RARE = 0.25, 0.06
CLASS_TIME = np.array([0.5, 0.3, 0.2])
"""Of person-time by class of age, in a sample; the standard has the reverse."""
CLASS_RATES = np.array([0.001, 0.002, 0.004])


def tables(design: Design, seed: int) -> Iterator[Covered]:
    """Shares of two groups of n / 2, one common and one rare."""
    rng, n = np.random.default_rng(seed), design.n // 2
    a, b = int(rng.binomial(n, COMMON)), int(rng.binomial(n, RARE))
    for method in ("wilson", "clopper-pearson", "mid-p"):
        yield of(f"proportion 25 %, {method}", proportion(a, n, interval=method), COMMON)
        yield of(f"proportion 6 %, {method}", proportion(b, n, interval=method), RARE)
    bound = proportion_upper_bound(b, n)
    yield "proportion 6 %, one-sided upper bound", 0.0, bound, RARE
    for method in ("newcombe", "miettinen-nurminen"):
        gap = proportion_difference(a, n, b, n, interval=method)
        yield of(f"difference of proportions, {method}", gap, COMMON - RARE)
    odds = COMMON / (1 - COMMON) / (RARE / (1 - RARE))
    for convention in ("central", "mid-p"):
        found = fisher_exact(a, n, b, n, convention=convention).odds_ratio
        yield of(f"odds ratio, Fisher's conditional {convention}", found, odds)


def values(design: Design, seed: int) -> Iterator[Covered]:
    """The median of values that are all known."""
    m = median_of_values(np.random.default_rng(seed).exponential(size=design.n))
    yield "median of values, order statistics", m.conf_low, m.conf_high, float(np.log(2))


def rates(design: Design, seed: int) -> Iterator[Covered]:
    """Events per person-time, and their ratio between two groups."""
    table = risk_table(draw(design, seed).history)
    for method in ("garwood", "mid-p"):
        found = event_rates(table, "event", interval=method)["all"]
        yield of(f"rate, {method}", found, EVENT_HAZARD)
    events = float(table.events[0, table.causes(["event"])[0]].sum())
    bound = rate_upper_bound(events, float(table.person_time[0, 0]))
    yield "rate, one-sided upper bound", 0.0, bound, EVENT_HAZARD
    table = risk_table(draw(design, seed, compared).by_exposure)
    counted = table.events[:, table.causes(["event"])[0]].sum(axis=-1).astype(int)
    time = table.person_time[:, 0]
    for convention in ("central", "mid-p"):
        ratio = rate_ratio(counted[1], time[1], counted[0], time[0], convention=convention)
        yield of(f"ratio of rates, {convention}", ratio, HAZARD_RATIO)


def standardised(design: Design, seed: int) -> Iterator[Covered]:
    """A rate standardised to another make-up of age; n patients of a hundred days each."""
    time, standard = 100 * design.n * CLASS_TIME, CLASS_TIME[::-1]
    events = np.random.default_rng(seed).poisson(CLASS_RATES * time)
    truth = float(CLASS_RATES @ standard)
    yield of("standardised rate, Fay-Feuer", standardised_rate(events, time, standard), truth)


_ONLY_N = "only the number of patients matters"

CASES = (
    Case(tables, CLOSED_FORM, lambda d: not d.late_entry and not d.competing_death, _ONLY_N),
    Case(values, CLOSED_FORM, lambda d: not d.late_entry and not d.competing_death, _ONLY_N),
    Case(rates, CLOSED_FORM),
    Case(standardised, CLOSED_FORM, lambda d: not d.late_entry and not d.competing_death, _ONLY_N),
)
