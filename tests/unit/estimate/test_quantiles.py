import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import (
    cumulative_incidence,
    kaplan_meier,
    mean_cumulative,
    nelson_aalen,
    quantile,
    risk_table,
    symmetric_quantile,
)


def curve_of(exit, event, **options):
    return kaplan_meier(risk_table(History.of(exit=exit, event=event)), **options)["all"]


def test_median_is_the_first_time_at_or_below_one_half():
    assert quantile(curve_of([1, 2, 3, 4], [1, 1, 1, 1])).estimate == 2
    assert quantile(curve_of([1, 2, 3], [1, 1, 1])).estimate == 2


def test_plateau_at_one_half():
    curve = curve_of([1, 2, 3, 4], [1, 1, 1, 1])
    assert quantile(curve, midpoint=True).estimate == 2.5
    assert quantile(curve, 0.4, midpoint=True).estimate == 2


def test_rounding_does_not_hide_a_plateau():
    """Ten steps of 9/10, 8/9 ... multiply to 0.5 only up to rounding."""
    curve = curve_of(range(1, 11), [1] * 10)
    assert quantile(curve).estimate == 5
    assert quantile(curve, 0.3).estimate == 3


def test_what_is_not_reached_is_infinite():
    median = quantile(curve_of([1, 2, 3, 4], [1, 0, 0, 0]))
    assert (median.estimate, median.conf_high) == (np.inf, np.inf)
    assert np.isnan(median.std_error)


def test_limits_invert_the_curves_own_interval():
    curve = curve_of(range(1, 31), [1, 0, 1] * 10, interval="plain")
    median = quantile(curve)
    assert median.interval == "brookmeyer-crowley, plain"
    assert median.conf_low == curve.time[np.argmax(curve.conf_low <= 0.5)]
    assert median.conf_high == curve.time[np.argmax(curve.conf_high <= 0.5)]
    assert median.conf_low <= median.estimate <= median.conf_high


def test_all_die_at_once():
    median = quantile(curve_of([5, 5, 5], [1, 1, 1]))
    assert (median.estimate, median.conf_low, median.conf_high) == (5, 5, np.inf)


def test_incidence_quantile():
    table = risk_table(
        History.of(exit=[1, 2, 3, 4], event=[1, 2, 1, 0], states=("free", "sre", "dead"))
    )
    curves = cumulative_incidence(table)["all"]
    assert quantile(curves["sre"]).estimate == 3
    assert quantile(curves["dead"]).estimate == np.inf


def test_a_curve_of_nobody():
    table = risk_table(History.of(exit=[1], event=[1], stratum=[0], strata=("a", "b")))
    curve = kaplan_meier(table)["b"]
    assert np.isnan(quantile(curve).estimate)
    assert np.isnan(symmetric_quantile(curve).estimate)


def test_symmetric_interval_by_hand():
    """S = .9, .8, ... at 1, 2, ...: u = 4 (S = .6), l = 6 (S = .4), f = .2 / 2."""
    curve = curve_of(range(1, 11), [1] * 10)
    median = symmetric_quantile(curve)
    assert median.estimate == 5
    assert median.std_error == pytest.approx(np.sqrt(0.5 * 0.5 / 10) / 0.1)
    assert median.conf_high - median.estimate == pytest.approx(1.959964 * median.std_error)
    assert median.estimate - median.conf_low == pytest.approx(1.959964 * median.std_error)


def test_symmetric_interval_of_a_first_step_below_the_median():
    """S falls from 1 at 0 to .4 at 4: u is the start."""
    curve = curve_of([4, 4, 4, 9, 9], [1, 1, 1, 0, 0])
    median = symmetric_quantile(curve)
    assert median.estimate == 4
    assert median.std_error == pytest.approx(np.sqrt(0.4 * 0.6 / 5) / (0.6 / 4))


def test_symmetric_interval_needs_the_curve_to_go_on():
    median = symmetric_quantile(curve_of([1, 2, 3, 4], [1, 1, 0, 0]))
    assert median.estimate == 2
    assert np.isnan(median.std_error)
    assert np.isnan(median.conf_low)


def test_mistakes():
    with pytest.raises(EstimateError, match=r"`probability` is 50.*0.5 is the median"):
        quantile(curve_of([1], [1]), 50)
    table = risk_table(History.of(exit=[1], event=[1]))
    with pytest.raises(EstimateError, match="cumulative incidence"):
        symmetric_quantile(cumulative_incidence(table)["all"]["dead"])


def test_a_mean_count_and_a_cumulative_hazard_have_no_median():
    history = History.of(exit=[1, 2, 3], event=[1, 1, 0], states=("bm", "sre"))
    for curve in (mean_cumulative(history, "sre")["all"], nelson_aalen(risk_table(history))["all"]):
        with pytest.raises(EstimateError, match="survival or of a cumulative incidence"):
            quantile(curve)
