"""Who is at risk at which event: sums over risk sets, and their transpose.

Everything that Cox's, Fine and Gray's and Firth's models need is one of two sums. *Over* a risk
set: of something that each interval has, at each event (the sum of exp(x'b)). And what an
interval has *met*: of something that each event has, over the events at which the interval was
at risk (its cumulative hazard). Both cost O(n) by running sums over event times. The second
moments of covariates over risk sets need no sums of their own: exchanged, they are one product
of the covariate matrix with itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.history import Floats, History, Integers

COMPILE_FROM = 20_000
"""Rows from which compiled loops pay for the wait to compile them (once on each machine)."""


@dataclass(frozen=True, eq=False)
class Lingering:
    """Intervals that stay in the risk set after their end, with a weight that falls.

    After a competing event a patient stays at risk of the subdistribution hazard with the
    probability of not yet being censored (Fine & Gray 1999).

    Attributes
    ----------
    row : ndarray of int, shape (m,)
        Intervals that linger.
    cell : ndarray of int, shape (m,)
        First event time after the end of each, in its stratum.
    group : ndarray of int, shape (m,)
        Index of the censoring distribution of each.
    weight : ndarray of float, shape (m,)
        1 / G(exit-) of each.
    factor : ndarray of float, shape (groups, cells)
        G(t-) at each event time.
    """

    row: Integers
    cell: Integers
    group: Integers
    weight: Floats
    factor: Floats


@dataclass(frozen=True, eq=False)
class EventTimes:
    """Event times, numbered stratum by stratum: the *cells* of all sums.

    Attributes
    ----------
    time : ndarray of float, shape (cells,)
        Distinct event times of each stratum.
    stratum : ndarray of int, shape (cells,)
        Index of the stratum of each; ascending.
    offset : ndarray of int, shape (strata + 1,)
        Where each stratum's cells begin.
    first, last : ndarray of int, shape (n,)
        First and last cell in each interval; none if ``first > last``.
    """

    time: Floats
    stratum: Integers
    offset: Integers
    first: Integers
    last: Integers


def event_times(history: History, event: NDArray[np.bool_]) -> EventTimes:
    """Number the event times of each stratum, and find who is at risk at which.

    >>> history = History.of(entry=[0, 3, 0], exit=[3, 9, 9], event=[1, 0, 1])
    >>> cells = event_times(history, history.to_state == 1)
    >>> cells.time.tolist(), cells.first.tolist(), cells.last.tolist()
    ([3.0, 9.0], [0, 1, 0], [0, 1, 1])
    """
    grid = _distinct(history.exit[event])
    entered, left = _positions(history.entry, grid), _positions(history.exit, grid)
    strata = max(len(history.strata), 1)
    if strata == 1:
        offset = np.array([0, grid.size])
        return EventTimes(grid, np.zeros(grid.size, np.int64), offset, entered, left - 1)
    key = history.stratum * (grid.size + 1)
    happened = np.unique(key[event] + left[event] - 1)
    stratum, position = np.divmod(happened, grid.size + 1)
    return EventTimes(
        time=grid[position],
        stratum=stratum,
        offset=np.searchsorted(stratum, np.arange(strata + 1)),
        first=np.searchsorted(happened, key + entered),
        last=np.searchsorted(happened, key + left) - 1,
    )


class AtRisk:
    """Risk sets of intervals ``(entry, exit]`` at each *term* of a partial likelihood.

    A term is a death (Efron's ties) or an event time (Breslow's).

    Parameters
    ----------
    cells : EventTimes
        From `event_times`.
    event : ndarray of bool, shape (n,)
        Whether the interval ends in the event.
    weight : ndarray of float, shape (n,)
        Case weights.
    efron : bool
        Efron's approximation for tied deaths ([1]_), else Breslow's ([2]_).
    lingering : Lingering, optional
        Who stays at risk after the end of the interval.

    Attributes
    ----------
    rows : ndarray of int, shape (m,)
        Intervals that are at risk at some event, by their last event time, deaths first: all
        sums are over arrays in this order. An interval that no event time falls into says
        nothing, and must not overflow exp().
    start : ndarray of int, shape (cells,)
        Where the rows of each event time begin.
    event : ndarray of bool, shape (m,)
        Whether each of them ends in the event.
    cell : ndarray of int, shape (terms,)
        Event time of each term.
    fraction : ndarray of float, shape (terms,)
        Share of the tied deaths that has already left the risk set.
    weight : ndarray of float, shape (terms,)
        Weight of the deaths of each term.

    Notes
    -----
    With *d* deaths tied at t and l = 0..d-1, Efron's sums are
    :math:`\\sum_R r_i - \\frac{l}{d} \\sum_D r_i`, each with the deaths' mean weight; Breslow's
    are all :math:`\\sum_R r_i`.

    References
    ----------
    .. [1] Efron (1977), J. Am. Stat. Assoc. 72:557-565, doi:10.1080/01621459.1977.10480613.
    .. [2] Breslow (1974), Biometrics 30:89-99, doi:10.2307/2529620.
    """

    def __init__(
        self,
        cells: EventTimes,
        event: NDArray[np.bool_],
        weight: Floats,
        *,
        efron: bool,
        lingering: Lingering | None = None,
    ) -> None:
        self.size, self.time, self.offset = event.size, cells.time, cells.offset
        self.stratum = cells.stratum
        self.rows, counts = _rows(cells, event, lingering)
        per_cell = counts.reshape(-1, 2).sum(axis=1)
        self.last = np.repeat(np.arange(-1, self.time.size), per_cell)
        self.event = np.repeat(np.arange(counts.size) % 2 == 0, counts)
        late = cells.first.any()
        self.first = cells.first[self.rows] if late else np.zeros(self.rows.size, dtype=np.int64)
        # Every cell has a death; what lingers only comes before all of them.
        self.start = np.cumsum(per_cell)[:-1]
        self.deaths = np.ascontiguousarray(counts[2::2])
        self._terms(weight, efron)
        self._linger(lingering)

    def _terms(self, weight: Floats, efron: bool) -> None:
        deaths = self.deaths
        if (weight == 1).all():
            total = deaths.astype(np.float64)
        else:
            total = np.add.reduceat(weight[self.rows[self.event]], self._deaths)
        self.tied = efron and bool((deaths > 1).any())
        if self.tied:
            self.cell = np.repeat(np.arange(deaths.size), deaths)
            rank = np.arange(self.cell.size) - np.repeat(np.cumsum(deaths) - deaths, deaths)
            self.fraction = rank / deaths[self.cell]
            self.weight = np.asarray(total / deaths)[self.cell]
        else:
            self.cell = np.arange(deaths.size)
            self.fraction = np.zeros(deaths.size)
            self.weight = np.asarray(total, dtype=np.float64)

    def _linger(self, lingering: Lingering | None) -> None:
        """Sort what lingers by censoring distribution and first event time after its end."""
        self.lingers = lingering is not None and lingering.row.size > 0
        if lingering is None:
            return
        place = np.full(self.size, -1)
        place[self.rows] = np.arange(self.rows.size)
        row = place[lingering.row]
        key = lingering.group * self.time.size + lingering.cell
        order = np.argsort(key, kind="stable")
        self.lingering_row, self.lingering_key = row[order], key[order]
        self.lingering_weight, self.factor = lingering.weight[order], lingering.factor

    @cached_property
    def death_cell(self) -> Integers:
        """Event time of each death, in the order of the rows, shape (deaths,)."""
        return np.repeat(np.arange(self.time.size), self.deaths)

    @cached_property
    def late(self) -> Integers:
        """Rows that enter after their stratum's first event time, by the time they enter."""
        begins = self.offset[np.searchsorted(self.offset, self.first, side="right") - 1]
        late = np.flatnonzero((self.first > begins) & (self.first <= self.last))
        return late[order_of(self.first[late], self.time.size)]

    @cached_property
    def _entries(self) -> tuple[Integers, Integers]:
        return _runs(self.first[self.late] - 1)

    @cached_property
    def _lingering(self) -> tuple[Integers, Integers]:
        return _runs(self.lingering_key)

    @cached_property
    def _deaths(self) -> Integers:
        return np.cumsum(self.deaths) - self.deaths

    def over(self, values: Floats) -> Floats:
        """Sum rows over the risk set of each term: (m, k) -> (terms, k)."""
        sums = np.add.reduceat(values, self.start)
        if self.late.size:
            sums -= _scattered(values[self.late], self._entries, self.time.size)
        # From the end: without delayed entry nothing is subtracted, so nothing is lost.
        sums = running(sums[::-1], self.time.size - self.offset[::-1])[::-1]
        if self.lingers:
            sums = sums + self._over_lingering(values)
        if not self.tied:
            return sums
        dying = np.add.reduceat(values[self.event], self._deaths)
        return sums[self.cell] - self.fraction[:, None] * dying[self.cell]

    def met(self, values: Floats) -> Floats:
        """Sum terms over those at which each row is at risk: (terms, k) -> (m, k).

        A tied death meets the terms of its own time in the measure in which it is still in their
        risk sets, as in R's residuals after Efron's ties.
        """
        per_cell = self.per_cell(values)
        total = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(per_cell, axis=0)])
        met = total[np.maximum(self.last + 1, self.first)] - total[self.first]
        if self.tied:
            met[self.event] -= self.per_cell(values * self.fraction[:, None])[self.death_cell]
        if self.lingers:
            met[self.lingering_row] += self.met_lingering(per_cell)
        return met

    def per_cell(self, values: Floats) -> Floats:
        """Sum terms by event time: (terms, k) -> (cells, k)."""
        return np.add.reduceat(values, self._deaths) if self.tied else values

    def expand(self, values: Floats) -> Floats:
        """Back to the order of the history, 0 for intervals that say nothing: (m, k) -> (n, k)."""
        every = np.zeros((self.size, *values.shape[1:]))
        every[self.rows] = values
        return every

    def _over_lingering(self, values: Floats) -> Floats:
        """Weighted sums of those whose competing event is past, times each time's factor."""
        weighted = values[self.lingering_row] * self.lingering_weight[:, None]
        begun = _scattered(weighted, self._lingering, self.factor.size)
        sums = np.zeros((self.time.size, values.shape[1]))
        for factor, of_group in zip(
            self.factor, begun.reshape(*self.factor.shape, -1), strict=True
        ):
            sums += factor[:, None] * running(of_group, self.offset)
        return sums

    def met_lingering(self, per_cell: Floats) -> Floats:
        """What each of ``lingering_row`` meets after its end: (cells, k) -> (lingering, k)."""
        to_come = np.concatenate(
            [
                running((factor[:, None] * per_cell)[::-1], self.time.size - self.offset[::-1])[
                    ::-1
                ]
                for factor in self.factor
            ]
        )
        return self.lingering_weight[:, None] * to_come[self.lingering_key]


