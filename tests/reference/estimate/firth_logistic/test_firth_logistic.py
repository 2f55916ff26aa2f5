"""Firth's logistic regression: points against brglm2, limits against R's optim (1e-6)."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

from osteon.estimate import firth_logistic

SIDES = ("low", "high")
TOLERANCE = 2e-6  # R's side of the profiles is optim() without derivatives


@pytest.fixture
def found(cohort):
    return (cohort["cause"] == 1) & (cohort["exit"] < 400)


@pytest.fixture
def whole(cohort, found):
    covariates = {"age": cohort["age"] - 60, "male": cohort["male"], "marker": cohort["marker"]}
    return firth_logistic(found, covariates)


@pytest.fixture
def weighted(cohort, found):
    covariates = {"age": cohort["age"] - 60, "male": cohort["male"], "marker": cohort["marker"]}
    return firth_logistic(found, covariates, weight=cohort["copies"])


@pytest.fixture
def separated(cohort, found):
    few = slice(0, 40)
    rare = found & (cohort["male"] == 0)
    return firth_logistic(rare[few], {"male": cohort["male"][few], "age": cohort["age"][few] - 60})


@pytest.mark.parametrize("name", ["points", "weighted_points", "separated_points"])
def test_points(request, expected, close, name):
    fit = request.getfixturevalue({"points": "whole"}.get(name, name.removesuffix("_points")))
    names = ["intercept", *fit.ratios]
    close(fit.coefficients, expected[name]["coefficients"], 1e-7, at=names)
    close(fit.std_error, expected[name]["std_error"], 1e-7, at=names)


@pytest.mark.parametrize("name", ["profile", "weighted", "separated"])
def test_profile_limits_and_p(request, expected, close, name):
    fit = request.getfixturevalue({"profile": "whole"}.get(name, name))
    agree(fit, expected[name], close)


def test_an_arm_without_events(expected, close):
    untreated, event = np.repeat([1, 1, 0], [13, 35, 57]), np.repeat([1, 0, 0], [13, 35, 57])
    fit = firth_logistic(event, {"untreated": untreated})
    agree(fit, expected["arms_48_57"], close)


@pytest.fixture
def endometrial(r_data):
    rows = r_data("brglm2", "endometrial")
    return firth_logistic(rows["HG"], {name: rows[name] for name in ("NV", "PI", "EH")})


def test_endometrial_cancer(endometrial, expected, close):
    """Nobody of low grade has new vessels: maximum likelihood has no finite estimate."""
    names, theirs = ["intercept", *endometrial.ratios], expected["endometrial_points"]
    close(endometrial.coefficients, theirs["coefficients"], 1e-7, at=names)
    close(endometrial.std_error, theirs["std_error"], 1e-7, at=names)
    agree(endometrial, expected["endometrial"], close)


def test_endometrial_cancer_as_logistf_prints_it(endometrial, printed):
    case = tomllib.loads((Path(__file__).parent / "printed.toml").read_text())
    names = ["intercept", *endometrial.ratios]
    for name, ours, text in zip(names, endometrial.coefficients, case["coefficients"], strict=True):
        assert printed(ours, text, f"log odds ratio, {name}", case["citation"])
    for (name, ratio), texts in zip(endometrial.ratios.items(), case["limits"], strict=True):
        for side, limit, text in zip(SIDES, (ratio.conf_low, ratio.conf_high), texts, strict=True):
            assert printed(np.log(limit), text, f"profile likelihood, {name}, {side}")


def test_firthmodels(cohort, found, close):
    """Another implementation, also where the data are separated."""
    firthmodels = pytest.importorskip("firthmodels")
    for rows, event, names in (
        (slice(None), found, ["age", "male", "marker"]),
        (slice(0, 40), found & (cohort["male"] == 0), ["male", "age"]),
    ):
        columns = {name: cohort[name][rows] for name in names}
        ours = firth_logistic(event[rows], columns)
        scale = np.array([c.std() for c in columns.values()])
        x = np.column_stack([(c - c.mean()) / c.std() for c in columns.values()])
        theirs = firthmodels.FirthLogisticRegression(
            backend="numpy", max_iter=500, gtol=1e-6, xtol=1e-7
        ).fit(x, event[rows])
        of = {"what": "log odds ratio", "at": names}
        close(ours.coefficients[1:], theirs.coef_ / scale, 1e-5, **of)
        limits = theirs.conf_int(method="pl", max_iter=500, tol=1e-7)[: len(names)]
        for side, field in ((0, "conf_low"), (1, "conf_high")):
            obtained = np.log([getattr(r, field) for r in ours.ratios.values()])
            of = {"what": f"profile likelihood, {field}", "at": names}
            close(obtained, limits[:, side] / scale, 1e-5, **of)


def agree(fit, expected, close):
    names, ratios = list(fit.ratios), list(fit.ratios.values())
    close(fit.coefficients, expected["coefficients"], TOLERANCE, at=["intercept", *names])
    for field in ("conf_low", "conf_high"):
        close(np.log([getattr(r, field) for r in ratios]), expected[field], TOLERANCE, at=names)
    close([r.p_value for r in ratios], expected["p_value"], 1e-5, at=names)
