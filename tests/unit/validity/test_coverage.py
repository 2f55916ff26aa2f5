"""The coverage run can tell a good interval from a bad one."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

from osteon import estimate
from osteon.errors import EstimateError
from validity import page as pages
from validity.advice import CHOICES, INSTEAD
from validity.cases import TOPICS
from validity.cases import case as case_module
from validity.cases.case import Case
from validity.coverage import PAGE
from validity.designs import DESIGNS, Design
from validity.samples import draw, until
from validity.tally import Tally, tallied

CASES = [case for topic in TOPICS.values() for case in topic]


def too_short(design, seed):
    draws = np.random.default_rng(seed).normal(size=design.n)
    half = 1.0 / np.sqrt(design.n)  # one standard error where 1.96 are needed
    yield "one standard error", draws.mean() - half, draws.mean() + half, 0.0
    yield "everything", -np.inf, np.inf, 0.0


def sometimes(design, seed):
    yield "always", -1.0, 1.0, 0.0
    yield "at even seeds", -1.0, np.nan if seed % 2 else 1.0, 0.0
    if seed % 4:
        raise EstimateError("the estimator refuses")
    yield "at every fourth", 0.5, 1.0, 0.0


def test_a_short_interval_is_found_out():
    found = tallied(Case(too_short, 300), Design(100), range(300))
    assert found["one standard error"].verdict == "short"
    assert found["one standard error"].share == pytest.approx(0.68, abs=0.08)
    assert found["everything"].verdict == "long"


def test_an_interval_that_is_not_there_does_not_cover():
    found = tallied(Case(sometimes, 8), Design(100), range(8))
    assert found["always"] == Tally(8, 0, 0, 0)
    assert found["at even seeds"] == Tally(4, 0, 0, 4)
    assert found["at every fourth"] == Tally(0, 0, 2, 6)


def test_sides():
    found = tallied(Case(sometimes, 4), Design(100), [0])
    assert found["at every fourth"].above == 1  # the interval lies above the truth


def test_the_page_says_what_is_short_and_what_to_use(monkeypatch):
    case = Case(too_short, 300, lambda design: design.n == 100, "they need no more than 100")
    monkeypatch.setattr(pages, "TOPICS", {"Means": (case,)})
    monkeypatch.setattr(pages, "INSTEAD", {"one standard": "Use two."})
    text = pages.page(lambda case, design: tallied(case, design, range(300)))
    assert "| one standard error | 1.3 | **" in text
    assert "- **one standard error**: " in text
    assert "Use two." in text
    assert "- one standard error, everything: they need no more than 100." in text
    assert "*100.0* (0.0 / 0.0)" in text


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_case_runs_and_covers_more_often_than_not(case):
    resampled = "scanned_" in case.name
    designs = list(filter(case.makes_sense, DESIGNS))
    for design in designs[:1] if resampled else designs[:: max(len(designs) - 1, 1)]:
        for name, tally in tallied(case, design, range(1 if resampled else 4)).items():
            assert tally.covered > 0 or tally.given < 4 or "not Markov" in name


def test_a_case_that_leaves_designs_out_says_why():
    for case in CASES:
        assert bool(case.unless) == (not all(map(case.makes_sense, DESIGNS)))


def test_names_are_of_one_case():
    names = [
        name
        for case in CASES
        for name in tallied(case, next(filter(case.makes_sense, DESIGNS)), range(1))
        if "scanned_" not in case.name
    ]
    assert len(names) == len(set(names))


def test_the_committed_page_answers_for_every_short_interval():
    text = PAGE.read_text(encoding="utf-8")
    assert pages.NO_ADVICE not in text
    for choice in CHOICES:
        assert f"| {choice.question} | {choice.use} |" in text
    for start in INSTEAD:
        assert f"- **{start}" in text


def test_following_until_a_day_keeps_what_came_before():
    history = draw(Design(200, late_entry=True), 3).history
    short = until(history, 200)
    assert short.exit.max() == 200
    early = history.exit <= 200
    np.testing.assert_array_equal(
        short.to_state[short.exit < 200], history.to_state[early & (history.exit < 200)]
    )
    assert (short.to_state[short.exit == 200] > 0).sum() == (
        history.to_state[history.exit == 200] > 0
    ).sum()


WITHOUT_INTERVAL = {
    *("baseline_hazard", "predicted_hazards", "bootstrap_weights", "earliest_start", "turnbull"),
    *("boschloo", "exact_log_rank", "exact_log_rank_groups", "gray", "interval_score_test"),
    *("log_rank", "log_rank_pairs"),
    *("log_rank_trend", "markov_test", "mean_cumulative_test", "proportional_hazards"),
    *("benjamini_hochberg", "holm", "pooled_chi_squared", "pooled_likelihood_ratio", "pooled_wald"),
    *("deviance_residuals", "dfbeta", "martingale_residuals", "schoenfeld_residuals"),
    *("score_residuals", "counts_sql", "read_risk_table", "risk_table_of_counts", "tidy_counts"),
    *("unbroken_entry", "write_risk_table"),
}
# Whose limits are those of `bootstrap_estimate`, `event_rates` and `state_occupation`:
BY_ANOTHER = {"bootstrap_limits", "rate", "transition_probabilities"}


def test_every_function_that_prints_an_interval_has_a_case():
    used = {
        node.id
        for file in Path(case_module.__file__).parent.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Name)
    }
    functions = {name for name in estimate.__all__ if name.islower()}
    assert functions - used == WITHOUT_INTERVAL | BY_ANOTHER
