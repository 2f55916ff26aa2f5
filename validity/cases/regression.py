"""Hazard and odds ratios, and what the models predict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy.special import expit

from osteon.estimate import (
    cox,
    fine_gray,
    firth_cox,
    firth_logistic,
    fixed_time,
    predicted_incidence,
    predicted_restricted_mean,
    predicted_restricted_mean_difference,
    predicted_restricted_mean_ratio,
    predicted_survival,
    predicted_survival_difference,
    predicted_survival_ratio,
)
from validity.cases.case import ITERATIVE, Case, Covered, at, of
from validity.cases.curves import NO_LATE_FAMILIES, START
from validity.designs import HAZARD_RATIO, HORIZON, TIME, Design
from validity.models import (
    CENTRES,
    SUBDISTRIBUTION_RATIO,
    centres,
    families,
    subdistribution,
    subdistribution_incidence,
)
from validity.samples import compared, draw, until
from validity.truths import mean_time, survival

ODDS_RATIO, BASE_ODDS = 3.0, 1 / 9


def cox_models(design: Design, seed: int) -> Iterator[Covered]:
    """The event's hazard ratio by ties and variance, and predicted survival."""
    history = draw(design, seed, compared).with_exposure
    for ties, robust in (("efron", False), ("efron", True), ("breslow", False)):
        fit = cox(history, ["exposed"], causes=["event"], ties=ties, robust=robust)
        name = f"hazard ratio, Cox, {ties.title()}, {'robust' if robust else 'Wald'}"
        yield of(name, fit.hazard_ratios["exposed"], HAZARD_RATIO)
    fit = cox(history, ["exposed"], causes=["event"])
    truth = survival(Design(design.n), TIME, HAZARD_RATIO)
    for scale in ("log-log", "log", "plain", "logit"):
        curve = predicted_survival(fit, {"exposed": 1}, interval=scale)
        yield of(f"survival predicted by Cox at 1 year, {scale}", fixed_time(curve, TIME), truth)


def predicted_courses(design: Design, seed: int) -> Iterator[Covered]:
    """What a Cox model predicts from a later day on, and for whom exposure begins on it."""
    fit = cox(draw(design, seed, compared).with_exposure, ["exposed"], causes=["event"])
    alone = Design(design.n)
    curve = predicted_survival(fit, {"exposed": 1}, start=START)
    truth = survival(alone, TIME - START, HAZARD_RATIO)
    name = f"survival predicted by Cox at 1 year from day {START} on, log-log"
    yield of(name, fixed_time(curve, TIME), truth)
    curve = predicted_survival(fit, {"exposed": [0, 1]}, changes=[START])
    name = f"survival predicted by Cox at 1 year, exposed from day {START} on, log-log"
    yield of(name, fixed_time(curve, TIME), survival(alone, START) * truth)


def few_events(design: Design, seed: int) -> Iterator[Covered]:
    """Followed for four months: some twelve events in a hundred patients."""
    history = until(draw(design, seed, compared).with_exposure, START)
    firth = firth_cox(history, ["exposed"], causes=["event"])
    yield of(
        "hazard ratio, few events, Firth's Cox, profile", firth.ratios["exposed"], HAZARD_RATIO
    )
    fit = cox(history, ["exposed"], causes=["event"])
    yield of("hazard ratio, few events, Cox, Wald", fit.hazard_ratios["exposed"], HAZARD_RATIO)


def models_of_centres(design: Design, seed: int) -> Iterator[Covered]:
    """Centres whose hazards differ, as strata; and what a model that takes them as one finds."""
    history = centres(design, seed)
    fit = cox(history, ["exposed"], causes=["event"])
    yield of("hazard ratio, stratified Cox, Wald", fit.hazard_ratios["exposed"], HAZARD_RATIO)
    robust = cox(history, ["exposed"], causes=["event"], robust=True)
    yield of("hazard ratio, stratified Cox, robust", robust.hazard_ratios["exposed"], HAZARD_RATIO)
    firth = firth_cox(history, ["exposed"], causes=["event"])
    name = "hazard ratio, stratified Firth's Cox, profile"
    yield of(name, firth.ratios["exposed"], HAZARD_RATIO)
    one = replace(history, stratum=0 * history.stratum, strata=("all",))
    pooled = cox(one, ["exposed"], causes=["event"])
    name = "hazard ratio, strata left out, Cox, Wald"
    yield of(name, pooled.hazard_ratios["exposed"], HAZARD_RATIO)
    curve = predicted_survival(fit, {"exposed": 1}, stratum="south")
    truth = survival(Design(design.n), TIME, HAZARD_RATIO * CENTRES["south"])
    name = "survival predicted by stratified Cox at 1 year, log-log"
    yield of(name, fixed_time(curve, TIME), truth)


def contrasts_by_cox(design: Design, seed: int) -> Iterator[Covered]:
    """Exposed and unexposed contrasted by one model: survival at a time and restricted means."""
    history = draw(design, seed, compared).with_exposure
    alive = [survival(Design(design.n), TIME, ratio) for ratio in (HAZARD_RATIO, 1.0)]
    means = [mean_time(Design(design.n), HORIZON, ratio) for ratio in (HAZARD_RATIO, 1.0)]
    patients = {"exposed": 1}, {"exposed": 0}
    for kind, robust in (("model", False), ("robust", True)):
        fit = cox(history, ["exposed"], causes=["event"], robust=robust)
        mean = predicted_restricted_mean(fit, patients[0], HORIZON)
        yield of(f"restricted mean predicted by Cox, {kind}", mean, means[0])
        for what, contrast, when, truth in (
            ("difference of survival", predicted_survival_difference, TIME, alive[0] - alive[1]),
            ("ratio of survival", predicted_survival_ratio, TIME, alive[0] / alive[1]),
            (
                "difference of means",
                predicted_restricted_mean_difference,
                HORIZON,
                means[0] - means[1],
            ),
            ("ratio of means", predicted_restricted_mean_ratio, HORIZON, means[0] / means[1]),
        ):
            yield of(f"{what} predicted by Cox, {kind}", contrast(fit, *patients, when), truth)


