"""Bootstrap limits against boot::boot.ci, from the same replicates."""

import pytest

from osteon.estimate import bootstrap_limits


@pytest.mark.parametrize("limits", ["normal", "percentile", "bca"])
@pytest.mark.parametrize("level", ["0.95", "0.9", "0.8", "0.99"])
def test_limits(expected, close, limits, level):
    found = bootstrap_limits(
        expected["estimate"],
        expected["replicates"],
        conf_level=float(level),
        limits=limits,
        influence=expected["influence"],
    )
    close([found.conf_low, found.conf_high], expected[level][limits], at=("low", "high"))
    close(found.std_error, expected["sd"])
