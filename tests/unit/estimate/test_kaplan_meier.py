import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import earliest_start, follow_up, kaplan_meier, risk_table


def curve_of(**columns):
    options = {k: columns.pop(k) for k in ("start", "interval", "causes") if k in columns}
    return kaplan_meier(risk_table(History.of(**columns)), **options)["all"]


def test_six_subjects_by_hand():
    """Therneau & Grambsch 2000, appendix: n = 6, 4, 2, 1 and d = 1, 2, 0, 1."""
    curve = curve_of(exit=[9, 1, 1, 6, 6, 8], event=[1, 1, 0, 1, 1, 0])
    np.testing.assert_allclose(curve.estimate, [5 / 6, 5 / 12, 5 / 12, 0])
    greenwood = [1 / 30, 1 / 30 + 2 / 8, 1 / 30 + 2 / 8]
    np.testing.assert_allclose(curve.std_error[:3], curve.estimate[:3] * np.sqrt(greenwood))
    assert curve.censored.tolist() == [1, 0, 1, 0]
    assert np.isnan([curve.std_error[3], curve.conf_low[3], curve.conf_high[3]]).all()


def test_log_log_interval_by_hand():
    curve = curve_of(exit=[1, 2, 3, 4], event=[1, 0, 0, 0])
    s, se = 0.75, 0.75 * np.sqrt(1 / 12)
    power = np.exp(1.959963984540054 * se / (s * np.log(s)))
    np.testing.assert_allclose(
        [curve.conf_low[0], curve.conf_high[0]], [s ** (1 / power), s**power], rtol=1e-12
    )


def test_delayed_entry_by_hand():
    """At risk at 4: the first and the third; at 6: the second and the third."""
    curve = curve_of(entry=[0, 4, 2], exit=[4, 6, 9], event=[1, 1, 0])
    assert curve.at([4, 6]).at_risk.tolist() == [2, 2]
    np.testing.assert_allclose(curve.at([4, 6]).estimate, [1 / 2, 1 / 4])


def test_a_first_risk_set_of_one_ruins_the_curve_and_a_start_saves_it():
    columns = {"entry": [0, 5, 5, 5], "exit": [3, 8, 10, 12], "event": [1, 1, 0, 0]}
    assert curve_of(**columns).at(11).estimate.tolist() == [0]
    curve = curve_of(**columns, start=5)
    assert curve.at(5).estimate.tolist() == [1]
    assert curve.at(5).at_risk.tolist() == [3]
    np.testing.assert_allclose(curve.at(11).estimate, 2 / 3)


def test_an_event_at_the_start_is_before_it():
    curve = curve_of(exit=[3, 5, 9], event=[1, 1, 0], start=3)
    assert curve.time.tolist() == [5, 9]
    assert curve.estimate.tolist() == [0.5, 0.5]


def test_a_cause_alone_censors_the_other():
    states = ("free", "sre", "dead")
    curve = curve_of(exit=[1, 2, 3], event=[2, 1, 0], states=states, causes=["sre"])
    assert curve.estimate.tolist() == [1, 0.5, 0.5]
    assert curve.censored.tolist() == [1, 0, 1]


def test_a_stratum_of_nobody_has_an_empty_curve():
    table = risk_table(
        History.of(exit=[1, 2], event=[1, 0], stratum=[0, 0], strata=("treated", "untreated"))
    )
    empty = kaplan_meier(table)["untreated"]
    assert empty.time.size == 0
    assert empty.at(0).at_risk.tolist() == [0]
    assert empty.at(0).estimate.tolist() == [1]
    assert np.isnan(empty.at(1).estimate[0])


def test_nothing_is_left_when_fractional_weights_cancel():
    """0.1 + 0.2 - 0.3 is not 0 in floating point, but nobody is at risk any more."""
    curve = curve_of(
        entry=[0, 0, 1, 9],
        exit=[5, 6, 6, 10],
        event=[1, 1, 1, 0],
        weight=[0.1, 0.2, 0.3, 0.7],
    )
    assert curve.at(6).estimate.tolist() == [0]


def test_follow_up_counts_censorings_and_joins_intervals():
    history = follow_up(
        History.of(
            entry=[0, 4, 0, 0, 3],
            exit=[4, 9, 6, 3, 7],
            event=[0, 0, 2, 1, 0],
            from_state=[0, 0, 0, 0, 1],
            subject=[0, 0, 1, 2, 2],
            states=("well", "ill", "dead"),
        )
    )
    curve = kaplan_meier(risk_table(history))["all"]
    # Lost at 9 and at 7; the death at 6 censors; the split at 4 and falling ill at 3 do not count.
    assert curve.time[curve.events > 0].tolist() == [7, 9]
    np.testing.assert_allclose(curve.at([6, 7]).estimate, [1, 1 / 2])


def test_follow_up_at_a_tie_keeps_the_dead_at_risk():
    """As survfit(Surv(time, 1 - status)); prodlim's reverse would give 1/2 here."""
    history = follow_up(History.of(exit=[5, 5, 8], event=[1, 0, 0]))
    assert kaplan_meier(risk_table(history))["all"].at(5).estimate[0] == pytest.approx(2 / 3)


def test_earliest_start():
    table = risk_table(
        History.of(
            entry=[0, 5, 10, 2, 3],
            exit=[20, 20, 20, 30, 30],
            event=[1, 1, 1, 1, 0],
            stratum=[0, 0, 0, 1, 1],
            strata=("a", "b"),
        )
    )
    starts = earliest_start(table, at_risk=2)
    assert starts.by_stratum == {"a": 5, "b": 3}
    assert starts.jointly == 5
    assert earliest_start(table, at_risk=1).by_stratum == {"a": 0, "b": 2}
    assert earliest_start(table, at_risk=3).jointly == np.inf


def test_earliest_start_without_delayed_entry_is_nought():
    assert earliest_start(risk_table(History.of(exit=[3, 4], event=[1, 0])), at_risk=2).jointly == 0


def test_mistakes():
    table = risk_table(History.of(exit=[1, 2], event=[1, 0]))
    with pytest.raises(EstimateError, match=r'"log-lag".*Did you mean "log-log"'):
        kaplan_meier(table, interval="log-lag")
    with pytest.raises(EstimateError, match=r"`conf_level` is 95.*write 0.95"):
        kaplan_meier(table, conf_level=95)
    with pytest.raises(EstimateError, match=r"`start` is inf"):
        kaplan_meier(table, start=float("inf"))
