"""Synthetic centres with a known truth: from true disease courses to export files.

A centre is written as a hospital would deliver it, faults included, each file with its mapping.
Everything is marked synthetic. `simulate` writes files; `draw_centre` gives the same patients in
memory. No other stage is imported: whether the study finds what a centre was conditioned on is
checked from outside (``calibration/``).
"""

from osteon.simulate.centre import Export, SimulatedCentre, draw_centre, simulate
from osteon.simulate.patient import simulate_patient
from osteon.simulate.scenario import Scenario, shipped

__all__ = [
    "Export",
    "Scenario",
    "SimulatedCentre",
    "draw_centre",
    "shipped",
    "simulate",
    "simulate_patient",
]
