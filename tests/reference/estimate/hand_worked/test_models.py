"""Regressions, Turnbull's estimate and Markov models worked out by hand."""

import numpy as np
import pytest

from osteon.contracts.bounds import Bounds
from osteon.contracts.history import History
from osteon.estimate import (
    Panel,
    accelerated_failure,
    baseline_hazard,
    concordance,
    cox,
    deviance_residuals,
    dfbeta,
    fine_gray,
    firth_cox,
    firth_logistic,
    illness_death,
    interval_score_test,
    martingale_residuals,
    multi_state_cox,
    panel_markov,
    piecewise_exponential,
    predicted_hazards,
    predicted_occupation,
    predicted_survival,
    schoenfeld_residuals,
    score_residuals,
    turnbull,
)

inf = np.inf


@pytest.fixture
def three():
    """Deaths on days 1, 2, 3; only the second is exposed: the hazard ratio is sqrt(2)."""
    return History.of(exit=[1, 2, 3], event=[1, 1, 1], covariates={"x": [0, 1, 0]})


def test_cox(three, by_hand):
    """The score 1 - b / (2 + b) - b / (1 + b) of b = exp(beta) is 0 where b**2 = 2: r."""
    fit = cox(three, ["x"])
    by_hand("log hazard ratio", fit.coefficients[0], "log(2) / 2")
    by_hand("its SE", fit.std_error[0], "1 / sqrt(2 * r / (2 + r)**2 + r / (1 + r)**2)")
    by_hand("log-likelihood at 0", fit.log_likelihood_null, "-log(3) - log(2)")
    by_hand("log-likelihood", fit.log_likelihood, "log(r) - log(2 + r) - log(1 + r)")
    by_hand("score test", fit.score_test.statistic, "(1 - 1/3 - 1/2)**2 / (2/9 + 1/4)")
    tied = History.of(exit=[1, 1, 2], event=[1, 1, 0], covariates={"x": [0, 1, 0]})
    efron, breslow = (cox(tied, ["x"], ties=ties) for ties in ("efron", "breslow"))
    by_hand("tied deaths, Efron at 0", efron.log_likelihood_null, "-log(3) - log(3 - 1)")
    by_hand("tied deaths, Breslow at 0", breslow.log_likelihood_null, "-2 * log(3)")


def test_breslow_baseline_and_residuals(three, by_hand):
    """The sums of exp(beta x) over those at risk are 2 + r, 1 + r and 1, by Cox's model above."""
    fit = cox(three, ["x"], ties="breslow")
    hazard = baseline_hazard(fit)
    for i, text in enumerate(
        ("1 / (2 + r)", "1 / (2 + r) + 1 / (1 + r)", "1 / (2 + r) + 1 / (1 + r) + 1")
    ):
        by_hand(f"H0({i + 1})", hazard.hazard[i], text)
    martingale = martingale_residuals(fit)
    by_hand("martingale residual of the first", martingale[0], "1 - 1 / (2 + r)")
    by_hand("of the second", martingale[1], "1 - r * (1 / (2 + r) + 1 / (1 + r))")
    by_hand("of the third", martingale[2], "1 - 1 / (2 + r) - 1 / (1 + r) - 1")
    _, schoenfeld = schoenfeld_residuals(fit)
    by_hand("Schoenfeld residual on day 1", schoenfeld[0].item(), "0 - r / (2 + r)")
    by_hand("Schoenfeld residual on day 2", schoenfeld[1].item(), "1 - r / (1 + r)")


