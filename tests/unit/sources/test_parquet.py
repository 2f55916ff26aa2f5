import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from osteon.errors import InputError
from osteon.sources.parquet import read_parquet
from osteon.sources.sheet import Broken


def parquet(**columns):
    content = io.BytesIO()
    pq.write_table(pa.table(columns), content)
    return content.getvalue()


def test_typed_cells():
    grid = read_parquet(
        parquet(
            text=["a", None],
            code=pa.array(["x", "y"]).dictionary_encode(),
            number=[1.5, float("nan")],
            whole=[2**60, None],
            amount=[Decimal("2.50"), Decimal("3.00")],
            flag=[True, False],
            day=[date(2020, 5, 3), None],
            stamp=[datetime(2020, 5, 3, 8, tzinfo=UTC), None],
            raw=[b"P1", b"\xff"],
            listed=[[1], None],
        ),
        "export.parquet",
    )
    cells = dict(zip(grid.header, grid.columns, strict=True))
    assert cells["number"] == [1.5, None]
    assert cells["whole"] == [2**60, None]
    assert cells["amount"] == [2.5, 3]
    assert cells["day"] == cells["stamp"] == [date(2020, 5, 3), None]
    assert cells["raw"] == ["P1", Broken()]
    assert cells["listed"] == [Broken(), None]
    assert cells["code"] == ["x", "y"]


def test_rows_count_from_one_and_empty_ones_are_no_rows():
    grid = read_parquet(parquet(a=["x", None, "y"]), "export.parquet")
    assert list(grid.row_numbers) == [1, 3]


def test_a_file_without_its_footer():
    content = parquet(a=["x"] * 100)
    with pytest.raises(InputError, match="not a whole Parquet file"):
        read_parquet(content[:-20], "export.parquet")
