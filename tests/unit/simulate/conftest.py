"""A small free centre, simulated once."""

from __future__ import annotations

import pytest

from osteon.simulate import Scenario, draw_centre, simulate
from osteon.simulate.records import Patient


@pytest.fixture(scope="session")
def scenario() -> Scenario:
    """A free scenario of 150 patients, with the demo's faults."""
    faults = Scenario.load("essen_sinet_2025").faults
    return Scenario.load("null_drug").model_copy(update={"patients": 150, "faults": faults})


@pytest.fixture(scope="session")
def people(scenario: Scenario) -> dict[str, Patient]:
    return draw_centre(scenario)


@pytest.fixture(scope="session")
def centre(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory):
    return simulate(scenario, tmp_path_factory.mktemp("centre"))
