"""Which interval of a subject follows which: one answer, however long the history."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteon.contracts import courses
from osteon.contracts.courses import succession
from osteon.contracts.history import History
from osteon.estimate import robust_kaplan_meier


def both(*columns):
    """Answers by a sort and by the compiled loops."""
    by_sort = succession(*columns)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(courses, "COMPILE_FROM", 1)
        return by_sort, succession(*columns)


def pairs(found):
    """Rows that follow each other."""
    if found is None:
        return None
    earlier, later = found.neighbours(np.arange(found.follows.size + 1))
    return set(zip(earlier[found.follows].tolist(), later[found.follows].tolist(), strict=True))


def same(*columns):
    by_sort, compiled = both(*columns)
    return pairs(by_sort) == pairs(compiled)


@settings(deadline=None, derandomize=True, database=None, max_examples=300)
@given(st.integers(0, 10_000), st.booleans(), st.booleans())
def test_counting_gives_the_order_of_a_sort(seed, late, strata):
    rng = np.random.default_rng(seed)
    n = rng.integers(2, 40)
    subject = rng.choice([1, -7, 10**12]) * rng.integers(-3, 6, n)
    entry = [rng.integers(0, 9, n), rng.integers(0, 9, n) / 7][seed % 2] if late else None
    assert same(subject, entry, rng.integers(0, 3, n) if strata else None)


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.uint32, np.uint64, np.int64])
def test_subjects_of_any_width(kind):
    subject = np.array([2, 1, 2, 0, 1], dtype=kind)
    entry = np.array([5, 7, 0, 0, 3])
    assert pairs(both(subject, entry, None)[1]) == {(2, 0), (4, 1)}
    far = subject.astype(np.uint64) + np.uint64(2**63 - 1)
    assert pairs(both(far, entry, None)[1]) == {(2, 0), (4, 1)}


def test_a_very_long_course_backwards_is_sorted():
    entry = np.concatenate([np.arange(200)[::-1], [3, 1]])
    subject = np.repeat([1, 0], [200, 2])
    assert same(subject, entry, None)
    found = both(subject, entry, None)[1]
    earlier, later = found.neighbours(entry)
    assert (earlier[found.follows] < later[found.follows]).all()
    assert found.follows.sum() == 200


def test_an_order_is_found_once(monkeypatch):
    asked, sort = [], courses._in_order
    monkeypatch.setattr(courses, "_in_order", lambda *given: asked.append(given) or sort(*given))
    h = History.of(subject=[1, 2, 1], entry=[4, 0, 0], exit=[9, 7, 4], event=[1, 1, 0])
    robust_kaplan_meier(h)
    assert len(asked) == 1
    assert h.where(h.subject == 1).succession.follows.tolist() == [True]
    assert h.where(h.subject == 2).succession is None


def test_a_centre_never_waits_for_the_compiler(monkeypatch):
    monkeypatch.setitem(sys.modules, "osteon.contracts.long_columns", None)
    n = 2_000
    entry = np.arange(n)[::-1]
    assert len(History.of(subject=np.arange(n) % 7, entry=entry, exit=entry + 1, event=entry * 0))
