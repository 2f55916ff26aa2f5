"""One synthetic centre, carried from export files to report, for all acceptance tests."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from osteon.cohort import build_cohort
from osteon.contracts.protocol import Protocol
from osteon.contracts.results import Results
from osteon.registry import Registry, import_deliveries
from osteon.simulate import SimulatedCentre, simulate
from osteon.sources import deliver, read_mapping
from osteon.study import run_study

Study = Callable[[SimulatedCentre, Path, str], Results]
SHARED = Path(os.environ.get("OSTEON_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))


@pytest.fixture(scope="session")
def centre(tmp_path_factory: pytest.TempPathFactory) -> SimulatedCentre:
    """The export files of the demo centre."""
    return simulate("essen_sinet_2025", tmp_path_factory.mktemp("centre"))


@pytest.fixture(scope="session")
def study() -> Study:
    """Ingest a centre's export files and run a protocol on them."""

    def run(centre: SimulatedCentre, folder: Path, protocol: str) -> Results:
        registry = folder / "centre.duckdb"
        Registry.create(registry).close()
        exports = [deliver(e.path, read_mapping(e.mapping)) for e in centre.exports]
        import_deliveries(registry, exports)
        with Registry.open(registry, read_only=True) as opened:
            return run_study(build_cohort(opened, Protocol.load(protocol)))[0]

    return run


@pytest.fixture(scope="session")
def demo(
    centre: SimulatedCentre, study: Study, tmp_path_factory: pytest.TempPathFactory
) -> Results:
    """The study of the demo centre."""
    return study(centre, tmp_path_factory.mktemp("demo"), "essen_sinet_2025")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real data beside the checkout; tests that need them skip where they are absent."""
    if not SHARED.is_dir():
        pytest.skip("real data are not here: ../shared/data is absent")
    return SHARED
