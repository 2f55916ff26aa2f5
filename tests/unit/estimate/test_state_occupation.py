import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import (
    cumulative_incidence,
    kaplan_meier,
    length_of_stay,
    restricted_mean,
    risk_table,
    state_occupation,
    transition_probabilities,
)
from osteon.estimate.multi_state.product_integral import (
    carried,
    product_tree,
    running_covariance,
    running_product,
)

STATES = ("well", "ill", "dead")
fewer = settings(max_examples=50)


def illness_death(**changes):
    """n = 5, every transition by hand: ill at 2, dead of it at 5; dead at 3; ill at 6; censored."""
    columns = {
        "subject": [0, 0, 1, 2, 2, 3, 4],
        "entry": [0, 2, 0, 0, 6, 0, 0],
        "exit": [2, 5, 3, 6, 9, 4, 9],
        "from_state": [0, 1, 0, 0, 1, 0, 0],
        "event": [1, 2, 2, 1, 0, 0, 0],
    }
    return History.of(**(columns | {"states": STATES} | changes))


WALK = ("nowhere", "well", "ill", "dead")  # the first state cannot be entered again
START = {"well": 1.0}


@st.composite
def walks(draw):
    """Subjects who walk among the states day by day, entering late, some back and forth."""
    rows = []
    for subject in range(draw(st.integers(2, 12))):
        day, state = draw(st.integers(0, 5)), draw(st.integers(1, 2))
        for _ in range(draw(st.integers(1, 4))):
            stay = draw(st.integers(1, 6))
            to = draw(st.sampled_from([s for s in range(4) if s != state]))
            rows.append((subject, day, day + stay, state, to))
            day, state = day + stay, to
            if to in (0, 3):
                break
    subject, entry, exit_, origin, to = np.array(rows).T
    return History.of(
        subject=subject, entry=entry, exit=exit_, event=to, from_state=origin, states=WALK
    )


def again(history, **changes):
    """The same intervals with some columns changed."""
    names = ("subject", "entry", "exit", "from_state", "weight", "states")
    columns = {name: getattr(history, name) for name in names}
    return History.of(**(columns | {"event": np.maximum(history.to_state, 0)} | changes))


def until_leaving(history, **changes):
    """Intervals in "well", and "ill" and "dead" as its outcomes."""
    first = history.where(history.from_state == 1)
    event = np.maximum(first.to_state - 1, 0)
    return again(first, from_state=0 * event, **({"event": event, "states": STATES} | changes))


def test_illness_death_by_hand():
    """At risk well: 5 at 2, 4 at 3, 2 at 6 (one censored at 4); ill: 1 at 5."""
    occupied = state_occupation(risk_table(illness_death()))["all"]
    points = occupied.at([2, 3, 5, 6])
    np.testing.assert_allclose(points["well"].estimate, [0.8, 0.6, 0.6, 0.3])
    np.testing.assert_allclose(points["ill"].estimate, [0.2, 0.2, 0.0, 0.3], atol=1e-15)
    np.testing.assert_allclose(points["dead"].estimate, [0.0, 0.2, 0.4, 0.4])
    assert points["ill"].at_risk.tolist() == [0, 1, 1, 0]
    assert points["ill"].events.tolist() == [1, 1, 1, 2]


def test_delta_variance_by_hand():
    """Var p_ill(2) = 0.2 * 0.8 / 5; at 5 the only ill patient dies: dead = 0.2 + 0.2, Greenwood."""
    occupied = state_occupation(risk_table(illness_death()))["all"]
    points = occupied.at([2, 5])
    np.testing.assert_allclose(points["ill"].std_error ** 2, [0.2 * 0.8 / 5, 0], atol=1e-15)
    well = 0.6**2 * (1 / (5 * 4) + 1 / (4 * 3))
    np.testing.assert_allclose(points["well"].std_error[1] ** 2, well)
    np.testing.assert_allclose(points["dead"].std_error[1] ** 2, well)  # dead = 1 - well there


