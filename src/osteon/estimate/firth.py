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

from osteon.contracts.history import Floats, History
from osteon.estimate.design_matrix import check_names, check_rank, event_indicator, standardise
from osteon.estimate.intervals import check_choice, check_conf_level
from osteon.estimate.newton import Evaluation
from osteon.estimate.partial_likelihood import PartialLikelihood, cox_likelihood
from osteon.estimate.penalised import FirthFit, PenalisedModel, fit_penalised, penalised


def firth_logistic(
    event: ArrayLike, covariates: Mapping[str, ArrayLike], *, conf_level: float = 0.95
) -> FirthFit:
    """Logistic regression with Firth's penalty and profile limits.

    Parameters
    ----------
    event : array_like of bool, shape (n,)
        Whether each patient has the event.
    covariates : mapping of str to array_like of float, shape (n,)
        Categories as 0/1 columns. An intercept is added.
    conf_level : float
        Two-sided confidence.

    Returns
    -------
    FirthFit
        ``ratios`` are odds ratios.

    Raises
    ------
    EstimateError
        If covariates are missing, constant or collinear, or everybody or nobody has the event
        and there is nothing to compare.

    Notes
    -----
    Maximises :math:`\\ell(\\beta) + \\frac12 \\log |I(\\beta)|` ([1]_); its score is
    :math:`U_r + \\sum_i h_i (\\frac12 - \\pi_i) x_{ir}` with the hat values h ([2]_).
    Limits and p by profile penalised likelihood ([2]_). In a 2 x 2 table the estimate
    is that of the table with 1/2 added to each cell. Standard errors, for Wald's method only, are
    those of the augmented data, as in logistf since 1.24; [2]_ and brglm2 take the plain
    information. R: ``logistf(event ~ x)``; the points also ``glm(method = "brglmFit",
    type = "AS_mean")`` of brglm2.

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
    y = np.asarray(event, dtype=np.float64)
    names = tuple(covariates)
    check_names(names, names)
    columns = standardise(
        names, tuple(np.asarray(covariates[name], dtype=np.float64) for name in names)
    )
    x = np.column_stack([np.ones(y.size), columns.standardised(np.arange(y.size))])

    check_rank(("intercept", *names), x.T @ x)
    to_units = np.diag(np.append(1.0, 1 / columns.scale))
    to_units[0, 1:] = -columns.centre / columns.scale
    model = PenalisedModel(
        evaluate=lambda beta: _logistic(y, x, beta),
        error_information=lambda beta: _augmented_information(x, beta),
        names=("intercept", *names),
        tested=list(range(1, x.shape[1])),
        to_units=to_units,
        n=y.size,
        events=int(y.sum()),
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
    in Efron's case with tied deaths reduced as in the likelihood. R: ``coxphf`` (Breslow's ties).

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
    check_choice("ties", ties, ("efron", "breslow"))
    check_conf_level(conf_level)
    event = event_indicator(history, causes)
    likelihood, columns = cox_likelihood(history, names, event, ties)
    check_rank(columns.names, likelihood.evaluate(np.zeros(len(names))).information)

    model = PenalisedModel(
        evaluate=lambda beta: _partial(likelihood, beta),
        error_information=lambda beta: likelihood.evaluate(beta).information,
        names=columns.names,
        tested=list(range(len(names))),
        to_units=np.diag(1 / columns.scale),
        n=len(history),
        events=int(event.sum()),
    )
    return fit_penalised(model, conf_level)


def _logistic(y: Floats, x: Floats, beta: Floats) -> Evaluation:
    eta = x @ beta
    p = expit(eta)
    information, hat = _information(x, p * (1 - p))
    value = float(y @ eta - np.logaddexp(0, eta).sum())
    return penalised(value, x.T @ (y - p), information, x.T @ (hat * (0.5 - p)))


def _information(x: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Fisher information, and each row's hat value."""
    information = (x * variance[:, None]).T @ x
    return information, variance * np.einsum("ia,ab,ib->i", x, _inverse(information), x)


def _augmented_information(x: Floats, beta: Floats) -> Floats:
    """Information of the data with the penalty's half events added: 1 + h rows for each."""
    p = expit(x @ beta)
    _, hat = _information(x, p * (1 - p))
    return (x * (p * (1 - p) * (1 + hat))[:, None]).T @ x


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
