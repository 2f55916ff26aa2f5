"""The coverage run can tell a good interval from a bad one."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import numpy as np
import pytest

from osteon import estimate
from osteon.errors import EstimateError
from validity.cases import TOPICS
from validity.cases import case as case_module
from validity.cases.case import Case
from validity.designs import DESIGNS, Design
from validity.gaps import GAPS, NOT_AN_INTERVAL, WITHOUT_INTERVAL
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


def called() -> dict[str, set[str]]:
    """Every function that a case names, with the options it passes by name."""
    found: dict[str, set[str]] = {}
    for file in Path(case_module.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Name):
                found.setdefault(node.id, set())
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                options = {option.arg for option in node.keywords if option.arg}
                found.setdefault(node.func.id, set()).update(options)
    # handed over as a dictionary, by `_limits`
    for name in ("bootstrap_estimate", "bootstrap_difference"):
        found[name] |= {"cause", "limits"}
    return found


PRINTS = {name for name in estimate.__all__ if name.islower()} - WITHOUT_INTERVAL


def test_every_function_that_prints_an_interval_has_a_case_or_the_page_says_why_not():
    assert set(estimate.__all__) >= WITHOUT_INTERVAL
    without = {what for gap in GAPS for what in gap.what if "(" not in what}
    assert PRINTS - set(called()) == without


def test_every_option_that_changes_an_interval_has_a_case_or_the_page_says_why_not():
    passed, without = called(), set()
    for name in PRINTS & set(passed) | {"bootstrap_limits"}:
        parameters = inspect.signature(getattr(estimate, name)).parameters.values()
        options = {p.name for p in parameters if p.kind is p.KEYWORD_ONLY} - NOT_AN_INTERVAL
        without |= {f"{name}({option})" for option in options - passed.get(name, set())}
    assert without == {what for gap in GAPS for what in gap.what if "(" in what and "=" not in what}


def test_what_has_no_row_is_named_once():
    everything = [what for gap in GAPS for what in gap.what]
    assert len(everything) == len(set(everything))


@pytest.mark.parametrize(
    "compare",
    [
        lambda convention: estimate.fisher_exact(9, 26, 2, 36, convention=convention).odds_ratio,
        lambda convention: estimate.rate_ratio(9, 154.0, 13, 165.0, convention=convention),
    ],
)
def test_the_limits_of_minlike_are_those_of_central(compare):
    likely, central = compare("minlike"), compare("central")
    assert (likely.conf_low, likely.conf_high) == (central.conf_low, central.conf_high)
    assert likely.p_value != central.p_value
