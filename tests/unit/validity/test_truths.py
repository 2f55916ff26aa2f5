"""Each truth is the truth: a sample of 200,000, or an integral, says so."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.stats import kendalltau

from osteon.estimate import (
    concordance,
    cumulative_incidence,
    fixed_time,
    kaplan_meier,
    landmark_occupation,
    length_of_stay,
    mean_cumulative,
    nelson_aalen,
    restricted_mean,
    restricted_mean_time_lost,
    risk_table,
    robust_rates,
    state_occupation,
    turnbull,
)
from validity import courses, models, truths
from validity.cases import robust
from validity.cases.curves import START
from validity.designs import (
    AFTER_HAZARD,
    AFTER_RATIO,
    COURSE,
    DEATH_HAZARD,
    EVENT_HAZARD,
    HAZARD_RATIO,
    HORIZON,
    TIME,
    Design,
)
from validity.samples import compared, draw, until

N = 200_000
LARGE = [Design(N, late, death) for late, death in product((False, True), repeat=2)]
every_design = pytest.mark.parametrize("design", LARGE, ids=str)
RATIOS = {"unexposed": 1.0, "exposed": HAZARD_RATIO}


def near(estimate, std_error, truth):
    """Within 4 standard errors, which are small."""
    assert 0 < std_error < 0.02 * max(abs(truth), 0.1)
    assert abs(estimate - truth) < 4 * std_error


@every_design
def test_survival_incidence_and_hazard(design):
    table = risk_table(draw(design, 1, compared).by_exposure)
    curves, cifs, hazards = kaplan_meier(table), cumulative_incidence(table), nelson_aalen(table)
    for (group, ratio), time in product(RATIOS.items(), (60, TIME, HORIZON)):
        s = fixed_time(curves[group], time)
        near(s.estimate, s.std_error, truths.survival(design, time, ratio))
        f = fixed_time(cifs[group]["event"], time)
        near(f.estimate, f.std_error, truths.incidence(design, time, ratio))
        h = fixed_time(hazards[group], time)
        near(h.estimate, h.std_error, truths.hazard(design, ratio) * time)


@every_design
def test_means_and_quantiles_follow_from_the_curves(design):
    days = range(HORIZON)
    area = sum(truths.survival(design, day, 0.6) for day in days)
    assert truths.mean_time(design, HORIZON, 0.6) == pytest.approx(area, rel=1e-10)
    lost = sum(truths.incidence(design, day, 0.6) for day in days)
    assert truths.time_lost(design, HORIZON, 0.6) == pytest.approx(lost, rel=1e-10)
    assert truths.survival(design, truths.median(design)) == pytest.approx(0.5)
    day = truths.incidence_quantile(design, 0.25)
    assert truths.incidence(design, day) == pytest.approx(0.25)


@every_design
def test_means(design):
    table = risk_table(draw(design, 2).history)
    mean = restricted_mean(kaplan_meier(table)["all"], HORIZON)
    near(mean.estimate, mean.std_error, truths.mean_time(design, HORIZON))
    lost = restricted_mean_time_lost(table, HORIZON)["all"]["event"]
    near(lost.estimate, lost.std_error, truths.time_lost(design, HORIZON))


@every_design
def test_courses(design):
    sample = draw(design, 3)
    history = courses.followed_on(sample, np.full(N, AFTER_HAZARD))
    day, table = courses.day(design), risk_table(history)
    points = state_occupation(table)["all"].at([TIME, COURSE])
    for k, state in enumerate(courses.STATES):
        for j, time in enumerate((TIME, COURSE)):
            truth = courses.occupied(day, time)[0, k]
            if truth > 0.01:
                near(points[state].estimate[j], points[state].std_error[j], truth)
    stay = length_of_stay(table, COURSE)["all"]
    for state, truth in zip(courses.STATES, courses.stay(day, COURSE), strict=True):
        near(stay[state].estimate, stay[state].std_error, truth)
    assert courses.living_with(design, COURSE) == pytest.approx(
        courses.occupied(day, COURSE)[0, 1], rel=0.005
    )


@pytest.mark.parametrize("exposed", [0, 1])
def test_courses_of_the_exposed(exposed):
    sample = draw(LARGE[1], 4, compared)
    history = courses.followed_on(sample, courses.after_hazard(sample))
    history = history.where(history.covariates["exposed"] == exposed)
    points = state_occupation(risk_table(history))["all"].at(COURSE)["event"]
    day = courses.day(LARGE[1], exposed, ratios=True)
    near(points.estimate[0], points.std_error[0], courses.occupied(day, COURSE)[0, 1])


def test_a_course_that_is_not_markov():
    sample = draw(LARGE[1], 5)
    history = until(courses.followed_on(sample, courses.early_or_late(sample)), COURSE)
    points = landmark_occupation(history, TIME, "event")["all"].at(COURSE)["dead"]
    truth = -np.expm1(-courses.EARLY_HAZARD * (COURSE - TIME))
    near(points.estimate[0], points.std_error[0], truth)


@every_design
def test_recurrent_events(design):
    history = until(courses.recurring(draw(design, 6), HAZARD_RATIO), COURSE)
    counts, rates = mean_cumulative(history, "event"), robust_rates(history, "event")
    for group, ratio in RATIOS.items():
        mean = fixed_time(counts[group], COURSE)
        near(mean.estimate, mean.std_error, courses.mean_count(design, COURSE, ratio))
        rate, truth = rates[group], courses.daily_chance(ratio)
        near(rate.estimate / truth, rate.std_error / truth, 1.0)


def test_recurrent_events_crowd_in_some_patients():
    history = until(courses.recurring(draw(LARGE[0], 7)), HORIZON)
    events = np.bincount(history.subject[history.to_state == 1], minlength=N)
    mean = EVENT_HAZARD * HORIZON
    assert events.var() == pytest.approx(mean + courses.FRAILTY_VARIANCE * mean**2, rel=0.02)


@pytest.mark.parametrize("distribution", ["log-logistic", "log-normal"])
def test_accelerated_failure(distribution):
    sample = draw(LARGE[0], 8, models.accelerated(distribution))
    logs = np.log(sample.onset)
    for exposed in (0, 1):
        middle = np.median(logs[sample.exposed == exposed])
        assert middle == pytest.approx(np.log(models.accelerated_median(exposed)), abs=0.012)
    spread = models.SPREAD * (np.pi / np.sqrt(3) if distribution == "log-logistic" else 1)
    assert logs[sample.exposed == 0].std() == pytest.approx(spread, rel=0.01)


@pytest.mark.parametrize("design", LARGE[1::2], ids=str)
def test_subdistribution(design):
    table = risk_table(draw(design, 9, models.subdistribution).by_exposure)
    cifs = cumulative_incidence(table)
    for exposed, cif in enumerate(cifs.values()):
        f = fixed_time(cif["event"], TIME)
        near(f.estimate, f.std_error, models.subdistribution_incidence(TIME, exposed))
    for time in (60, TIME, COURSE):
        a, b = (np.log1p(-models.subdistribution_incidence(time, x)) for x in (0, 1))
        assert b / a == pytest.approx(models.SUBDISTRIBUTION_RATIO)


@every_design
def test_centres_have_hazards_of_their_own_and_one_ratio(design):
    history = models.centres(design, 17)
    assert history.strata == tuple(models.CENTRES)
    for exposed, ratio in enumerate(RATIOS.values()):
        group = history.where(history.covariates["exposed"] == exposed)
        curves = kaplan_meier(risk_table(group), causes=["event"])
        for centre, multiple in models.CENTRES.items():
            s = fixed_time(curves[centre], TIME)
            truth = truths.survival(Design(N), TIME, ratio * multiple)
            near(s.estimate, s.std_error, truth)


@pytest.mark.parametrize("design", LARGE[:2], ids=str)
@pytest.mark.parametrize("exposed", [0, 1])
def test_a_hazard_that_rises(design, exposed):
    sample = draw(design, 18, models.rising)
    mine = sample.exposed == exposed
    onset, death = sample.onset[mine], sample.death[mine]
    dies = onset + np.random.default_rng(18).exponential(1 / AFTER_HAZARD, onset.size)
    ratio = HAZARD_RATIO**exposed
    for start, time in ((0, 100), (0, COURSE), (TIME, COURSE), (TIME, 2000)):
        free = np.minimum(onset, death) > start
        found = free & (onset <= np.minimum(time, death))
        share(found[free], models.risen(design, time, ratio, start=start))
        living = found & (dies > time)
        truth = models.risen(design, time, ratio, start=start, after=AFTER_HAZARD)
        share(living[free], truth)
        left = np.exp(-ratio * models.cumulative_rise(time)[0] - design.death_hazard * time)
        share(np.minimum(onset, death) > time, left)


def share(found, truth):
    """Of a large sample, within 4 standard errors."""
    assert abs(found.mean() - truth) < 4 * np.sqrt(truth * (1 - truth) / found.size)


def test_a_hazard_that_rises_keeps_to_its_pieces():
    edges = np.concatenate([[0.0], models.RISE_CUTS])
    assert models.RISE.size == edges.size
    middle = edges + 75
    slope = models.cumulative_rise(middle + 1) - models.cumulative_rise(middle - 1)
    np.testing.assert_allclose(slope / 2, EVENT_HAZARD * models.RISE, rtol=1e-10)


@pytest.mark.parametrize("design", [Design(N), Design(N, competing_death=True)], ids=str)
def test_families_have_the_margins_of_strangers_and_resemble_each_other(design):
    history, family = models.families(design, 10)
    for exposed, ratio in enumerate(RATIOS.values()):
        group = history.where(history.covariates["exposed"] == exposed)
        s = fixed_time(kaplan_meier(risk_table(group), causes=["event"])["all"], TIME)
        inflated = np.sqrt(models.FAMILY) * s.std_error  # at most, were families all alike
        near(s.estimate, inflated, truths.survival(Design(N), TIME, ratio))
    assert np.bincount(family).max() == models.FAMILY


def test_families_are_as_alike_as_the_index_says():
    """Kendall's tau of a positive stable frailty is 1 - a (Hougaard 2000, section 4.2)."""
    rng = np.random.default_rng(11)
    frailty = models._positive_stable(rng, models.STABILITY, 20_000)
    pairs = rng.exponential(size=(2, 20_000)) / frailty
    assert kendalltau(*pairs).statistic == pytest.approx(1 - models.STABILITY, abs=0.02)
    laplace = np.exp(-frailty * 0.7).mean()
    assert laplace == pytest.approx(np.exp(-(0.7**models.STABILITY)), abs=0.01)


