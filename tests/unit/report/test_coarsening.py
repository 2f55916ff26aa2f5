from dataclasses import replace
from itertools import pairwise

import pytest

from osteon.report.coarsening import coarsened
from osteon.report.suppression import is_small


@pytest.mark.parametrize("limit", [5, 10, 20])
def test_no_step_and_no_exit_is_told_by_a_few(results, limit):
    coarse = coarsened(results.curves, results.estimates, limit)
    assert coarse
    for c in coarse:
        assert all(n >= limit for n in c.at_risk)
        pairs = list(zip(c.at_risk, c.events, strict=True))
        for (n, d), (later, more) in pairwise(pairs):
            assert not is_small(more - d, limit)
            assert not is_small(abs(n - later - (more - d)), limit)


def test_steps_stand_only_where_people_are_counted_or_a_table_prints_them(results):
    printed = {e.time_days for e in results.estimates}
    for c in coarsened(results.curves, results.estimates, 5):
        if c.kind != "turnbull":
            assert set(c.time_days) <= {*c.risk_days, *printed}


def test_the_curve_of_a_group_that_holds_the_others_is_left_out(results):
    survival = [c for c in results.curves if c.style == "as_published" and c.kind == "survival"]
    survival = [c for c in survival if c.analysis == "overall_survival"]
    at_risk = tuple(a + b for a, b in zip(*(c.at_risk for c in survival), strict=True))
    both = replace(survival[0], group="stage IV", at_risk=at_risk)
    whole = replace(survival[0], group="all patients")
    kept = coarsened([*survival, both, whole], results.estimates, 5)
    assert {c.group for c in kept} == {c.group for c in survival}


def test_curves_of_the_same_people_keep_the_same_times(results):
    coarse = [
        c
        for c in coarsened(results.curves, results.estimates, 5)
        if c.analysis == "overall_survival"
    ]
    for group in {c.group for c in coarse}:
        assert len({c.risk_days for c in coarse if c.group == group}) == 1


def test_each_turnbull_interval_holds_enough_people(results):
    c = next(c for c in coarsened(results.curves, results.estimates, 5) if c.kind == "turnbull")
    levels = [0.0, *c.estimate]
    assert len(levels) > 3
    for before, after in pairwise(levels):
        assert (after - before) * 51 >= 5 - 1e-9


def test_a_curve_of_a_few_is_left_out(results):
    few = replace(results.curves[0], at_risk=tuple(min(n, 3) for n in results.curves[0].at_risk))
    assert coarsened([few], results.estimates, 5) == ()


def test_the_start_does_not_tell_who_came_late(results):
    """104 at risk at the start where a table says 105: one is missing, and that is a count."""
    curve = next(c for c in results.curves if c.analysis == "overall_survival")
    missing_one = replace(curve, at_risk=(104, *curve.at_risk[1:]))
    kept = coarsened([missing_one], results.estimates, 5)
    assert all(0 not in c.risk_days for c in kept)


def test_a_median_beyond_the_cut_is_withheld(results):
    for c in coarsened(results.curves, results.estimates, 5):
        if c.median_days is not None:
            assert c.median_days <= c.risk_days[-1]
