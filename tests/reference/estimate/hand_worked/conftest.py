"""Answers worked out by hand, the arithmetic written out.

Each answer is a line of arithmetic that a reader can follow from the patients; the line itself is
evaluated, compared to 12 digits (where nothing iterates), and printed on the validation page.
"""

import math

import pytest

KNOWN = vars(math) | {
    "min": min,
    "max": max,
    "z": 1.959963984540054,  # of 95 %
    "q": 0.6744897501960817,  # of 75 %
    "s": (math.sqrt(13) - 1) / 6,  # root of 3 s**2 + s - 1
    "r": math.sqrt(2),  # the hazard ratio of `three`
    "__builtins__": {},
}
"""What the arithmetic may use."""


@pytest.fixture
def by_hand(note):
    def check(what, ours, arithmetic, tolerance=1e-12):
        theirs = eval(arithmetic, KNOWN)
        assert ours == pytest.approx(theirs, rel=tolerance, abs=tolerance)
        note(f"{what} = `{arithmetic}`", repr(float(theirs)), repr(float(ours)))

    return check
