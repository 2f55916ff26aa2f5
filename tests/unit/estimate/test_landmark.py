from dataclasses import replace

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import landmark_occupation, markov_test, risk_table, state_occupation

STATES = ("well", "ill", "dead")


def illness_death(seed, n, early=1.0, **changes):
    """Deaths of the ill at a rate that is ``early`` times as high for those ill before day 100."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        ill, dead, end = rng.exponential(120), rng.exponential(600), rng.uniform(150, 700)
        first = min(ill, dead, end)
        rows.append((i, 0, first, 0, 0 if end <= first else (2 if dead < ill else 1)))
        if ill < min(dead, end):
            last = ill + rng.exponential(200 / (early if ill < 100 else 1))
            rows.append((i, ill, min(last, end), 1, 2 * (last < end)))
    subject, entry, exit_, origin, event = np.array(rows).T
    columns = {"subject": subject, "entry": entry, "exit": exit_, "from_state": origin}
    return History.of(**(columns | {"event": event, "states": STATES} | changes))


def test_four_patients_by_hand():
    """At day 2.5 patients 0 and 1 are ill, 2 and 3 well; of the ill one dies at 4, one at 6."""
    history = History.of(
        subject=[0, 0, 1, 1, 2, 2, 3],
        entry=[0, 1, 0, 2, 0, 3, 0],
        exit=[1, 4, 2, 6, 3, 5, 9],
        from_state=[0, 1, 0, 1, 0, 1, 0],
        event=[1, 2, 1, 2, 1, 2, 0],
        states=STATES,
    )
    ill = landmark_occupation(history, 2.5, "ill")["all"].at([4, 5, 6])
    np.testing.assert_allclose(ill["ill"].estimate, [0.5, 0.5, 0])
    np.testing.assert_allclose(ill["ill"].std_error[0] ** 2, 0.25 / 2)
    plain = state_occupation(history, start=2.5, initial={"ill": 1.0})["all"].at([4, 5, 6])
    np.testing.assert_allclose(plain["ill"].estimate, [2 / 3, 1 / 3, 0])  # borrows patient 2
    well = landmark_occupation(history, 2.5, "well")["all"].at([3, 5])
    np.testing.assert_allclose(well["well"].estimate, [0.5, 0.5])
    np.testing.assert_allclose(well["dead"].estimate, [0, 0.5])


def test_from_day_nought_it_is_aalen_johansen():
    history = illness_death(1, 60)
    plain, landmark = (
        state_occupation(risk_table(history))["all"],
        landmark_occupation(history, 0, "well")["all"],
    )
    np.testing.assert_allclose(landmark.estimate, plain.estimate)
    np.testing.assert_allclose(landmark.std_error, plain.std_error)


def test_jackknife_clusters_follow_the_chosen():
    history = illness_death(2, 60)
    site = history.subject % 5
    by_site = landmark_occupation(history, 80, "ill", variance="jackknife", cluster=site)["all"]
    alone = landmark_occupation(history, 80, "ill", variance="jackknife")["all"]
    np.testing.assert_array_equal(by_site.estimate, alone.estimate)
    assert not np.allclose(by_site.std_error, alone.std_error)


def test_only_strata_with_somebody_there():
    plain = illness_death(3, 40)
    never = np.setdiff1d(plain.subject, plain.subject[plain.from_state == 1])
    alone = (plain.subject == never[0]).astype(int)
    history = illness_death(3, 40, stratum=alone, strata=("most", "one"))
    assert list(landmark_occupation(history, 80, "ill")) == ["most"]


def test_markov_check_by_hand():
    """Ill from 1, 1, 4; deaths at 5 (early), 6 (early), 7 (late): means 2/3, 1/2, 0."""
    history = History.of(
        subject=[0, 0, 1, 1, 2, 2],
        entry=[0, 1, 0, 1, 0, 4],
        exit=[1, 5, 1, 6, 4, 7],
        from_state=[0, 1, 0, 1, 0, 1],
        event=[1, 2, 1, 2, 1, 2],
        states=STATES,
    )
    test = markov_test(history, ("ill", "dead"), [3], replicates=9)
    z = (1 / 3 + 1 / 2) / np.sqrt(2 / 9 + 1 / 4)
    np.testing.assert_allclose(test.statistic[:, 0], [-z, z])
    assert test.supremum == pytest.approx(z)
    assert test.at("ill", 3).statistic == pytest.approx(z**2)


def test_what_the_markov_check_finds():
    landmarks = [60, 100, 140]
    markov = markov_test(illness_death(5, 400), ("ill", "dead"), landmarks)
    early = markov_test(illness_death(5, 400, early=4), ("ill", "dead"), landmarks)
    assert markov.p_value > 0.05
    assert early.p_value == pytest.approx(1 / 1000)
    again = markov_test(illness_death(5, 400), ("ill", "dead"), landmarks)
    assert again.p_value == markov.p_value


def test_subjects_of_the_markov_check_may_have_any_numbers():
    """Memory goes by how many there are, not by the largest."""
    history = illness_death(5, 60)
    far = replace(history, subject=2**60 + 10**12 * (history.subject - 30))
    a, b = (markov_test(h, ("ill", "dead"), [60, 100], replicates=99) for h in (history, far))
    np.testing.assert_array_equal(a.statistic, b.statistic)
    assert a.p_value == b.p_value


def test_size_of_the_markov_check():
    """Of 60 Markov processes about 1 in 20 are rejected: within 4 standard errors."""
    rejected = sum(
        markov_test(illness_death(s, 80), ("ill", "dead"), [50, 100], replicates=99).p_value <= 0.05
        for s in range(60)
    )
    assert rejected <= 3 + 4 * np.sqrt(60 * 0.05 * 0.95)


def test_order_of_rows_does_not_matter():
    history = illness_death(7, 50)
    rows = np.random.default_rng(0).permutation(len(history))
    a, b = (markov_test(h, ("ill", "dead"), [60]) for h in (history, history.where(rows)))
    np.testing.assert_allclose(a.statistic, b.statistic)


def test_mistakes():
    history = illness_death(8, 30)
    for call, message in (
        (lambda: landmark_occupation(history, 50, "il"), 'Did you mean "ill"'),
        (lambda: landmark_occupation(history, 1e4, "ill"), 'nobody under observation is in "ill"'),
        (lambda: landmark_occupation(history, np.nan, "ill"), "`start` is nan"),
        (lambda: markov_test(history, ("ill", "well"), [50]), "nobody goes from ill to well"),
        (lambda: markov_test(history, ("ill", "ded"), [50]), 'no state "ded"'),
        (lambda: markov_test(history, ("ill", "dead"), [1e4]), "no landmark splits"),
        (
            lambda: markov_test(history, ("ill", "dead"), [50]).at("ill", 60),
            '"ill" at day 60 was not tested',
        ),
        (
            lambda: markov_test(
                illness_death(8, 30, weight=np.full(len(history), 2.0)), ("ill", "dead"), [50]
            ),
            "the history has weights",
        ),
    ):
        with pytest.raises(EstimateError, match=message):
            call()
