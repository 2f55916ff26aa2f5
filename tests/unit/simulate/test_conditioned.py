"""What the conditioned centres were selected for, they show; and the cohort agrees patient by patient."""

from __future__ import annotations

from functools import cache

import pytest

from calibration import check, figures
from calibration.endpoints import endpoints
from osteon.contracts.protocol import Protocol
from osteon.simulate import Scenario, draw_centre, shipped

CONDITIONED = [name for name in shipped() if Scenario.load(name).conditioned]


@cache
def population(name: str) -> list:
    scenario = Scenario.load(name)
    protocol = Protocol.load(scenario.protocol)
    everybody = [endpoints(p, protocol) for p in draw_centre(scenario).values()]
    return [e for e in everybody if not e.excluded_by]


@pytest.mark.parametrize("name", CONDITIONED)
def test_every_target_is_met(name):
    scenario = Scenario.load(name)
    columns = figures.columns(population(name))
    found = {**figures.counts(columns), **figures.times(columns)}
    missed = {t.figure for t in scenario.targets if not t.low <= found[t.figure] <= t.high}
    assert missed == set()


@pytest.mark.parametrize("name", CONDITIONED)
def test_as_many_as_it_says_in_and_out_of_the_population(name):
    scenario = Scenario.load(name)
    inside = len(population(name))
    assert (inside, len(scenario.draws) - inside) == (scenario.patients, scenario.outside)


@pytest.mark.parametrize("name", CONDITIONED)
def test_the_cohort_derives_the_same_of_every_patient(name, tmp_path):
    """Exports, ingestion and `osteon.cohort` against a reading of the records in memory."""
    scenario = Scenario.load(name)
    cohort = check.ingested(scenario, Protocol.load(scenario.protocol), tmp_path)
    assert check.disagreements(population(name), cohort) == {}


def test_fisher_on_the_two_papers_tables():
    def p_value(name: str) -> float:
        return figures.fisher(figures.columns(population(name)))

    assert p_value("essen_sinet_2025") == pytest.approx(1.3818e-05, rel=1e-4)
    assert p_value("essen_pannet_2023") == pytest.approx(0.0054463, rel=1e-4)
