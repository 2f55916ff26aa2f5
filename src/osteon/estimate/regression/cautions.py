"""What a reader of a regression must be told before its numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from osteon.contracts.arrays import Floats
from osteon.estimate.clusters import few_clusters
from osteon.estimate.weights import weight_caution

FEW_EVENTS = 10
"""Events per coefficient below which estimates are biased away from 1 and limits too narrow."""
NEARLY_COLLINEAR = 10.0
"""Variance inflation above which coefficients are told apart by little."""


def cautions(
    names: Sequence[str],
    events: int,
    information: Floats,
    *,
    infinite: Sequence[str] = (),
    clusters: int | None = None,
    cancelled: Sequence[str] = (),
    whole: bool = True,
    robust: str = "`robust=True`",
) -> tuple[str, ...]:
    """Say in sentences what is doubtful about a model.

    Parameters
    ----------
    names : sequence of str
        Coefficients.
    events : int
        Events that inform them.
    information : ndarray of float, shape (p, p)
        Information matrix; rows of infinite coefficients are left out.
    infinite : sequence of str
        Coefficients that the likelihood drives to infinity.
    clusters : int, optional
        Clusters that a robust covariance is summed over.
    cancelled : sequence of str
        Coefficients whose robust variance is 0.
    whole : bool
        False where weights are no counts, though the covariance takes them for such.
    robust : str
        What to ask instead then.

    Returns
    -------
    tuple of str
        Empty if nothing is doubtful.

    Notes
    -----
    Ten events per coefficient is the rule of [1]_: below it, coefficients were biased and their
    intervals covered too little. The variance inflation of a coefficient is its variance over
    what it would be if the others were known, :math:`I_{jj} (I^{-1})_{jj}`; above 10 is the usual
    sign of collinearity ([2]_).

    References
    ----------
    .. [1] Peduzzi, Concato, Feinstein & Holford (1995), J. Clin. Epidemiol. 48:1503-1510,
       doi:10.1016/0895-4356(95)00048-8.
    .. [2] Belsley, Kuh & Welsch (1980), Regression Diagnostics, doi:10.1002/0471725153.

    Examples
    --------
    >>> cautions(["age", "male"], 8, np.eye(2))
    ('8 events for 2 coefficients, fewer than 10 per coefficient: estimates and limits are unreliable',)
    """
    return (
        *_infinite(infinite),
        *_few_events(len(names), events),
        *(few_clusters(clusters) if clusters is not None else ()),
        *_cancelled(cancelled),
        *weight_caution(whole, robust),
        *_collinear([n for n in names if n not in infinite], names, information),
    )


def _infinite(infinite: Sequence[str]) -> list[str]:
    return [
        f"the likelihood rises for ever along {name} (no event without or with it): its ratio is "
        "0 or infinite and has no Wald interval; use the Firth-penalised model"
        for name in infinite
    ]


def _few_events(coefficients: int, events: int) -> list[str]:
    if events >= FEW_EVENTS * coefficients:
        return []
    count = f"{events} event{'s' if events != 1 else ''}"
    of = f"{coefficients} coefficient{'s' if coefficients != 1 else ''}"
    few = f"fewer than {FEW_EVENTS} per coefficient"
    return [f"{count} for {of}, {few}: estimates and limits are unreliable"]


def _cancelled(names: Sequence[str]) -> list[str]:
    return [
        f"no cluster moves the coefficient of {name}: the robust variance is 0 and tells nothing; "
        "use the model's"
        for name in names
    ]


def _collinear(finite: Sequence[str], names: Sequence[str], information: Floats) -> list[str]:
    keep = [i for i, name in enumerate(names) if name in finite]
    if len(keep) < 2:
        return []
    matrix = information[np.ix_(keep, keep)]
    inflation = np.diag(matrix) * np.diag(np.linalg.pinv(matrix, hermitian=True))
    return [
        f"{name} is nearly collinear with the other covariates (variance inflation {vif:.0f})"
        for name, vif in zip(finite, inflation, strict=True)
        if vif > NEARLY_COLLINEAR
    ]
