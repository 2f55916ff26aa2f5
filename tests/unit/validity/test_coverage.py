"""The coverage run can tell a good interval from a bad one."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from validity.cases import CASES
from validity.coverage import Tally, _run, page
from validity.samples import DESIGNS, Design, draw, survival


def too_short(design, seed):
    draws = np.random.default_rng(seed).normal(size=design.n)
    half = 1.0 / np.sqrt(design.n)  # one standard error where 1.96 are needed
    yield "one standard error", draws.mean() - half, draws.mean() + half, 0.0


def test_a_short_interval_is_found_out():
    found = _run(too_short, Design(100), range(300))
    tally = Tally(*(found["one standard error", side] for side in (0, -1, 1)))
    assert tally.verdict == "**under-covers**"
    assert tally.share == pytest.approx(0.68, abs=0.08)
    assert "**one standard error**" in page({"one standard error": {Design(100): tally}})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_every_case_runs_and_covers_more_often_than_not(case):
    for design in DESIGNS[::3] if case.__name__ != "scanned" else DESIGNS[:1]:
        found = _run(case, design, range(4))
        missed = Counter({name: n for (name, side), n in found.items() if side})
        assert all(n < 4 for n in missed.values())


@pytest.mark.parametrize("design", DESIGNS, ids=str)
def test_the_samples_have_the_hazards_they_say(design):
    sample = draw(Design(20_000, design.late_entry, design.competing_death), seed=1)
    assert sample.history.exit.size == 20_000
    assert (sample.exit > sample.entry).all()
    reached = sample.entry == 0
    alive = np.mean(sample.exit[reached] > 365) if not design.late_entry else None
    if alive is not None:  # nobody is censored before day 500
        assert alive == pytest.approx(survival(design)(365), abs=0.01)