def test_length_of_stay_by_hand():
    stay = length_of_stay(risk_table(illness_death()), 7)["all"]
    np.testing.assert_allclose(stay["well"].estimate, 2 + 0.8 + 3 * 0.6 + 0.3)
    np.testing.assert_allclose(stay["ill"].estimate, 3 * 0.2 + 0.3)
    np.testing.assert_allclose(stay["dead"].estimate, 2 * 0.2 + 2 * 0.4)


def test_an_observed_start_is_a_proportion():
    history = illness_death(from_state=[0, 1, 0, 1, 1, 0, 0], event=[1, 2, 2, 0, 0, 0, 0])
    occupied = state_occupation(history, initial="observed", variance="jackknife")["all"]
    np.testing.assert_allclose(occupied.initial, [0.8, 0.2, 0])
    np.testing.assert_allclose(np.diag(occupied.initial_covariance), [0.032, 0.032, 0])
    assert occupied.at(0)["ill"].std_error.item() == pytest.approx(np.sqrt(0.032))


def test_a_way_back():
    """Reversible: ill at 1, well again at 2, ill again at 3: one patient among two."""
    history = History.of(
        subject=[0, 0, 0, 0, 1],
        entry=[0, 1, 2, 3, 0],
        exit=[1, 2, 3, 5, 5],
        event=[2, 1, 2, 0, 0],
        from_state=[1, 2, 1, 2, 1],
        states=WALK,
    )
    points = state_occupation(history, initial=START)["all"].at([1, 2, 3])
    np.testing.assert_allclose(points["well"].estimate, [0.5, 1, 0.5])


@fewer
@given(walks(), st.sampled_from(["delta", "jackknife"]))
def test_states_add_up_to_one(history, variance):
    occupied = state_occupation(history, initial={"well": 0.6, "ill": 0.4}, variance=variance)
    np.testing.assert_allclose(occupied["all"].estimate.sum(axis=0), 1, atol=1e-12)
    np.testing.assert_allclose(occupied["all"].covariance.sum(axis=2), 0, atol=1e-12)
    assert (occupied["all"].estimate >= 0).all()
    assert (occupied["all"].std_error >= 0).all()


@fewer
@given(walks(), st.integers(0, 8), st.integers(1, 8))
def test_chapman_kolmogorov(history, middle, more):
    """P(0, t) = P(0, s) P(s, t): the product integral, and its covariance's forgetting."""
    table = risk_table(history)
    end = min(middle + more, table.time[-1])
    if end <= middle or middle > table.time[-1]:
        return
    whole, late = (transition_probabilities(table, start=s)["all"] for s in (0, middle))

    def matrix(rows, t):
        return np.array([[p.estimate.item() for p in rows[h].at(t).values()] for h in WALK])

    early = matrix(whole, middle)
    np.testing.assert_allclose(matrix(whole, end), early @ matrix(late, end), atol=1e-12)


@fewer
@given(walks())
def test_two_states_are_kaplan_meier(history):
    """Leaving a state, whatever for."""
    first = until_leaving(history)
    if not len(first):
        return
    first = again(first, event=first.to_state > 0, states=("free", "event"))
    table = risk_table(first)
    curve, occupied = kaplan_meier(table)["all"], state_occupation(table)["all"]
    np.testing.assert_allclose(occupied.estimate[0], curve.estimate, atol=1e-12)
    left = curve.estimate > 0
    np.testing.assert_allclose(occupied.std_error[0][left], curve.std_error[left], atol=1e-9)
    if (first.entry == 0).all():  # then the influence is Greenwood's
        jackknife = state_occupation(first, variance="jackknife")["all"]
        np.testing.assert_allclose(jackknife.std_error, occupied.std_error, atol=1e-9)
    mean, stay = restricted_mean(curve, curve.end), length_of_stay(table, curve.end)["all"]
    assert stay["free"].estimate == pytest.approx(mean.estimate)
    assert stay["free"].std_error == pytest.approx(mean.std_error, abs=1e-9)


