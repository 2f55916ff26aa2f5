"""What the reference tests share: the inputs, and what R made of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from osteon.contracts.history import History

HERE = Path(__file__).parent
EXACT = 1e-8
"""Relative agreement asked of closed forms."""
OPTIMISED = 1e-6
"""Agreement asked where either side iterates."""


@pytest.fixture
def expected(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The expected.json beside the test."""
    return _numbers(json.loads((request.path.parent / "expected.json").read_text()))


@pytest.fixture(scope="session")
def cohort() -> dict[str, np.ndarray]:
    return _read("cohort")


@pytest.fixture(scope="session")
def start_stop() -> dict[str, np.ndarray]:
    return _read("start_stop")


@pytest.fixture(scope="session")
def bounds() -> dict[str, np.ndarray]:
    return _read("bounds")


@pytest.fixture(scope="session")
def windows() -> dict[str, np.ndarray]:
    return _read("windows")


@pytest.fixture(scope="session")
def illness() -> dict[str, np.ndarray]:
    return _read("illness_death")


@pytest.fixture(scope="session")
def history_of():
    """Build a history from input columns; ``entry=None`` drops the delayed entry."""

    def build(columns: dict[str, np.ndarray], event: str = "cause", **changes: Any) -> History:
        arguments: dict[str, Any] = {
            "entry": columns["entry"],
            "exit": columns["exit"],
            "event": columns[event],
            "subject": columns["id"],
            "states": ("free", "first", "second"),
            "covariates": {
                name: columns[name]
                for name in ("age", "male", "marker", "exposed", "group")
                if name in columns
            },
        }
        return History.of(**(arguments | changes))

    return build


@pytest.fixture(scope="session")
def close():
    """Assert agreement with R: shape, nan for nan, inf for inf, and digits."""

    def check(actual: Any, expected: Any, tolerance: float = EXACT) -> None:
        np.testing.assert_allclose(
            np.asarray(actual, dtype=float),
            np.asarray(expected, dtype=float),
            rtol=tolerance,
            atol=tolerance * 1e-2,
        )

    return check


def _read(name: str) -> dict[str, np.ndarray]:
    with (HERE / "inputs" / f"{name}.csv").open() as file:
        names = file.readline().strip().split(",")
        return dict(zip(names, np.loadtxt(file, delimiter=",").T, strict=True))


def _numbers(value: Any) -> Any:
    """JSON has no nan and no inf: R's are strings."""
    if isinstance(value, dict):
        return {name: _numbers(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_numbers(inner) for inner in value]
    words = {"NA": np.nan, "NaN": np.nan, "Inf": np.inf, "-Inf": -np.inf}
    return words.get(value, value) if isinstance(value, str) else value
