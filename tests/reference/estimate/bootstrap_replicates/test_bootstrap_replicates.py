"""Each replicate of the bootstrap against R's estimates on the same votes and rows."""

import numpy as np
import pytest

from osteon.contracts.bounds import Bounds
from osteon.estimate import bootstrap, bootstrap_weights, turnbull_band, turnbull_quantile

SEED = 20251122
EM = 1e-6  # R's side is EM, stopped after 30,000 steps


def test_votes_are_the_same_on_every_machine(votes):
    drawn = bootstrap_weights(206, 6, seed=SEED)
    np.testing.assert_array_equal(drawn, [votes[name] for name in "abcdef"])


@pytest.mark.parametrize("name", ["late", "from_zero"])
def test_replicates_of_curves(cohort, votes, history_of, expected, close, name):
    history = history_of(cohort, **({} if name == "late" else {"entry": None}))
    drawn = bootstrap(history, expected["days"], seed=SEED, replicates=6)
    for i, theirs in enumerate(expected[name].values()):
        close(drawn.survival[0, :, i], theirs["survival"], at=expected["days"])
        for k, cause in enumerate(("first", "second")):
            close(drawn.incidence[0, k, :, i], theirs[cause], at=expected["days"])


@pytest.fixture
def sampled(bounds):
    return Bounds.of(**bounds), {"seed": SEED, "replicates": 39, "conf_level": 0.8}


def test_limits_of_the_turnbull_curve(sampled, expected, close):
    data, options = sampled
    band = turnbull_band(data, expected["times"], **options)["all"]
    close(band.conf_low, expected["conf_low"], EM, at=expected["times"])
    close(band.conf_high, expected["conf_high"], EM, at=expected["times"])


def test_limits_of_the_turnbull_median(sampled, expected, close):
    data, options = sampled
    median = turnbull_quantile(data, **options)["all"]
    close([median.conf_low, median.conf_high], expected["median"], at=("low", "high"))
