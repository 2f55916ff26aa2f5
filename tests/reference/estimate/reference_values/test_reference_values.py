"""Every line of reference_values.txt, digit by digit; `printed.txt` is that file."""

from pathlib import Path

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.estimate import (
    Panel,
    cox,
    cumulative_incidence,
    fine_gray,
    gray,
    kaplan_meier,
    log_rank,
    mean_cumulative,
    panel_markov,
    proportional_hazards,
    restricted_mean,
    risk_table,
    robust_cumulative_incidence,
    state_occupation,
)

PRINTED = (Path(__file__).parent / "printed.txt").read_text()
DIGITS = 1e-9  # ten are printed
STOPS = 1e-6  # where R's optimiser stops
STATES = ("mgus", "pcm", "death")


@pytest.fixture
def agree(expected, note):
    """Compare with the lines from one that begins with a label on, in the order of the file."""
    lines = expected["lines"]

    def check(label, *values, tolerance=DIGITS):
        first = next(i for i, line in enumerate(lines) if line["label"].startswith(label))
        for line, ours in zip(lines[first:], values, strict=False):
            for text, value in zip(line["values"], np.ravel(ours), strict=True):
                assert text in PRINTED.split()
                assert value == pytest.approx(float(text), rel=tolerance)
                note(f"{label}: {line['label'].strip()}", text, f"{value:.10g}")

    return check


def errors(fit):
    return np.sqrt(np.diag(fit.covariance))


@pytest.fixture
def lung(shipped):
    return shipped("lifelines", "lung")


@pytest.fixture
def by_sex(lung):
    return History.of(exit=lung["time"], event=lung["status"], stratum=lung["sex"] - 1)


def test_kaplan_meier(by_sex, agree):
    points = [curve.at(365) for curve in kaplan_meier(risk_table(by_sex)).values()]
    fields = ("estimate", "std_error", "conf_low", "conf_high")
    agree("KM lung", *([getattr(p, field)[0] for p in points] for field in fields))


def test_log_rank(lung, by_sex, agree):
    ecog = lung["ph.ecog"]
    table = risk_table(by_sex)
    apart = [risk_table(by_sex.where(ecog == e)) for e in np.unique(ecog[ecog >= 0])]
    agree("log-rank lung sex chi2", log_rank(table).statistic)
    agree("log-rank lung sex strat", log_rank(*apart).statistic)
    agree("G-rho=1", log_rank(table, rho=1).statistic)


def test_cox_of_lung(lung, agree):
    known = lung["ph.ecog"] >= 0
    names = ["age", "sex", "ph.ecog"]
    covariates = {name: lung[name][known] for name in names}
    fit = cox(
        History.of(exit=lung["time"][known], event=lung["status"][known], covariates=covariates),
        names,
    )
    likelihood = [fit.log_likelihood_null, fit.log_likelihood]
    tests = [t.statistic for t in proportional_hazards(fit).tests.values()]
    agree("Cox Efron", fit.coefficients, errors(fit), likelihood, tests, tolerance=STOPS)


def test_cox_of_heart(shipped, agree):
    rows = shipped("lifelines", "heart")
    names = ["age", "surgery", "transplant"]
    history = History.of(
        entry=rows["start"], exit=rows["stop"], event=rows["event"], subject=rows["id"],
        covariates={name: rows[name].astype(float) for name in names},
    )  # fmt: skip
    fit = cox(history, names, robust=True)
    agree("Cox heart", fit.coefficients, errors(fit), tolerance=STOPS)


@pytest.fixture
def mgus2(shipped):
    return shipped("greenwood", "mgus2")


@pytest.fixture
def first_event(mgus2):
    pcm = mgus2["pstat"] == 1
    male = mgus2["sex"].astype(str) == "M"
    return History.of(
        exit=np.where(pcm, mgus2["ptime"], mgus2["futime"]),
        event=np.where(pcm, 1, 2 * mgus2["death"]),
        stratum=male,
        strata=("F", "M"),
        states=STATES,
        covariates={"age": mgus2["age"], "male": male},
    )


