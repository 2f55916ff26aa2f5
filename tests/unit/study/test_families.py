"""Tests that a protocol declares as one family are adjusted together, and say so."""

from dataclasses import replace
from typing import Any

import pytest

from osteon.contracts.protocol import Family, Protocol
from osteon.contracts.results import Estimate
from osteon.study.run import _adjust


def test_holm_over_the_recommended_tests_of_a_family():
    adjusted, methods = _adjust([*recommended(0.01, 0.04, 0.03), published(0.001)], protocol())
    assert [e.p_adjusted for e in adjusted] == [pytest.approx(p) for p in (0.03, 0.06, 0.06)] + [
        None
    ]
    assert adjusted[0].adjustment == "Holm, 3 tests on survival"
    assert "3 tests on survival were adjusted together by Holm" in methods[0].sentence


def test_benjamini_and_hochberg():
    adjusted, _ = _adjust(recommended(0.01, 0.04, 0.03), protocol(method="benjamini_hochberg"))
    assert [e.p_adjusted for e in adjusted] == pytest.approx([0.03, 0.04, 0.04])


def test_one_test_is_no_family():
    adjusted, methods = _adjust(recommended(0.01), protocol())
    assert (adjusted[0].p_adjusted, adjusted[0].adjustment) == (None, "")
    assert "needs no adjustment" in methods[0].sentence


def protocol(**family: Any) -> Protocol:
    shipped = Protocol.load("recommended")
    declared = {"name": "survival", "analyses": ("test",), **family}
    return shipped.model_copy(update={"families": (Family.model_validate(declared),)})


def recommended(*p_values: float) -> list[Estimate]:
    return [Estimate("survival", "test", "recommended", "p", p_value=p) for p in p_values]


def published(p_value: float) -> Estimate:
    return replace(*recommended(p_value), style="as_published")
