"""Models fitted to several imputed data sets: pooled coefficients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from osteon.contracts.arrays import Floats
from osteon.errors import EstimateError
from osteon.estimate.arguments import expect
from osteon.estimate.imputed.rubin import Pooled, check_df, check_imputations, pool
from osteon.estimate.intervals import Estimate
from osteon.estimate.regression.cox import CoxFit
from osteon.estimate.regression.penalised import FirthFit
from osteon.estimate.shown import shown_ratios


@dataclass(frozen=True, eq=False)
class PooledFit:
    """A model's coefficients pooled over imputations.

    Attributes
    ----------
    names : tuple of str
        Covariates.
    coefficients : ndarray of float, shape (p,)
        Means of the coefficients.
    within, between, total : ndarray of float, shape (p, p)
        Covariances within and between imputations, and within + (1 + 1/m) between.
    ratios : dict of str to Pooled
        Hazard or odds ratio by covariate, pooled on the log scale.
    df_complete : float
        Degrees of freedom if nothing were missing.
    imputations : int
        How many there were.
    """

    names: tuple[str, ...]
    coefficients: Floats
    within: Floats
    between: Floats
    total: Floats
    ratios: dict[str, Pooled]
    df_complete: float
    imputations: int

    def __repr__(self) -> str:
        """Its size and its ratios."""
        facts = [f"{self.imputations} imputations", "ratios"]
        ratios = {name: pooled.estimate for name, pooled in self.ratios.items()}
        return shown_ratios("PooledFit", facts, ratios, ())


def pool_fits(
    fits: Sequence[CoxFit] | Sequence[FirthFit], *, df_complete: float | None = None
) -> PooledFit:
    """Pool a model fitted to each of several imputed data sets.

    Parameters
    ----------
    fits : sequence of CoxFit or of FirthFit
        Two or more, of the same covariates, at one confidence level.
    df_complete : float, optional
        Degrees of freedom if nothing were missing. Default: the fewest events of a fit less its
        covariates, at least 1, as mice takes for ``coxph``. inf takes the sample as large.

    Returns
    -------
    PooledFit
        By the rules of `pool`, one coefficient after the other; `pooled_wald` tests several.

    Raises
    ------
    EstimateError
        If there are fewer than two, covariates or levels differ, or a coefficient is infinite in
        one of them.

    Notes
    -----
    .. math:: \\bar\\beta = \\tfrac1m \\sum \\hat\\beta, \\qquad
        T = \\tfrac1m \\sum V + (1 + \\tfrac1m) B

    with B the covariance between the imputations' coefficients ([1]_, section 3.1), and Student's
    t with the degrees of freedom of [2]_. R:
    ``summary(mice::pool(fits), conf.int = TRUE, exponentiate = TRUE)``. Coefficients of a
    penalised fit are pooled by their Wald variance; `pool_profiles` combines their profiles.

    References
    ----------
    .. [1] Rubin (1987), Multiple Imputation for Nonresponse in Surveys,
       doi:10.1002/9780470316696.
    .. [2] Barnard & Rubin (1999), Biometrika 86:948-955, doi:10.1093/biomet/86.4.948.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import cox
    >>> fits = [
    ...     cox(History.of(exit=[1, 2, 3, 4, 5, 6, 7, 8], event=[1, 1, 0, 1, 1, 1, 0, 1],
    ...         covariates={"x": [1, x, 1, 0, 1, 0, 0, 0]}), ["x"])
    ...     for x in (0, 1, 0)
    ... ]
    >>> pooled = pool_fits(fits).ratios["x"]
    >>> round(pooled.estimate.estimate, 2), round(pooled.missing_information, 2)
    (3.58, 0.51)
    """
    expect(Sequence, fits=fits)
    check_imputations(len(fits))
    names = same_names(fits)
    if df_complete is None:
        df_complete = max(min(fit.events for fit in fits) - len(names), 1)
    check_df(df_complete)
    q = np.array([fit.coefficients for fit in fits])
    u = np.array([fit.covariance for fit in fits])
    with np.errstate(over="ignore", invalid="ignore"):
        std_error = np.sqrt(np.diagonal(u, axis1=1, axis2=2))
        ratio = np.exp(q)
    levels = [fit.conf_level for fit in fits]
    ratios = {
        name: pool(
            [
                Estimate(float(r), float(s), np.nan, np.nan, level, "wald", error_scale="log")
                for r, s, level in zip(ratio[:, j], std_error[:, j], levels, strict=True)
            ],
            scale="ratio",
            df_complete=df_complete,
        )
        for j, name in enumerate(names)
    }
    within = u.mean(axis=0)
    between = np.atleast_2d(np.cov(q, rowvar=False))
    total = within + (1 + 1 / len(fits)) * between
    return PooledFit(names, q.mean(axis=0), within, between, total, ratios, df_complete, len(fits))


def same_names(fits: Sequence[CoxFit] | Sequence[FirthFit]) -> tuple[str, ...]:
    """Covariates of fits that all have the same ones."""
    for fit in fits:
        expect(CoxFit, FirthFit, fit=fit)
    kinds = {fit.names for fit in fits}
    if len(kinds) != 1:
        raise EstimateError(
            f"the fits have {len(kinds)} different sets of covariates",
            "the same model is fitted to every imputation",
        )
    (names,) = kinds
    return names
