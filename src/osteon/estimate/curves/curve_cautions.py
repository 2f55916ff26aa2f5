"""What a reader of a curve must be told before its numbers."""

from __future__ import annotations

import numpy as np

from osteon.contracts.arrays import Floats
from osteon.estimate.tables.risk_table import RiskSets, RiskTable
from osteon.estimate.weights import weight_caution

FEW_AT_RISK = 20.0
"""At risk below which a curve that more join later should not have begun."""


def curve_cautions(table: RiskTable, sets: RiskSets, robust: str) -> tuple[str, ...]:
    """Say in sentences what is doubtful about one stratum's curve.

    Parameters
    ----------
    table : RiskTable
        Whose weights may not be counts.
    sets : RiskSets
        Of the stratum.
    robust : str
        What to ask instead for weights that are no counts.

    Returns
    -------
    tuple of str
        Empty if nothing is doubtful.

    Notes
    -----
    An event among fewer than 20 at risk is one too early where twice as many are at risk later,
    which only late entry can bring about.

    Examples
    --------
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import risk_table
    >>> history = History.of(entry=[0, 0, 5, 5], exit=[3, 9, 9, 9], event=[1, 0, 1, 1],
    ...                      stratum=[0, 1, 0, 0], strata=("early", "other"))
    >>> table = risk_table(history)
    >>> curve_cautions(table, table.risk_sets("other"), "robust_kaplan_meier")
    ()
    >>> for said in curve_cautions(table, table.risk_sets("early"), "robust_kaplan_meier"):
    ...     print(said)
    an event happens with 1 at risk, and later 2 are: the curve and its median hang on it for good; begin where enough are at risk, see `earliest_start`
    """
    return (
        *weight_caution(table.whole, robust),
        *early_event(sets.at_risk, sets.all_events),
    )


def early_event(at_risk: Floats, events: Floats) -> tuple[str, ...]:
    """Say that an event falls among few whom many join later, the fewest named.

    Parameters
    ----------
    at_risk, events : ndarray of float, shape (k,)
        Weight at risk at each time, in order, and weight with an event of any cause then.

    Returns
    -------
    tuple of str
        Empty where there is no such event.

    Examples
    --------
    >>> early_event(np.array([2.0, 1, 40]), np.array([0.0, 1, 1]))[0][:44]
    'an event happens with 1 at risk, and later 4'
    """
    if not at_risk.size or at_risk[0] >= at_risk.max():
        return ()
    later = np.maximum.accumulate(at_risk[::-1])[::-1]
    early = np.flatnonzero((events > 0) & (at_risk < FEW_AT_RISK) & (later >= 2 * at_risk))
    if not early.size:
        return ()
    first = early[np.argmin(at_risk[early])]
    return (
        f"an event happens with {at_risk[first]:g} at risk, and later {later[first]:g} are: the "
        "curve and its median hang on it for good; begin where enough are at risk, see "
        "`earliest_start`",
    )
