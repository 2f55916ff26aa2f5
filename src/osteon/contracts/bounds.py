"""Times that only a scan can find: bounds between which each lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from osteon.contracts.arrays import (
    Floats,
    Integers,
    check_chosen,
    check_same_rows,
    columns_by_name,
    counted,
    covariates_of,
    days_of,
    filled,
    numbers,
    refuse,
)
from osteon.contracts.labels import strata_of
from osteon.errors import EstimateError

_PER_BOUND = ("left", "right", "stratum", "entry", "weight")


@dataclass(frozen=True, eq=False)
class Bounds:
    """Times known only to lie in ``(left, right]``.

    Attributes
    ----------
    left, right : ndarray of float, shape (n,)
        Days since time zero, ``left < right`` or, for a time known exactly, ``left == right``;
        ``right = inf`` where the event was not yet found when last looked for.
    stratum : ndarray of int, shape (n,)
        Index into ``strata``. Default 0.
    entry : ndarray of float, shape (n,)
        Left truncation, in days: the subject could be seen only because its time is after
        ``entry``; ``entry <= left``, and ``entry < right``. Default 0, which is none.
    weight : ndarray of float, shape (n,)
        Case weight, positive. Default 1.
    strata : tuple of str
        Names, in the order of their indices.
    covariates : mapping of str to ndarray of float, shape (n,)
        Values at time zero.

    Examples
    --------
    Seen on the scan of day 90 and not on that of day 30; never seen until day 400:

    >>> bounds = Bounds.of(left=[30, 400], right=[90, np.inf])
    >>> bounds.right.tolist()
    [90.0, inf]
    >>> bounds
    <Bounds: 2 subjects; 1 found between two bounds; 0 known exactly; 1 not found; strata all>
    """

    left: Floats
    right: Floats
    stratum: Integers
    entry: Floats
    weight: Floats
    strata: tuple[str, ...] = ("all",)
    covariates: Mapping[str, Floats] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        *,
        left: ArrayLike,
        right: ArrayLike,
        stratum: ArrayLike | None = None,
        strata: tuple[str, ...] | None = None,
        entry: ArrayLike | None = None,
        weight: ArrayLike | None = None,
        covariates: Mapping[str, ArrayLike] | None = None,
    ) -> Bounds:
        """Build and check bounds.

        Parameters
        ----------
        left, right, stratum, strata, entry, weight, covariates
            As the attributes; what is left out takes the default named there, and ``stratum``
            and ``strata``, spans of time and data frames are read as by `History.of`.

        Raises
        ------
        EstimateError
            If shapes differ, ``left > right``, a right bound is missing (nan), a left bound or an
            entry is negative or not finite, an entry is after the left bound (or at an exact
            time), a weight is not positive, or a stratum has no name.
        """
        by_name = columns_by_name(covariates)
        check_same_rows(
            {"left": left, "right": right, "stratum": stratum, "entry": entry, "weight": weight}
            | by_name
        )
        left_ = days_of("left", left)
        codes, names = strata_of(stratum, strata)
        bounds = cls(
            left=left_,
            right=days_of("right", right),
            stratum=filled(codes, left_.size, 0, np.int64),
            entry=filled(
                None if entry is None else days_of("entry", entry), left_.size, 0.0, np.float64
            ),
            weight=filled(
                None if weight is None else numbers("weight", weight), left_.size, 1.0, np.float64
            ),
            strata=names,
            covariates=covariates_of(by_name),
        )
        bounds._check()
        return bounds

    def __len__(self) -> int:
        return self.left.size

    def __repr__(self) -> str:
        """How much is in it: no subject, and no value of a covariate."""
        n, found = len(self), np.isfinite(self.right)
        facts = [
            counted(n, "subject"),
            f"{int((found & (self.left < self.right)).sum())} found between two bounds",
            f"{int((self.left == self.right).sum())} known exactly",
            f"{int((~found).sum())} not found",
            f"strata {', '.join(self.strata)}",
        ]
        if self.covariates:
            facts.append(f"covariates {', '.join(self.covariates)}")
        return f"<Bounds: {'; '.join(facts)}>"

    def where(self, keep: NDArray[np.bool_] | Integers) -> Bounds:
        """Return the subjects for which ``keep`` is true, or whose rows it lists.

        Parameters
        ----------
        keep : ndarray of bool, shape (n,), or of int, shape (m,)
            Which subjects.

        Returns
        -------
        Bounds
        """
        check_chosen(keep, len(self))
        return Bounds(
            **{name: getattr(self, name)[keep] for name in _PER_BOUND},
            strata=self.strata,
            covariates={name: values[keep] for name, values in self.covariates.items()},
        )

    def _check(self) -> None:
        for name in (*_PER_BOUND, *self.covariates):
            column = self.covariates[name] if name in self.covariates else getattr(self, name)
            if column.shape != (len(self),):
                raise EstimateError(
                    f"`{name}` has shape {column.shape}"
                    + (f", `left` has {len(self)} values" if name != "left" else ""),
                    "every column has one value a subject",
                )
        refuse(
            ~(self.left >= 0) | ~np.isfinite(self.left),
            "have a left bound that is negative or not finite",
            "measure time from a point at which nobody could have had the event",
        )
        refuse(
            np.isnan(self.right),
            "have no right bound",
            "write inf where the event was not yet found when last looked for",
        )
        refuse(~(self.left <= self.right), "end before they start", "swap or drop them")
        refuse(
            ~(self.entry >= 0) | ~np.isfinite(self.entry),
            "have an entry that is negative or not finite",
            "leave `entry` out where nobody enters late",
        )
        refuse(
            ~((self.entry <= self.left) & ((self.entry < self.right) | (self.entry == 0))),
            "may have had the event before they entered",
            "who enters late is known to be free of it then: an exam without it is the entry",
        )
        refuse(
            ~((self.weight > 0) & (self.weight < np.inf)),
            "have a weight that is not positive and finite",
            "leave out weight 0",
        )
        unnamed = (self.stratum < 0) | (self.stratum >= len(self.strata))
        refuse(unnamed, f"have a `stratum` outside {self.strata}", "name every stratum")
