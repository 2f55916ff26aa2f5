"""States passed through: probabilities, time spent, and models of the transitions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from osteon.contracts.history import History
from osteon.estimate import (
    Points,
    RiskTable,
    landmark_occupation,
    length_of_stay,
    multi_state_cox,
    panel_markov,
    predicted_length_of_stay,
    predicted_occupation,
    risk_table,
    state_occupation,
)
from validity.cases.case import CLOSED_FORM, ITERATIVE, Case, Covered, at, of
from validity.courses import (
    EARLY_HAZARD,
    after_hazard,
    day,
    early_or_late,
    followed_on,
    living_with,
    occupied,
    panel,
    stay,
)
from validity.designs import (
    AFTER_HAZARD,
    AFTER_RATIO,
    COURSE,
    DEATH_HAZARD,
    EVENT_HAZARD,
    HAZARD_RATIO,
    TIME,
    Design,
)
from validity.samples import Sample, compared, draw, homogeneous, until

SCALES = ("log-log", "cloglog", "plain")
PANEL_TRANSITIONS = [("free", "event"), ("event", "dead")]


def occupation(design: Design, seed: int) -> Iterator[Covered]:
    """Alive with the event at two years, Greenwood's variance; time spent so."""
    table = risk_table(until(_course(design, seed), COURSE))
    truth = occupied(day(design), COURSE)[0, 1]
    for scale in SCALES:
        points = state_occupation(table, interval=scale)["all"].at(COURSE)["event"]
        yield at(f"state occupation at 2 years, delta, {scale}", points, truth)
    found = length_of_stay(table, COURSE)["all"]["event"]
    yield of("length of stay in a state up to 2 years, delta", found, stay(day(design), COURSE)[1])
    truth = occupied(day(design), COURSE - TIME)[1, 2]
    name = "transition probability from year 1 to 2, Markov course"
    yield at(name, _from_event(table), truth)


def observed_start(design: Design, seed: int) -> Iterator[Covered]:
    """Of those alive at one year, in the states in which they are then."""
    history = until(_course(design, seed), COURSE)
    now = occupied(day(design), TIME)[0, :2]
    truth = (now / now.sum()) @ occupied(day(design), COURSE - TIME)[:2, 2]
    curve = state_occupation(risk_table(history), start=TIME, initial="observed")["all"]
    name = "death from year 1 to 2 of all alive, shares observed, delta"
    yield at(name, curve.at(COURSE)["dead"], float(truth))


def robust_occupation(design: Design, seed: int) -> Iterator[Covered]:
    """The same by the infinitesimal jackknife."""
    history = until(_course(design, seed), TIME)
    truth = occupied(day(design), TIME)[0, 1]
    points = state_occupation(history, variance="jackknife")["all"].at(TIME)["event"]
    yield at("state occupation at 1 year, jackknife, log-log", points, truth)
    found = length_of_stay(history, TIME, variance="jackknife")["all"]["event"]
    truth = stay(day(design), TIME)[1]
    yield of("length of stay in a state up to 1 year, jackknife", found, truth)


def landmarks(design: Design, seed: int) -> Iterator[Covered]:
    """From the event at one year to death at two, in a course that is not Markov."""
    sample = draw(design, seed)
    history = until(followed_on(sample, early_or_late(sample)), COURSE)
    truth = -np.expm1(-EARLY_HAZARD * (COURSE - TIME))
    name = "transition probability from year 1 to 2, course not Markov"
    yield at(name, _from_event(risk_table(history)), truth)
    for variance in ("delta", "jackknife"):
        curve = landmark_occupation(history, TIME, "event", variance=variance)["all"]
        name = f"landmark probability from year 1 to 2, course not Markov, {variance}"
        yield at(name, curve.at(COURSE)["dead"], truth)


def transition_models(design: Design, seed: int) -> Iterator[Covered]:
    """Cox models of every transition, and what they predict for the exposed."""
    sample = draw(design, seed, compared)
    history = until(followed_on(sample, after_hazard(sample)), COURSE)
    model = multi_state_cox(history, ["exposed"])
    for transition, truth in ((("free", "event"), HAZARD_RATIO), (("event", "dead"), AFTER_RATIO)):
        name = f"hazard ratio from {' to '.join(transition)}, multi-state Cox"
        yield of(name, model.hazard_ratios[transition]["exposed"], truth)
    one_day = day(design, 1, ratios=True)
    truth = occupied(one_day, COURSE)[0, 1]
    found = predicted_length_of_stay(model, {"exposed": 1}, COURSE, factors="exponential")["event"]
    yield of("length of stay predicted up to 2 years", found, stay(one_day, COURSE)[1])
    for factors, variance, scale in (
        ("exponential", "delta", "log-log"),
        ("exponential", "delta", "cloglog"),
        ("product", "increments", "log-log"),
    ):
        predicted = predicted_occupation(
            model, {"exposed": 1}, factors=factors, variance=variance, interval=scale
        )
        name = f"occupation predicted at 2 years, {factors}, {variance}, {scale}"
        yield at(name, predicted.at(COURSE)["event"], truth)


