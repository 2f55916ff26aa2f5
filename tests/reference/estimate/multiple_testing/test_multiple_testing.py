"""Holm's and Benjamini and Hochberg's adjusted p-values against p.adjust()."""

import pytest

from osteon.estimate import benjamini_hochberg, holm


@pytest.mark.parametrize("i", range(4), ids=lambda i: f"case_{i + 1}")
def test_holm(i, expected, close):
    case = expected["cases"][i]
    close(holm(case["p"]), case["holm"], at=of(case), each=True)


@pytest.mark.parametrize("i", range(4), ids=lambda i: f"case_{i + 1}")
def test_benjamini_hochberg(i, expected, close):
    case = expected["cases"][i]
    close(benjamini_hochberg(case["p"]), case["bh"], at=of(case), each=True)


def of(case):
    return [f"p = {p:g}" for p in case["p"]]
