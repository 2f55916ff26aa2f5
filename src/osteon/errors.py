"""The mistakes a user can make, told so that they can be mended.

A user's mistake raises at once and says three things: what is wrong (and where), what is
allowed, what to do. A fault in the *data* never raises: it becomes a counted finding
(``osteon.registry``). No message holds a patient's value or identifier.

    OsteonError
    ├── InputError       a file that cannot be read as what it is said to be
    ├── MappingError     a mapping file that does not fit its contract or its source
    ├── ProtocolError    a protocol that does not fit its contract or the registry
    ├── RegistryError    a registry that cannot be opened, written or understood
    └── EstimateError    numbers from which the estimator asked for cannot be had
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class OsteonError(Exception):
    """A mistake with its cure: what is wrong, what is allowed, what to do."""

    def __init__(self, wrong: str, allowed: str = "", do: str = "") -> None:
        self.wrong, self.allowed, self.do = wrong, allowed, do
        super().__init__(" ".join(_sentence(part) for part in (wrong, allowed, do) if part))


class InputError(OsteonError):
    """A file cannot be read as what it is said to be."""


class MappingError(OsteonError):
    """A mapping file does not fit its contract, or not the source it maps."""


class ProtocolError(OsteonError):
    """A protocol does not fit its contract, or asks what the registry cannot answer."""


class RegistryError(OsteonError):
    """A registry cannot be opened, written or understood."""


class EstimateError(OsteonError):
    """The estimator asked for cannot be had from these numbers."""


def did_you_mean(name: str, allowed: Iterable[str]) -> str:
    """Suggest the nearest allowed name, or nothing.

    >>> did_you_mean("time_zer", ["time_zero", "entry"])
    'Did you mean "time_zero"?'
    >>> did_you_mean("xyz", ["time_zero", "entry"])
    ''
    """
    nearest = get_close_matches(str(name), list(allowed), n=1, cutoff=0.5)
    return f'Did you mean "{nearest[0]}"?' if nearest else ""


def _sentence(part: str) -> str:
    return part if part.endswith((".", "?", "!")) else f"{part}."