def predicted_otherwise(design: Design, seed: int) -> Iterator[Covered]:
    """The same predictions by the product of the increments, and by the jackknife."""
    sample = draw(design, seed, compared)
    history = until(followed_on(sample, after_hazard(sample)), COURSE)
    one_day = day(design, 1, ratios=True)
    truth, days = occupied(one_day, COURSE)[0, 1], stay(one_day, COURSE)[1]
    for robust, variance in ((False, "delta"), (True, "jackknife")):
        model = multi_state_cox(history, ["exposed"], robust=robust)
        points = predicted_occupation(model, {"exposed": 1}, variance=variance).at(COURSE)["event"]
        yield at(f"occupation predicted at 2 years, product, {variance}, log-log", points, truth)
        found = predicted_length_of_stay(model, {"exposed": 1}, COURSE, variance=variance)["event"]
        yield of(f"length of stay predicted up to 2 years, product, {variance}", found, days)


def related_transitions(design: Design, seed: int) -> Iterator[Covered]:
    """One ratio for two transitions, baselines that are proportional, and a clock that is reset."""
    sample = draw(design, seed, compared)
    hazard = np.asarray(AFTER_HAZARD * HAZARD_RATIO**sample.exposed, dtype=np.float64)
    history = until(followed_on(sample, hazard), COURSE)
    exposed = {("free", "event"): ["exposed"], ("event", "dead"): ["exposed"]}
    model = multi_state_cox(history, exposed, common=["exposed"])
    ratio = model.hazard_ratios["free", "event"]["exposed"]
    yield of("hazard ratio of two transitions, multi-state Cox", ratio, HAZARD_RATIO)
    model = multi_state_cox(history, exposed, clock="reset")
    ratio = model.hazard_ratios["event", "dead"]["exposed"]
    yield of("hazard ratio from event to dead, clock reset, multi-state Cox", ratio, HAZARD_RATIO)
    if design.competing_death:
        deaths = [("free", "dead"), ("event", "dead")]
        model = multi_state_cox(history, exposed, shared_baselines=[deaths])
        ratio = model.hazard_ratios["event", "dead"]["baseline"]
        name = "ratio of proportional baselines, multi-state Cox"
        yield of(name, ratio, AFTER_HAZARD / DEATH_HAZARD)


def panels_in_periods(design: Design, seed: int) -> Iterator[Covered]:
    """A panel whose intensities may differ from one year on; they do not."""
    also = [("free", "dead")] if design.competing_death else []
    fit = panel_markov(
        panel(draw(design, seed)),
        PANEL_TRANSITIONS + also,
        exact=["dead"],
        covariates={("event", "dead"): ["exposed"]},
        cuts=[TIME],
    )
    (later,) = fit.hazard_ratios["free", "event"].values()
    yield of("ratio of the later to the earlier intensity, panel", later, 1.0)
    found = fit.probabilities(COURSE, at={"exposed": 0.0})["free"]["event"]
    name = "state probability at 2 years, panel in two periods, log-log"
    yield of(name, found, living_with(design, COURSE))


def panels(design: Design, seed: int) -> Iterator[Covered]:
    """A Markov course that only visits show, and death to the day."""
    also = [("free", "dead")] if design.competing_death else []
    fit = panel_markov(
        panel(draw(design, seed, compared)),
        PANEL_TRANSITIONS + also,
        exact=["dead"],
        covariates={("free", "event"): ["exposed"], ("event", "dead"): ["exposed"]},
    )
    ratios = fit.hazard_ratios
    yield of("hazard ratio of the event, panel", ratios["free", "event"]["exposed"], HAZARD_RATIO)
    yield of("hazard ratio of death after, panel", ratios["event", "dead"]["exposed"], AFTER_RATIO)
    unexposed = {"exposed": 0.0}
    intensities, sojourn = fit.intensities(unexposed), fit.sojourn(unexposed)
    yield of("intensity of the event, panel", intensities["free", "event"], EVENT_HAZARD)
    yield of("intensity of death after, panel", intensities["event", "dead"], AFTER_HAZARD)
    yield of("mean stay with the event, panel", sojourn["event"], 1 / AFTER_HAZARD)
    truth = living_with(design, COURSE)
    for scale in SCALES:
        found = fit.probabilities(COURSE, at=unexposed, interval=scale)["free"]["event"]
        yield of(f"state probability at 2 years, panel, {scale}", found, truth)


def _from_event(table: RiskTable) -> Points:
    """Dead at two years, with the event at one: a row of `transition_probabilities`."""
    occupation = state_occupation(table, start=TIME, initial={"event": 1.0})["all"]
    return occupation.at(COURSE)["dead"]


def _course(design: Design, seed: int) -> History:
    sample: Sample = draw(design, seed, homogeneous)
    return followed_on(sample, np.full(design.n, AFTER_HAZARD))


CASES = (
    Case(occupation, CLOSED_FORM),
    Case(
        observed_start,
        CLOSED_FORM,
        lambda d: not d.late_entry,
        "whoever enters late enters free of the event, so the shares seen are not all patients'",
    ),
    Case(robust_occupation, CLOSED_FORM),
    Case(landmarks, CLOSED_FORM),
    Case(transition_models, ITERATIVE),
    Case(predicted_otherwise, ITERATIVE),
    Case(related_transitions, ITERATIVE),
    Case(panels, ITERATIVE),
    Case(panels_in_periods, ITERATIVE),
)