def _rows(
    cells: EventTimes, event: NDArray[np.bool_], lingering: Lingering | None
) -> tuple[Integers, Integers]:
    """Intervals at risk at some event, by last event time, deaths first.

    Also their number: lingering only, then of each cell the deaths and the others, in pairs.
    """
    code = 2 * cells.last + 2 + ~event
    usual = cells.first <= cells.last
    codes = 2 * cells.time.size + 2
    if usual.all():
        return order_of(code, codes), np.bincount(code, minlength=codes)
    informs = usual.copy()
    if lingering is not None:
        informs[lingering.row] = True
        code = np.where(usual, code, 1)
    rows = np.flatnonzero(informs)
    code = code[rows]
    return rows[order_of(code, codes)], np.bincount(code, minlength=codes)


def _distinct(time: Floats) -> Floats:
    """Distinct values, ascending."""
    if time.size == 0:
        return time
    if time.size >= COMPILE_FROM and _few_days(time):
        return time.min() + np.flatnonzero(np.bincount((time - time.min()).astype(np.int64)))
    ascending = np.sort(time)
    return ascending[np.concatenate([[True], ascending[1:] > ascending[:-1]])]


def _few_days(time: Floats) -> bool:
    """Whether times are whole, and fewer to count than to sort."""
    return bool(np.ptp(time) < time.size and (time == np.floor(time)).all())