@every_design
def test_scans_see_what_there_is(design):
    sample = draw(Design(2000, design.late_entry, design.competing_death), 12)
    for bounds in (sample.scanned(), sample.on_schedule()):
        found = np.isfinite(bounds.right)
        assert (bounds.left < sample.onset).all()
        assert (sample.onset[found] <= bounds.right[found]).all()
        assert (bounds.right[found] <= np.minimum(sample.death, sample.censored)[found]).all()
    if not design.late_entry:
        low, high = turnbull(sample.on_schedule())["all"].at(480)
        assert low == high  # a day of the schedule
        assert low[0] == pytest.approx(np.exp(-EVENT_HAZARD * 480), abs=0.05)


def test_a_panel_follows_its_generator():
    """States at the visit a year after entry, of all and without a model."""
    design = Design(N, competing_death=True)
    sample = draw(design, 13, compared)
    panel = courses.panel(sample)
    seen = (panel.time == 2 * courses.VISIT_DAYS) & (panel.state < 2)
    for exposed in (0, 1):
        states = panel.state[seen & (panel.covariates["exposed"] == exposed)]
        event = EVENT_HAZARD * HAZARD_RATIO**exposed
        after = AFTER_HAZARD * AFTER_RATIO**exposed
        d = design.death_hazard
        q = np.array([[-event - d, event, d], [0, -after, after], [0, 0, 0]])
        p = expm(q * 2 * courses.VISIT_DAYS)[0]
        truth = p[1] / (p[0] + p[1])
        near(states.mean(), np.sqrt(truth * (1 - truth) / states.size), truth)