def test_pulls_and_predictions(three, by_hand):
    """The mean of x over those at risk is r / (2 + r) on day 1, r / (1 + r) on day 2, 0 on day 3.

    The information is 2 r / (2 + r)**2 + r / (1 + r)**2; dfbeta is the score residual over it.
    """
    fit = cox(three, ["x"])
    score = score_residuals(fit)[:, 0]
    by_hand("score residual of the first", score[0], "-r / (2 + r) * (1 - 1 / (2 + r))")
    by_hand("score residual of the second", score[1], "-2 * r / (2 + r)**2 + 1 / (1 + r)**2")
    by_hand("score residual of the third", score[2], "r / (2 + r)**2 + r / (1 + r)**2")
    information = "(2 * r / (2 + r)**2 + r / (1 + r)**2)"
    third = "(r / (2 + r)**2 + r / (1 + r)**2)"
    by_hand("dfbeta of the third", dfbeta(fit)[2, 0], f"{third} / {information}")
    squares = (
        "(r / (2 + r) * (1 - 1 / (2 + r)))**2 + (1 / (1 + r)**2 - 2 * r / (2 + r)**2)**2"
        f" + {third}**2"
    )
    robust = cox(three, ["x"], robust=True)
    by_hand("robust SE", robust.std_error[0], f"sqrt({squares}) / {information}")
    deviance = deviance_residuals(fit)
    text = "sqrt(-2 * (1 - 1 / (2 + r) + log(1 / (2 + r))))"
    by_hand("deviance residual of the first", deviance[0], text)
    by_hand("S(1), x = 0", predicted_survival(fit, {"x": 0}).at(1).estimate[0], "exp(-1 / (2 + r))")
    text = "exp(-r * (1 / (2 + r) + 1 / (1 + r)))"
    by_hand("S(2), x = 1", predicted_survival(fit, {"x": 1}).at(2).estimate[0], text)


def test_concordance(three, by_hand):
    """Pairs whose earlier death has the higher score, of all pairs; a tied score counts a half.

    Of the second table the scores are 4, 3, 1, 2. One is censored on day 2, when 3 are left: after
    it a pair stands for (3/2)**2 in Uno's.
    """
    of_x = concordance(three, [0, 1, 0])
    by_hand("x of `three`: C", of_x.estimate.estimate, "(0 + 1/2 + 1) / 3")
    mixed = concordance(three, [3, 1, 2])
    by_hand("scores 3, 1, 2: C", mixed.estimate.estimate, "(1 + 1 + 0) / 3")
    history = History.of(exit=[1, 2, 3, 4], event=[1, 0, 1, 1])
    scores = [4, 3, 1, 2]
    by_hand("one censored, C", concordance(history, scores).estimate.estimate, "3 / 4")
    uno = concordance(history, scores, weighting="uno")
    by_hand("one censored, Uno's C", uno.estimate.estimate, "3 / (3 + (3/2)**2)")


def test_fine_gray(by_hand):
    """One exposed who died of the other cause on day 0.5 stays at risk: b solves a quadratic.

    The score 1 - 2 b / (2 + 2 b) - 2 b / (1 + 2 b) - b / (1 + b) is 0 where 4 b**2 + b - 1 = 0.
    """
    history = History.of(
        exit=[0.5, 1, 2, 3], event=[2, 1, 1, 1], states=("free", "bone", "dead"),
        covariates={"x": [1, 0, 1, 0]},
    )  # fmt: skip
    fit = fine_gray(history, ["x"], "bone")
    by_hand("log subdistribution hazard ratio", fit.coefficients[0], "log((sqrt(17) - 1) / 8)")
    by_hand("log-likelihood at 0", fit.log_likelihood_null, "-log(4) - log(3) - log(2)")


def test_firth(by_hand):
    pair = History.of(exit=[1, 2], event=[1, 1], covariates={"x": [1, 0]})
    by_hand(
        "two patients, log hazard ratio", firth_cox(pair, ["x"]).coefficients[0], "log(3)", 1e-8
    )
    fit = firth_logistic([1, 1, 0, 0, 0, 0], {"x": [1, 1, 1, 0, 0, 0]})
    by_hand(
        "2 of 3 against 0 of 3, odds ratio",
        fit.ratios["x"].estimate,
        "(2.5 * 3.5) / (1.5 * 0.5)",
        1e-8,
    )