@fewer
@given(walks())
def test_competing_outcomes_are_cumulative_incidence(history):
    first = until_leaving(history)
    if not len(first):
        return
    table = risk_table(first)
    occupied = state_occupation(table)["all"]
    for j, outcome in enumerate(("ill", "dead"), start=1):
        curve = cumulative_incidence(table)["all"][outcome]
        np.testing.assert_allclose(occupied.estimate[j], curve.estimate, atol=1e-12)
        of_all = np.isnan(curve.std_error)  # of a curve at 1 it is not known, here it is 0
        np.testing.assert_allclose(
            occupied.std_error[j], np.where(of_all, 0, curve.std_error), atol=1e-7
        )


@fewer
@given(walks())
def test_a_weight_of_two_is_two_rows(history):
    twice = np.repeat(np.arange(len(history)), 2)
    doubled = history.where(twice)
    doubled = again(doubled, subject=2 * doubled.subject + np.arange(len(twice)) % 2)
    weighted = again(history, weight=np.full(len(history), 2.0))
    a, b = (state_occupation(h, initial=START)["all"] for h in (weighted, doubled))
    np.testing.assert_allclose(a.std_error, b.std_error, atol=1e-12)
    robust, single = (  # to the jackknife a weight is not a patient
        state_occupation(h, initial=START, variance="jackknife")["all"] for h in (weighted, history)
    )
    np.testing.assert_allclose(robust.std_error, single.std_error, atol=1e-12)


@fewer
@given(walks(), st.randoms(use_true_random=False))
def test_order_and_names_of_subjects_do_not_matter(history, random):
    rows = list(range(len(history)))
    random.shuffle(rows)
    shuffled = again(history.where(np.array(rows)), subject=100 - history.subject[rows])
    for variance in ("delta", "jackknife"):
        a, b = (
            state_occupation(h, initial=START, variance=variance)["all"]
            for h in (history, shuffled)
        )
        np.testing.assert_allclose(a.std_error, b.std_error, atol=1e-12)


@fewer
@given(walks())
def test_stays_add_up_to_the_horizon(history):
    horizon = risk_table(history).time[-1]
    for variance in ("delta", "jackknife"):
        stay = length_of_stay(history, horizon, initial=START, variance=variance)["all"]
        assert sum(e.estimate for e in stay.values()) == pytest.approx(horizon)


@pytest.mark.parametrize("k", [0, 1, 2, 3, 4, 10, 17])
def test_running_products_and_covariances(k):
    rng = np.random.default_rng(k)
    factors, noise = rng.normal(size=(2, k, 3, 3))
    product, covariance = np.eye(3), np.zeros((3, 3))
    products, covariances = running_product(factors), running_covariance(factors, noise)
    assert products.shape == covariances.shape == (k, 3, 3)
    for i in range(k):
        product = product @ factors[i]
        covariance = factors[i].T @ covariance @ factors[i] + noise[i]
        np.testing.assert_allclose(products[i], product, atol=1e-10)
        np.testing.assert_allclose(covariances[i], covariance, atol=1e-10)


@pytest.mark.parametrize("k", [0, 1, 2, 7, 13])
def test_row_vectors_through_any_stretch_of_factors(k):
    factors = np.random.default_rng(k).normal(size=(k, 2, 2))
    begin, end = (edge.ravel() for edge in np.triu_indices(k + 1))
    rows = np.random.default_rng(1).normal(size=(begin.size, 2))
    one_by_one = [
        np.linalg.multi_dot([row, *factors[i:j], np.eye(2)])
        for row, i, j in zip(rows, begin, end, strict=True)
    ]
    np.testing.assert_allclose(carried(rows, product_tree(factors), begin, end), one_by_one)


def pulls(history, cluster, of, small=1e-5):
    """Derivative of what a history gives by the weight of each cluster, times that weight."""
    for c in np.unique(cluster):
        up, down = (
            of(again(history, weight=history.weight * np.where(cluster == c, 1 + e, 1)))
            for e in (small, -small)
        )
        yield (up - down) / (2 * small)


