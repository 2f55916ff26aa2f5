"""Survival when events are known only to lie between two examinations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from osteon.contracts.arrays import Floats
from osteon.contracts.bounds import Bounds
from osteon.estimate.arguments import check_probability, chosen_times, expect, whole_number
from osteon.estimate.interval_censored.innermost import Windows, innermost_intervals
from osteon.estimate.interval_censored.npmle_likelihood import sums
from osteon.estimate.interval_censored.truncated_npmle import truncated_npmle
from osteon.estimate.shown import shown

_FLAT = 1e-9  # a cumulative mass nearer than this to a quantile has reached it


@dataclass(frozen=True, eq=False)
class TurnbullCurve:
    """Non-parametric maximum likelihood estimate of a distribution from interval-censored times.

    The data say how much probability lies in each innermost interval, and nothing on where in
    the interval: inside it survival is undetermined.

    Attributes
    ----------
    left, right : ndarray of float, shape (m,)
        Innermost intervals ``(left, right]`` with mass, ascending, in days; ``left == right`` for
        a time known exactly, ``right = inf`` for what is not found within follow-up.
    mass : ndarray of float, shape (m,)
        Probability of each; they add up to 1.
    certificate : float
        Largest derivative of the log-likelihood towards all mass in one interval, per unit of
        weight: 0 at the maximum and at most 1e-9. Without late entry the log-likelihood can
        gain no more than this, per unit of weight; with it, none nearby is better.
    log_likelihood : float
        At the maximum.
    n : int
        Subjects.
    start : float
        First entry, in days: the curve is conditional on being free of the event then.
    maxima : int
        Different local maxima found from all starts, of which this is the highest; 1 if nobody
        enters late.
    """

    left: Floats
    right: Floats
    mass: Floats
    certificate: float
    log_likelihood: float
    n: int
    start: float = 0.0
    maxima: int = 1

    def __repr__(self) -> str:
        """How much is in it; the numbers are read by `at`."""
        facts = [
            f"{self.n} subjects",
            f"mass in {self.mass.size} intervals",
            f"certificate {self.certificate:.2g}",
        ]
        return shown("TurnbullCurve", facts)

    @property
    def columns(self) -> dict[str, Floats]:
        """Its intervals and their mass, each of shape (m,): ``pandas.DataFrame(curve.columns)``."""
        return {"left": self.left, "right": self.right, "mass": self.mass}

    def at(self, times: ArrayLike) -> tuple[Floats, Floats]:
        """Lowest and highest survival that the estimate allows at each time.

        Parameters
        ----------
        times : array_like of float, shape (k,)
            In days.

        Returns
        -------
        lowest, highest : ndarray of float, shape (k,)
            nan before ``start``.
        """
        t = chosen_times(times)
        survival = 1 - np.concatenate([[0.0], np.cumsum(self.mass)])
        survival[-1] = 0.0
        surely = np.searchsorted(self.right, t, side="right")
        perhaps = np.maximum(surely, np.searchsorted(self.left, t, side="left"))
        known = t >= self.start
        return (
            np.where(known, survival[perhaps], np.nan),
            np.where(known, survival[surely], np.nan),
        )

    def quantile(self, probability: float = 0.5) -> tuple[float, float]:
        """The interval (low, high] in which a share of subjects comes to have had the event.

        Parameters
        ----------
        probability : float
            The share; 0.5 for the median.

        Returns
        -------
        low, high : float
            In days; ``high`` is inf if that is not within follow-up.

        Raises
        ------
        EstimateError
            If ``probability`` is not between 0 and 1.
        """
        check_probability(probability)
        j = reached(self.mass, probability)
        return float(self.left[j]), float(self.right[j])


def turnbull(bounds: Bounds, *, starts: int = 5, seed: int = 1) -> dict[str, TurnbullCurve]:
    """Estimate the distribution of times known only to lie in ``(left, right]``.

    Parameters
    ----------
    bounds : Bounds
        For each subject the last time without and the first time with the finding; those never
        found stay in, with ``right = inf``. Late entry and weights are in it.
    starts, seed : int
        Only where subjects enter late: from how many points to look for a maximum, all but
        the first of them random.

    Returns
    -------
    dict of str to TurnbullCurve
        One a stratum that has subjects.

    Raises
    ------
    EstimateError
        If the maximum cannot be certified to 1e-9, or subjects enter so late that there is
        none: see `unbroken_entry`.

    Notes
    -----
    Windows are half-open, ``(left, right]``; ``left == right`` is an exact time, which comes
    before a window that begins there. Mass can lie only in innermost intervals: a left bound
    directly followed by a right bound, or by an entry ([1]_, [4]_, [5]_). Masses p with
    :math:`P_i = \\sum_{j \\in (l_i, r_i]} p_j`, and :math:`T_i = \\sum_{j > e_i} p_j` after the
    entry, maximise :math:`\\sum_i w_i (\\log P_i - \\log T_i)` only if

    .. math:: g_j = \\sum_{i: j \\in (l_i, r_i]} \\frac{w_i}{P_i}
        - \\sum_{i: j > e_i} \\frac{w_i}{T_i} \\le 0 \\quad \\text{for all } j

    and without late entry also if ([2]_; then :math:`T_i = 1`). They are found by constrained
    Newton steps on a support that grows by the intervals with the largest :math:`g_j`, one
    between any two of the support ([3]_); a step is halved while it loses. Every innermost
    interval ends at some subject's right bound, so without late entry the masses are unique. Exact
    and right-censored times give the Kaplan-Meier estimate, events before censorings at a tie,
    also with late entry. Then the likelihood is not concave and may have no maximum
    ([6]_): it is refused, see `unbroken_entry`.

    R: ``survfit(Surv(left, right, type = "interval2") ~ 1)``, which stops short of the maximum (by
    0.18 in log-likelihood at n = 1000), as does lifelines, and takes no late entry. So R is not
    the judge; the certificate is.

    References
    ----------
    .. [1] Turnbull (1976), J. R. Stat. Soc. B 38:290-295, doi:10.1111/j.2517-6161.1976.tb01597.x.
    .. [2] Gentleman & Geyer (1994), Biometrika 81:618-623, doi:10.1093/biomet/81.3.618.
    .. [3] Wang (2007), J. R. Stat. Soc. B 69:185-198, doi:10.1111/j.1467-9868.2007.00583.x.
    .. [4] Frydman (1994), J. R. Stat. Soc. B 56:71-74.
    .. [5] Alioum & Commenges (1996), Biometrics 52:512-524.
    .. [6] Hudgens (2005), J. R. Stat. Soc. B 67:573-587, doi:10.1111/j.1467-9868.2005.00516.x.

    Examples
    --------
    Four patients scanned at days 30, 60, 90; one never converts:

    >>> curve = turnbull(Bounds.of(left=[0, 30, 30, 90], right=[60, 60, 90, np.inf]))["all"]
    >>> curve.left.tolist(), curve.right.tolist(), curve.mass.round(6).tolist()
    ([30.0, 90.0], [60.0, inf], [0.75, 0.25])
    >>> curve.quantile(0.5)
    (30.0, 60.0)
    """
    expect(Bounds, bounds=bounds)
    whole_number("starts", starts, 1)
    whole_number("seed", seed, 0)
    return {
        name: turnbull_curve(bounds.where(rows), starts=starts, seed=seed)
        for s, name in enumerate(bounds.strata)
        if (rows := bounds.stratum == s).any()
    }


def turnbull_curve(
    bounds: Bounds, *, starts: int, seed: int, near: TurnbullCurve | None = None
) -> TurnbullCurve:
    """`turnbull` of subjects of one stratum; of some of those of ``near``, looked for from there."""
    windows = innermost_intervals(bounds.left, bounds.right, bounds.entry)
    first = None if near is None or windows.entry.any() else _moved(near, windows, bounds.right)
    fit = truncated_npmle(windows, bounds.weight, starts=starts, seed=seed, first=first)
    some = fit.best.mass > 0
    return TurnbullCurve(
        left=windows.left[some],
        right=windows.right[some],
        mass=fit.best.mass[some],
        certificate=fit.best.certificate,
        log_likelihood=fit.best.value,
        n=len(bounds),
        start=float(bounds.entry.min()),
        maxima=fit.maxima,
    )


def _moved(curve: TurnbullCurve, windows: Windows, right: Floats) -> Floats:
    """A curve's masses, on the innermost intervals of some of its subjects.

    Whoever of them may have had the event in an interval of the curve may have had it until the
    next right bound, and so in the last innermost interval up to there.
    """
    bound = np.sort(right)
    next_bound = np.searchsorted(bound, curve.right)
    met = next_bound < bound.size
    place = np.searchsorted(windows.right, bound[next_bound[met]], side="right") - 1
    return sums(place, curve.mass[met], windows.left.size)


def reached(mass: Floats, probability: float) -> int:
    """Index of the interval in which the cumulative mass reaches a share."""
    return int(np.argmax(np.cumsum(mass) >= probability - _FLAT))
