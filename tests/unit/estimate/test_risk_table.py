import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import risk_table

SIX = {"exit": [9, 1, 1, 6, 6, 8], "event": [1, 1, 0, 1, 1, 0]}


def counts(table):
    return {
        name: getattr(table, name).tolist()
        for name in ("time", "entries", "exits", "events", "events_squared", "at_risk")
    }


def test_counts_of_six_subjects():
    table = risk_table(History.of(**SIX))
    assert counts(table) == {
        "time": [0, 1, 6, 8, 9],
        "entries": [[[6, 0, 0, 0, 0], [0, 0, 0, 0, 0]]],
        "exits": [[[0, 2, 2, 1, 1], [0, 0, 0, 0, 0]]],
        "events": [[[0, 1, 2, 0, 1]]],
        "events_squared": [[[0, 1, 2, 0, 1]]],
        "at_risk": [[[0, 6, 4, 2, 1], [0, 0, 0, 0, 0]]],
    }
    assert table.person_time.tolist() == [[9 + 1 + 1 + 6 + 6 + 8, 0]]


def test_who_enters_at_an_event_time_is_not_yet_at_risk():
    table = risk_table(History.of(entry=[0, 5], exit=[5, 7], event=[1, 0]))
    assert table.time.tolist() == [0, 5, 7]
    assert table.at_risk[0, 0].tolist() == [0, 1, 1]


def test_weights_count_as_weights():
    table = risk_table(History.of(exit=[1, 2], event=[1, 1], weight=[0.5, 3]))
    assert table.events[0, 0].tolist() == [0, 0.5, 3]
    assert table.events_squared[0, 0].tolist() == [0, 0.25, 9]


def test_consecutive_intervals_of_a_subject_cancel():
    whole = risk_table(History.of(exit=[4, 6], event=[1, 0]))
    split = risk_table(
        History.of(entry=[0, 2, 0], exit=[2, 4, 6], event=[0, 1, 0], subject=[0, 0, 1])
    )
    at = np.searchsorted(split.time, whole.time)
    assert split.at_risk[..., at].tolist() == whole.at_risk.tolist()
    assert split.person_time.tolist() == whole.person_time.tolist()


def test_states_of_an_illness_death_course():
    table = risk_table(
        History.of(
            entry=[0, 3, 0],
            exit=[3, 8, 5],
            event=[1, 2, 2],
            from_state=[0, 1, 0],
            subject=[0, 0, 1],
            states=("well", "ill", "dead"),
        )
    )
    assert table.transitions == (("well", "ill"), ("well", "dead"), ("ill", "dead"))
    assert table.at_risk[0].tolist() == [[0, 2, 1, 0], [0, 0, 1, 1], [0, 0, 0, 0]]
    assert table.person_time.tolist() == [[8, 5, 0]]


def test_a_cause_that_never_happens_has_a_transition():
    table = risk_table(History.of(exit=[1, 2], event=[2, 0], states=("free", "sre", "dead")))
    assert table.transitions == (("free", "sre"), ("free", "dead"))
    assert table.events.sum(axis=-1).tolist() == [[0, 1]]


def test_tables_of_hospitals_with_different_strata_and_causes():
    states = ("free", "sre", "dead")
    a = risk_table(
        History.of(exit=[2, 5], event=[1, 0], stratum=[0, 0], strata=("g1",), states=states)
    )
    b = risk_table(
        History.of(exit=[2, 3], event=[1, 2], stratum=[1, 0], strata=("g2", "g1"), states=states)
    )
    pooled = a + b
    assert pooled.strata == ("g1", "g2")
    assert pooled.time.tolist() == [0, 2, 3, 5]
    assert pooled.transitions == (("free", "sre"), ("free", "dead"))
    assert pooled.at_risk[:, 0].tolist() == [[0, 3, 1, 1], [0, 1, 1, 0]]
    assert pooled.events.tolist() == [[[0, 2, 0, 0], [0] * 4], [[0] * 4, [0, 0, 1, 0]]]


def test_risk_sets_of_one_stratum_after_a_start():
    sets = risk_table(History.of(**SIX)).risk_sets("all", start=1)
    assert sets.time.tolist() == [6, 8, 9]
    assert sets.censored.tolist() == [0, 1, 0]
    assert sets.survivors.tolist() == [2, 2, 0]


def test_mistakes():
    with pytest.raises(EstimateError, match="no interval"):
        risk_table(History.of(exit=[], event=[]))
    table = risk_table(History.of(**SIX))
    with pytest.raises(EstimateError, match=r'no stratum "al".*Did you mean "all"'):
        table.risk_sets("al")
    with pytest.raises(EstimateError, match=r'"alive" to "deed".*Did you mean "dead"'):
        table.risk_sets("all", causes=["deed"])
    with pytest.raises(EstimateError, match="start in different states"):
        table + risk_table(History.of(exit=[1], event=[1], states=("free", "dead")))
