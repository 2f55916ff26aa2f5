from pathlib import Path

import pytest

from osteon.sources import deliver, parse_mapping

DATA = Path(__file__).parents[4] / "shared" / "data"


@pytest.fixture
def ingest(tmp_path):
    """Write an export, read it through a mapping, return the delivery."""

    def write_and_deliver(export, mapping, name="export.csv"):
        path = tmp_path / name
        path.write_bytes(export if isinstance(export, bytes) else export.encode())
        return deliver(path, parse_mapping(mapping))

    return write_and_deliver


@pytest.fixture
def real_data():
    if not DATA.is_dir():
        pytest.skip("the real data of ../shared/data are not here")
    return DATA