def test_turnbull(by_hand):
    """Of the three windows L = m (m + n) n, where m and n are the masses of (1, 2] and (2, 3]."""
    overlap = turnbull(Bounds.of(left=[0, 1, 2], right=[2, 3, 4]))["all"]
    by_hand("(0, 2], (1, 3], (2, 4]: mass of (1, 2]", overlap.mass[0], "1/2", 1e-9)
    by_hand("mass of (2, 3]", overlap.mass[1], "1/2", 1e-9)
    by_hand("log-likelihood", overlap.log_likelihood, "2 * log(1/2)", 1e-9)
    status = turnbull(Bounds.of(left=[0, 1, 0, 0, 2], right=[1, inf, 2, 2, inf]))["all"]
    for mass, text, where in zip(
        status.mass, ("1/2", "2/3 - 1/2", "1/3"), ("(0, 1]", "(1, 2]", "(2, inf)"), strict=True
    ):
        by_hand(f"one exam each, mass of {where}", mass, text, 1e-8)
    four = turnbull(Bounds.of(left=[0, 30, 30, 90], right=[60, 60, 90, inf]))["all"]
    by_hand("four patients, mass of (30, 60]", four.mass[0], "3/4", 1e-9)
    late = Bounds.of(
        left=[9, 8, 1, 1, 6, 6], right=[9, inf, 1, inf, 6, 6], entry=[0, 3, 0, 0, 0, 0]
    )
    _, survival = turnbull(late)["all"].at([1, 6])
    by_hand("exact times, one enters on day 3: S(1)", survival[0], "4/5", 1e-8)
    by_hand("S(6)", survival[1], "4/5 * 2/4", 1e-8)


def test_truncated_turnbull(by_hand):
    """Two or three seen from day 0 on, two or more from day 1 on: S(1), then v = S(2) / S(1).

    Of the last table L = (1 - S v) S (1 - S) v (1 - v), symmetric in S and v: both are s.
    """
    exams = Bounds.of(left=[0, 1, 1, 2], right=[1, inf, 2, inf], entry=[0, 0, 1, 1])
    curve = turnbull(exams)["all"]
    for mass, text, where in zip(
        curve.mass, ("1/2", "1/2 * 1/2", "1/2 * 1/2"), ("(0, 1]", "(1, 2]", "(2, inf)"), strict=True
    ):
        by_hand(f"two enter on day 1, mass of {where}", mass, text, 1e-8)
    by_hand("two enter on day 1, log-likelihood", curve.log_likelihood, "4 * log(1/2)", 1e-9)
    heavy = Bounds.of(
        left=[0, 1, 1, 2], right=[1, inf, 2, inf], entry=[0, 0, 1, 1], weight=[1, 2, 3, 1]
    )
    curve = turnbull(heavy)["all"]
    for mass, text, where in zip(
        curve.mass, ("1/3", "2/3 * 3/4", "2/3 * 1/4"), ("(0, 1]", "(1, 2]", "(2, inf)"), strict=True
    ):
        by_hand(f"weights 1, 2, 3, 1, mass of {where}", mass, text, 1e-8)
    overlap = turnbull(Bounds.of(left=[0, 1, 1, 2], right=[1, inf, 3, inf], entry=[0, 0, 1, 1]))
    by_hand(
        "(1, 3] and (2, inf) from day 1 on, mass of (2, 3]", overlap["all"].mass[1], "1/2", 1e-8
    )
    five = Bounds.of(left=[0, 0, 1, 1, 2], right=[2, 1, inf, 2, inf], entry=[0, 0, 0, 1, 1])
    curve = turnbull(five)["all"]
    for mass, text, where in zip(
        curve.mass, ("1 - s", "s * (1 - s)", "s**2"), ("(0, 1]", "(1, 2]", "(2, inf)"), strict=True
    ):
        by_hand(f"and one of (0, 2], mass of {where}", mass, text, 1e-8)
    text = "log(1 - s**2) + 2 * log(s) + 2 * log(1 - s)"
    by_hand("and one of (0, 2], log-likelihood", curve.log_likelihood, text, 1e-9)


