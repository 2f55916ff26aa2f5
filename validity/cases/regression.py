"""Hazard and odds ratios, and what the models predict."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import expit

from osteon.estimate import (
    cox,
    fine_gray,
    firth_cox,
    firth_logistic,
    fixed_time,
    predicted_incidence,
    predicted_survival,
)
from validity.cases.case import ITERATIVE, Case, Covered, at, of
from validity.cases.curves import NO_LATE_FAMILIES
from validity.designs import HAZARD_RATIO, TIME, Design
from validity.models import (
    SUBDISTRIBUTION_RATIO,
    families,
    subdistribution,
    subdistribution_incidence,
)
from validity.samples import compared, draw
from validity.truths import survival

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
        logistic_models,
        ITERATIVE,
        lambda d: not d.late_entry and not d.competing_death,
        "a yes or no has neither entry nor competition",
    ),
)
