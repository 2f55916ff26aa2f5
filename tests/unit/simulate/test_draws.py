from __future__ import annotations

import numpy as np
import pytest

from osteon.simulate.draws import TOPICS, Draws


def many(name: str, *given: float, n: int = 20_000) -> np.ndarray:
    draws = Draws(1, 1, "course")
    return np.array([getattr(draws, name)(*given) for _ in range(n)])


def test_the_numbers_are_these_on_every_machine():
    """Drawn once and written down: raw PCG64 words, which numpy promises never to change."""
    assert Draws(20251023, 7, "course").uniforms(3).tolist() == FIXED


def test_patients_and_topics_have_streams_of_their_own():
    firsts = {Draws(1, n, topic).uniform() for n in range(20) for topic in TOPICS}
    assert len(firsts) == 20 * len(TOPICS)


def test_one_by_one_or_in_a_block_it_is_uniform():
    u = many("uniform")
    assert u.min() >= 0
    assert u.max() < 1
    assert np.histogram(u, 4, (0, 1))[0] == pytest.approx([5000] * 4, rel=0.05)


@pytest.mark.parametrize(
    ("name", "given", "median"),
    [
        ("weibull", (30.0, 1.7), 30.0),
        ("weibull", (30.0, 0.6), 30.0),
        ("log_logistic", (30.0, 0.5), 30.0),
        ("logistic", (58.0, 7.0), 58.0),
        ("exponential", (), np.log(2)),
    ],
)
def test_medians_are_what_they_are_called(name, given, median):
    assert np.median(many(name, *given)) == pytest.approx(median, rel=0.03)


def test_days_reach_both_ends():
    assert set(many("days", 3, 5, n=200).tolist()) == {3, 4, 5}


def test_pick_follows_the_weights():
    draws = Draws(1, 1, "bone")
    picked = [draws.pick({"a": 3, "b": 0, "c": 1}) for _ in range(4000)]
    assert "b" not in picked
    assert picked.count("a") == pytest.approx(3000, rel=0.05)


FIXED = [0.3273395532903429, 0.7169344607259802, 0.762003745391798]
