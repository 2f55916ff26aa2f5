"""Estimates pooled over imputed data sets, three in ten exposures being missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy.special import expit

from osteon.contracts.arrays import Floats
from osteon.estimate import (
    cox,
    event_rates,
    firth_cox,
    fixed_time_difference,
    kaplan_meier,
    pool,
    pool_curves,
    pool_fits,
    pool_profiles,
    risk_table,
)
from validity.cases.case import ITERATIVE, Case, Covered, at, of
from validity.designs import EVENT_HAZARD, HAZARD_RATIO, TIME, Design
from validity.samples import Sample, compared, draw
from validity.truths import survival

IMPUTATIONS, MISSING = 5, 0.3


def pooled(design: Design, seed: int) -> Iterator[Covered]:
    """Cox's model, survival of the exposed and the difference of survival."""
    samples = imputed(draw(design, seed, compared))
    fits = [cox(s.with_exposure, ["exposed"], causes=["event"]) for s in samples]
    yield of("hazard ratio, Cox, pooled", pool_fits(fits).ratios["exposed"].estimate, HAZARD_RATIO)
    penalised = [firth_cox(s.with_exposure, ["exposed"], causes=["event"]) for s in samples]
    ratio = pool_profiles(penalised)["exposed"]
    yield of("hazard ratio, Firth's Cox, pooled profiles", ratio, HAZARD_RATIO)
    curves = [kaplan_meier(risk_table(s.by_exposure)) for s in samples]
    a, b = survival(design, TIME), survival(design, TIME, HAZARD_RATIO)
    points = pool_curves([curve["exposed"] for curve in curves], TIME)
    yield at("survival at 1 year, pooled", points, b)
    gaps = [fixed_time_difference(c["unexposed"], c["exposed"], TIME) for c in curves]
    yield of("difference in survival at 1 year, pooled", pool(gaps).estimate, a - b)


def pooled_rates(design: Design, seed: int) -> Iterator[Covered]:
    """The rate of the exposed on the log scale, with and without the small-sample correction."""
    samples = imputed(draw(design, seed, compared))
    rates = [event_rates(risk_table(s.by_exposure), "event")["exposed"] for s in samples]
    for name, df in (("", np.inf), (", df_complete", design.n / 2 - 1)):
        found = pool(rates, scale="log", df_complete=df).estimate
        yield of(f"rate, pooled on the log scale{name}", found, EVENT_HAZARD * HAZARD_RATIO)


def imputed(sample: Sample) -> list[Sample]:
    """Fill in missing exposures by draws from a logistic model, its coefficients drawn too.

    With constant hazards the log odds of being exposed are linear in the event and the time, so
    the model is the right one: what is tested is the pooling.
    """
    rng, n = sample.rng, sample.design.n
    x = np.column_stack([np.ones(n), sample.state == 1, sample.exit / 365])
    missing = rng.random(n) < MISSING
    best, covariance = _logistic(x[~missing], sample.exposed[~missing])
    result = []
    for beta in rng.multivariate_normal(best, covariance, IMPUTATIONS):
        drawn = rng.random(n) < expit(x @ beta)
        exposed = np.where(missing, drawn, sample.exposed).astype(np.int64)
        result.append(replace(sample, exposed=exposed))
    return result


def _logistic(x: Floats, y: np.ndarray) -> tuple[Floats, Floats]:
    """Maximum likelihood coefficients and their covariance."""
    beta = np.zeros(x.shape[1])
    for _ in range(25):
        p = expit(x @ beta)
        information = (x.T * (p * (1 - p))) @ x
        beta = beta + np.linalg.solve(information, x.T @ (y - p))
    return beta, np.linalg.inv(information)


CASES = (Case(pooled, ITERATIVE), Case(pooled_rates, ITERATIVE))