def together(history):
    return History.of(exit=history.exit, event=history.columns.event, states=STATES)


def test_incidence_of_mgus2(first_event, agree):
    whole = together(first_event)
    robust = robust_cumulative_incidence(whole)["all"]
    points = [robust[cause].at(120) for cause in STATES[1:]]
    agree("AJ mgus2", [p.estimate[0] for p in points], [p.std_error[0] for p in points])
    delta = cumulative_incidence(risk_table(whole))["all"]
    agree("  se (inf", [delta[cause].at(120).std_error[0] for cause in STATES[1:]])
    aalen = cumulative_incidence(risk_table(whole), variance="aalen")["all"]
    points = [aalen[cause].at(120) for cause in STATES[1:]]
    tests = [gray(risk_table(first_event), cause=cause).statistic for cause in STATES[1:]]
    variances = [p.std_error[0] ** 2 for p in points]
    agree("Gray test", tests, [p.estimate[0] for p in points], variances)


def test_fine_gray_of_mgus2(first_event, agree):
    history = History.of(
        exit=first_event.exit, event=first_event.columns.event, states=STATES,
        covariates=first_event.covariates,
    )  # fmt: skip
    fit = fine_gray(history, ["age", "male"], "pcm")
    agree("Fine-Gray crr", fit.coefficients, errors(fit), tolerance=STOPS)
    other = fine_gray(history, ["age", "male"], "pcm", convention="finegray", ties="efron")
    agree("  survival::finegray", other.coefficients, tolerance=STOPS)


def test_restricted_mean_of_mgus2(first_event, agree):
    curves = kaplan_meier(risk_table(first_event)).values()
    means = [restricted_mean(curve, 120) for curve in curves]
    agree("RMST", [m.estimate for m in means], [m.std_error for m in means])


def test_mean_cumulative_of_cgd(r_data, agree):
    rows = r_data("survival", "cgd")
    history = History.of(
        entry=rows["tstart"], exit=rows["tstop"], event=rows["status"], subject=rows["id"],
        stratum=rows["treat"] - 1, states=("free", "infection"),
    )  # fmt: skip
    points = [curve.at(300) for curve in mean_cumulative(history, "infection").values()]
    agree("MCF", [p.estimate[0] for p in points], [p.std_error[0] for p in points])


def test_late_entry_of_abortion(r_data, agree):
    rows = r_data("etm", "abortion")
    history = History.of(
        entry=rows["entry"], exit=rows["exit"], event=rows["cause"], stratum=rows["group"],
        strata=("control", "exposed"), states=("pregnant", "induced", "born", "lost"),
    )  # fmt: skip
    curves = [c["lost"] for c in cumulative_incidence(risk_table(history)).values()]
    agree("etm abortion", [c.estimate[-1] for c in curves], [c.std_error[-1] ** 2 for c in curves])


def test_panel_of_cav(r_data, agree):
    rows = r_data("msm", "cav")
    panel = Panel.of(
        subject=rows["PTNUM"], time=rows["years"], state=rows["state"] - 1, states=("1", "2", "3", "4")
    )  # fmt: skip
    allowed = [tuple(pair) for pair in ("12", "14", "21", "23", "24", "32", "34")]
    fit = panel_markov(panel, allowed, exact=["4"])
    agree("msm cav", fit.minus_2_log_likelihood, tolerance=STOPS)
    rates = [fit.intensities()[pair].estimate for pair in (("1", "2"), ("2", "3"), ("1", "4"))]
    agree("  Q 1-2", rates, tolerance=1e-3)  # at its default rule msm stops that early


def test_illness_death_of_mgus2(course_of_mgus2, agree):
    points = state_occupation(course_of_mgus2, variance="jackknife")["all"].at([120, 240]).values()
    at_120, at_240 = (
        [[getattr(p, f)[i] for p in points] for f in ("estimate", "std_error")] for i in (0, 1)
    )
    agree("Illness-death", *at_120, *at_240)