@settings(max_examples=25)
@given(walks(), st.booleans(), st.booleans(), st.data())
def test_the_jackknife_is_the_derivative_by_weight(history, clusters, observed, data):
    weight = data.draw(st.lists(st.floats(0.3, 3), min_size=12, max_size=12))
    history = again(history, weight=np.array(weight)[history.subject])
    cluster = history.subject % 3 if clusters else history.subject
    there = (history.entry <= 3) & (history.exit > 3)
    options = {"initial": "observed", "start": 3.0} if observed and there.any() else {}
    options = options or {"initial": START}

    def probabilities(changed):
        return state_occupation(changed, **options)["all"].estimate

    expected = sum(p[:, None] * p for p in pulls(history, cluster, probabilities))
    found = state_occupation(history, variance="jackknife", cluster=cluster, **options)["all"]
    np.testing.assert_allclose(np.moveaxis(found.covariance, 0, 2), expected, atol=1e-8)
    horizon = found.end

    def days(changed):
        return np.array(
            [e.estimate for e in length_of_stay(changed, horizon, **options)["all"].values()]
        )

    stay = length_of_stay(history, horizon, variance="jackknife", cluster=cluster, **options)["all"]
    squared = sum(p**2 for p in pulls(history, cluster, days))
    np.testing.assert_allclose([e.std_error**2 for e in stay.values()], squared, atol=1e-7)


def test_mistakes():
    history = illness_death()
    table = risk_table(history)
    for options, message in (
        ({"initial": {"wel": 1.0}}, r'names "wel".*Did you mean "well"'),
        ({"initial": {"well": 0.5}}, "adds up to 0.5"),
        ({"initial": "seen"}, r'"seen".*"observed"'),
        ({"initial": "observed", "start": 9}, "nobody in stratum .* just after day 9"),
        ({"variance": "jackknife"}, "it needs each subject"),
        ({"variance": "aalen"}, r'"aalen".*"delta", "jackknife"'),
        ({"cluster": history.subject}, "independent"),
        ({"start": np.inf}, "`start` is inf"),
    ):
        with pytest.raises(EstimateError, match=message):
            state_occupation(table, **options)
    for horizon in (0, 10, np.inf):
        with pytest.raises(EstimateError, match="the horizon is day"):
            length_of_stay(table, horizon)


def test_beyond_follow_up_nothing_is_known():
    points = state_occupation(illness_death())["all"].at([-1, 10])
    assert np.isnan(points["dead"].estimate).all()


def test_where_all_have_died_they_stay_dead():
    """Of three, one dies ill: after day 5 nobody can change; with one censored that is not known."""
    columns = {"subject": [0, 1, 1, 2], "entry": [0, 0, 3, 0], "exit": [2, 3, 5, 4]}
    gone = History.of(**columns, from_state=[0, 0, 1, 0], event=[2, 1, 2, 2], states=STATES)
    points = state_occupation(gone)["all"].at([9])
    assert [p.estimate.item() for p in points.values()] == [0, 0, 1]
    assert points["dead"].std_error.item() == 0
    assert np.isnan([[p.conf_low.item(), p.conf_high.item()] for p in points.values()])[
        [0, 2]
    ].all()
    followed = History.of(**columns, from_state=[0, 0, 1, 0], event=[2, 1, 0, 2], states=STATES)
    assert np.isnan(state_occupation(followed)["all"].at([9])["dead"].estimate.item())


@pytest.mark.parametrize("variance", ["delta", "jackknife"])
def test_a_rest_of_weights_is_nobody(variance):
    """All enter after the start: what all leave less what all enter is 4e-16, not a patient."""
    history = History.of(
        entry=[7, 6, 5, 9],
        exit=[11, 16, 8, 12],
        event=[1, 1, 0, 1],
        weight=[0.1, 0.2, 0.3, 1.7],
    )
    with pytest.raises(EstimateError, match="nobody in stratum"):
        state_occupation(history, start=2, initial="observed", variance=variance)


def test_of_one_patient_left_at_the_start_there_is_no_jackknife():
    history = History.of(
        exit=[2, 3, 9], event=[1, 0, 2], states=("bm", "sre", "dead"), subject=[4, 5, 6]
    )
    occupied = state_occupation(history, start=4, variance="jackknife")["all"]
    stay = length_of_stay(history, 12, start=4, variance="jackknife")["all"]
    assert np.isnan(occupied.std_error[:, -1]).all()
    assert np.isnan(stay["dead"].std_error)
