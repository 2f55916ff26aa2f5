"""No small count can be worked out: judged by trying every table that a reader could think of."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteon.report.suppression import Counts, Sum, feasible, is_small, suppressed

LIMIT = 4


@pytest.mark.parametrize(("n", "small"), [(0, False), (1, True), (4, True), (5, False)])
def test_one_to_four_are_small_zero_is_a_result(n, small):
    assert is_small(n, 5) is small


def test_a_small_count_takes_one_more_with_it():
    counts = Counts({"a": 3, "b": 37, "c": 9, "all": 49}, {}, [Sum(("a", "b", "c"), "all")])
    assert suppressed(counts, 5) == {"a", "c"}


def test_large_counts_stay():
    counts = Counts({"a": 30, "b": 0, "all": 30}, {}, [Sum(("a", "b"), "all")])
    assert suppressed(counts, 5) == set()


def test_nobody_prints_the_people_without_an_event_but_they_are_few():
    counts = Counts({"events": 98, "n": 100}, {"others": 2}, [Sum(("events", "others"), "n")])
    assert suppressed(counts, 5) & {"events", "n"}


def test_a_number_masked_once_is_masked_everywhere():
    numbers = {"a": 3, "b": 6, "c": 50, "all": 59, "elsewhere": 6}
    counts = Counts(numbers, {}, [Sum(("a", "b", "c"), "all")])
    assert suppressed(counts, 5) == {"a", "b", "elsewhere"}


def test_bounds_of_a_chain():
    """A flow of 100, 97 and 90: leaving out 3 must not come back from the boxes around it."""
    counts = Counts(
        {"k0": 100, "r1": 3, "k1": 97, "r2": 7, "k2": 90},
        {},
        [Sum(("k1", "r1"), "k0"), Sum(("k2", "r2"), "k1")],
    )
    masked = suppressed(counts, 5)
    known = {c: n for c, n in counts.printed.items() if c not in masked}
    low, high = feasible("r1", counts.sums, known)
    assert low <= 1
    assert high >= 4


@st.composite
def tables(draw):
    rows, columns = draw(st.integers(1, 3)), draw(st.integers(2, 3))
    return [[draw(st.integers(0, 9)) for _ in range(columns)] for _ in range(rows)]


@given(tables())
@settings(max_examples=300)
def test_no_table_gives_a_small_count_away(table):
    counts = _with_totals(table)
    masked = suppressed(counts, LIMIT)
    shown = {c: n for c, n in counts.printed.items() if c not in masked}
    small = [c for c, n in counts.printed.items() if is_small(n, LIMIT)]
    assert masked >= set(small)
    for cell in small:
        for value in (1, LIMIT - 1):
            assert _thinkable({**shown, cell: value}, counts.sums), (cell, value, masked)


def _with_totals(table):
    """Cells, row and column totals and the grand total, all of them printed."""
    rows, columns = range(len(table)), range(len(table[0]))
    cells = {(i, j): table[i][j] for i in rows for j in columns}
    cells |= {(i, "all"): sum(table[i]) for i in rows}
    cells |= {("all", j): sum(table[i][j] for i in rows) for j in columns}
    cells["all", "all"] = sum(map(sum, table))
    sums = [Sum(tuple((i, j) for j in columns), (i, "all")) for i in (*rows, "all")]
    sums += [Sum(tuple((i, j) for i in rows), ("all", j)) for j in (*columns, "all")]
    return Counts(cells, {}, sums)


def _thinkable(known, sums):
    """Whether some table of whole numbers agrees with what is known.

    Searches for one, rather than trust the linear programme that chose what to mask.
    """
    known = dict(known)
    while True:
        open_ = [(s, [c for c in (*s.parts, s.total) if c not in known]) for s in sums]
        if any(not free and not _adds_up(s, known) for s, free in open_):
            return False
        forced = next(((s, free[0]) for s, free in open_ if len(free) == 1), None)
        if forced is None:
            break
        s, cell = forced
        told = sum(known.get(p, 0) for p in s.parts)
        known[cell] = told if cell == s.total else known[s.total] - told
        if known[cell] < 0:
            return False
    free = [c for _, cells in open_ for c in cells]
    if not free:
        return True
    return any(_thinkable({**known, free[0]: n}, sums) for n in range(LARGEST))


def _adds_up(s, known):
    return sum(known[p] for p in s.parts) == known[s.total]


LARGEST = 40
"""More than any cell of a drawn table can need."""
