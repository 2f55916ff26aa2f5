"""Two patients contrasted by one Cox model: survival at a time, with a treatment and without."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from osteon.errors import EstimateError
from osteon.estimate.arguments import number
from osteon.estimate.curves.pulls import Pulled
from osteon.estimate.intervals import Estimate, wald
from osteon.estimate.regression.cox import CoxFit
from osteon.estimate.regression.predicted_path import Course, Path, paths_of
from osteon.estimate.regression.prediction_pulls import pulls


def predicted_survival_difference(
    fit: CoxFit,
    a: Course,
    b: Course,
    time: float,
    *,
    changes: Sequence[float] = (),
    start: float = 0.0,
    stratum: str | tuple[str, str] | None = None,
) -> Estimate:
    """Difference ``a - b`` of the survival that a Cox model predicts for two patients at a time.

    Both curves rest on the same coefficients and, in one stratum, on the same baseline: what they
    share is counted once, so that the difference is known better, or worse, than of two curves
    from different patients.

    Parameters
    ----------
    fit : CoxFit
        Without infinite coefficients.
    a, b : mapping of str to float, or to sequence of float, shape (m + 1,)
        The two patients: a value for every covariate of the model, or several that hold one after
        the other, as in `baseline_hazard`.
    time : float
        In days, within the follow-up of the stratum.
    changes : sequence of float, shape (m,)
        Times at which covariates of either patient change, ascending, in days.
    start : float
        Survival is conditional on surviving it, in days.
    stratum : str or (str, str), optional
        Name of the stratum of both, or of each; needed if there are several.

    Returns
    -------
    Estimate
        With a Wald interval; ``p_value`` tests that the difference is 0.

    Raises
    ------
    EstimateError
        As `baseline_hazard`, or if the time lies outside follow-up.

    Notes
    -----
    By the delta method on the coefficients and the steps of the baseline hazard together ([1]_, of
    one curve), in the notation of `baseline_hazard`:

    .. math:: \\operatorname{var}(S_a - S_b) = \\sum_{t_j \\le t} d_j \\Big(
        \\frac{S_a e^{z_a' \\beta} - S_b e^{z_b' \\beta}}{\\sum_{R_j} w_i e^{x_i'\\beta}} \\Big)^2
        + (S_a q_a - S_b q_b)' V (S_a q_a - S_b q_b)

    where the first sum falls apart into one of each stratum if they differ. Of a robust fit it is
    the sum over its clusters of the squared differences of their pulls. R: no call for the first;
    ``survfit(fit, newdata)`` gives its two halves for each patient. The second is, where no times
    are tied, ``p <- riskRegression::predictCox(fit, newdata, t, iid = TRUE)$survival.iid`` and
    ``sqrt(sum((p[, , 1] - p[, , 2])^2))``.

    It is the contrast of two patients with the covariates said. That the model's coefficient is
    the effect of a treatment is an assumption; and nobody's average over a cohort is taken.

    References
    ----------
    .. [1] Tsiatis (1981), Ann. Stat. 9:93-108, doi:10.1214/aos/1176345335.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import cox
    >>> fit = cox(History.of(
    ...     exit=[1, 1, 6, 6, 8, 9], event=[1, 0, 1, 1, 0, 1],
    ...     covariates={"x": [1, 1, 1, 0, 0, 0]},
    ... ), ["x"], ties="breslow")
    >>> gap = predicted_survival_difference(fit, {"x": 1}, {"x": 0}, 3)
    >>> round(gap.estimate, 4), round(gap.std_error, 4)   # of independent curves it were 0.2282
    (-0.1774, 0.1836)
    """
    first, second = paths_of(fit, a, b, changes=changes, start=start, stratum=stratum)
    return _survival(first, time).minus(_survival(second, time))


def predicted_survival_ratio(
    fit: CoxFit,
    a: Course,
    b: Course,
    time: float,
    *,
    changes: Sequence[float] = (),
    start: float = 0.0,
    stratum: str | tuple[str, str] | None = None,
) -> Estimate:
    """Ratio ``a / b`` of the survival that a Cox model predicts for two patients at a time.

    Parameters
    ----------
    fit, a, b, time, changes, start, stratum
        As in `predicted_survival_difference`.

    Returns
    -------
    Estimate
        ``a / b``, its interval made on the log scale; ``std_error`` is that of its log, ``p_value``
        tests that it is 1.

    Raises
    ------
    EstimateError
        As `predicted_survival_difference`, or if a predicted survival is 0.

    Notes
    -----
    .. math:: \\log \\frac{S_a}{S_b} = \\Lambda_b - \\Lambda_a, \\qquad
        \\operatorname{var} = \\sum_{t_j \\le t} d_j \\Big(
        \\frac{e^{z_a' \\beta} - e^{z_b' \\beta}}{\\sum_{R_j} w_i e^{x_i'\\beta}} \\Big)^2
        + (q_a - q_b)' V (q_a - q_b)

    in the notation of `baseline_hazard` ([1]_ of one curve), and robust as there. R: as
    `predicted_survival_difference`, with ``cumhazard.iid``.

    References
    ----------
    .. [1] Tsiatis (1981), Ann. Stat. 9:93-108, doi:10.1214/aos/1176345335.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import cox
    >>> fit = cox(History.of(
    ...     exit=[1, 1, 6, 6, 8, 9], event=[1, 0, 1, 1, 0, 1],
    ...     covariates={"x": [1, 1, 1, 0, 0, 0]},
    ... ), ["x"], ties="breslow")
    >>> ratio = predicted_survival_ratio(fit, {"x": 1}, {"x": 0}, 3)
    >>> round(ratio.estimate, 4), ratio.interval
    (0.8112, 'log')
    """
    first, second = paths_of(fit, a, b, changes=changes, start=start, stratum=stratum)
    return _survival(first, time).over(_survival(second, time))


def _survival(path: Path, time: float) -> Pulled:
    """Survival of one patient at a time, and its pulls."""
    t = number("time", time)
    if not path.start <= t <= path.end:
        raise EstimateError(
            f"the time is day {time:g}",
            f"follow-up runs from day {path.start:g} to day {path.end:g}",
            "choose a time that every stratum's follow-up reaches",
        )
    met = path.time <= t
    survival = float(np.exp(-path.steps[met].sum()))
    known = wald(survival, float("nan"), path.fit.conf_level)
    return Pulled(known, pulls(path, -survival * met[:, None].astype(np.float64))[:, 0])