def test_weights_say_nothing_about_the_event():
    sample = draw(LARGE[0], 14)
    weight = sample.weighted.weight
    assert np.unique(weight).tolist() == [1.0, 4.0]
    assert np.corrcoef(weight, sample.onset)[0, 1] == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("design", [d for d in LARGE if not d.late_entry], ids=str)
def test_concordance_of_exposure(design):
    sample = draw(design, 15, compared)
    found = concordance(
        sample.history, -sample.exposed, weighting="uno", horizon=TIME, causes=["event"]
    ).estimate
    near(found.estimate, found.std_error, robust.concordance_of_exposure(TIME))


@every_design
def test_concordance_as_seen(design):
    sample = draw(design, 19, compared)
    found = concordance(sample.history, -sample.exposed, causes=["event"]).estimate
    near(found.estimate, found.std_error, robust.concordance_as_seen(design))


@every_design
def test_what_begins_later(design):
    history = draw(design, 20, compared).by_exposure
    lost = restricted_mean_time_lost(risk_table(history), HORIZON, start=START)
    for group, ratio in RATIOS.items():
        found = lost[group]["event"]
        truth = truths.time_lost_from(design, START, HORIZON, ratio)
        near(found.estimate, found.std_error, truth)
    counts = mean_cumulative(
        until(courses.recurring(draw(design, 21), HAZARD_RATIO), COURSE), "event", start=START
    )
    for group, ratio in RATIOS.items():
        mean = fixed_time(counts[group], COURSE)
        near(mean.estimate, mean.std_error, courses.mean_count(design, COURSE - START, ratio))


def test_deaths_with_and_without_the_event_are_proportional():
    """And the exposed have one ratio for two transitions, on either clock."""
    sample = draw(LARGE[1], 22, compared)
    history = courses.followed_on(sample, AFTER_HAZARD * HAZARD_RATIO**sample.exposed)
    rates = {}
    for exposed in (0, 1):
        mine = history.where(history.covariates["exposed"] == exposed)
        for state in (0, 1):
            rows = mine.where(mine.from_state == state)
            time = (rows.exit - rows.entry).sum()
            for to in (1, 2):
                rates[exposed, state, to] = (rows.to_state == to).sum() / time
    assert rates[0, 1, 2] / rates[0, 0, 2] == pytest.approx(AFTER_HAZARD / DEATH_HAZARD, rel=0.02)
    for state, to in ((0, 1), (1, 2)):
        found = rates[1, state, to] / rates[0, state, to]
        assert found == pytest.approx(HAZARD_RATIO, rel=0.02)


@every_design
def test_clones_have_one_survival(design):
    curves = kaplan_meier(risk_table(robust.cloned(design, 16)))
    for curve in curves.values():
        s = fixed_time(curve, TIME)
        near(s.estimate, s.std_error, truths.survival(design, TIME))
