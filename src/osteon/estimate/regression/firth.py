"""Logistic and Cox regression by Firth's penalised likelihood.

An arm without events has no maximum likelihood estimate: the odds ratio runs off to infinity and
its Wald interval says nothing. The penalised estimate exists always, and profile limits tell
honestly how large the effect may be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from osteon.contracts.arrays import (
    Floats,
    check_same_rows,
    columns_by_name,
    covariates_of,
    numbers,
)
from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate.arguments import expect
from osteon.estimate.intervals import check_choice, check_conf_level
from osteon.estimate.newton import Evaluation
from osteon.estimate.regression.design_matrix import (
    check_names,
    check_rank,
    event_indicator,
    standardise,
)
from osteon.estimate.regression.partial_likelihood import PartialLikelihood, cox_likelihood
from osteon.estimate.regression.penalised import FirthFit, PenalisedModel, fit_penalised, penalised
from osteon.estimate.weights import whole_weights


def firth_logistic(
    event: ArrayLike,
    covariates: Mapping[str, ArrayLike],
    *,
    weight: ArrayLike | None = None,
    conf_level: float = 0.95,
) -> FirthFit:
    """Logistic regression with Firth's penalty and profile limits.

    Parameters
    ----------
    event : array_like of bool, shape (n,)
        Whether each patient has the event.
    covariates : mapping of str to array_like of float, shape (n,)
        Or a data frame; categories as 0/1 columns. An intercept is added.
    weight : array_like of float, shape (n,), optional
        Positive weights; a weight of 2 counts as two patients, in the penalty too.
    conf_level : float
        Two-sided confidence.

    Returns
    -------
    FirthFit
        ``ratios`` are odds ratios.

    Raises
    ------
    EstimateError
        If shapes differ, the event is not 0 or 1, a weight is not positive, or covariates are
        missing, constant or collinear.

    Notes
    -----
    Maximises :math:`\\ell(\\beta) + \\frac12 \\log |I(\\beta)|` ([1]_); its score is
    :math:`U_r + \\sum_i h_i (\\frac12 - \\pi_i) x_{ir}` with the hat values h ([2]_).
    Limits and p by profile penalised likelihood ([2]_). In a 2 x 2 table the estimate
    is that of the table with 1/2 added to each cell. Standard errors, for Wald's method only, are
    those of the augmented data, as in logistf since 1.24; [2]_ and brglm2 take the plain
    information. R: ``logistf::logistf(event ~ x)``; the points also
    ``glm(method = "brglmFit", type = "AS_mean")`` of brglm2.

    References
    ----------
    .. [1] Firth (1993), Biometrika 80:27-38, doi:10.1093/biomet/80.1.27.
    .. [2] Heinze & Schemper (2002), Stat. Med. 21:2409-2419, doi:10.1002/sim.1047.

    Examples
    --------
    13 of 48 untreated and 0 of 57 treated patients with a skeletal event [Mathew et al. 2025]:

    >>> untreated = np.repeat([1, 1, 0], [13, 35, 57])
    >>> event = np.repeat([1, 0, 0], [13, 35, 57])
    >>> odds = firth_logistic(event, {"untreated": untreated}).ratios["untreated"]
    >>> f"{odds.estimate:.1f} ({odds.conf_low:.2f}-{odds.conf_high:.0f})"
    '43.7 (5.50-5659)'
    """
    check_conf_level(conf_level)
    y, w = _outcome(event, weight)
    by_name = columns_by_name(covariates)
    check_same_rows({"event": event, "weight": weight, **by_name})
    given = covariates_of(by_name)
    names = tuple(given)
    check_names(names, names)
    columns = standardise(names, tuple(_column(name, given[name], y.size) for name in names))
    x = np.column_stack([np.ones(y.size), columns.standardised(np.arange(y.size))])
    check_rank(("intercept", *names), x.T @ x, float(x.shape[0]))
    to_units = np.diag(np.append(1.0, 1 / columns.scale))
    to_units[0, 1:] = -columns.centre / columns.scale
    model = PenalisedModel(
        evaluate=lambda beta: _logistic(y, x, w, beta),
        error_information=lambda beta: _augmented_information(x, w, beta),
        names=("intercept", *names),
        tested=list(range(1, x.shape[1])),
        to_units=to_units,
        n=y.size,
        events=int(y.sum()),
        informing=int(min(y.sum(), y.size - y.sum())),
        unpenalised=lambda beta: _plain_logistic(y, x, w, beta),
        whole=np.array_equal(w, np.rint(w)),
        robust="a bootstrap of patients, see `bootstrap_weights`",
    )
    return fit_penalised(model, conf_level)


def firth_cox(
    history: History,
    names: Sequence[str],
    *,
    ties: str = "efron",
    causes: Sequence[str] | None = None,
    conf_level: float = 0.95,
) -> FirthFit:
    """Cox's model with Firth's penalty and profile limits.

    For few events, and for an exposure under which none happens: start-stop intervals whose
    covariate changes, delayed entry, weights and strata as in `cox`.

    Parameters
    ----------
    history, names, ties, causes, conf_level
        As in `cox`.

    Returns
    -------
    FirthFit
        ``ratios`` are hazard ratios.

    Raises
    ------
    EstimateError
        If nothing happens, or covariates are unknown, missing, constant or collinear.

    Notes
    -----
    Maximises :math:`\\ell(\\beta) + \\frac12 \\log |I(\\beta)|` of the partial likelihood
    ([1]_) with the exact derivative of the penalty: third cumulants over the risk sets,
    in Efron's case with tied deaths reduced as in the likelihood. A weight of 2 counts as two
    rows, in the penalty too. R: ``coxphf::coxphf`` (Breslow's ties, neither strata nor weights).

    References
    ----------
    .. [1] Heinze & Schemper (2001), Biometrics 57:114-119,
       doi:10.1111/j.0006-341X.2001.00114.x.

    Examples
    --------
    Four untreated patients with three events, four treated ones without:

    >>> history = History.of(
    ...     exit=[2, 4, 6, 8, 5, 7, 9, 10], event=[1, 1, 1, 0, 0, 0, 0, 0],
    ...     covariates={"treated": [0, 0, 0, 0, 1, 1, 1, 1]},
    ... )
    >>> hazard = firth_cox(history, ["treated"]).ratios["treated"]
    >>> f"{hazard.estimate:.3f} ({hazard.conf_low:.4f}-{hazard.conf_high:.2f})"
    '0.112 (0.0008-1.16)'
    """
    expect(History, history=history)
    check_choice("ties", ties, ("efron", "breslow"))
    check_conf_level(conf_level)
    event = event_indicator(history, causes)
    likelihood, columns = cox_likelihood(history, names, event, ties)
    null = likelihood.evaluate(np.zeros(len(names)))
    check_rank(columns.names, null.information, float(likelihood.at_risk.weight.sum()))

    model = PenalisedModel(
        evaluate=lambda beta: _partial(likelihood, beta),
        error_information=lambda beta: likelihood.evaluate(beta).information,
        names=columns.names,
        tested=list(range(len(names))),
        to_units=np.diag(1 / columns.scale),
        n=len(history),
        events=int(event.sum()),
        informing=int(event.sum()),
        unpenalised=likelihood.evaluate,
        whole=whole_weights(history),
        robust="`cox` with `robust=True`",
    )
    return fit_penalised(model, conf_level)


def _outcome(event: ArrayLike, weight: ArrayLike | None) -> tuple[Floats, Floats]:
    y = numbers("event", event)
    if y.ndim != 1 or not y.size or not np.isin(y, (0, 1)).all():
        raise EstimateError(
            "`event` holds something else than one 0 or 1 a patient",
            "it says whether each patient has the event",
            "leave out patients in whom it is not known, and count them",
        )
    w = np.ones(y.size) if weight is None else _column("weight", weight, y.size)
    if not ((w > 0) & (w < np.inf)).all():
        raise EstimateError("a weight is not positive and finite", do="leave out weight 0")
    return y, w


def _column(name: str, values: ArrayLike, size: int) -> Floats:
    column = numbers(name, values)
    if column.shape != (size,):
        raise EstimateError(
            f'"{name}" has shape {column.shape}, `event` has {(size,)}', "one value a patient"
        )
    return column


def _logistic(y: Floats, x: Floats, w: Floats, beta: Floats) -> Evaluation:
    plain, p = _plain_logistic(y, x, w, beta), expit(x @ beta)
    hat = _hat(x, w * p * (1 - p), plain.information)
    return penalised(plain.value, plain.score, plain.information, x.T @ (hat * (0.5 - p)))


def _plain_logistic(y: Floats, x: Floats, w: Floats, beta: Floats) -> Evaluation:
    eta = x @ beta
    p = expit(eta)
    information = (x * (w * p * (1 - p))[:, None]).T @ x
    value = float((w * y) @ eta - w @ np.logaddexp(0, eta))
    return Evaluation(value, x.T @ (w * (y - p)), information)


def _hat(x: Floats, variance: Floats, information: Floats) -> Floats:
    """Each row's hat value."""
    return np.asarray(variance * np.einsum("ia,ab,ib->i", x, _inverse(information), x))


def _augmented_information(x: Floats, w: Floats, beta: Floats) -> Floats:
    """Information of the data with the penalty's half events added: w + h rows for each."""
    p = expit(x @ beta)
    variance = p * (1 - p)
    hat = _hat(x, w * variance, (x * (w * variance)[:, None]).T @ x)
    return np.asarray((x * (variance * (w + hat))[:, None]).T @ x)


def _partial(likelihood: PartialLikelihood, beta: Floats) -> Evaluation:
    moments = likelihood.moments(beta)
    information = likelihood.information(moments)
    slope = likelihood.penalty_slope(moments, _inverse(information))
    return penalised(moments.value, likelihood.score(moments), information, slope)


def _inverse(information: Floats) -> Floats:
    """Inverse, or nan where a step went so far that there is none: the step will be halved."""
    try:
        return np.linalg.inv(information).astype(np.float64)
    except np.linalg.LinAlgError:
        return np.full_like(information, np.nan)