def test_accelerated_failure(by_hand):
    """Eight patients examined on days 1 and 2: S(1) = 3/4, S(2) = 1/2, two numbers, two unknowns.

    (log t - b) / c is log(-log S), log((1 - S) / S) or the normal quantile of 1 - S. In the last
    table four are seen on day 1 only, four enter then: S(1) = 3/4 and S(2) / S(1) = 1/2.
    """
    exams = Bounds.of(left=[0, 0, 1, 1, 2, 2, 2, 2], right=[1, 1, 2, 2, inf, inf, inf, inf])
    c = {
        "weibull": "log(2) / (log(log(2)) - log(log(4/3)))",
        "log-logistic": "log(2) / log(3)",
        "log-normal": "log(2) / q",
    }
    b = {
        "weibull": "log(2) / (1 - log(log(2)) / log(log(4/3)))",
        "log-logistic": "log(2)",
        "log-normal": "log(2)",
    }
    for name in c:
        fit = accelerated_failure(exams, distribution=name)
        by_hand(f"{name}, coefficient", fit.coefficients[0], b[name], 1e-8)
        by_hand(f"{name}, scale", fit.scale, c[name], 1e-8)
        text = "4 * log(1/4) + 4 * log(1/2)"
        by_hand(f"{name}, log-likelihood", fit.log_likelihood, text, 1e-9)
    exact = Bounds.of(left=[1, 2, 3], right=[1, 2, inf], entry=[0, 0, 1])
    fit = accelerated_failure(exact, distribution="exponential")
    by_hand("exponential, 2 events in 5 days, late entry", fit.coefficients[0], "log(5/2)", 1e-8)
    by_hand("exponential, its SE", fit.std_error[0], "1 / sqrt(2)", 1e-8)
    late = Bounds.of(
        left=[0, 1, 1, 1, 1, 1, 2, 2], right=[1, inf, inf, inf, 2, 2, inf, inf],
        entry=[0, 0, 0, 0, 1, 1, 1, 1],
    )  # fmt: skip
    fit = accelerated_failure(late)
    text = "log(2) / (log(log(8/3)) - log(log(4/3)))"
    by_hand("late entry, weibull, scale", fit.scale, text, 1e-8)
    text = "log(1/4) + 3 * log(3/4) + 4 * log(1/2)"
    by_hand("late entry, weibull, log-likelihood", fit.log_likelihood, text, 1e-9)


def test_score_test_of_windows(by_hand):
    """Of the six ways to choose a's two patients, two are as far out; S is 1, 1/2 and 0."""
    bounds = Bounds.of(
        left=[0, 0, 1, 1], right=[1, 1, 2, 2], stratum=[0, 0, 1, 1], strata=("a", "b")
    )
    for scores in ("sun", "finkelstein", "wilcoxon"):
        test = interval_score_test(bounds, scores=scores, method="exact")
        by_hand(f"{scores}, exact p", test.p_value, "2/6")
    wilcoxon = interval_score_test(bounds, scores="wilcoxon")
    by_hand("wilcoxon scores of a", wilcoxon.score_sums[0], "2 * (1 + 1/2 - 1)", 1e-9)


def test_piecewise_exponential(by_hand):
    exact = Bounds.of(left=[1, 2, 3], right=[1, 2, inf])
    fit = piecewise_exponential(exact)
    by_hand("2 events in 6 days, log hazard", fit.coefficients[0], "log(2/6)", 1e-8)
    by_hand("its SE", fit.std_error[0], "1 / sqrt(2)", 1e-8)
    pieces = piecewise_exponential(exact, cuts=[1.5])
    by_hand("log hazard to day 1.5", pieces.coefficients[0], "log(1 / 4)", 1e-8)
    by_hand("log hazard after it", pieces.coefficients[1], "log(1 / 2)", 1e-8)
    seen = piecewise_exponential(Bounds.of(left=[0, 1, 1, 1], right=[1, inf, inf, inf]))
    by_hand("1 of 4 found by day 1, log hazard", seen.coefficients[0], "log(log(4/3))", 1e-8)
    by_hand("log-likelihood", seen.log_likelihood, "log(1/4) + 3 * log(3/4)", 1e-9)


def test_illness_death(by_hand):
    """Onsets on days 1 and 2, in 9 days without the illness and 5 days with it.

    They leave on days 3, 2, 4 and 5, the third alive, the others dead.
    """
    bounds = Bounds.of(left=[1, 2, 4, 2], right=[1, inf, inf, 2])
    fit = illness_death(bounds, [3, 2, 4, 5], [1, 1, 0, 1])
    for value, what, text in zip(
        fit.coefficients, ("onset", "death without", "death with"), ("log(2/9)", "log(1/9)", "log(2/5)"),
        strict=True,
    ):  # fmt: skip
        by_hand(f"log hazard of {what}", value, text, 1e-7)
    by_hand(
        "log-likelihood", fit.log_likelihood, "2 * log(2/9) + log(1/9) + 2 * log(2/5) - 5", 1e-9
    )


