"""Every interval that osteon prints, with the truth it should hold: a module a topic."""

from validity.cases import (
    bootstraps,
    comparisons,
    counts,
    curves,
    imputed,
    interval_censored,
    multi_state,
    recurrent,
    regression,
    robust,
)
from validity.cases.case import Case

TOPICS: dict[str, tuple[Case, ...]] = {
    "Curves of one group": curves.CASES,
    "Two groups": comparisons.CASES,
    "Rows that are not patients; scores": robust.CASES,
    "Counts and rates": counts.CASES,
    "Events that come again": recurrent.CASES,
    "Regression": regression.CASES,
    "States passed through": multi_state.CASES,
    "Times that only a scan finds": interval_censored.CASES,
    "Bootstrap": bootstraps.CASES,
    "Imputed data": imputed.CASES,
}
"""Cases in the order of the page."""
