"""Weights that are counts, and weights that are not."""

from __future__ import annotations

import numpy as np

from osteon.contracts.history import History

_NOT_PATIENTS = "weights are not whole numbers, and this variance takes them for patients"


def whole_weights(history: History) -> bool:
    """Whether every weight is a whole number: that many like patients."""
    weight = history.columns.weight
    return weight is None or np.array_equal(weight, np.rint(weight))


def weight_caution(whole: bool, robust: str) -> tuple[str, ...]:
    """What to say of a model's variance, by whether weights are whole; ``robust`` is the cure.

    A whole weight is that many like patients. Any other, such as an inverse probability, leaves a
    variance that counts patients without a meaning; R's ``coxph`` turns to the robust one itself.

    >>> weight_caution(False, "`robust=True`")
    ('weights are not whole numbers, and this variance takes them for patients: use `robust=True`',)
    """
    return () if whole else (f"{_NOT_PATIENTS}: use {robust}",)


def without_weights(cautions: tuple[str, ...]) -> tuple[str, ...]:
    """The cautions that a robust variance leaves, each once."""
    left = (said for said in cautions if not said.startswith(_NOT_PATIENTS))
    return tuple(dict.fromkeys(left))