def test_panel_markov(by_hand):
    panel = Panel.of(
        subject=[0, 0, 1, 1, 2, 2, 3, 3], time=[0, 1] * 4, state=[0, 1, 0, 0, 0, 0, 0, 0],
        states=("well", "ill"),
    )  # fmt: skip
    fit = panel_markov(panel, [("well", "ill")])
    rate_ = fit.intensities()["well", "ill"].estimate
    by_hand("1 of 4 ill after a year, intensity", rate_, "log(4/3)", 1e-8)
    by_hand("-2 log L", fit.minus_2_log_likelihood, "-2 * (log(1/4) + 3 * log(3/4))", 1e-9)
    deaths = Panel.of(
        subject=[0, 0, 1, 1], time=[0, 2, 0, 4], state=[0, 1, 0, 0], states=("alive", "dead")
    )
    fit = panel_markov(deaths, [("alive", "dead")], exact=["dead"])
    rate_ = fit.intensities()["alive", "dead"].estimate
    by_hand("1 exact death in 6 years, intensity", rate_, "1/6", 1e-8)


def test_multi_state_cox(by_hand):
    """The three of Cox's model, the event an illness; the first two of the ill die on days 1.5, 3.5.

    Variances: the sum of d / S0**2, and the slope of the hazard in the coefficient times its
    variance. mstate multiplies by the chance of being well after the day's transitions, not before.
    """
    history = History.of(
        subject=[0, 0, 1, 1, 2, 2], entry=[0, 1, 0, 2, 0, 3], exit=[1, 1.5, 2, 3.5, 3, 4],
        from_state=[0, 1] * 3, event=[1, 2, 1, 2, 1, 0], states=("well", "ill", "dead"),
        covariates={"x": [0, 0, 1, 1, 0, 0]},
    )  # fmt: skip
    model = multi_state_cox(history, {("well", "ill"): ["x"]})
    by_hand("log hazard ratio of illness", model.fit.coefficients[0], "log(2) / 2")
    by_hand("its SE", model.fit.std_error[0], "1 / sqrt(2 * r / (2 + r)**2 + r / (1 + r)**2)")
    hazards = predicted_hazards(model, {"x": 1})
    ill, die = (hazards.transitions.index(t) for t in (("well", "ill"), ("ill", "dead")))
    for day, text in ((1, "r / (2 + r)"), (2, "r / (2 + r) + r / (1 + r)")):
        at = hazards.time.tolist().index(day)
        by_hand(f"hazard of illness by day {day}, x = 1", hazards.cumulative[at, ill], text)
    by_hand("hazard of death of the ill by day 4", hazards.cumulative[-1, die], "1 + 1/2")
    points = predicted_occupation(model, {"x": 0}).at([1, 2, 3, 3.5])
    for state, i, text in (
        ("well", 0, "1 - 1 / (2 + r)"),
        ("ill", 0, "1 / (2 + r)"),
        ("well", 1, "(1 + r) / (2 + r) * r / (1 + r)"),
        ("dead", 1, "1 / (2 + r)"),
        ("ill", 2, "(1 + r) / (2 + r)"),
        ("ill", 3, "(1 + r) / (2 + r) / 2"),
    ):
        by_hand(f"{state} on day {points[state].time[i]:g}, x = 0", points[state].estimate[i], text)
    spread = "(r / (2 + r)**2)**2 / (2 * r / (2 + r)**2 + r / (1 + r)**2)"
    text = f"sqrt(1 / (2 + r)**2 + {spread})"
    by_hand("SE of well on day 1, x = 0", points["well"].std_error[0], text)
    exposed = predicted_occupation(model, {"x": 1}, factors="exponential").at(1)
    by_hand("well on day 1, x = 1, exponential", exposed["well"].estimate[0], "exp(-r / (2 + r))")
    slope = "(2 * r / (2 + r)**2)**2 / (2 * r / (2 + r)**2 + r / (1 + r)**2)"
    text = f"exp(-r / (2 + r)) * sqrt((r / (2 + r))**2 + {slope})"
    by_hand("its SE, exponential", exposed["well"].std_error[0], text)
    by_increments = predicted_occupation(model, {"x": 0}, variance="increments").at(1)
    text = f"(1 + r) / (2 + r) * sqrt(1 / (2 + r)**2 + {spread})"
    by_hand("SE of well on day 1 as mstate, x = 0", by_increments["well"].std_error[0], text)
