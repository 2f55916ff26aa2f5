"""Survival and cumulative incidence curves over several imputed data sets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from osteon.errors import EstimateError
from osteon.estimate.arguments import expect
from osteon.estimate.curves.curve import CUMULATIVE_INCIDENCE, SURVIVAL, Curve, Points
from osteon.estimate.imputed.rubin import (
    SCALES,
    check_df,
    check_imputations,
    combine,
    student_quantile,
)


def pool_curves(
    curves: Sequence[Curve], times: ArrayLike, *, df_complete: float = np.inf
) -> Points:
    """Pool survival or cumulative incidence curves over imputed data sets, at chosen times.

    Parameters
    ----------
    curves : sequence of Curve
        Two or more, one an imputed data set: the same group, the same estimand.
    times : array_like of float, shape (m,)
        Times in days.
    df_complete : float
        As in `pool`.

    Returns
    -------
    Points
        Numbers at risk and events are means over the imputations. ``std_error`` is on the plain
        scale, by the delta method. Where all curves are certain of the same value (nothing has
        happened yet) that value is kept, with standard error 0; where only some are 0 or 1, or
        one ends earlier, the scale has no value and the point is nan.

    Raises
    ------
    EstimateError
        If there are fewer than two curves, they differ in estimand, start or level, or are not of
        probabilities.

    Notes
    -----
    Averaged on the complementary log-log scale of survival ([1]_) and of incidence, by the rules
    of `pool`:

    .. math:: \\bar S(t) = \\exp\\Big( -\\exp \\tfrac1m \\sum \\log(-\\log S(t)) \\Big), \\qquad
        \\log(-\\log(1 - F(t))) \\text{ likewise}

    R: ``mice::pool.scalar`` of
    ``log(-log(surv))`` with variances ``(std.err / (surv * log(surv)))^2``.

    References
    ----------
    .. [1] Marshall, Altman, Holder & Royston (2009), BMC Med. Res. Methodol. 9:57,
       doi:10.1186/1471-2288-9-57.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import kaplan_meier, risk_table
    >>> imputed = [
    ...     kaplan_meier(risk_table(History.of(exit=exit, event=[1, 1, 0, 1])))["all"]
    ...     for exit in ([2, 4, 6, 8], [2, 5, 7, 8], [3, 5, 6, 9])
    ... ]
    >>> pool_curves(imputed, [1, 4.5]).estimate.round(3).tolist()
    [1.0, 0.68]
    """
    check_df(df_complete)
    _same_kind(curves)
    points = [curve.at(times) for curve in curves]
    value = np.array([p.estimate for p in points])
    std_error = np.array([p.std_error for p in points])
    survival = curves[0].estimand == SURVIVAL
    forward, slope, back = SCALES["log-log" if survival else "cloglog"]
    with np.errstate(divide="ignore", invalid="ignore"):
        q = forward(value)
        q = np.where(np.isfinite(q), q, np.nan)
        parts = combine(q, (std_error * slope(value)) ** 2, df_complete)
        estimate = back(parts.mean)
        plain = np.sqrt(parts.total) / np.abs(slope(estimate))
        half = student_quantile(parts.df, curves[0].conf_level) * np.sqrt(parts.total)
        ends = np.sort([back(parts.mean - half), back(parts.mean + half)], axis=0)
    certain = (std_error == 0).all(axis=0) & (value == value[0]).all(axis=0)
    return Points(
        time=points[0].time,
        at_risk=np.mean([p.at_risk for p in points], axis=0),
        events=np.mean([p.events for p in points], axis=0),
        estimate=np.where(certain, value[0], estimate),
        std_error=np.where(certain, 0.0, plain),
        conf_low=np.where(certain, value[0], ends[0]),
        conf_high=np.where(certain, value[0], ends[1]),
    )


def _same_kind(curves: Sequence[Curve]) -> None:
    expect(Sequence, curves=curves)
    check_imputations(len(curves))
    for curve in curves:
        expect(Curve, curve=curve)
        if curve.estimand not in (SURVIVAL, CUMULATIVE_INCIDENCE):
            raise EstimateError(
                f"the curves are of {curve.estimand}",
                "probabilities are averaged on the complementary log-log scale",
                'pool their values at one time: `pool([fixed_time(...), ...], scale="log")`',
            )
    for name in ("estimand", "start", "conf_level"):
        kinds = {getattr(curve, name) for curve in curves}
        if len(kinds) > 1:
            raise EstimateError(
                f"the curves have `{name}` {', '.join(map(str, sorted(kinds)))}",
                "curves of one kind are pooled",
            )
