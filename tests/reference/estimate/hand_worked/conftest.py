"""Answers worked out by hand, the arithmetic written out.

Each answer is a line of arithmetic that a reader can follow from the patients; the line itself is
evaluated, compared to 12 digits (where nothing iterates), and printed on the validation page.
"""

import json
import math
from types import SimpleNamespace

import numpy as np
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


@pytest.fixture(autouse=True)
def shown(request, monkeypatch, record_property):
    """Note every history, bounds and panel that a test makes, for the page to show its patients."""

    def telling(contract):
        def of(**columns):
            record_property("patients", json.dumps(in_words(columns)))
            return contract.of(**columns)

        return SimpleNamespace(of=of)

    for name in ("History", "Bounds", "Panel"):
        if hasattr(request.module, name):
            monkeypatch.setattr(request.module, name, telling(getattr(request.module, name)))


def in_words(columns):
    """The columns of a table of patients as text, codes by their names."""
    names = {"stratum": columns.get("strata"), "from_state": columns.get("states")}
    names |= {"event": columns.get("states"), "state": columns.get("states")}
    told = {}
    for column, values in (columns | columns.get("covariates", {})).items():
        if column in ("strata", "states", "covariates"):
            continue
        texts = [f"{value:g}" for value in np.asarray(values, dtype=float)]
        if names.get(column):
            texts = [names[column][int(code)] for code in values]
        if column == "event" and names["event"]:
            texts = [text if code else "0" for text, code in zip(texts, values, strict=True)]
        told[column.replace("_", " ")] = texts
    return told


@pytest.fixture
def by_hand(note):
    def check(what, ours, arithmetic, tolerance=1e-12):
        theirs = eval(arithmetic, KNOWN)
        assert ours == pytest.approx(theirs, rel=tolerance, abs=tolerance)
        note(f"{what} = `{arithmetic}`", repr(float(theirs)), repr(float(ours)))

    return check