def _positions(time: Floats, grid: Floats) -> Integers:
    """How many of the ascending ``grid`` are at or before each time."""
    if time.size < COMPILE_FROM or grid.size == 0:
        return np.searchsorted(grid, time, side="right")
    from osteon.estimate.regression import compiled

    return compiled.positions(time, grid)


def order_of(code: Integers, codes: int) -> Integers:
    """Stable order of whole numbers 0 to ``codes - 1``."""
    if code.size < COMPILE_FROM:
        return np.argsort(code, kind="stable")
    from osteon.estimate.regression import compiled

    return compiled.counting_order(code, codes)


def _runs(sorted_codes: Integers) -> tuple[Integers, Integers]:
    """Distinct values of sorted codes, and where each begins."""
    start = np.flatnonzero(np.diff(sorted_codes, prepend=-2))
    return sorted_codes[start], start


def _scattered(values: Floats, runs: tuple[Integers, Integers], size: int) -> Floats:
    """Sum sorted rows by code: (m, k) -> (size, k)."""
    code, start = runs
    sums = np.zeros((size, values.shape[1]))
    sums[code] = np.add.reduceat(values, start) if start.size else 0.0
    return sums


def running(values: Floats, offset: Integers) -> Floats:
    """Running sums that begin anew at each offset."""
    sums = np.empty_like(values)
    for begin, end in pairwise(offset):
        np.cumsum(values[begin:end], axis=0, out=sums[begin:end])
    return sums
