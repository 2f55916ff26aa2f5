"""What a patient with given covariates meets on the way, term by term of a Cox model.

The patient's covariates may change on the way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from osteon.contracts.arrays import Floats, numbers
from osteon.errors import EstimateError, did_you_mean
from osteon.estimate.arguments import expect, number
from osteon.estimate.curves.curve import check_start
from osteon.estimate.regression.cox import CoxFit, check_finite
from osteon.estimate.regression.design_matrix import Design
from osteon.estimate.regression.moments import Moments

Course = Mapping[str, float | Sequence[float]]
"""Covariates of one patient: a value each, or one for each part of the way."""


@dataclass(frozen=True, eq=False)
class Gradient:
    """How numbers that a model predicts move with its baseline hazard and its coefficients.

    Attributes
    ----------
    of_terms : ndarray of float, shape (terms, k)
        Derivative of each number by each term's share of the baseline hazard, `Moments.hazard`.
    of_coefficients : ndarray of float, shape (k, p)
        Derivative by the coefficients of the standardised covariates, through the baseline too.
    """

    of_terms: Floats
    of_coefficients: Floats


@dataclass(frozen=True, eq=False)
class Path:
    """What one patient meets in one stratum, after a start.

    Attributes
    ----------
    fit : CoxFit
        The model.
    moments : Moments
        Of its risk sets, at its coefficients.
    z : ndarray of float, shape (terms, p)
        Standardised covariates of the patient at each term.
    ratio : ndarray of float, shape (terms,)
        The patient's hazard relative to `Moments.hazard`.
    cells : slice
        Event times that are met, of those of all strata.
    start, end : float
        Given that it is survived, and last time at which anybody of the stratum was seen, in days.
    """

    fit: CoxFit
    moments: Moments
    z: Floats
    ratio: Floats
    cells: slice
    start: float
    end: float

    @property
    def time(self) -> Floats:
        """Event times that are met, shape (k,)."""
        return self.fit.likelihood.at_risk.time[self.cells]

    @property
    def steps(self) -> Floats:
        """Cumulative hazard's step at each, shape (k,)."""
        return self.of_cells((self.moments.hazard * self.ratio)[:, None])[:, 0]

    def of_cells(self, of_terms: Floats) -> Floats:
        """Sum terms by the event times that are met: (terms, m) -> (k, m)."""
        return self.fit.likelihood.at_risk.per_cell(of_terms)[self.cells]

    def gradient(self, gain: Floats) -> Gradient:
        """Of numbers that move by ``gain``, shape (k, m), with the hazard's step at each time."""
        at_risk = self.fit.likelihood.at_risk
        of_cells = np.zeros((at_risk.time.size, gain.shape[1]))
        of_cells[self.cells] = gain
        of_terms = self.ratio[:, None] * of_cells[at_risk.cell]
        slope = self.moments.hazard[:, None] * (self.z - self.moments.mean)
        return Gradient(of_terms, of_terms.T @ slope)


def path_of(
    fit: CoxFit,
    covariates: Course | None,
    *,
    changes: Sequence[float] = (),
    start: float = 0.0,
    stratum: str | None = None,
) -> Path:
    """Path of a patient with given covariates; raises as `baseline_hazard`."""
    check_finite(fit, "a prediction needs finite coefficients")
    check_start(start)
    at_risk, beta = fit.likelihood.at_risk, fit.coefficients * fit.design.scale
    moments = fit.likelihood.moments(beta)
    times = _times_of_change(changes)
    z = _course(fit, covariates, times)[np.searchsorted(times, at_risk.time)[at_risk.cell]]
    s = stratum_index(fit.history.strata, stratum)
    return Path(
        fit=fit,
        moments=moments,
        z=z,
        ratio=np.exp(z @ beta - moments.shift),
        cells=_cells(fit, s, start),
        start=start,
        end=float(fit.history.exit[fit.history.stratum == s].max(initial=start)),
    )


def paths_of(
    fit: CoxFit,
    a: Course,
    b: Course,
    *,
    changes: Sequence[float] = (),
    start: float = 0.0,
    stratum: str | tuple[str, str] | None = None,
) -> tuple[Path, Path]:
    """Paths of two patients, in one stratum or in one each."""
    expect(Mapping, a=a, b=b)
    strata = tuple(stratum) if isinstance(stratum, tuple | list) else (stratum, stratum)
    if len(strata) != 2:
        raise EstimateError(
            f"`stratum` names {len(strata)} strata",
            "it must be the one of both patients, or one each",
        )
    first, second = (
        path_of(fit, z, changes=changes, start=start, stratum=name)
        for z, name in zip((a, b), strata, strict=True)
    )
    return first, second


def patient(
    names: tuple[str, ...], design: Design, covariates: Mapping[str, float] | None
) -> Floats:
    """Standardised covariates of one patient, shape (p,); raises as `baseline_hazard`."""
    values = dict.fromkeys(names, 0.0) if covariates is None else covariates
    expect(Mapping, covariates=values)
    for name in values:
        if name not in names:
            raise EstimateError(
                f'"{name}" is no covariate of the model',
                f"its covariates are {', '.join(names)}",
                did_you_mean(name, names),
            )
    missing = [name for name in names if name not in values]
    if missing:
        raise EstimateError(
            f"there is no value for {', '.join(missing)}",
            "a prediction needs a value for every covariate of the model",
        )
    z = np.array([number(name, values[name]) for name in names])
    if not np.isfinite(z).all():
        raise EstimateError("a covariate's value is not finite", "a prediction is for one patient")
    return np.asarray((z - design.centre) / design.scale)


def stratum_index(strata: tuple[str, ...], name: str | None) -> int:
    """Index of the stratum to predict for."""
    if name is None and len(strata) == 1:
        return 0
    if not isinstance(name, str) or name not in strata:
        raise EstimateError(
            "the model has several strata" if name is None else f'there is no stratum "{name}"',
            f"strata are {', '.join(strata)}",
            "name the one to predict for: `stratum=`",
        )
    return strata.index(name)


def _times_of_change(changes: Sequence[float]) -> Floats:
    times = numbers("changes", changes)
    if times.ndim != 1 or not np.isfinite(times).all() or (np.diff(times) <= 0).any():
        raise EstimateError("`changes` are not finite times that ascend", "they are days")
    return times


def _course(fit: CoxFit, covariates: Course | None, changes: Floats) -> Floats:
    """Standardised covariates of each part of the way, shape (m + 1, p)."""
    parts = changes.size + 1
    if covariates is None:
        return np.tile(patient(fit.names, fit.design, None), (parts, 1))
    expect(Mapping, covariates=covariates)
    values = {name: numbers(name, value) for name, value in covariates.items()}
    for name, value in values.items():
        if value.shape not in ((), (parts,)):
            raise EstimateError(
                f'"{name}" has values of shape {value.shape}, and there are {changes.size} changes',
                f"it has one value, or {parts}",
                "name the times of the changes in `changes`",
            )
    ways = {name: np.broadcast_to(value, parts) for name, value in values.items()}
    return np.stack(
        [
            patient(fit.names, fit.design, {name: float(way[k]) for name, way in ways.items()})
            for k in range(parts)
        ]
    )


def _cells(fit: CoxFit, stratum: int, start: float) -> slice:
    """Event times of a stratum after the start."""
    at_risk = fit.likelihood.at_risk
    begin, end = at_risk.offset[stratum : stratum + 2]
    met = np.searchsorted(at_risk.time[begin:end], start, side="right")
    return slice(begin + met, end)
