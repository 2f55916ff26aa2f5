"""Questions to columns: by NumPy and by compiled loops the answers are the same."""

import sys

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays as columns

from osteon.contracts import arrays
from osteon.contracts.arrays import are_whole, in_order, numeric, range_of

FLOATS = columns(np.float64, st.integers(1, 30), elements=st.floats(width=64))


def both(question, *given_):
    """Answers by NumPy and by the compiled loop."""
    by_numpy = question(*given_)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(arrays, "COMPILE_FROM", 0)
        return [by_numpy, question(*given_)]


@given(FLOATS)
def test_extremes_of_floats(column):
    for answer in both(range_of, column):
        np.testing.assert_array_equal(answer, (column.min(), column.max()))  # nan if there is one


@pytest.mark.parametrize("missing", [np.nan, -np.nan])
def test_what_is_no_number_is_found_whatever_its_sign(missing):
    for answer in both(range_of, np.array([1.0, missing, -np.inf])):
        assert np.isnan(answer).all()


@pytest.mark.parametrize("kind", ["int8", "uint8", "int32", "int64", "uint64"])
def test_extremes_of_whole_numbers(kind):
    ends = np.iinfo(kind)
    column = np.array([3, ends.max, ends.min, 5], dtype=kind)
    assert both(range_of, column) == [(ends.min, ends.max)] * 2
    assert both(range_of, column[::3]) == [(3, 5)] * 2


@given(FLOATS)
@example(np.array([np.finfo(np.float64).max]))
def test_order(column):
    with np.errstate(over="ignore"):  # above the largest number is infinity
        later = np.where(np.isfinite(column), np.nextafter(column, np.inf), column)
    finite = bool(np.isfinite(column).all())
    assert both(in_order, column, later) == [finite] * 2
    assert both(in_order, column, column) == [False] * 2


@pytest.mark.parametrize(
    ("times", "expected"),
    [([1.0, -3.0, 2.0**60], True), ([1.0, 2.5], False), ([np.nan], False)],
)
def test_whole_days(times, expected):
    assert both(are_whole, np.array(times)) == [expected] * 2


def test_columns_of_the_other_byte_order_are_turned_round():
    given_ = np.array([3, 1], dtype=np.dtype("i4").newbyteorder())
    read = numeric("exit", given_)
    assert read.dtype.isnative
    assert both(range_of, read) == [(1, 3)] * 2


def test_a_centre_never_waits_for_the_compiler(monkeypatch):
    monkeypatch.setitem(sys.modules, "osteon.contracts.long_columns", None)
    column = np.arange(2_000.0)
    assert range_of(column) == (0, 1_999)
    assert in_order(column, column + 1)
    assert are_whole(column)