def weighted_cox(design: Design, seed: int) -> Iterator[Covered]:
    """Half of the patients stand for four."""
    history = draw(design, seed, compared).weighted
    for name, robust in (("Wald", False), ("robust", True)):
        fit = cox(history, ["exposed"], causes=["event"], robust=robust)
        yield of(f"hazard ratio, weighted Cox, {name}", fit.hazard_ratios["exposed"], HAZARD_RATIO)


def cox_of_families(design: Design, seed: int) -> Iterator[Covered]:
    """Families are exposed as one, and resemble each other."""
    history, family = families(design, seed)
    for name, cluster in (
        ("Wald", None),
        ("robust by patient", history.subject),
        ("robust by family", family),
    ):
        fit = cox(history, ["exposed"], causes=["event"], cluster=cluster)
        yield of(
            f"hazard ratio in families, Cox, {name}", fit.hazard_ratios["exposed"], HAZARD_RATIO
        )


def firth_models(design: Design, seed: int) -> Iterator[Covered]:
    """Firth's penalised Cox model."""
    history = draw(design, seed, compared).with_exposure
    fit = firth_cox(history, ["exposed"], causes=["event"])
    yield of("hazard ratio, Firth's Cox, profile", fit.ratios["exposed"], HAZARD_RATIO)
    yield of("hazard ratio, Firth's Cox, Wald", fit.wald_ratios["exposed"], HAZARD_RATIO)


def fine_gray_models(design: Design, seed: int) -> Iterator[Covered]:
    """The subdistribution hazard ratio by variance, and predicted incidence."""
    history = draw(design, seed, subdistribution).with_exposure
    truth = subdistribution_incidence(TIME, 1)
    for variance in ("robust", "model") if design.late_entry else ("sandwich", "robust", "model"):
        fit = fine_gray(history, ["exposed"], "event", variance=variance)
        name = f"subdistribution hazard ratio, Fine-Gray, {variance}"
        yield of(name, fit.hazard_ratios["exposed"], SUBDISTRIBUTION_RATIO)
        for scale in ("cloglog", "log-log", "plain") if variance != "model" else ("cloglog",):
            points = predicted_incidence(fit, {"exposed": 1}, TIME, interval=scale)
            yield at(
                f"incidence predicted by Fine-Gray at 1 year, {variance}, {scale}", points, truth
            )


def fine_gray_conventions(design: Design, seed: int) -> Iterator[Covered]:
    """Ties as in R's survival::finegray."""
    history = draw(design, seed, subdistribution).with_exposure
    for ties in ("breslow", "efron"):
        fit = fine_gray(history, ["exposed"], "event", convention="finegray", ties=ties)
        name = f"subdistribution hazard ratio, as finegray, {ties.title()}"
        yield of(name, fit.hazard_ratios["exposed"], SUBDISTRIBUTION_RATIO)


def censored_apart(design: Design, seed: int) -> Iterator[Covered]:
    """Fine and Gray's model where the exposed are censored earlier: a distribution for each."""
    sample = draw(design, seed, subdistribution)
    sooner = np.where(sample.exposed == 1, sample.censored / 3, sample.censored)
    sample = replace(sample, censored=sooner)
    for name, group in (("for all", None), ("for each group", sample.exposed)):
        fit = fine_gray(sample.with_exposure, ["exposed"], "event", censoring_group=group)
        name = f"subdistribution hazard ratio, groups censored apart, one distribution {name}"
        yield of(name, fit.hazard_ratios["exposed"], SUBDISTRIBUTION_RATIO)


def logistic_models(design: Design, seed: int) -> Iterator[Covered]:
    """Firth's logistic regression with two covariates."""
    rng, n = np.random.default_rng(seed), design.n
    exposed, ki67 = np.arange(n) % 2, rng.normal(size=n)
    chance = expit(np.log(BASE_ODDS) + np.log(ODDS_RATIO) * exposed + 0.5 * ki67)
    fit = firth_logistic(rng.random(n) < chance, {"exposed": exposed, "ki67": ki67})
    yield of("odds ratio, Firth's logistic, profile", fit.ratios["exposed"], ODDS_RATIO)
    yield of("odds ratio, Firth's logistic, Wald", fit.wald_ratios["exposed"], ODDS_RATIO)


CASES = (
    Case(cox_models, ITERATIVE),
    Case(predicted_courses, ITERATIVE),
    Case(few_events, ITERATIVE),
    Case(models_of_centres, ITERATIVE),
    Case(contrasts_by_cox, ITERATIVE),
    Case(weighted_cox, ITERATIVE),
    Case(cox_of_families, ITERATIVE, lambda d: not d.late_entry, NO_LATE_FAMILIES),
    Case(firth_models, ITERATIVE),
    Case(
        fine_gray_models,
        ITERATIVE,
        lambda d: d.competing_death,
        "without a competing event it is Cox's model, and the sandwich knows no late entry",
    ),
    Case(
        fine_gray_conventions,
        ITERATIVE,
        lambda d: d.competing_death,
        "without a competing event it is Cox's model",
    ),
    Case(
        censored_apart,
        ITERATIVE,
        lambda d: d.competing_death and not d.late_entry,
        "without a competing event it is Cox's model, and who enters late must not have been censored",
    ),
    Case(
        logistic_models,
        ITERATIVE,
        lambda d: not d.late_entry and not d.competing_death,
        "a yes or no has neither entry nor competition",
    ),
)
