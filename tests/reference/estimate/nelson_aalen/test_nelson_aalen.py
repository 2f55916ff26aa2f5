"""Cumulative hazards and the survival made of them against survfit(stype =, ctype =)."""

import numpy as np
import pytest

from osteon.estimate import fleming_harrington, nelson_aalen, risk_table

GROUPS = ("0", "1", "2")


@pytest.fixture
def table(cohort, history_of):
    return risk_table(history_of(cohort, stratum=cohort["group"], strata=GROUPS))


def agree(curves, expected, times, close):
    for group in GROUPS:
        points = curves[group].at(times)
        inside = ~np.isnan(points.estimate) & (points.std_error > 0)
        assert inside.sum() >= 3
        for name, values in expected[group].items():
            close(getattr(points, name), values, at=times, where=inside)


@pytest.mark.parametrize("ties", ["nelson-aalen", "fleming-harrington"])
def test_hazard(table, expected, close, ties):
    agree(nelson_aalen(table, ties=ties), expected["hazard"][ties], expected["times"], close)


def test_fractional_weights(cohort, history_of, expected, close):
    table = risk_table(
        history_of(cohort, stratum=cohort["group"], strata=GROUPS, weight=cohort["weight"])
    )
    agree(nelson_aalen(table), expected["hazard"]["weighted"], expected["times"], close)


@pytest.mark.parametrize(
    ("ties", "interval"), [("nelson-aalen", "log-log"), ("fleming-harrington", "log")]
)
def test_survival(table, expected, close, ties, interval):
    curves = fleming_harrington(table, ties=ties, interval=interval)
    agree(curves, expected["survival"][ties], expected["times"], close)
