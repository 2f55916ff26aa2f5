"""Rates with a robust variance against the sandwich of Poisson regression in lava."""

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.estimate import robust_rate_ratio, robust_rates


def history(recurrent, **changes):
    arguments = {
        "entry": recurrent["entry"],
        "exit": recurrent["exit"],
        "event": recurrent["event"],
        "subject": recurrent["id"],
        "states": ("bm", "sre", "dead"),
    }
    return History.of(**(arguments | changes))


def same(rate, case, close):
    close(rate.estimate, case["rate"])
    close(rate.std_error, case["std_error"])
    close([rate.conf_low, rate.conf_high], case["limits"], at=("low", "high"))


def test_everyone(recurrent, expected, close):
    same(robust_rates(history(recurrent), "sre")["all"], expected["all"], close)
    weighted = history(recurrent, weight=recurrent["weight"])
    same(robust_rates(weighted, "sre")["all"], expected["weighted"], close)
    by_centre = robust_rates(history(recurrent), "sre", cluster=recurrent["centre"])["all"]
    same(by_centre, expected["centres"], close)
    alone = robust_rates(history(recurrent, subject=np.arange(203)), "sre")["all"]
    same(alone, expected["independent"], close)


def test_groups(recurrent, expected, close):
    names = ("untreated", "treated")
    data = history(recurrent, stratum=recurrent["treated"], strata=names)
    for name, rate in robust_rates(data, "sre").items():
        same(rate, expected[name], close)


@pytest.mark.parametrize("name", ["ratio", "ratio_centres", "ratio_weighted", "ratio_switched"])
def test_ratios(recurrent, expected, close, name):
    first = np.concatenate([[True], np.diff(recurrent["id"]) != 0])
    now = np.where(first, recurrent["treated"], 1 - recurrent["treated"])
    group = now if name == "ratio_switched" else recurrent["treated"]
    weight = recurrent["weight"] if name == "ratio_weighted" else None
    data = history(recurrent, stratum=group, strata=("untreated", "treated"), weight=weight)
    cluster = recurrent["centre"] if name == "ratio_centres" else None
    ratio, case = robust_rate_ratio(data, "sre", cluster=cluster), expected[name]
    close(ratio.estimate, case["ratio"])
    close(ratio.std_error, case["std_error"])
    close([ratio.conf_low, ratio.conf_high], case["limits"], at=("low", "high"))
    close(ratio.p_value, case["p_value"])
